import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from store import services, utils
from store.models import (
    Cart,
    CartLine,
    CouponNotValid,
    OutOfStock,
    PriceListEntry,
    Product,
    Promotion,
    StockItem,
    StoreError,
    WrongState,
)
from store.tests import factories as make


def test_trade_customers_have_their_own_prices(trade, ann):
    variant = make.variant("10.00")
    PriceListEntry.objects.create(variant=variant, tier="trade", price=Decimal("8.00"))
    PriceListEntry.objects.create(variant=variant, tier="trade", min_quantity=10, price=Decimal("7.00"))
    assert variant.price_for(ann) == Decimal("10.00")
    assert variant.price_for(trade) == Decimal("8.00")
    assert variant.price_for(trade, 10) == Decimal("7.00")


def test_an_old_price_list_does_not_count(trade):
    variant = make.variant("10.00")
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    PriceListEntry.objects.create(variant=variant, tier="trade", price=Decimal("1.00"), valid_to=yesterday)
    assert variant.price_for(trade) == Decimal("10.00")


def test_the_cart_adds_up(ann):
    cart = make.cart(ann, make.variant("10.00"), make.variant("2.50"), quantity=2)
    assert cart.subtotal == Decimal("25.00")
    assert (cart.item_count, cart.weight) == (4, 2000)


def test_the_cart_knows_the_stock(ann):
    with pytest.raises(OutOfStock):
        make.cart(ann, make.variant(stock=1), quantity=2)


def test_withdrawn_products_leave_the_carts(ann):
    variant = make.variant()
    make.cart(ann, variant)
    variant.product.withdraw()
    assert not CartLine.objects.exists()


def test_withdrawing_in_the_admin_empties_carts_too(ann):
    variant = make.variant()
    make.cart(ann, variant)
    product = variant.product
    product.status = Product.WITHDRAWN
    product.save()
    assert not CartLine.objects.exists()


def test_products_that_are_not_published_are_not_sold(ann):
    variant = make.variant(of=make.product(status=Product.DRAFT))
    with pytest.raises(StoreError, match="not for sale"):
        make.cart(ann, variant)


def test_publishing_needs_a_variant(db):
    product = make.product(status=Product.DRAFT)
    with pytest.raises(WrongState):
        product.publish()
    product.status = Product.PUBLISHED
    with pytest.raises(ValidationError):
        product.clean()


def test_the_best_automatic_promotion_wins(ann):
    make.promotion(value="5", needs_coupon=False)
    make.promotion(kind=Promotion.AMOUNT, value="20", needs_coupon=False)
    cart = make.cart(ann, make.variant("100.00"))
    assert cart.discount() == Decimal("20.00")


def test_a_promotion_of_a_category_counts_its_products_only(ann):
    garden = make.category("Garden")
    tools = make.category("Tools", parent=garden)
    promotion = make.promotion(value="50", needs_coupon=False)
    promotion.categories.add(garden)
    cart = make.cart(ann, make.variant("10.00"), make.variant("30.00", of=make.product(category=tools)))
    assert cart.discount() == Decimal("15.00")


def test_a_promotion_stops_when_its_budget_is_spent(ann):
    make.promotion(needs_coupon=False, budget=Decimal("5"), spent=Decimal("5"))
    assert make.cart(ann, make.variant("100.00")).discount() == 0


def test_free_shipping_by_coupon(ann):
    make.coupon("FREE", promotion=make.promotion(kind=Promotion.FREE_SHIPPING, value="0"))
    cart = make.cart(ann, make.variant())
    services.apply_coupon(cart, "free")
    assert services.place_order(cart, ann.default_address(), token="tok").shipping_cost == 0


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"is_active": False}, "not valid"),
        ({"max_uses": 1, "used_count": 1}, "used up"),
        ({"expires_at": timezone.now() - datetime.timedelta(days=1)}, "expired"),
    ],
)
def test_coupons_that_are_over(ann, extra, message):
    make.coupon(**extra)
    with pytest.raises(CouponNotValid, match=message):
        services.apply_coupon(make.cart(ann, make.variant()), "TEN")


def test_a_coupon_is_used_once_by_each_customer(ann):
    make.coupon()
    for _ in range(2):
        cart = make.cart(ann, make.variant("50.00"))
        if cart.customer.orders.exists():
            with pytest.raises(CouponNotValid, match="already"):
                services.apply_coupon(cart, "TEN")
        else:
            services.apply_coupon(cart, "TEN")
            services.place_order(cart, ann.default_address(), token="tok")


