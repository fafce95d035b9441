import datetime
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from legacy_api.models import ApiKey
from reports import figures
from reports.models import DailySales, SavedReport
from reports.tasks import close_day, mail_reports
from store import services, tasks, utils
from store.models import (
    Cart,
    Coupon,
    Customer,
    Invoice,
    Order,
    Payment,
    Product,
    Refund,
    Review,
    Shipment,
    Ticket,
)
from store.tests import factories as make

LONG_AGO = datetime.timedelta(days=60)


def test_unpaid_card_orders_are_cancelled(paid_order):
    Payment.objects.all().delete()
    Order.objects.update(status=Order.PLACED, paid_at=None, placed_at=timezone.now() - LONG_AGO)
    assert tasks.cancel_unpaid_orders() == 1
    assert Order.objects.get().status == Order.CANCELLED


def test_carts_are_reminded_once_and_abandoned(ann):
    Customer.objects.update(marketing_opt_in=True)
    cart = make.cart(ann, make.variant())
    Cart.objects.update(updated_at=timezone.now() - datetime.timedelta(days=3))
    assert tasks.abandon_carts() == {"abandoned": 0, "reminders": 1}
    assert tasks.abandon_carts() == {"abandoned": 0, "reminders": 0}
    Cart.objects.update(updated_at=timezone.now() - LONG_AGO)
    tasks.abandon_carts()
    cart.refresh_from_db()
    assert cart.status == Cart.ABANDONED


def test_overdue_invoices_end_with_a_block(account_order, trade):
    Invoice.objects.update(due_on=timezone.localdate() - LONG_AGO)
    for _ in range(3):
        assert tasks.remind_overdue_invoices()["reminded"] == 1
    assert tasks.remind_overdue_invoices() == {"reminded": 0, "blocked": 1}
    trade.refresh_from_db()
    assert trade.is_blocked
    assert Ticket.objects.get().customer == trade


def test_credit_that_does_not_add_up_is_found(account_order, trade):
    assert tasks.check_credit() == []
    Customer.objects.filter(pk=trade.pk).update(credit_used=1)
    assert tasks.check_credit() == [trade.pk]


def test_promotions_and_coupons_expire(ann):
    hour_ago = timezone.now() - datetime.timedelta(hours=1)
    make.promotion(ends_at=hour_ago)
    make.coupon(expires_at=hour_ago)
    Cart.objects.create(customer=ann, coupon=Coupon.objects.get())
    assert tasks.expire_promotions() == (1, 1)
    assert Cart.objects.get().coupon is None


def test_buyers_are_asked_for_reviews_once(paid_order, ann):
    Customer.objects.update(marketing_opt_in=True)
    services.ship_order(paid_order)
    Shipment.objects.update(status=Shipment.DELIVERED, delivered_at=timezone.now() - LONG_AGO)
    assert tasks.ask_for_reviews() == 1
    assert tasks.ask_for_reviews() == 0


def test_harmless_reviews_are_approved(paid_order, ann):
    services.ship_order(paid_order)
    product = paid_order.lines.first().variant.product
    Review.objects.create(product=product, customer=ann, rating=5)
    Review.objects.create(product=make.product(), customer=ann, rating=1, body="casino")
    assert tasks.moderate_reviews() == 2
    assert set(Review.objects.values_list("status", flat=True)) == {"approved", "rejected"}


def test_stale_tickets_are_closed(ann):
    Ticket.open_for(ann, "Old")
    Ticket.objects.update(status=Ticket.WAITING, updated_at=timezone.now() - LONG_AGO)
    assert tasks.close_stale_tickets() == 1


def test_sold_counts_are_repaired(paid_order):
    Product.objects.update(sold_count=99)
    tasks.recount_sold()
    assert set(Product.objects.values_list("sold_count", flat=True)) == {1}


def test_jobs_do_not_run_twice_at_the_same_time(shop):
    with utils.redis_lock("reorder") as got:
        assert got
        assert tasks.reorder() == []
    with utils.redis_lock("reorder") as got:
        assert got


def test_stock_is_warmed(shop):
    make.variant(sku="W-1", stock=3)
    assert tasks.warm_stock() == 1
    assert utils.get_redis().get("stock:W-1") == b"3"


def test_payments_are_reconciled(paid_order):
    out = StringIO()
    call_command("reconcile_payments", timezone.localdate().isoformat(), stdout=out)
    assert "ours: 1" in out.getvalue()


def test_orders_are_exported(paid_order):
    today = timezone.localdate().isoformat()
    out = StringIO()
    call_command("export_orders", today, today, stdout=out)
    assert paid_order.number in out.getvalue()


