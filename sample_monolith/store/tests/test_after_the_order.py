import datetime
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from reports.models import DailySales
from store import services
from store.models import (
    Invoice,
    Order,
    Payment,
    Product,
    Refund,
    ReturnRequest,
    Shipment,
    StockItem,
    StockMovement,
    StoreError,
    Ticket,
    WrongState,
)
from store.tests import factories as make


def test_cancelling_gives_stock_and_money_back(paid_order, ann):
    order = services.cancel_order(paid_order, "changed my mind")
    assert order.status == Order.CANCELLED
    assert order.refunded_amount == Decimal("55.00")
    assert set(StockItem.objects.values_list("reserved", flat=True)) == {0}
    ann.refresh_from_db()
    assert (ann.loyalty_points, ann.lifetime_value) == (0, Decimal("0.00"))
    assert set(Product.objects.values_list("sold_count", flat=True)) == {0}


def test_cancelling_an_account_order_releases_the_credit(account_order, trade):
    services.cancel_order(account_order)
    trade.refresh_from_db()
    assert trade.credit_used == 0
    assert trade.credit_used_by_entries() == 0
    assert Invoice.objects.get().status == Invoice.CREDITED


def test_cancelling_is_taken_out_of_the_sales(paid_order):
    services.cancel_order(paid_order)
    row = DailySales.objects.get()
    assert (row.orders, row.cancelled, row.turnover) == (1, 1, Decimal("0.00"))


def test_cancelling_gives_the_coupon_back(ann):
    coupon = make.coupon()
    cart = make.cart(ann, make.variant("100.00"))
    services.apply_coupon(cart, "ten")
    order = services.place_order(cart, ann.default_address(), token="tok")
    coupon.refresh_from_db()
    assert coupon.used_count == 1
    services.cancel_order(order)
    coupon.refresh_from_db()
    coupon.promotion.refresh_from_db()
    assert (coupon.used_count, coupon.promotion.spent) == (0, Decimal("0.00"))


def test_a_shipped_order_cannot_be_cancelled(paid_order):
    services.ship_order(paid_order)
    with pytest.raises(WrongState):
        services.cancel_order(paid_order)


def test_cancelling_closes_the_tickets_of_the_order(paid_order, ann):
    ticket = Ticket.open_for(ann, "Please hurry", order=paid_order)
    services.cancel_order(paid_order)
    ticket.refresh_from_db()
    assert ticket.status == Ticket.CLOSED


def test_shipping_takes_goods_off_the_shelf(paid_order):
    (shipment,) = services.ship_order(paid_order, by="bob")
    assert shipment.status == Shipment.IN_TRANSIT
    assert shipment.weight_grams == 1000
    assert set(StockItem.objects.values_list("on_hand", "reserved")) == {(9, 0)}
    paid_order.refresh_from_db()
    assert paid_order.status == Order.SHIPPED
    assert "on its way" in mail.outbox[-1].subject


def test_an_order_from_two_warehouses_makes_two_parcels(ann):
    variant = make.variant(stock=1)
    StockItem.objects.create(variant=variant, warehouse=make.warehouse("MAN", priority=2), on_hand=5)
    order = services.place_order(make.cart(ann, variant, quantity=2), ann.default_address(), token="tok")
    first = services.ship_order(order, warehouse=make.warehouse("MAN"))
    order.refresh_from_db()
    assert (len(first), order.status) == (1, Order.PAID)
    services.ship_order(order)
    order.refresh_from_db()
    assert order.status == Order.SHIPPED


def test_an_order_on_hold_is_not_shipped(paid_order):
    paid_order.put_on_hold("looks odd")
    with pytest.raises(WrongState):
        services.ship_order(paid_order)
    paid_order.release_hold()
    assert paid_order.status == Order.PAID


def test_delivery_of_the_last_parcel_closes_the_order(paid_order):
    (shipment,) = services.ship_order(paid_order)
    shipment.record("delivered", "Left with a neighbour")
    paid_order.refresh_from_db()
    assert paid_order.status == Order.DELIVERED


def test_a_lost_parcel_opens_an_urgent_ticket(paid_order):
    (shipment,) = services.ship_order(paid_order)
    shipment.record("lost")
    ticket = Ticket.objects.get()
    assert (ticket.order, ticket.priority) == (paid_order, Ticket.HIGH)


def test_a_partial_refund_leaves_the_order_as_it_is(paid_order):
    done = services.refund_order(paid_order, "10.00", "scratched")
    paid_order.refresh_from_db()
    assert done == Decimal("10.00")
    assert paid_order.status == Order.PAID
    assert paid_order.paid_amount == Decimal("45.00")


def test_more_than_was_paid_is_never_refunded(paid_order):
    services.refund_order(paid_order, "50.00")
    with pytest.raises(StoreError):
        services.refund_order(paid_order, "10.00")


