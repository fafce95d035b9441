import datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from store import services
from store.models import (
    Address,
    Coupon,
    Customer,
    Order,
    Review,
    StoreError,
    Ticket,
    WrongState,
)
from store.tests import factories as make


def test_registration_makes_a_customer(client, shop):
    data = {"email": "New@Example.com", "first_name": "N", "last_name": "E", "password": "long enough"}
    assert client.post(reverse("register"), data)["Location"] == reverse("account")
    assert Customer.objects.get().email == "new@example.com"
    assert "Welcome" in mail.outbox[0].subject
    assert client.get(reverse("account")).status_code == 200


def test_an_address_is_registered_once(client, ann):
    data = {"email": ann.email, "first_name": "N", "last_name": "E", "password": "long enough"}
    assert b"already" in client.post(reverse("register"), data).content


def test_signing_in_is_rate_limited(client, shop):
    codes = [client.post(reverse("sign-in"), {"username": "x"}).status_code for _ in range(11)]
    assert codes[-1] == 429


def test_there_is_one_default_address(ann):
    second = make.address(ann, line1="2 Street")
    assert Address.objects.filter(customer=ann, is_default_shipping=True).get() == second
    assert second.postcode == "LS1 1AA"


def test_an_address_of_an_open_order_stays(as_ann, ann, paid_order):
    as_ann.post(reverse("address-delete", args=[ann.default_address().pk]))
    assert ann.addresses.count() == 1


def test_addresses_and_details_are_edited(as_ann, ann):
    data = {"line1": "9 Lane", "city": "York", "postcode": "yo1 7aa", "country": "GB"}
    as_ann.post(reverse("addresses"), data)
    assert ann.addresses.filter(postcode="YO1 7AA").exists()
    as_ann.post(reverse("details"), {"first_name": "Anna", "last_name": "Example"})
    ann.refresh_from_db()
    assert ann.first_name == "Anna"


def test_blocking_holds_open_orders(paid_order, ann):
    ann.block("fraud", by="bob")
    paid_order.refresh_from_db()
    assert paid_order.status == Order.ON_HOLD


def test_blocked_customers_can_only_read(as_ann, ann):
    ann.block("fraud")
    assert as_ann.get(reverse("home")).status_code == 200
    assert as_ann.post(reverse("cart-add"), {"sku": "X"}).status_code == 403
    assert as_ann.post(reverse("tickets"), {"subject": "Why?", "body": "Why?"}).status_code == 302


def test_customers_are_forgotten_but_not_their_orders(as_ann, ann, paid_order):
    Order.objects.update(status=Order.DELIVERED)
    as_ann.post(reverse("forget-me"))
    ann.refresh_from_db()
    assert ann.anonymised_at
    assert not ann.addresses.exists()
    assert ann.orders.count() == 1


def test_customers_with_open_orders_are_not_forgotten(ann, paid_order):
    with pytest.raises(WrongState):
        ann.anonymise()


def test_old_customers_are_anonymised(ann):
    Customer.objects.update(last_order_at=timezone.now() - datetime.timedelta(days=365 * 7))
    out = StringIO()
    call_command("anonymise_customers", stdout=out)
    assert "1 anonymised" in out.getvalue()


def test_merging_moves_everything(ann, paid_order, account_order, trade):
    Ticket.open_for(trade, "Hello")
    kept = services.merge_customers(ann, trade)
    assert kept.orders.count() == 2
    assert kept.tickets.count() == 1
    assert kept.credit_used == Decimal("205.00")
    assert not Customer.objects.filter(pk=trade.pk).exists()


def test_credit_limits_are_not_lowered_below_what_is_used(account_order, trade):
    with pytest.raises(StoreError):
        services.set_credit_limit(trade, Decimal("100"))
    services.set_credit_limit(trade, Decimal("2000"), by="fin")
    trade.refresh_from_db()
    assert trade.available_credit == Decimal("1795.00")


def test_good_payers_get_more_credit(trade):
    for _ in range(5):
        cart = make.cart(trade, make.variant("10.00"))
        order = services.place_order(cart, trade.default_address(), method=Order.ACCOUNT)
        services.settle_invoice(order.invoice, order.total)
    services.review_credit_limits()
    trade.refresh_from_db()
    assert trade.credit_limit == Decimal("1100.00")


def test_the_customer_page_and_search(as_staff, account_order, trade):
    assert account_order.number.encode() in as_staff.get(reverse("customer-detail", args=[trade.pk])).content
    found = as_staff.get(reverse("customer-search"), {"q": account_order.number, "format": "json"}).json()
    assert [row["id"] for row in found["customers"]] == [trade.pk]


