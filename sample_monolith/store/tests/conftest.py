import pytest
from django.core.cache import cache

from store import services, utils
from store.models import Order
from store.tests import factories as make


@pytest.fixture(autouse=True)
def clean_caches():
    cache.clear()
    utils.get_redis().flushall()


@pytest.fixture
def shop(db):
    make.rate()
    make.warehouse()


@pytest.fixture
def ann(shop):
    return make.customer()


@pytest.fixture
def trade(shop):
    return make.customer(tier="trade", credit="1000")


@pytest.fixture
def paid_order(ann):
    cart = make.cart(ann, make.variant("20.00"), make.variant("30.00"))
    return services.place_order(cart, ann.default_address(), token="tok_visa")


@pytest.fixture
def account_order(trade):
    cart = make.cart(trade, make.variant("100.00"), quantity=2)
    return services.place_order(cart, trade.default_address(), method=Order.ACCOUNT)


@pytest.fixture
def as_ann(client, ann):
    client.force_login(ann.user)
    return client


@pytest.fixture
def as_staff(client, shop):
    client.force_login(make.staff())
    return client
