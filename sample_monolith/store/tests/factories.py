"""What the tests need, made in one line each."""
import itertools
from decimal import Decimal

from django.contrib.auth import get_user_model

from store.models import (
    Address,
    Brand,
    Carrier,
    Cart,
    Category,
    Coupon,
    Customer,
    Product,
    Promotion,
    ShippingRate,
    StockItem,
    Supplier,
    Variant,
    Warehouse,
)

numbers = itertools.count(1)


def user(email=None, **extra):
    email = email or "user%d@example.com" % next(numbers)
    return get_user_model().objects.create_user(email, email, "secret-words", **extra)


def staff():
    return user("staff%d@example.com" % next(numbers), is_staff=True)


def customer(tier="retail", credit="0", with_address=True, **extra):
    account = user()
    made = Customer.objects.create(
        user=account,
        email=account.email,
        first_name="Ann",
        last_name="Example",
        tier=tier,
        credit_limit=Decimal(credit),
        **extra,
    )
    if with_address:
        address(made)
    return made


def address(owner, **extra):
    defaults = {"line1": "1 Street", "city": "Leeds", "postcode": "ls1 1aa", "is_default_shipping": True}
    return Address.objects.create(customer=owner, **dict(defaults, **extra))


def warehouse(code="LON", priority=1, **extra):
    return Warehouse.objects.get_or_create(
        code=code, defaults=dict(extra, name=code.title(), priority=priority)
    )[0]


def category(name="Kitchen", parent=None):
    return Category.objects.get_or_create(slug=name.lower(), defaults={"name": name, "parent": parent})[0]


def brand(name="Hawthorn"):
    return Brand.objects.get_or_create(slug=name.lower(), defaults={"name": name})[0]


def product(name=None, **extra):
    number = next(numbers)
    name = name or "Product %d" % number
    extra.setdefault("category", category())
    extra.setdefault("brand", brand())
    extra.setdefault("status", Product.PUBLISHED)
    return Product.objects.create(name=name, slug="product-%d" % number, **extra)


def variant(price="10.00", stock=10, sku=None, of=None, where=None, **extra):
    number = next(numbers)
    made = Variant.objects.create(
        product=of or product(),
        sku=sku or "SKU-%d" % number,
        price=Decimal(price),
        cost_price=Decimal("4.00"),
        weight_grams=500,
        **extra,
    )
    if stock is not None:
        StockItem.objects.create(variant=made, warehouse=where or warehouse(), on_hand=stock)
    return made


def rate(country="GB", price="5.00", free_over=None):
    carrier, _ = Carrier.objects.get_or_create(code="rml", defaults={"name": "Royal Parcel"})
    return ShippingRate.objects.create(
        carrier=carrier,
        country=country,
        max_weight_grams=20000,
        price=Decimal(price),
        free_over=free_over and Decimal(free_over),
    )


def promotion(kind=Promotion.PERCENT, value="10", **extra):
    return Promotion.objects.create(
        name="Promotion %d" % next(numbers), kind=kind, value=Decimal(value), **extra
    )


def coupon(code="TEN", **extra):
    return Coupon.objects.create(promotion=extra.pop("promotion", None) or promotion(), code=code, **extra)


def cart(owner, *variants, quantity=1):
    made = Cart.objects.create(customer=owner)
    for one in variants:
        made.add(one, quantity)
    return made


def supplier(**extra):
    return Supplier.objects.create(name="Supplier %d" % next(numbers), email="s@example.com", **extra)
