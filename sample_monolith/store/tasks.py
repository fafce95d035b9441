"""Celery tasks; the schedule is in bramble/celery.py."""
import datetime
import logging

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from store import services, utils
from store.gateways import GatewayError, ParcelClient, PaymentGateway
from store.models import (
    Cart,
    Coupon,
    Customer,
    Invoice,
    Order,
    OrderLine,
    Payment,
    Product,
    Promotion,
    Review,
    Shipment,
    StockItem,
    StoreError,
    Ticket,
    Variant,
)

log = logging.getLogger("store.tasks")


@shared_task(name="store.send_order_confirmation")
def send_order_confirmation(order_id):
    order = Order.objects.select_related("customer").get(pk=order_id)
    sent = utils.send_mail_template(
        "order_confirmation",
        order.customer.email,
        {"order": order, "lines": order.lines.all(), "invoice": Invoice.objects.filter(order=order).first()},
    )
    order.add_event("mail", "confirmation sent" if sent else "confirmation failed")


@shared_task(name="store.ship_paid_order", bind=True, max_retries=5)
def ship_paid_order(self, order_id):
    order = Order.objects.get(pk=order_id)
    if order.status != Order.PAID or order.shipments.exists():
        return 0
    try:
        return len(services.ship_order(order, by="auto"))
    except GatewayError as error:
        raise self.retry(exc=error, countdown=60 * 2**self.request.retries) from error


@shared_task(name="store.cancel_unpaid_orders")
def cancel_unpaid_orders():
    limit = timezone.now() - datetime.timedelta(hours=settings.UNPAID_HOURS)
    cancelled = 0
    for order in Order.objects.unpaid_since(limit):
        try:
            services.cancel_order(order, "not paid in time", by="system")
            cancelled += 1
        except StoreError as error:
            log.warning("%s: %s", order.number, error)
    return cancelled


@shared_task(name="store.abandon_carts")
def abandon_carts():
    """Mail once, and give the cart up after a month."""
    now = timezone.now()
    old = Cart.objects.filter(status=Cart.OPEN, updated_at__lt=now - datetime.timedelta(days=30))
    abandoned = old.update(status=Cart.ABANDONED)
    reminders = 0
    waiting = Cart.objects.filter(
        status=Cart.OPEN,
        customer__marketing_opt_in=True,
        updated_at__lt=now - datetime.timedelta(days=2),
    )
    for cart in waiting.select_related("customer"):
        key = "cart:%d:reminded" % cart.pk
        if cart.lines.exists() and cache.add(key, 1, 30 * 24 * 3600):
            utils.send_mail_template("cart_reminder", cart.customer.email, {"cart": cart})
            reminders += 1
    return {"abandoned": abandoned, "reminders": reminders}


@shared_task(name="store.poll_tracking")
def poll_tracking():
    with utils.redis_lock("poll-tracking", timeout=600) as got:
        if not got:
            return 0
        client = ParcelClient()
        events = 0
        for shipment in Shipment.objects.filter(status=Shipment.IN_TRANSIT).select_related("carrier"):
            known = set(shipment.tracking.values_list("code", flat=True))
            for event in client.events(shipment.tracking_number):
                if event["code"] not in known:
                    shipment.record(event["code"], event.get("description", ""), event.get("place", ""))
                    events += 1
        return events


@shared_task(name="store.remind_overdue_invoices")
def remind_overdue_invoices():
    """Three reminders, then the customer is blocked and finance calls them."""
    reminded = blocked = 0
    overdue = Invoice.objects.filter(status=Invoice.OPEN, due_on__lt=timezone.localdate())
    for invoice in overdue.select_related("order__customer"):
        customer = invoice.order.customer
        if invoice.days_overdue < settings.REMINDER_EVERY_DAYS * (invoice.reminders_sent + 1):
            continue
        if invoice.reminders_sent >= 3:
            if not customer.is_blocked:
                with transaction.atomic():
                    customer.block("invoice %s is overdue" % invoice.number, by="system")
                    Ticket.open_for(
                        customer, "Overdue invoice %s" % invoice.number, order=invoice.order, priority=Ticket.HIGH
                    )
                blocked += 1
            continue
        utils.send_mail_template("invoice_reminder", customer.email, {"invoice": invoice})
        Invoice.objects.filter(pk=invoice.pk).update(reminders_sent=F("reminders_sent") + 1)
        reminded += 1
    return {"reminded": reminded, "blocked": blocked}


