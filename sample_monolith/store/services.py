"""Business logic that was moved out of the views (started 2019, see wiki/Refactoring).

Everything that changes more than one thing at once should be here. Not everything is.
"""
import datetime
import logging
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from store import utils
from store.gateways import GatewayError, ParcelClient, PaymentGateway
from store.models import (
    ZERO,
    Address,
    Cart,
    Coupon,
    CouponNotValid,
    CouponRedemption,
    CreditEntry,
    CreditExceeded,
    Customer,
    Invoice,
    Order,
    OrderLine,
    OutOfStock,
    Payment,
    PaymentDeclined,
    Product,
    PurchaseOrder,
    PurchaseOrderLine,
    Refund,
    ReturnLine,
    ReturnRequest,
    Review,
    Shipment,
    ShippingRate,
    StockItem,
    StockMovement,
    StoreError,
    Supplier,
    Ticket,
    Variant,
    Warehouse,
    WrongState,
)
from store.signals import order_cancelled, order_paid, order_placed, stock_received

log = logging.getLogger("store.services")


# -- placing an order ------------------------------------------------------------------------


def place_order(cart, address, method=Order.CARD, card=None, token="", rate=None, notes="", source="web"):
    """Turn a cart into an order: credit, stock, coupon, order and payment, all or nothing."""
    if not cart.customer_id:
        raise StoreError("Please sign in first")
    if address.customer_id != cart.customer_id:
        raise StoreError("That address is not yours")

    with transaction.atomic():
        # Always lock in this order: cart, customer, stock. See the deadlocks of December 2021.
        cart = Cart.objects.select_for_update().get(pk=cart.pk)
        if cart.status != Cart.OPEN:
            raise WrongState("This cart was ordered already")
        customer = Customer.objects.select_for_update().get(pk=cart.customer_id)
        if customer.is_blocked:
            raise StoreError("Your account is blocked, please call us")
        cart.reprice()
        lines = list(cart.lines.select_related("variant__product"))
        if not lines:
            raise StoreError("Your cart is empty")

        discount = cart.discount()
        if cart.coupon:
            cart.coupon.check_for(customer, cart.subtotal)
        rate = rate or cheapest_rate(address.country, cart.weight)
        shipping = ZERO if cart.has_free_shipping() else rate.cost(cart.subtotal - discount)

        order = Order.objects.create(
            number=utils.next_number("O"),
            customer=customer,
            cart=cart,
            payment_method=method,
            currency=settings.DEFAULT_CURRENCY,
            discount=discount,
            shipping_cost=shipping,
            coupon=cart.coupon,
            shipping_address=address,
            shipping_rate=rate,
            ship_to=address.as_text(),
            notes=notes,
            source=source,
        )
        for line in lines:
            add_order_line(order, line)
        order.calculate()
        order.save()
        order.add_event("placed", "%d lines, %s" % (len(lines), order.total), by=str(customer))

        if cart.coupon:
            cart.coupon.redeem(customer, order, discount)
        cart.status = Cart.ORDERED
        cart.save()

        if method == Order.ACCOUNT:
            if not customer.can_buy_on_account(order.total):
                raise CreditExceeded(customer, order.total)
            customer.reserve_credit(order.total, order)
            issue_invoice(order)
        else:
            take_payment(order, card=card, token=token)

    order_placed.send(sender=Order, order=order)
    return order


def add_order_line(order, cart_line):
    """Copy one cart line, and reserve its stock, from several warehouses if need be."""
    variant = cart_line.variant
    missing = cart_line.quantity
    for stock in StockItem.objects.for_picking(variant):
        take = min(stock.available, missing)
        if take <= 0:
            continue
        order_line = OrderLine.objects.create(
            order=order,
            variant=variant,
            warehouse=stock.warehouse,
            description=variant.title,
            sku=variant.sku,
            quantity=take,
            unit_price=cart_line.unit_price,
            unit_cost=variant.cost_price,
            vat_rate=variant.product.vat_rate,
        )
        stock.reserve(take, order_line=order_line)
        missing -= take
        if not missing:
            break
    if missing:
        raise OutOfStock(variant, cart_line.quantity, cart_line.quantity - missing)
    Product.objects.filter(pk=variant.product_id).update(sold_count=F("sold_count") + cart_line.quantity)


def cheapest_rate(country, weight):
    rate = ShippingRate.objects.for_parcel(country, weight).first()
    if rate is None:
        raise StoreError("We cannot ship this to %s" % country)
    return rate