def test_single_use_codes_are_different(db):
    coupons = services.issue_coupons(make.promotion(), 20, prefix="MAIL-")
    assert len({coupon.code for coupon in coupons}) == 20


def test_the_shop_window(client, shop):
    variant = make.variant(sku="PAN-1")
    product = variant.product
    assert product.name.encode() in client.get(reverse("home")).content
    assert product.name.encode() in client.get(product.category.get_absolute_url()).content
    assert b"10 in stock" in client.get(product.get_absolute_url()).content


def test_drafts_are_hidden(client, shop):
    product = make.product(status=Product.DRAFT)
    assert client.get(product.get_absolute_url()).status_code == 404


def test_search_finds_names_and_skus(client, shop):
    variant = make.variant(sku="WOK-9", of=make.product("Carbon wok"))
    assert b"Carbon wok" in client.get(reverse("search"), {"q": "carbon"}).content
    response = client.get(reverse("search"), {"q": "wok 9"})
    assert response["Location"] == variant.product.get_absolute_url()
    assert client.get(reverse("suggest"), {"q": "carb"}).json()["suggestions"][0]["name"] == "Carbon wok"


def test_search_is_rate_limited(client, shop):
    codes = [client.get(reverse("search"), {"q": "x"}).status_code for _ in range(61)]
    assert codes[-1] == 429


def test_the_category_page_sorts_and_filters(client, shop):
    cheap, dear = make.variant("5.00"), make.variant("50.00")
    url = cheap.product.category.get_absolute_url()
    content = client.get(url, {"sort": "price", "stock": "1", "brand": "hawthorn"}).content.decode()
    assert content.index(cheap.product.name) < content.index(dear.product.name)


def test_an_anonymous_cart_survives_the_sign_in(client, ann):
    variant = make.variant(sku="POT-1")
    client.post(reverse("cart-add"), {"sku": "POT-1", "quantity": 2})
    assert client.get(reverse("cart-json")).json()["items"] == 2
    client.post(reverse("sign-in"), {"username": ann.email, "password": "secret-words"})
    cart = Cart.objects.get(customer=ann)
    assert [(l.variant, l.quantity) for l in cart.lines.all()] == [(variant, 2)]


def test_cart_lines_change_and_go(as_ann, ann):
    cart = make.cart(ann, make.variant())
    line = cart.lines.get()
    as_ann.post(reverse("cart-update", args=[line.pk]), {"quantity": 3})
    assert cart.item_count == 3
    as_ann.post(reverse("cart-update", args=[line.pk]), {"quantity": 0})
    assert cart.item_count == 0


def test_the_cart_page_says_that_prices_have_changed(as_ann, ann):
    variant = make.variant("10.00")
    make.cart(ann, variant)
    variant.price = Decimal("11.00")
    variant.save()
    assert b"1 prices have changed" in as_ann.get(reverse("cart")).content


def test_shipping_quotes(as_ann, ann):
    make.cart(ann, make.variant())
    quotes = as_ann.get(reverse("shipping-quotes"), {"country": "GB"}).json()["quotes"]
    assert [quote["cost"] for quote in quotes] == ["5.00"]


def test_bought_together(ann):
    first, second = make.variant(), make.variant()
    services.place_order(make.cart(ann, first, second), ann.default_address(), token="tok")
    assert list(first.product.bought_with()) == [second.product]


def test_available_stock_is_cached_until_it_moves(shop):
    variant = make.variant(stock=4)
    assert variant.available() == 4
    StockItem.objects.filter(variant=variant).update(on_hand=9)
    assert variant.available() == 4
    StockItem.objects.get(variant=variant).receive(1)
    assert variant.available() == 10


def test_recently_viewed_products(as_ann, ann):
    products = [make.variant().product for _ in range(3)]
    for product in products:
        as_ann.get(product.get_absolute_url())
    assert utils.recently_viewed(ann) == products[::-1]


def test_prices_of_a_category_change_together(shop):
    variant = make.variant("10.00", of=make.product(category=make.category("Tools", make.category("Garden"))))
    other = make.variant("10.00")
    assert services.change_prices(make.category("Garden"), "10") == 1
    variant.refresh_from_db()
    other.refresh_from_db()
    assert (variant.price, other.price) == (Decimal("11.00"), Decimal("10.00"))


def test_the_feed_lists_what_is_published(client, shop):
    make.variant(sku="A-1", stock=3)
    make.variant(sku="B-1", of=make.product(status=Product.DRAFT))
    rows = client.get(reverse("feed")).content.decode().splitlines()
    assert [row.split(",")[2] for row in rows] == ["sku", "A-1"]
    assert rows[1].endswith(",3")