def test_paid_orders_ship_by_themselves(ann, settings, django_capture_on_commit_callbacks):
    settings.AUTO_SHIP = True
    with django_capture_on_commit_callbacks(execute=True):
        services.place_order(make.cart(ann, make.variant()), ann.default_address(), token="tok")
    assert Order.objects.get().status == Order.SHIPPED


def hook(client, data, secret=None):
    body = json.dumps(data).encode()
    return client.post(
        reverse("paygate-webhook"),
        body,
        content_type="application/json",
        headers={"X-Signature": utils.sign(body, secret)},
    )


def test_a_chargeback_blocks_the_customer(client, paid_order, ann):
    data = {"type": "chargeback", "charge": Payment.objects.get().gateway_reference, "event_id": 1, "id": "cb"}
    assert hook(client, data).json() == {"status": "ok"}
    ann.refresh_from_db()
    assert ann.is_blocked
    assert Refund.objects.get().amount == Decimal("55.00")
    assert hook(client, data).json() == {"status": "seen"}


def test_a_forged_hook_is_refused(client, db):
    assert hook(client, {}, secret="wrong").status_code == 403


def test_a_charge_that_nobody_knows_is_an_alarm(client, db):
    assert hook(client, {"charge": "ch_x", "event_id": 2}).json() == {"status": "unknown"}
    assert len(mail.outbox) == 1


def test_tracking_is_pushed(client, paid_order, settings):
    (shipment,) = services.ship_order(paid_order)
    data = {"tracking_number": shipment.tracking_number, "code": "delivered"}
    url = reverse("tracking-webhook")
    assert client.post(url, data, content_type="application/json").status_code == 403
    headers = {"X-Broker-Key": settings.PARCEL_WEBHOOK_KEY}
    response = client.post(url, data, content_type="application/json", headers=headers)
    assert response.json() == {"status": "delivered"}
    assert client.get(reverse("track", args=[shipment.tracking_number])).status_code == 200


@pytest.fixture
def api(client, trade):
    key = ApiKey.objects.create(customer=trade, can_order=True)

    def call(path, data=None):
        headers = {"Authorization": "Key " + key.key}
        if data is None:
            return client.get("/api/1/" + path, headers=headers)
        return client.post("/api/1/" + path, data, content_type="application/json", headers=headers)

    return call


def test_the_api_needs_a_key(client, db):
    assert client.get("/api/1/me").status_code == 401


def test_the_api_knows_the_customer(api, trade):
    assert api("me").json()["credit_available"] == "1000.00"
    assert ApiKey.objects.get().last_used_at is not None


def test_the_api_lists_products_with_trade_prices(api):
    variant = make.variant("10.00", sku="API-1")
    variant.price_list.create(tier="trade", price=Decimal("8.00"))
    (product,) = api("products").json()["products"]
    assert product["variants"][0]["price"] == "8.00"
    assert api("stock/API-1").json()["stock"] == 10
    assert api("products/%s" % variant.product.slug).json()["title"] == variant.product.name
    assert api("stock/NONE").status_code == 404


def test_partners_order_and_cancel(api, trade):
    make.variant("50.00", sku="API-1")
    response = api("orders/new", {"lines": [{"sku": "API-1", "quantity": 2}], "reference": "PO 7"})
    assert response.status_code == 201
    number = response.json()["number"]
    assert api("orders/" + number).json()["total"] == "105.00"
    assert len(api("orders").json()["orders"]) == 1
    assert len(api("invoices?open=1").json()["invoices"]) == 1
    assert api("orders/%s/cancel" % number, {}).json()["status"] == "cancelled"
    assert api("orders/%s/cancel" % number, {}).status_code == 409


def test_partners_hear_why_not(api, trade):
    make.variant("900.00", sku="DEAR", stock=5)
    assert api("orders/new", {}).status_code == 400
    assert api("orders/new", {"lines": [{"sku": "NONE"}]}).status_code == 400
    assert api("orders/new", {"lines": [{"sku": "DEAR", "quantity": 9}]}).status_code == 409
    assert api("orders/new", {"lines": [{"sku": "DEAR", "quantity": 2}]}).status_code == 402
    assert not Cart.objects.exists()


def test_partners_that_are_blocked(api, trade):
    trade.block("late")
    assert api("me").status_code == 403


def test_closing_the_day_counts_again(paid_order):
    DailySales.objects.update(orders=50)
    close_day(timezone.localdate().isoformat())
    row = DailySales.objects.get()
    assert (row.orders, row.turnover, row.new_customers, row.is_closed) == (1, Decimal("55.00"), 1, True)