@shared_task(name="store.reconcile_payments")
def reconcile_payments(day=None):
    """Compare what PayGate took with what we think it took."""
    day = utils.parse_date(day) or timezone.localdate() - datetime.timedelta(days=1)
    ours = {
        payment.gateway_reference: payment
        for payment in Payment.objects.filter(
            method=Order.CARD, captured_at__date=day, status=Payment.CAPTURED
        )
    }
    theirs = dict(PaymentGateway().transactions_of(day))
    missing = sorted(set(theirs) - set(ours))
    if missing:
        utils.alarm("PayGate has charges that we do not know", ", ".join(missing))
    different = [ref for ref in theirs if ref in ours and ours[ref].amount != utils.money(theirs[ref])]
    return {"day": day.isoformat(), "ours": len(ours), "missing": missing, "different": different}


@shared_task(name="store.check_credit")
def check_credit():
    """credit_used is kept in two places; this finds the customers where they differ."""
    wrong = []
    for customer in Customer.objects.filter(credit_limit__gt=0):
        expected = customer.credit_used_by_entries()
        if expected != customer.credit_used:
            wrong.append(customer.pk)
            log.error("customer %s: credit used %s, entries say %s", customer.pk, customer.credit_used, expected)
    if wrong:
        utils.alarm("Credit does not add up", str(wrong))
    return wrong


@shared_task(name="store.reorder")
def reorder():
    with utils.redis_lock("reorder", timeout=900) as got:
        if not got:
            return []
        orders = services.suggest_purchase_orders(by="system")
        return [order.number for order in orders]


@shared_task(name="store.expire_promotions")
def expire_promotions():
    now = timezone.now()
    ended = Promotion.objects.filter(is_active=True, ends_at__lt=now).update(is_active=False)
    expired = Coupon.objects.filter(is_active=True, expires_at__lt=now).update(is_active=False)
    # carts keep a coupon that is gone, which shows a wrong total on the cart page
    Cart.objects.filter(status=Cart.OPEN, coupon__is_active=False).update(coupon=None)
    return ended, expired


@shared_task(name="store.ask_for_reviews")
def ask_for_reviews():
    """A week after delivery, for what they have not reviewed yet."""
    asked = 0
    week = timezone.now() - datetime.timedelta(days=7)
    delivered = Shipment.objects.filter(status=Shipment.DELIVERED, delivered_at__lt=week)
    for shipment in delivered.select_related("order__customer"):
        order = shipment.order
        if not order.customer.marketing_opt_in or not cache.add("review-asked:%d" % order.pk, 1, None):
            continue
        reviewed = Review.objects.filter(customer=order.customer).values_list("product_id", flat=True)
        lines = order.lines.exclude(variant__product_id__in=list(reviewed)).select_related("variant__product")
        if lines:
            utils.send_mail_template("ask_for_review", order.customer.email, {"order": order, "lines": lines})
            asked += 1
    return asked


@shared_task(name="store.moderate_reviews")
def moderate_reviews():
    """Verified and harmless: approved. Spam: rejected. The rest waits for a person."""
    done = 0
    for review in Review.objects.waiting().select_related("product"):
        if review.looks_like_spam():
            review.moderate(approve=False)
            done += 1
        elif review.check_purchase() and review.rating >= 3:
            review.moderate(approve=True)
            done += 1
    return done


@shared_task(name="store.close_stale_tickets")
def close_stale_tickets():
    closed = 0
    for ticket in Ticket.objects.stale(settings.TICKET_STALE_DAYS):
        ticket.messages.create(author="system", body="Closed, no answer.", is_staff=True)
        ticket.close()
        closed += 1
    return closed


@shared_task(name="store.recount_sold")
def recount_sold():
    """sold_count drifts. Once a week we count again."""
    sold = dict(
        OrderLine.objects.exclude(order__status=Order.CANCELLED)
        .values_list("variant__product_id")
        .annotate(n=Sum("quantity"))
        .order_by()
    )
    for product in Product.objects.all():
        count = sold.get(product.pk, 0)
        if product.sold_count != count:
            Product.objects.filter(pk=product.pk).update(sold_count=count)


@shared_task(name="store.warm_stock")
def warm_stock():
    """Fill the stock keys in Redis before the morning rush."""
    skus = list(Variant.objects.filter(is_active=True).values_list("sku", flat=True))
    utils.forget_stock(skus)
    for chunk in utils.chunks(skus, 200):
        for variant in Variant.objects.filter(sku__in=chunk):
            variant.available()
    low = StockItem.objects.below_reorder_level().count()
    cache.set("low-stock:count", low, 24 * 3600)
    return len(skus)
