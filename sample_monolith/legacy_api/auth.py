import functools

from legacy_api.models import ApiKey
from store import utils

CALLS_PER_MINUTE = 120


def needs_key(view):
    """The partner API knows customers by their key: `Authorization: Key bk_...`."""

    @functools.wraps(view)
    def guarded(request, *args, **kwargs):
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        key = None
        if scheme == "Key":
            key = ApiKey.objects.select_related("customer").filter(key=value, is_active=True).first()
        if key is None:
            return utils.json_error("unknown key", status=401)
        if key.customer.is_blocked:
            return utils.json_error("account blocked", status=403)
        if utils.rate_limited("api:%d" % key.pk, CALLS_PER_MINUTE, 60):
            return utils.json_error("slow down", status=429)
        key.used()
        request.api_key = key
        request.customer = key.customer
        return view(request, *args, **kwargs)

    return guarded
