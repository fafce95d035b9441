"""A small project on disk, with two capabilities and one transaction over both."""

from pathlib import Path

FILES = {
    "shop/__init__.py": "",
    "shop/settings.py": 'INSTALLED_APPS = ["shop.orders", "shop.stock"]\n',
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": """
from django.db import models

class Order(models.Model):
    status = models.CharField(max_length=10)
    item = models.ForeignKey("stock.Item", on_delete=models.PROTECT)

class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
""",
    "shop/orders/views.py": """
from django.db import transaction
from shop.orders.models import Order, OrderLine
from shop.stock.models import Item

def place_order(request):
    with transaction.atomic():
        item = Item.objects.select_for_update().get(pk=1)
        item.count -= 1
        item.save()
        order = Order.objects.create(status="new", item=item)
        OrderLine.objects.create(order=order)

def list_orders(request):
    return Order.objects.filter(item__name="x")
""",
    "shop/stock/__init__.py": "",
    "shop/stock/models.py": """
from django.db import models

class Item(models.Model):
    name = models.CharField(max_length=10)
    count = models.IntegerField()

class Shelf(models.Model):
    item = models.ForeignKey(Item, on_delete=models.CASCADE)
""",
    "shop/stock/views.py": """
from shop.stock.models import Item, Shelf

def restock(request):
    Item.objects.filter(pk=1).update(count=10)
    Shelf.objects.create(item_id=1)

def list_items(request):
    return Item.objects.all(), Shelf.objects.all()
""",
}


# Where its two capabilities meet is no question for anybody; tests are not about finding that out.
TOGETHER = {
    "sales": [
        "shop.orders.models:Order",
        "shop.orders.models:OrderLine",
        "shop.orders.views:place_order",
        "shop.orders.views:list_orders",
        "orders_order",
    ],
    "stock": [
        "shop.stock.models:Item",
        "shop.stock.models:Shelf",
        "shop.stock.views:restock",
        "shop.stock.views:list_items",
        "stock_item",
    ],
}
PINS = tuple((node, service) for service, nodes in TOGETHER.items() for node in nodes)
DECISIONS = "".join(
    f'[[constraints]]\nkind = "pin"\nnode = "{node}"\nservice = "{service}"\n'
    for node, service in PINS
)


def small_project(folder: Path, *, more: dict[str, str] | None = None) -> Path:
    """Write the project below a folder; `more` adds or replaces files."""
    for path, text in {**FILES, **(more or {})}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