def test_the_dashboard_is_cached_until_an_order_comes(ann, paid_order):
    assert figures.dashboard()["open_orders"] == 1
    Order.objects.update(status=Order.DELIVERED)
    assert figures.dashboard()["open_orders"] == 1
    services.place_order(make.cart(ann, make.variant()), ann.default_address(), token="tok")
    assert figures.dashboard()["open_orders"] == 1
    assert figures.dashboard()["to_ship"] == 1


@pytest.mark.parametrize(
    "name",
    ["sales-by-category", "best-customers", "stock-cover", "open-items", "carriers", "promotions", "returns"],
)
def test_the_sql_reports_run(as_staff, account_order, paid_order, name):
    services.ship_order(paid_order)
    url = reverse("report", args=[name])
    assert as_staff.get(url).status_code == 200
    data = as_staff.get(url, {"format": "json"}).json()
    assert bool(data["rows"]) == (name not in ("promotions", "returns"))
    assert as_staff.get(url, {"format": "csv"})["Content-Type"].startswith("text/csv")


def test_the_dashboard_page(as_staff, paid_order):
    assert paid_order.lines.first().variant.product.name.encode() in as_staff.get(reverse("dashboard")).content


def test_reports_are_mailed(as_staff, paid_order):
    as_staff.post(reverse("save-report", args=["best-customers"]), {"recipients": "a@example.com"})
    assert mail_reports() == 1
    assert mail.outbox[-1].attachments[0][0] == "best-customers.csv"
    assert SavedReport.objects.get().last_sent_at


def test_customers_do_not_see_reports(as_ann):
    assert as_ann.get(reverse("dashboard")).status_code == 302


def test_the_order_desk_finds_anything(as_staff, paid_order):
    services.ship_order(paid_order)
    url = reverse("order-desk")
    for text in (paid_order.number, paid_order.customer.email, Shipment.objects.get().tracking_number):
        assert paid_order.number.encode() in as_staff.get(url, {"q": text}).content
    assert paid_order.number.encode() not in as_staff.get(url, {"q": "nothing"}).content


def test_the_desk_ships_refunds_and_holds(as_staff, paid_order):
    as_staff.post(reverse("desk-hold", args=[paid_order.number]))
    paid_order.refresh_from_db()
    assert paid_order.status == Order.ON_HOLD
    as_staff.post(reverse("desk-hold", args=[paid_order.number]))
    as_staff.post(reverse("desk-ship", args=[paid_order.number]))
    as_staff.post(reverse("desk-refund", args=[paid_order.number]), {"amount": "5", "reason": "late"})
    paid_order.refresh_from_db()
    assert (paid_order.status, paid_order.refunded_amount) == (Order.SHIPPED, Decimal("5.00"))


def test_the_invoice_desk_settles(as_staff, account_order):
    invoice = account_order.invoice
    assert invoice.number.encode() in as_staff.get(reverse("invoice-desk")).content
    as_staff.post(reverse("invoice-desk"), {"number": invoice.number, "amount": str(invoice.total)})
    invoice.refresh_from_db()
    assert invoice.status == Invoice.PAID


def test_prices_and_promotions_at_the_desk(as_staff):
    variant = make.variant("10.00")
    as_staff.post(reverse("price-desk"), {"category": variant.product.category.pk, "percent": "-50"})
    variant.refresh_from_db()
    assert variant.price == Decimal("5.00")
    promotion = make.promotion()
    response = as_staff.post(reverse("promotion-codes", args=[promotion.pk]), {"count": 3, "prefix": "a-"})
    assert len(response.content.splitlines()) == 4
    assert as_staff.get(reverse("promotion-desk")).status_code == 200
    assert as_staff.get(reverse("price-desk")).status_code == 200


def test_everything_again(as_ann, ann, paid_order):
    as_ann.post(reverse("order-again", args=[paid_order.number]))
    assert Cart.objects.get(status=Cart.OPEN).lines.count() == 2
    assert as_ann.get(reverse("orders"), {"status": "paid"}).status_code == 200


def test_health(client, db):
    assert client.get(reverse("health")).json() == {"ok": True, "problems": []}


@pytest.mark.django_db
def test_the_admin_pages_open(client, paid_order):
    client.force_login(make.user("root@example.com", is_staff=True, is_superuser=True))
    for model in ("order", "customer", "product", "variant", "stockitem", "payment", "ticket", "review"):
        assert client.get("/admin/store/%s/" % model).status_code == 200
    response = client.post(
        "/admin/store/order/", {"action": "cancel", "_selected_action": [paid_order.pk]}
    )
    assert response.status_code == 302
    paid_order.refresh_from_db()
    assert paid_order.status == Order.CANCELLED
