"""Signals, and what listens to them. Connected in StoreConfig.ready()."""
import logging

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import Signal, receiver
from django.utils import timezone

from store import utils
from store.models import (
    Cart,
    Customer,
    Order,
    OrderEvent,
    Product,
    Review,
    StockItem,
    Ticket,
    TicketMessage,
    Variant,
)

log = logging.getLogger("store.signals")

order_placed = Signal()
order_paid = Signal()
order_cancelled = Signal()
stock_received = Signal()


@receiver(order_placed)
def confirm_order(sender, order, **kwargs):
    from store.tasks import send_order_confirmation

    transaction.on_commit(lambda: send_order_confirmation.delay(order.pk))


@receiver(order_placed)
def count_sale(sender, order, **kwargs):
    """The dashboard wants today's figures now, not after the nightly run."""
    from reports.models import DailySales

    row, _ = DailySales.objects.get_or_create(day=timezone.localdate(order.placed_at))
    DailySales.objects.filter(pk=row.pk).update(
        orders=F("orders") + 1, turnover=F("turnover") + order.total
    )
    cache.delete("reports:dashboard")


@receiver(order_cancelled)
def uncount_sale(sender, order, **kwargs):
    from reports.models import DailySales

    DailySales.objects.filter(day=timezone.localdate(order.placed_at)).update(
        cancelled=F("cancelled") + 1, turnover=F("turnover") - order.total
    )
    cache.delete("reports:dashboard")


@receiver(order_paid)
def forward_to_warehouse(sender, order, **kwargs):
    from store.tasks import ship_paid_order

    if settings.AUTO_SHIP:
        transaction.on_commit(lambda: ship_paid_order.delay(order.pk))


@receiver(order_cancelled)
def close_tickets_of_order(sender, order, **kwargs):
    for ticket in Ticket.objects.filter(order=order, status=Ticket.OPEN):
        TicketMessage.objects.create(
            ticket=ticket, author="system", body="The order was cancelled.", is_internal=True
        )
        ticket.close()


@receiver(stock_received)
def tell_waiting_customers(sender, purchase_order, skus, **kwargs):
    """Tickets that ask for a SKU that came in get an internal note."""
    for sku in skus:
        for ticket in Ticket.objects.filter(status=Ticket.WAITING, subject__contains=sku):
            TicketMessage.objects.create(
                ticket=ticket, author="system", body="%s is in stock again" % sku, is_internal=True
            )


@receiver(post_save, sender=Variant)
@receiver(post_save, sender=Product)
def product_changed(sender, instance, **kwargs):
    product_id = instance.pk if sender is Product else instance.product_id
    utils.forget_product(product_id)


@receiver(pre_save, sender=Product)
def withdraw_drops_carts(sender, instance, **kwargs):
    """Admin edits the status directly and never calls withdraw()."""
    if not instance.pk or instance.status != Product.WITHDRAWN:
        return
    before = Product.objects.filter(pk=instance.pk).values_list("status", flat=True).first()
    if before == Product.PUBLISHED:
        from store.models import CartLine

        CartLine.objects.filter(variant__product=instance, cart__status=Cart.OPEN).delete()


@receiver(post_save, sender=StockItem)
def stock_changed(sender, instance, **kwargs):
    utils.get_redis().delete("stock:%s" % instance.variant.sku)
    if instance.reorder_level and instance.available <= instance.reorder_level:
        with utils.redis_lock("low-stock:%d" % instance.pk, timeout=5) as got:
            if got:
                cache.set("low-stock:%d" % instance.pk, instance.available, 24 * 3600)


@receiver(post_save, sender=Review)
@receiver(post_delete, sender=Review)
def review_changed(sender, instance, **kwargs):
    if instance.status == Review.APPROVED or kwargs.get("created") is None:
        product = Product.objects.filter(pk=instance.product_id).first()
        if product is not None:
            product.recalculate_rating()


@receiver(post_save, sender=OrderEvent)
def order_event_added(sender, instance, created, **kwargs):
    if created and instance.kind == "status":
        utils.forget_customer(instance.order.customer_id)


@receiver(post_save, sender=Ticket)
def ticket_changed(sender, instance, created, **kwargs):
    cache.delete("customer:%d:summary" % instance.customer_id)
    if created and instance.priority >= Ticket.HIGH:
        utils.alarm("Urgent ticket %s" % instance.number, instance.subject)


@receiver(user_logged_in)
def join_carts(sender, request, user, **kwargs):
    """The cart from before the sign-in. The session key has changed by now, so it is kept in the session."""
    if request is None or not hasattr(request, "session"):
        return
    customer = Customer.objects.filter(user=user).first()
    anonymous_id = request.session.pop("anonymous_cart", None)
    if customer is None or anonymous_id is None:
        return
    other = Cart.objects.filter(pk=anonymous_id, customer=None, status=Cart.OPEN).first()
    if other is None:
        return
    cart, _ = Cart.objects.get_or_create(customer=customer, status=Cart.OPEN)
    cart.absorb(other)


@receiver(post_save, sender=Order)
def remember_last_order(sender, instance, created, **kwargs):
    if created:
        Customer.objects.filter(pk=instance.customer_id).update(last_order_at=instance.placed_at)
