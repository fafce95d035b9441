"""Things that are used in more than one place."""
import contextlib
import csv
import datetime
import hashlib
import hmac
import io
import json
import logging
import os
import re
import time
import uuid
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, mail_admins
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone

log = logging.getLogger("store")

CENT = Decimal("0.01")

_redis = None


# -- Redis -----------------------------------------------------------------------------------


def get_redis():
    global _redis
    if _redis is None:
        if settings.REDIS_URL:
            import redis

            _redis = redis.Redis.from_url(settings.REDIS_URL)
        else:
            from store.redis_compat import LocalRedis

            _redis = LocalRedis()
    return _redis


@contextlib.contextmanager
def redis_lock(name, timeout=60, wait=0):
    """A lock over all processes. Yields False when somebody else has it."""
    redis = get_redis()
    key = "lock:%s" % name
    token = uuid.uuid4().hex
    deadline = time.monotonic() + wait
    got = redis.set(key, token, ex=timeout, nx=True)
    while not got and time.monotonic() < deadline:
        time.sleep(0.05)
        got = redis.set(key, token, ex=timeout, nx=True)
    try:
        yield bool(got)
    finally:
        if got and redis.get(key) == token.encode():
            redis.delete(key)


def next_number(prefix):
    """Running numbers: O2411-00042. Finance wants no holes, we cannot promise that."""
    month = timezone.localdate().strftime("%y%m")
    key = "sequence:%s:%s" % (prefix, month)
    redis = get_redis()
    if redis.get(key) is None:
        redis.set(key, _highest_number(prefix, month), nx=True)
    return "%s%s-%05d" % (prefix, month, redis.incr(key))


def _highest_number(prefix, month):
    """After a Redis flush (it happened), go on from what the tables have."""
    from store.models import Invoice, Order, PurchaseOrder, ReturnRequest, Ticket

    model = {
        "O": Order,
        "I": Invoice,
        "P": PurchaseOrder,
        "R": ReturnRequest,
        "T": Ticket,
    }[prefix]
    start = "%s%s-" % (prefix, month)
    last = model.objects.filter(number__startswith=start).order_by("-number").first()
    return int(last.number.rsplit("-", 1)[1]) if last else 0


def rate_limited(name, limit, seconds):
    redis = get_redis()
    key = "rate:%s" % name
    count = redis.incr(key)
    if count == 1:
        redis.expire(key, seconds)
    return count > limit


# -- caches ----------------------------------------------------------------------------------


def forget_product(product_id):
    cache.delete_many(
        ["product:%d:page" % product_id, "product:%d:rating" % product_id, "home", "menu"]
    )


def forget_customer(customer_id):
    cache.delete_many(["customer:%d:summary" % customer_id, "customer:%d:prices" % customer_id])
    get_redis().delete("recent:%d" % customer_id)


def forget_stock(skus):
    keys = ["stock:%s" % sku for sku in skus]
    if keys:
        get_redis().delete(*keys)


def remember_viewed(customer, product):
    """The last ten products, newest first."""
    redis = get_redis()
    key = "recent:%d" % customer.pk
    redis.lrem(key, 0, product.pk)
    redis.lpush(key, product.pk)
    redis.ltrim(key, 0, 9)


def recently_viewed(customer, limit=5):
    from store.models import Product

    ids = [int(pk) for pk in get_redis().lrange("recent:%d" % customer.pk, 0, limit - 1)]
    found = Product.objects.published().in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


# -- money and text --------------------------------------------------------------------------


def money(value):
    try:
        return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError("not an amount: %r" % value) from error


def format_money(value, currency=None):
    currency = currency or settings.DEFAULT_CURRENCY
    symbol = {"GBP": "£", "EUR": "€", "USD": "$"}.get(currency, currency + " ")
    return "%s%s" % (symbol, "{:,.2f}".format(money(value)))


def split_amount(total, weights):
    """Share an amount by weight; the cents that are left go to the heaviest."""
    weights = [Decimal(w) for w in weights]
    whole = sum(weights)
    if not whole:
        return [Decimal("0.00") for _ in weights]
    parts = [(total * w / whole).quantize(CENT, ROUND_HALF_UP) for w in weights]
    rest = total - sum(parts)
    if rest:
        parts[weights.index(max(weights))] += rest
    return parts


