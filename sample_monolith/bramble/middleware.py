import logging
import time

from django.conf import settings
from django.http import HttpResponseForbidden

from store import utils

log = logging.getLogger("store.requests")


class BlockedCustomerMiddleware:
    """Blocked customers may look, write to support and sign out, and that is all."""

    allowed = ("/account/sign-out/", "/support/")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method == "POST" and request.user.is_authenticated and not request.user.is_staff:
            customer = utils.customer_of(request)
            if customer and customer.is_blocked and not request.path.startswith(self.allowed):
                return HttpResponseForbidden("Your account is blocked, please call us")
        return self.get_response(request)


class SlowRequestMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        start = time.monotonic()
        response = self.get_response(request)
        seconds = time.monotonic() - start
        if seconds > settings.SLOW_REQUEST_SECONDS:
            log.warning("slow: %s %s took %.1f s", request.method, request.path, seconds)
            utils.get_redis().lpush("slow-requests", "%s %.1f" % (request.path, seconds))
            utils.get_redis().ltrim("slow-requests", 0, 99)
        return response