def test_staff_set_credit_and_block(as_staff, trade):
    as_staff.post(reverse("customer-credit", args=[trade.pk]), {"limit": "1500"})
    as_staff.post(reverse("customer-block", args=[trade.pk]), {"reason": "late"})
    trade.refresh_from_db()
    assert (trade.credit_limit, trade.is_blocked) == (Decimal("1500.00"), True)
    as_staff.post(reverse("customer-block", args=[trade.pk]))
    trade.refresh_from_db()
    assert not trade.is_blocked


def test_the_account_page_shows_open_invoices(client, account_order, trade):
    client.force_login(trade.user)
    assert account_order.invoice.number.encode() in client.get(reverse("account")).content
    assert client.get(reverse("invoice", args=[account_order.invoice.number])).status_code == 200


def test_strangers_see_no_invoice(as_ann, account_order):
    assert as_ann.get(reverse("invoice", args=[account_order.invoice.number])).status_code == 403


def review(customer, product, **extra):
    return Review.objects.create(customer=customer, product=product, **dict({"rating": 4}, **extra))


def test_reviews_wait_for_moderation(as_ann, ann):
    product = make.variant().product
    as_ann.post(reverse("review-add", args=[product.slug]), {"rating": 5, "title": "Great"})
    one = Review.objects.get()
    assert (one.status, one.is_verified) == (Review.WAITING, False)
    one.moderate(approve=True)
    product.refresh_from_db()
    assert (product.average_rating, product.review_count) == (Decimal("5.00"), 1)


def test_spam_is_rejected(as_ann):
    product = make.variant().product
    as_ann.post(reverse("review-add", args=[product.slug]), {"rating": 5, "body": "best CASINO"})
    assert Review.objects.get().status == Review.REJECTED


def test_a_deleted_review_changes_the_rating(ann):
    product = make.product()
    one = review(ann, product)
    one.moderate(approve=True)
    one.delete()
    product.refresh_from_db()
    assert product.average_rating is None


def test_buyers_are_verified(paid_order, ann):
    services.ship_order(paid_order)
    one = review(ann, paid_order.lines.first().variant.product)
    assert one.check_purchase()


def test_votes(as_ann, ann):
    one = review(make.customer(), make.product(), status=Review.APPROVED)
    url = reverse("review-vote", args=[one.pk])
    assert as_ann.post(url).json() == {"helpful": 1}
    assert as_ann.post(url, {"helpful": "0"}).json() == {"helpful": 0}
    own = review(ann, make.product(), status=Review.APPROVED)
    assert as_ann.post(reverse("review-vote", args=[own.pk])).status_code == 400


def test_the_review_queue(as_staff):
    one = review(make.customer(), make.product())
    assert as_staff.get(reverse("review-queue")).status_code == 200
    as_staff.post(reverse("review-queue"), {"review": one.pk, "decision": "reject"})
    one.refresh_from_db()
    assert one.status == Review.REJECTED


def test_a_ticket_goes_back_and_forth(client, ann, paid_order):
    client.force_login(ann.user)
    data = {"subject": "Where is it?", "body": "Well?", "order": paid_order.pk}
    client.post(reverse("tickets"), data)
    ticket = Ticket.objects.get()
    client.force_login(make.staff())
    client.post(reverse("ticket", args=[ticket.number]), {"body": "On its way"})
    ticket.refresh_from_db()
    assert (ticket.status, mail.outbox[-1].to) == (Ticket.WAITING, [ann.email])
    client.force_login(ann.user)
    client.post(reverse("ticket", args=[ticket.number]), {"body": "Thanks"})
    ticket.refresh_from_db()
    assert ticket.status == Ticket.OPEN


def test_internal_notes_are_internal(client, ann):
    ticket = Ticket.open_for(ann, "Hello")
    ticket.answer("difficult customer", make.staff(), is_internal=True)
    client.force_login(ann.user)
    assert b"difficult" not in client.get(reverse("ticket", args=[ticket.number])).content


def test_strangers_see_no_ticket(as_ann):
    ticket = Ticket.open_for(make.customer(), "Secret")
    assert as_ann.get(reverse("ticket", args=[ticket.number])).status_code == 404


def test_wholesale_tickets_are_urgent(shop):
    ticket = Ticket.open_for(make.customer(tier="wholesale"), "Help")
    assert ticket.priority == Ticket.HIGH
    assert "Urgent" in mail.outbox[-1].subject


def test_a_goodwill_voucher(as_staff, ann, paid_order):
    ticket = Ticket.open_for(ann, "Broken", order=paid_order)
    url = reverse("ticket-voucher", args=[ticket.number])
    code = as_staff.post(url, {"amount": "15"}).json()["code"]
    assert Coupon.objects.get(code=code).promotion.value == Decimal("15.00")
    assert paid_order.events.filter(kind="goodwill").exists()
    assert as_staff.post(url, {"amount": "51"}).status_code == 403


def test_the_support_desk(as_staff, ann, paid_order):
    Ticket.open_for(ann, "Where is it?", order=paid_order)
    assert b"1 orders" in as_staff.get(reverse("ticket-queue")).content
