"""A small Django shop as text: three apps, a transaction across them, and names that bite."""

import io
import zipfile
from pathlib import Path

SECRET = "kq7-Vw2_x9Zp4Lt8"

FILES = {
    "shop/__init__.py": "",
    "shop/settings.py": (
        'INSTALLED_APPS = ["customers", "orders", "stock"]\nROOT_URLCONF = "shop.urls"\n'
        f'SECRET_KEY = "{SECRET}"\n'
    ),
    "shop/urls.py": (
        "from django.urls import path\n\nfrom orders import views\n\n"
        'urlpatterns = [path("orders/", views.place_order)]\n'
    ),
    "customers/__init__.py": "",
    "customers/models.py": (
        "from django.db import models\n\n\n"
        "class Customer(models.Model):\n"
        "    name = models.CharField(max_length=100)\n"
        "    credit = models.DecimalField(max_digits=9, decimal_places=2)\n"
    ),
    "stock/__init__.py": "",
    "stock/models.py": (
        "from django.db import models\n\n\n"
        "class Article(models.Model):\n"
        "    title = models.CharField(max_length=100)\n"
        "    left = models.IntegerField()\n"
    ),
    "orders/__init__.py": "",
    "orders/models.py": (
        "from django.db import models\n\n\n"
        "class Order(models.Model):\n"
        '    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE)\n'
        "    placed_at = models.DateTimeField(auto_now_add=True)\n\n\n"
        "class Line(models.Model):\n"
        "    order = models.ForeignKey(Order, on_delete=models.CASCADE)\n"
        '    article = models.ForeignKey("stock.Article", on_delete=models.PROTECT)\n'
        "    amount = models.IntegerField()\n"
    ),
    "orders/views.py": (
        "from django.db import transaction\n"
        "from django.http import HttpResponse\n\n"
        "from customers.models import Customer\n"
        "from orders.models import Line, Order\n"
        "from stock.models import Article\n\n\n"
        "def place_order(request):\n"
        "    # <script>alert('source')</script>\n"
        "    with transaction.atomic():\n"
        "        customer = Customer.objects.select_for_update().get(pk=1)\n"
        "        article = Article.objects.get(pk=2)\n"
        "        order = Order.objects.create(customer=customer)\n"
        "        Line.objects.create(order=order, article=article, amount=1)\n"
        "        article.left -= 1\n"
        "        article.save()\n"
        "        customer.save()\n"
        '    return HttpResponse("ok")\n'
    ),
    "broken.py": "def <script>alert('name')</script>(:\n",
}


def write(folder: Path) -> Path:
    """Write the shop below the folder."""
    for path, text in FILES.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


def zipped(more: dict[str, str] | None = None) -> bytes:
    """The shop as a zip archive, with more files if given."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in {**FILES, **(more or {})}.items():
            archive.writestr(path, text)
    return content.getvalue()


def large(modules: int) -> dict[str, str]:
    """More modules for the shop, so that an analysis takes a while."""
    functions = "\n\n\n".join(
        f"def step_{number}(order):\n"
        f"    found = Order.objects.filter(customer__name='x{number}').count()\n"
        f"    return found + (step_{number - 1}(order) if {number} else 0)"
        for number in range(12)
    )
    text = f"from orders.models import Order\n\n\n{functions}\n"
    return {f"legacy/part_{n}.py": text.replace("x", f"part {n} ") for n in range(modules)}
