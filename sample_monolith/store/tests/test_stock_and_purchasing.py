from decimal import Decimal
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from store import services
from store.models import (
    OutOfStock,
    Product,
    PurchaseOrder,
    PurchaseOrderLine,
    StockItem,
    Ticket,
    TicketMessage,
    Variant,
    WrongState,
)
from store.tests import factories as make


@pytest.fixture
def low(shop):
    variant = make.variant(stock=2)
    StockItem.objects.filter(variant=variant).update(reorder_level=5, reorder_quantity=20)
    make.supplier(brands="hawthorn")
    return variant


def test_low_stock_is_ordered_once(low):
    (order,) = services.suggest_purchase_orders()
    assert order.lines.get().quantity == 20
    assert services.suggest_purchase_orders() == []


def test_a_purchase_order_is_mailed(low):
    (order,) = services.suggest_purchase_orders()
    order.send()
    assert order.expected_on is not None
    assert order.number in mail.outbox[-1].subject
    with pytest.raises(WrongState):
        order.send()


def test_small_purchase_orders_are_not_sent(low):
    (order,) = services.suggest_purchase_orders()
    order.supplier.minimum_order = Decimal("1000")
    with pytest.raises(WrongState, match="minimum"):
        order.send()


def test_receiving_goods_changes_stock_and_cost(low):
    (order,) = services.suggest_purchase_orders()
    order.send()
    line = order.lines.get()
    line.unit_cost = Decimal("6.20")
    line.save()
    order = services.receive_purchase_order(order, {line.pk: 20})
    low.refresh_from_db()
    assert order.status == PurchaseOrder.RECEIVED
    assert low.stock.get().on_hand == 22
    assert low.cost_price == Decimal("6.00")


def test_a_partial_delivery_stays_open(low):
    (order,) = services.suggest_purchase_orders()
    order.send()
    order = services.receive_purchase_order(order, {order.lines.get().pk: 5})
    assert order.status == PurchaseOrder.SENT
    assert order.lines.get().outstanding == 15


def test_customers_who_wait_are_noted(low, ann):
    ticket = Ticket.open_for(ann, "When is %s back?" % low.sku)
    Ticket.objects.update(status=Ticket.WAITING)
    (order,) = services.suggest_purchase_orders()
    order.send()
    services.receive_purchase_order(order, {order.lines.get().pk: 20})
    assert TicketMessage.objects.get(ticket=ticket).is_internal


def test_stock_moves_between_warehouses(shop):
    variant = make.variant(stock=5)
    manchester = make.warehouse("MAN", priority=2)
    services.transfer_stock(variant, make.warehouse(), manchester, 3)
    assert dict(variant.stock.values_list("warehouse__code", "on_hand")) == {"LON": 2, "MAN": 3}
    with pytest.raises(OutOfStock):
        services.transfer_stock(variant, make.warehouse(), manchester, 3)


def test_counting(as_staff):
    item = make.variant(stock=5).stock.get()
    response = as_staff.post(reverse("stock-count", args=[item.pk]), {"counted": 4})
    assert response.json() == {"on_hand": 4, "available": 4}
    assert item.movements.get().quantity == -1


def test_the_stock_pages(as_staff, low):
    assert low.sku.encode() in as_staff.get(reverse("stock-desk"), {"low": 1, "warehouse": "LON"}).content
    assert as_staff.get(reverse("stock-history", args=[low.sku])).status_code == 200


def test_the_transfer_page_refuses_too_much(as_staff):
    variant = make.variant(stock=1)
    make.warehouse("MAN")
    data = {"sku": variant.sku, "source": "LON", "target": "MAN", "quantity": 2}
    assert as_staff.post(reverse("stock-transfer"), data).status_code == 400


def test_the_purchasing_pages(as_staff, low):
    as_staff.post(reverse("purchase-orders"))
    order = PurchaseOrder.objects.get()
    url = reverse("purchase-order", args=[order.number])
    as_staff.post(url, {"action": "add", "sku": make.variant().sku, "quantity": 3, "unit_cost": "2.00"})
    as_staff.post(url, {"action": "send"})
    line = PurchaseOrderLine.objects.get(variant=low)
    as_staff.post(url, {"action": "receive", "received-%d" % line.pk: 20})
    assert as_staff.get(url).status_code == 200
    assert as_staff.get(reverse("purchase-orders")).status_code == 200
    assert low.stock.get().on_hand == 22


def test_rebuild_stock_finds_and_fixes(paid_order):
    StockItem.objects.update(reserved=7)
    out = StringIO()
    call_command("rebuild_stock", stdout=out)
    assert "2 wrong" in out.getvalue()
    call_command("rebuild_stock", "--fix", stdout=StringIO())
    assert set(StockItem.objects.values_list("reserved", flat=True)) == {1}


SHEET = """category,brand,name,sku,variant,price,cost,weight,stock,trade_price
Kitchen,Oxbow,Skillet,skl_24,24 cm,39.90,20,1800,12,31.90
Kitchen,Oxbow,Skillet,skl_28,28 cm,49.90,25,2400,8,
"""


def test_products_are_imported(shop, tmp_path):
    sheet = tmp_path / "products.csv"
    sheet.write_text(SHEET)
    out = StringIO()
    call_command("import_products", str(sheet), stdout=out)
    assert "2 created, 0 updated" in out.getvalue()
    variant = Variant.objects.get(sku="SKL-24")
    assert (variant.available(), variant.price_list.get().price) == (12, Decimal("31.90"))
    assert Product.objects.get().brand.name == "Oxbow"
    call_command("import_products", str(sheet), stdout=out)
    assert "0 created, 2 updated" in out.getvalue()


def test_a_dry_run_imports_nothing(shop, tmp_path):
    sheet = tmp_path / "products.csv"
    sheet.write_text(SHEET)
    call_command("import_products", str(sheet), "--dry-run", stdout=StringIO())
    assert not Product.objects.exists()


def test_a_bad_line_is_named(shop, tmp_path):
    sheet = tmp_path / "products.csv"
    sheet.write_text(SHEET.replace("49.90", "cheap"))
    with pytest.raises(CommandError, match="line 3"):
        call_command("import_products", str(sheet), stdout=StringIO())