def parse_date(text, default=None):
    for fmt in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            return datetime.datetime.strptime((text or "").strip(), fmt).date()
        except ValueError:
            continue
    return default


def clean_sku(text):
    return re.sub(r"[^A-Z0-9-]", "", (text or "").upper().replace("_", "-").replace(" ", "-"))


def chunks(items, size):
    items = list(items)
    for start in range(0, len(items), size):
        yield items[start : start + size]


def mask(text, keep=4):
    text = text or ""
    return "*" * max(len(text) - keep, 0) + text[-keep:]


# -- signatures ------------------------------------------------------------------------------


def sign(payload, secret=None):
    secret = secret or settings.WEBHOOK_SECRET
    if isinstance(payload, dict):
        payload = json.dumps(payload, sort_keys=True).encode()
    return hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()


def signature_matches(payload, signature, secret=None):
    return hmac.compare_digest(sign(payload, secret), signature or "")


# -- mail ------------------------------------------------------------------------------------


def send_mail_template(name, to, context, attachments=()):
    if not to:
        log.warning("no address for mail %s", name)
        return 0
    context = dict(context, shop_name=settings.SHOP_NAME, base_url=settings.BASE_URL)
    text = render_to_string("store/mail/%s.txt" % name, context)
    subject, _, body = text.partition("\n")
    message = EmailMessage(subject.strip(), body.strip(), settings.DEFAULT_FROM_EMAIL, [to])
    for file_name, content, kind in attachments:
        message.attach(file_name, content, kind)
    if os.environ.get("STORE_MAIL_ALL_TO"):
        message.to = [os.environ["STORE_MAIL_ALL_TO"]]
    return message.send(fail_silently=settings.MAIL_FAIL_SILENTLY)


def alarm(subject, text=""):
    """Wake somebody up."""
    log.error("ALARM %s: %s", subject, text)
    mail_admins(subject, text, fail_silently=True)


# -- requests --------------------------------------------------------------------------------


def customer_of(request):
    """The customer who is signed in; makes the row for users that came from the old shop."""
    from store.models import Customer

    if not request.user.is_authenticated:
        return None
    customer = Customer.objects.filter(user=request.user).first()
    if customer is None and request.user.email:
        customer, created = Customer.objects.get_or_create(
            email=request.user.email.lower(),
            defaults={
                "user": request.user,
                "first_name": request.user.first_name,
                "last_name": request.user.last_name,
            },
        )
        if not created and customer.user_id is None:
            customer.user = request.user
            customer.save(update_fields=["user", "updated_at"])
    return customer


def cart_of(request, create=True):
    from store.models import Cart

    customer = customer_of(request)
    if customer:
        cart = Cart.objects.filter(customer=customer, status=Cart.OPEN).first()
        if cart is None and create:
            cart = Cart.objects.create(customer=customer)
        return cart
    if not request.session.session_key:
        if not create:
            return None
        request.session.create()
    key = request.session.session_key
    cart = Cart.objects.filter(session_key=key, customer=None, status=Cart.OPEN).first()
    if cart is None and create:
        cart = Cart.objects.create(session_key=key)
    return cart


def client_ip(request):
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if forwarded and settings.TRUST_PROXY:
        return forwarded.split(",")[0].strip()
    return request.META.get("REMOTE_ADDR", "")


def json_body(request):
    try:
        data = json.loads(request.body or b"{}")
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def json_error(message, status=400, **more):
    return JsonResponse(dict(error=str(message), **more), status=status)


def csv_response(name, header, rows):
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows(rows)
    response = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="%s"' % name
    return response


def paginate(queryset, request, size=None):
    size = size or settings.PAGE_SIZE
    try:
        page = max(int(request.GET.get("page", 1)), 1)
    except ValueError:
        page = 1
    total = queryset.count()
    start = (page - 1) * size
    return {
        "items": list(queryset[start : start + size]),
        "page": page,
        "pages": max((total + size - 1) // size, 1),
        "total": total,
    }
