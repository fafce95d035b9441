from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from reports.models import DailySales
from store import services
from store.models import (
    Cart,
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
    StockItem,
    StockMovement,
    StoredCard,
    StoreError,
    WrongState,
)
from store.tests import factories as make


def place(customer, cart, **extra):
    extra.setdefault("token", "tok_visa")
    return services.place_order(cart, customer.default_address(), **extra)


def test_an_order_has_the_totals_of_the_cart(paid_order):
    assert paid_order.subtotal == Decimal("50.00")
    assert paid_order.shipping_cost == Decimal("5.00")
    assert paid_order.total == Decimal("55.00")
    assert paid_order.tax == Decimal("8.33")


def test_a_card_order_is_paid_at_once(paid_order):
    assert paid_order.status == Order.PAID
    payment = paid_order.payments.get()
    assert payment.status == Payment.CAPTURED
    assert payment.gateway_reference.startswith("ch_")


def test_stock_is_reserved(ann):
    variant = make.variant(stock=5)
    place(ann, make.cart(ann, variant, quantity=3))
    stock = StockItem.objects.get(variant=variant)
    assert (stock.on_hand, stock.reserved) == (5, 3)
    assert variant.available() == 2
    assert stock.movements.get().kind == StockMovement.RESERVE


def test_stock_comes_from_several_warehouses(ann):
    variant = make.variant(stock=2)
    StockItem.objects.create(variant=variant, warehouse=make.warehouse("MAN", priority=2), on_hand=5)
    order = place(ann, make.cart(ann, variant, quantity=4))
    assert [(l.warehouse.code, l.quantity) for l in order.lines.all()] == [("LON", 2), ("MAN", 2)]


def test_more_than_there_is_cannot_be_ordered(ann):
    variant = make.variant(stock=3)
    cart = make.cart(ann, variant, quantity=3)
    StockItem.objects.filter(variant=variant).update(reserved=2)
    with pytest.raises(OutOfStock):
        place(ann, cart)


def test_a_failed_order_leaves_nothing_behind(ann):
    variant = make.variant(stock=3)
    cart = make.cart(ann, variant)
    with pytest.raises(PaymentDeclined):
        place(ann, cart, token="tok_declined")
    assert not Order.objects.exists()
    assert not Payment.objects.exists()
    assert StockItem.objects.get(variant=variant).reserved == 0
    assert Cart.objects.get(pk=cart.pk).status == Cart.OPEN


def test_a_cart_is_ordered_once(ann):
    cart = make.cart(ann, make.variant())
    place(ann, cart)
    with pytest.raises(WrongState):
        place(ann, cart)


def test_an_empty_cart_is_refused(ann):
    with pytest.raises(StoreError, match="empty"):
        place(ann, make.cart(ann))


def test_somebody_elses_address_is_refused(ann):
    other = make.customer()
    with pytest.raises(StoreError, match="not yours"):
        services.place_order(make.cart(ann, make.variant()), other.default_address(), token="tok")


def test_blocked_customers_cannot_order(ann):
    ann.block("fraud")
    with pytest.raises(StoreError, match="blocked"):
        place(ann, make.cart(ann, make.variant()))


def test_an_account_order_reserves_credit(account_order, trade):
    trade.refresh_from_db()
    assert trade.credit_used == Decimal("205.00")
    entry = trade.credit_entries.get()
    assert (entry.kind, entry.amount, entry.order) == (CreditEntry.RESERVE, Decimal("205.00"), account_order)
    assert account_order.status == Order.PLACED


def test_an_account_order_has_an_open_invoice(account_order):
    invoice = account_order.invoice
    assert invoice.status == Invoice.OPEN
    assert (invoice.due_on - invoice.issued_on).days == 30


def test_credit_cannot_be_exceeded(shop):
    poor = make.customer(tier="trade", credit="50")
    cart = make.cart(poor, make.variant("60.00"))
    with pytest.raises(CreditExceeded):
        place(poor, cart, method=Order.ACCOUNT)
    assert not Order.objects.exists()


def test_retail_customers_have_no_account(ann):
    Customer.objects.filter(pk=ann.pk).update(credit_limit=1000)
    with pytest.raises(CreditExceeded):
        place(ann, make.cart(ann, make.variant()), method=Order.ACCOUNT)


def test_points_and_lifetime_value_grow(paid_order, ann):
    ann.refresh_from_db()
    assert ann.loyalty_points == 5
    assert ann.lifetime_value == Decimal("55.00")
    assert ann.last_order_at == paid_order.placed_at


def test_products_count_what_was_sold(paid_order):
    assert list(Product.objects.values_list("sold_count", flat=True)) == [1, 1]


def test_prices_are_taken_again_at_checkout(ann):
    variant = make.variant("10.00")
    cart = make.cart(ann, variant)
    variant.price = Decimal("12.00")
    variant.save()
    assert place(ann, cart).subtotal == Decimal("12.00")


def test_shipping_is_free_over_the_limit(shop, ann):
    cart = make.cart(ann, make.variant("80.00"))
    order = place(ann, cart, rate=make.rate(price="5.00", free_over="75"))
    assert order.shipping_cost == 0


def test_a_country_without_rates_is_refused(ann):
    make.address(ann, country="US", line1="2 Road")
    cart = make.cart(ann, make.variant())
    with pytest.raises(StoreError, match="cannot ship"):
        services.place_order(cart, ann.addresses.get(country="US"), token="tok")


def test_the_confirmation_is_sent_after_the_commit(ann, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        order = place(ann, make.cart(ann, make.variant()))
    assert [m.subject for m in mail.outbox] == ["Your order %s" % order.number]
    assert order.events.filter(kind="mail").exists()


def test_todays_sales_are_counted(paid_order):
    row = DailySales.objects.get()
    assert (row.orders, row.turnover) == (1, Decimal("55.00"))


def test_order_numbers_go_on_after_a_redis_flush(paid_order, ann):
    from store import utils

    utils.get_redis().flushall()
    other = place(ann, make.cart(ann, make.variant()))
    assert int(other.number[-5:]) == int(paid_order.number[-5:]) + 1


def test_the_checkout_page_places_an_order(as_ann, ann):
    make.cart(ann, make.variant("20.00"))
    data = {"address": ann.default_address().pk, "method": "card", "token": "tok_visa_4242", "remember": "on"}
    response = as_ann.post(reverse("checkout"), data)
    order = Order.objects.get()
    assert response["Location"] == order.get_absolute_url()
    assert StoredCard.objects.get().last4 == "4242"
    assert as_ann.get(order.get_absolute_url()).status_code == 200


def test_the_checkout_page_shows_that_the_card_was_declined(as_ann, ann):
    make.cart(ann, make.variant())
    data = {"address": ann.default_address().pk, "method": "card", "token": "tok_declined"}
    response = as_ann.post(reverse("checkout"), data)
    assert b"declined" in response.content
    assert not OrderLine.objects.exists()


def test_the_checkout_page_offers_the_account_to_trade_only(as_ann, ann):
    make.cart(ann, make.variant())
    assert b"On account" not in as_ann.get(reverse("checkout")).content


def test_an_expired_card_is_refused(ann):
    card = StoredCard.objects.create(
        customer=ann, token="tok", brand="visa", last4="1111", expires_on="2020-01-01"
    )
    card.refresh_from_db()
    with pytest.raises(PaymentDeclined, match="expired"):
        place(ann, make.cart(ann, make.variant()), card=card, token="")