def quote_shipping(cart, country):
    goods = cart.subtotal - cart.discount()
    quotes = []
    for rate in ShippingRate.objects.for_parcel(country, cart.weight):
        cost = ZERO if cart.has_free_shipping() else rate.cost(goods)
        quotes.append({"rate": rate, "carrier": rate.carrier.name, "cost": cost})
    return quotes


# -- payments --------------------------------------------------------------------------------


def take_payment(order, card=None, token=""):
    """Charge the card. Runs inside the transaction of the order; yes, that is slow."""
    if card is not None:
        if card.has_expired:
            raise PaymentDeclined("This card has expired")
        token = card.token
    if not token:
        raise PaymentDeclined("No card given")
    payment = Payment.objects.create(
        order=order,
        customer=order.customer,
        card=card,
        method=Order.CARD,
        amount=order.total,
    )
    reference = PaymentGateway().charge(token, order.total, order.currency, order.number)
    payment.mark_captured(reference)
    order.mark_paid(by="paygate")
    issue_invoice(order, paid=True)
    order_paid.send(sender=Order, order=order, payment=payment)
    return payment


def issue_invoice(order, paid=False):
    today = timezone.localdate()
    days = 0 if paid else order.customer.payment_terms_days
    return Invoice.objects.create(
        order=order,
        number=utils.next_number("I"),
        status=Invoice.PAID if paid else Invoice.OPEN,
        total=order.total,
        tax=order.tax,
        issued_on=today,
        due_on=today + datetime.timedelta(days=days),
    )


@transaction.atomic
def settle_invoice(invoice, amount, reference="", by=""):
    """The bank transfer of an account customer arrived."""
    invoice = Invoice.objects.select_for_update().select_related("order").get(pk=invoice.pk)
    if invoice.status != Invoice.OPEN:
        raise WrongState("%s is not open" % invoice.number)
    if amount < invoice.total:
        raise StoreError("Partial payments are not supported, ask finance")
    order = invoice.order
    customer = Customer.objects.select_for_update().get(pk=order.customer_id)
    payment = Payment.objects.create(
        order=order, customer=customer, method=Order.ACCOUNT, amount=invoice.total
    )
    payment.mark_captured(reference or "transfer-%s" % invoice.number)
    customer.credit_used = max(customer.credit_used - invoice.total, ZERO)
    customer.save(update_fields=["credit_used", "updated_at"])
    CreditEntry.objects.create(
        customer=customer,
        order=order,
        payment=payment,
        kind=CreditEntry.SETTLE,
        amount=-invoice.total,
        balance_after=customer.credit_used,
        created_by=by,
    )
    invoice.status = Invoice.PAID
    invoice.save()
    if order.paid_at is None:
        order.paid_at = timezone.now()
        if order.status == Order.PLACED:
            order.change_status(Order.PAID, "invoice %s settled" % invoice.number, by=by)
        else:
            order.save(update_fields=["paid_at", "updated_at"])
            order.add_event("paid", "invoice %s settled" % invoice.number, by=by)
    order_paid.send(sender=Order, order=order, payment=payment)
    return payment


def refund_payment(payment, amount, reason="", return_request=None):
    """Give money back on one payment; account payments become credit again."""
    if amount <= 0 or amount > payment.refundable:
        raise StoreError("Only %s can be refunded" % payment.refundable)
    refund = Refund.objects.create(
        payment=payment,
        order=payment.order,
        return_request=return_request,
        amount=amount,
        reason=reason,
    )
    if payment.method == Order.CARD:
        try:
            refund.gateway_reference = PaymentGateway().refund(
                payment.gateway_reference, amount, "refund-%d" % refund.pk
            )
        except GatewayError as error:
            refund.status = Refund.FAILED
            refund.reason = ("%s [%s]" % (reason, error))[:200]
            refund.save()
            utils.alarm("Refund failed", "order %s: %s" % (payment.order, error))
            return refund
    refund.status = Refund.DONE
    refund.save()
    if payment.refundable == 0:
        payment.status = Payment.REFUNDED
        payment.save()
    return refund