def test_a_failed_refund_is_kept_and_reported(paid_order):
    Payment.objects.update(gateway_reference="ch_broken_1")
    assert services.refund_order(paid_order) == 0
    assert Refund.objects.get().status == Refund.FAILED
    assert "Refund failed" in mail.outbox[-1].subject


def test_settling_an_invoice_frees_the_credit(account_order, trade):
    payment = services.settle_invoice(account_order.invoice, Decimal("205.00"), by="fin")
    trade.refresh_from_db()
    account_order.refresh_from_db()
    assert (trade.credit_used, account_order.status) == (0, Order.PAID)
    assert trade.credit_entries.first().payment == payment


def test_an_invoice_is_settled_once_and_in_full(account_order):
    with pytest.raises(StoreError):
        services.settle_invoice(account_order.invoice, Decimal("10.00"))
    services.settle_invoice(account_order.invoice, Decimal("205.00"))
    with pytest.raises(WrongState):
        services.settle_invoice(account_order.invoice, Decimal("205.00"))


@pytest.fixture
def shipped(paid_order):
    services.ship_order(paid_order)
    paid_order.refresh_from_db()
    return paid_order


def approved_return(order, quantity=1):
    line = order.lines.first()
    rma = services.request_return(order, {line.pk: quantity}, "too small")
    rma.approve()
    return rma


def test_a_return_restocks_and_refunds(shipped):
    rma = services.receive_return(approved_return(shipped), {})
    assert rma.status == ReturnRequest.REFUNDED
    assert shipped.refunded_amount == Decimal("20.00")
    assert StockItem.objects.get(variant=shipped.lines.first().variant).on_hand == 10


def test_damaged_goods_are_not_restocked(shipped):
    rma = approved_return(shipped)
    services.receive_return(rma, {rma.lines.get().pk: "damaged"})
    stock = StockItem.objects.get(variant=shipped.lines.first().variant)
    assert stock.on_hand == 9
    assert stock.movements.first().kind == StockMovement.WRITE_OFF


def test_a_return_shares_the_discount(ann):
    cart = make.cart(ann, make.variant("100.00"))
    make.coupon()
    services.apply_coupon(cart, "TEN")
    order = services.place_order(cart, ann.default_address(), token="tok")
    services.ship_order(order)
    order.refresh_from_db()
    assert approved_return(order).amount() == Decimal("90.00")


def test_the_same_piece_is_not_returned_twice(shipped):
    services.receive_return(approved_return(shipped), {})
    with pytest.raises(StoreError):
        services.request_return(shipped, {shipped.lines.first().pk: 1}, "again")


def test_an_old_order_cannot_be_returned(shipped):
    shipped.placed_at = timezone.now() - datetime.timedelta(days=31)
    shipped.save()
    with pytest.raises(WrongState):
        services.request_return(shipped, {shipped.lines.first().pk: 1}, "late")


def test_a_return_is_decided_once(shipped):
    rma = approved_return(shipped)
    with pytest.raises(WrongState):
        rma.reject("no")


def test_the_return_page(as_ann, shipped):
    line = shipped.lines.first()
    url = reverse("order-return", args=[shipped.number])
    assert as_ann.get(url).status_code == 200
    as_ann.post(url, {"reason": "too big", "line-%d" % line.pk: 1})
    assert ReturnRequest.objects.get().lines.get().quantity == 1


def test_the_return_desk_receives_parcels(client, shipped):
    client.force_login(make.staff())
    rma = approved_return(shipped)
    client.post(reverse("return-desk"), {"number": rma.number, "action": "receive"})
    rma.refresh_from_db()
    assert rma.status == ReturnRequest.REFUNDED
    assert client.get(reverse("return-desk")).status_code == 200


def test_the_desk_cancels_what_was_packed(client, paid_order):
    client.force_login(make.staff())
    response = client.post(reverse("desk-cancel", args=[paid_order.number]))
    assert response.json() == {"status": "cancelled"}
    assert paid_order.refunded_amount == Decimal("55.00")
    assert set(StockItem.objects.values_list("reserved", flat=True)) == {0}


def test_the_desk_cannot_cancel_what_is_on_its_way(client, shipped):
    client.force_login(make.staff())
    assert client.post(reverse("desk-cancel", args=[shipped.number])).status_code == 400


def test_large_refunds_need_a_manager(as_staff, paid_order):
    url = reverse("desk-refund", args=[paid_order.number])
    assert as_staff.post(url, {"amount": "501"}).status_code == 403


def test_customers_cancel_only_their_own_orders(client, paid_order):
    client.force_login(make.customer().user)
    assert client.post(reverse("order-cancel", args=[paid_order.number])).status_code == 404