@transaction.atomic
def refund_order(order, amount=None, reason="", by="", return_request=None):
    """Refund an order, newest payment first. Returns what was refunded."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    left = order.paid_amount if amount is None else utils.money(amount)
    if left > order.paid_amount:
        raise StoreError("Only %s was paid" % order.paid_amount)
    done = ZERO
    for payment in order.payments.filter(status=Payment.CAPTURED).order_by("-created_at"):
        part = min(payment.refundable, left)
        if part <= 0:
            continue
        refund = refund_payment(payment, part, reason, return_request)
        if refund.status == Refund.DONE:
            done += part
            left -= part
    if done:
        order.add_event("refund", "%s refunded: %s" % (done, reason), by=by, amount=str(done))
        Customer.objects.filter(pk=order.customer_id).update(
            lifetime_value=F("lifetime_value") - done
        )
        if order.paid_amount <= 0 and order.status != Order.CANCELLED:
            order.change_status(Order.REFUNDED, "refunded in full", by=by)
        Invoice.objects.filter(order=order).update(status=Invoice.CREDITED)
    return done


# -- cancelling ------------------------------------------------------------------------------


def cancel_order(order, reason="", by=""):
    """Undo place_order: stock, credit, coupon, points and money."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        if not order.can_cancel:
            raise WrongState("%s cannot be cancelled any more" % order.number)
        customer = Customer.objects.select_for_update().get(pk=order.customer_id)
        release_stock(order, reason="order cancelled")
        if order.payment_method == Order.ACCOUNT and order.paid_at is None:
            customer.release_credit(order.total, order, note="cancelled")
            Invoice.objects.filter(order=order).update(status=Invoice.CREDITED)
        for redemption in CouponRedemption.objects.filter(order=order, is_void=False):
            redemption.void()
        if order.paid_amount > 0:
            refund_order(order, reason=reason or "cancelled", by=by)
            points = int(order.total // settings.LOYALTY_SPEND_PER_POINT)
            Customer.objects.filter(pk=customer.pk).update(loyalty_points=F("loyalty_points") - points)
        order = Order.objects.get(pk=order.pk)
        order.cancelled_at = timezone.now()
        order.change_status(Order.CANCELLED, reason or "cancelled", by=by)
    order_cancelled.send(sender=Order, order=order, reason=reason)
    return order


def release_stock(order, reason=""):
    for line in order.lines.select_related("variant", "warehouse"):
        waiting = line.quantity - line.quantity_shipped
        if waiting <= 0 or line.warehouse_id is None:
            continue
        stock = StockItem.objects.select_for_update().get(
            variant_id=line.variant_id, warehouse_id=line.warehouse_id
        )
        stock.release(waiting, order_line=line, reason=reason)
        Product.objects.filter(pk=line.variant.product_id, sold_count__gte=waiting).update(
            sold_count=F("sold_count") - waiting
        )


# -- shipping --------------------------------------------------------------------------------


def ship_order(order, warehouse=None, by=""):
    """Book a parcel per warehouse, take the goods off the shelves, tell the customer."""
    shipments = []
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        on_account = order.payment_method == Order.ACCOUNT and order.status == Order.PLACED
        if order.status != Order.PAID and not on_account:
            raise WrongState("%s is not ready to ship" % order.number)
        lines = [l for l in order.lines.select_related("variant") if l.quantity > l.quantity_shipped]
        if warehouse is not None:
            lines = [l for l in lines if l.warehouse_id == warehouse.pk]
        if not lines:
            raise WrongState("Nothing to ship")
        by_warehouse = {}
        for line in lines:
            by_warehouse.setdefault(line.warehouse_id, []).append(line)
        for warehouse_id, group in sorted(by_warehouse.items()):
            shipments.append(_ship_from(order, Warehouse.objects.get(pk=warehouse_id), group))
        if not order.lines.filter(quantity__gt=F("quantity_shipped")).exists():
            order.change_status(Order.SHIPPED, "%d parcels" % order.shipments.count(), by=by)
    for shipment in shipments:
        utils.send_mail_template("shipped", order.customer.email, {"order": order, "shipment": shipment})
    return shipments


def _ship_from(order, warehouse, lines):
    carrier = order.shipping_rate.carrier if order.shipping_rate else default_carrier(order)
    weight = 0
    for line in lines:
        quantity = line.quantity - line.quantity_shipped
        stock = StockItem.objects.select_for_update().get(variant_id=line.variant_id, warehouse=warehouse)
        stock.ship(quantity, order_line=line)
        line.quantity_shipped = line.quantity
        line.save(update_fields=["quantity_shipped"])
        weight += quantity * line.variant.weight_grams
    shipment = Shipment.objects.create(
        order=order,
        carrier=carrier,
        warehouse=warehouse,
        address=order.open_shipping_address(),
        weight_grams=weight,
    )
    number = ParcelClient().book(carrier, "%s-%s" % (order.number, warehouse.code), shipment.address, weight)
    shipment.hand_over(number)
    return shipment


def default_carrier(order):
    country = order.shipping_address.country if order.shipping_address else "GB"
    return cheapest_rate(country, 0).carrier


# -- returns ---------------------------------------------------------------------------------


@transaction.atomic
def request_return(order, quantities, reason):
    """`quantities` is {order line id: pieces}."""
    if order.status not in (Order.SHIPPED, Order.DELIVERED):
        raise WrongState("Only shipped orders can be returned")
    limit = timezone.now() - datetime.timedelta(days=settings.RETURN_DAYS)
    if order.placed_at < limit:
        raise WrongState("The %d days for returns are over" % settings.RETURN_DAYS)
    request = ReturnRequest.objects.create(order=order, number=utils.next_number("R"), reason=reason[:200])
    lines = {line.pk: line for line in order.lines.all()}
    for line_id, quantity in quantities.items():
        if not quantity:
            continue
        line = lines.get(line_id)
        if line is None or quantity > line.returnable:
            raise StoreError("That cannot be returned")
        ReturnLine.objects.create(return_request=request, order_line=line, quantity=quantity)
    if not request.lines.exists():
        raise StoreError("Nothing to return")
    order.add_event("return", "return %s requested" % request.number, by=str(order.customer))
    return request


def receive_return(request, conditions, by=""):
    """The parcel came back. Good pieces go on the shelf again, the money goes back.

    `conditions` is {return line id: good | damaged}.
    """
    with transaction.atomic():
        request = ReturnRequest.objects.select_for_update().get(pk=request.pk)
        if request.status != ReturnRequest.APPROVED:
            raise WrongState("%s is not approved" % request.number)
        for line in request.lines.select_related("order_line__variant", "order_line__warehouse"):
            line.condition = conditions.get(line.pk, ReturnLine.GOOD)
            line.save()
            order_line = line.order_line
            order_line.quantity_returned = F("quantity_returned") + line.quantity
            order_line.save(update_fields=["quantity_returned"])
            if line.condition == ReturnLine.GOOD:
                restock_line(order_line, line.quantity, request)
            else:
                write_off(order_line, line.quantity, by)
        request.status = ReturnRequest.RECEIVED
        request.received_at = timezone.now()
        request.save()
        amount = min(request.amount(), request.order.paid_amount)
        if amount > 0:
            refund_order(request.order, amount, "return %s" % request.number, by, request)
            request.status = ReturnRequest.REFUNDED
            request.save()
    utils.send_mail_template("returned", request.order.customer.email, {"rma": request, "amount": amount})
    return request


def restock_line(order_line, quantity, request):
    stock, _ = StockItem.objects.select_for_update().get_or_create(
        variant_id=order_line.variant_id,
        warehouse=order_line.warehouse or Warehouse.objects.filter(is_active=True).first(),
    )
    stock.receive(quantity, order_line=order_line, reason="return %s" % request.number)


def write_off(order_line, quantity, by=""):
    stock = StockItem.objects.filter(
        variant_id=order_line.variant_id, warehouse_id=order_line.warehouse_id
    ).first()
    if stock is not None:
        StockMovement.objects.create(
            stock_item=stock,
            kind=StockMovement.WRITE_OFF,
            quantity=0,
            order_line=order_line,
            reason="%d pieces came back damaged" % quantity,
            user_name=by,
        )


# -- purchasing ------------------------------------------------------------------------------


@transaction.atomic
def receive_purchase_order(purchase_order, received, by=""):
    """`received` is {line id: pieces}. Updates stock and the cost price of the variant."""
    purchase_order = PurchaseOrder.objects.select_for_update().get(pk=purchase_order.pk)
    if purchase_order.status != PurchaseOrder.SENT:
        raise WrongState("%s is not on its way" % purchase_order.number)
    skus = []
    for line in purchase_order.lines.select_related("variant"):
        quantity = received.get(line.pk, 0)
        if quantity <= 0:
            continue
        stock, _ = StockItem.objects.select_for_update().get_or_create(
            variant=line.variant, warehouse=purchase_order.warehouse
        )
        update_cost_price(line.variant, stock, quantity, line.unit_cost)
        stock.receive(quantity, purchase_order_line=line, reason=purchase_order.number)
        line.quantity_received += quantity
        line.save()
        skus.append(line.variant.sku)
    outstanding = any(line.outstanding for line in purchase_order.lines.all())
    purchase_order.status = PurchaseOrder.SENT if outstanding else PurchaseOrder.RECEIVED
    purchase_order.save()
    utils.forget_stock(skus)
    stock_received.send(sender=PurchaseOrder, purchase_order=purchase_order, skus=skus)
    return purchase_order


def update_cost_price(variant, stock, quantity, unit_cost):
    """Moving average over what is on the shelf."""
    before = max(stock.on_hand, 0)
    value = before * variant.cost_price + quantity * unit_cost
    variant.cost_price = (value / (before + quantity)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    variant.save(update_fields=["cost_price", "updated_at"])


def suggest_purchase_orders(by=""):
    """One draft per supplier for all that is below its reorder level."""
    wanted = {}
    for stock in StockItem.objects.below_reorder_level().select_related("variant__product__brand", "warehouse"):
        brand = stock.variant.product.brand
        supplier = _supplier_of(brand.slug if brand else "")
        if supplier is None:
            log.warning("nobody delivers %s", stock.variant.sku)
            continue
        wanted.setdefault((supplier.pk, stock.warehouse_id), []).append(stock)
    orders = []
    for (supplier_id, warehouse_id), stocks in sorted(wanted.items()):
        open_lines = PurchaseOrderLine.objects.filter(
            purchase_order__status__in=(PurchaseOrder.DRAFT, PurchaseOrder.SENT),
            purchase_order__warehouse_id=warehouse_id,
        ).values_list("variant_id", flat=True)
        stocks = [s for s in stocks if s.variant_id not in set(open_lines)]
        if not stocks:
            continue
        order = PurchaseOrder.objects.create(
            supplier_id=supplier_id, warehouse_id=warehouse_id, number=utils.next_number("P")
        )
        for stock in stocks:
            PurchaseOrderLine.objects.create(
                purchase_order=order,
                variant=stock.variant,
                quantity=stock.reorder_quantity or stock.reorder_level or 1,
                unit_cost=stock.variant.cost_price,
            )
        orders.append(order)
    return orders


def _supplier_of(brand_slug):
    for supplier in Supplier.objects.filter(is_active=True):
        if brand_slug in supplier.brand_slugs():
            return supplier
    return None


def transfer_stock(variant, source, target, quantity, by=""):
    """Between warehouses. Locked in the order of their ids."""
    with transaction.atomic():
        items = {
            item.warehouse_id: item
            for item in StockItem.objects.select_for_update()
            .filter(variant=variant, warehouse__in=(source, target))
            .order_by("pk")
        }
        if source.pk not in items or items[source.pk].available < quantity:
            available = items[source.pk].available if source.pk in items else 0
            raise OutOfStock(variant, quantity, available)
        receiving = items.get(target.pk) or StockItem(variant=variant, warehouse=target)
        items[source.pk].on_hand -= quantity
        items[source.pk]._move(StockMovement.SHIP, -quantity, reason="to %s" % target, user_name=by)
        receiving.on_hand += quantity
        receiving._move(StockMovement.RECEIVE, quantity, reason="from %s" % source, user_name=by)


# -- coupons ---------------------------------------------------------------------------------


def apply_coupon(cart, code):
    coupon = Coupon.objects.select_related("promotion").filter(code=(code or "").upper().strip()).first()
    if coupon is None:
        raise CouponNotValid("We do not know this code")
    coupon.check_for(cart.customer, cart.subtotal)
    cart.coupon = coupon
    cart.save()
    return coupon


def issue_coupons(promotion, count, prefix="", expires_at=None):
    """A batch of single-use codes for a mailing."""
    coupons = []
    taken = set(Coupon.objects.filter(code__startswith=prefix).values_list("code", flat=True))
    number = 0
    while len(coupons) < count:
        number += 1
        code = ("%s%s" % (prefix, utils.sign({"p": promotion.pk, "n": number})[:8])).upper()
        if code in taken:
            continue
        coupons.append(Coupon(promotion=promotion, code=code, max_uses=1, expires_at=expires_at))
    return Coupon.objects.bulk_create(coupons)


def goodwill_coupon(ticket, amount, by=""):
    """Support gives a voucher to an angry customer."""
    from store.models import Promotion

    with transaction.atomic():
        promotion, _ = Promotion.objects.get_or_create(
            name="Goodwill %s" % utils.money(amount),
            defaults={"kind": Promotion.AMOUNT, "value": utils.money(amount)},
        )
        coupon = Coupon.objects.create(
            promotion=promotion,
            code="SORRY-%s" % ticket.number,
            max_uses=1,
            expires_at=timezone.now() + datetime.timedelta(days=90),
        )
        ticket.messages.create(
            author=by or "system", body="Voucher %s" % coupon.code, is_staff=True, is_internal=True
        )
        if ticket.order_id:
            ticket.order.add_event("goodwill", "voucher %s" % coupon.code, by=by)
    return coupon


# -- customers -------------------------------------------------------------------------------


def register_customer(user, **details):
    customer, created = Customer.objects.get_or_create(
        email=user.email.lower(), defaults=dict(details, user=user)
    )
    if not created:
        if customer.user_id and customer.user_id != user.pk:
            raise StoreError("There is an account with this address already")
        customer.user = user
        customer.save()
    return customer


@transaction.atomic
def merge_customers(keep, drop, by=""):
    """The same person twice. Moves everything that hangs on the customer."""
    if keep.pk == drop.pk:
        raise StoreError("That is the same customer")
    locked = {c.pk: c for c in Customer.objects.select_for_update().filter(pk__in=(keep.pk, drop.pk))}
    keep, drop = locked[keep.pk], locked[drop.pk]
    Order.objects.filter(customer=drop).update(customer=keep)
    Payment.objects.filter(customer=drop).update(customer=keep)
    Address.objects.filter(customer=drop).update(
        customer=keep, is_default_shipping=False, is_default_billing=False
    )
    Cart.objects.filter(customer=drop, status=Cart.OPEN).update(status=Cart.ABANDONED)
    Cart.objects.filter(customer=drop).update(customer=keep)
    CouponRedemption.objects.filter(customer=drop).update(customer=keep)
    CreditEntry.objects.filter(customer=drop).update(customer=keep)
    reviewed = Review.objects.filter(customer=keep).values("product_id")
    Review.objects.filter(customer=drop).exclude(product_id__in=list(reviewed.values_list("product_id", flat=True))).update(
        customer=keep
    )
    Ticket.objects.filter(customer=drop).update(customer=keep)
    drop.cards.update(customer=keep)
    keep.credit_used += drop.credit_used
    keep.credit_limit = max(keep.credit_limit, drop.credit_limit)
    keep.loyalty_points += drop.loyalty_points
    keep.lifetime_value += drop.lifetime_value
    keep.save()
    log.info("customer %s merged into %s by %s", drop.pk, keep.pk, by)
    drop.delete()
    utils.forget_customer(keep.pk)
    return keep


def set_credit_limit(customer, limit, by=""):
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer.pk)
        if limit < customer.credit_used:
            raise StoreError("%s is in use already" % customer.credit_used)
        customer.adjust_credit_limit(limit, by=by)
    return customer


def review_credit_limits():
    """Raise the limit of good payers by a tenth, once a quarter."""
    raised = []
    for customer in Customer.objects.with_credit().filter(tier__in=("trade", "wholesale")):
        invoices = Invoice.objects.filter(order__customer=customer)
        if invoices.filter(status=Invoice.OPEN, due_on__lt=timezone.localdate()).exists():
            continue
        if invoices.filter(status=Invoice.PAID).count() < 5:
            continue
        limit = utils.money(customer.credit_limit * Decimal("1.10"))
        if limit <= settings.MAX_CREDIT_LIMIT:
            raised.append(set_credit_limit(customer, limit, by="quarterly review"))
    return raised


# -- prices ----------------------------------------------------------------------------------


def change_prices(category, percent, by=""):
    """Everything in a category, up or down. Open carts are repriced at checkout."""
    changed = 0
    with transaction.atomic():
        products = Product.objects.in_category(category)
        for variant in Variant.objects.filter(product__in=products):
            variant.price = utils.money(variant.price * (100 + Decimal(percent)) / 100)
            if variant.price < variant.cost_price:
                log.warning("%s is sold below cost by %s", variant.sku, by)
            variant.save(update_fields=["price", "updated_at"])
            changed += 1
    for product in products:
        utils.forget_product(product.pk)
    return changed
