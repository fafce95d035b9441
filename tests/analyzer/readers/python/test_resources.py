"""Locks, shared resources, and what leaves."""

import pytest

from analyzer.readers.python.locks import Locks
from analyzer.readers.python.outbound import Outbound, host_pattern
from analyzer.readers.python.resources import Resources
from tests.fakes.python_facts import said


def test_cache_and_redis_keys_are_patterns() -> None:
    assert said(
        Resources(),
        """
### shop/caching.py
import redis
from django.core.cache import cache, caches
from django_redis import get_redis_connection
PREFIX = "price"
client = redis.Redis(host="x")
def key(product):
    return f"stock:{product.pk}"
def go(product):
    cache.get(f"{PREFIX}:{product.pk}")
    cache.set("rates", 1, 60)
    cache.get_or_set("menu", list)
    caches["slow"].delete("report:%s" % product.pk)
    cache.get(key(product))
    cache.get_many(["a", "b"])
    client.hset("orders:open", "x", 1)
    connection = get_redis_connection("default")
    connection.lpush(product.queue, 1)
    {}.get("nothing")
    product.set("nothing")
class Basket:
    def __init__(self):
        self.redis = redis.StrictRedis()
    def add(self):
        self.redis.incr("baskets")
""",
    ) == [
        "shop.caching:Basket writes redis baskets @shop/caching.py:24",
        "shop.caching:go reads cache a @shop/caching.py:14",
        "shop.caching:go reads cache b @shop/caching.py:14",
        "shop.caching:go reads cache menu @shop/caching.py:11",
        "shop.caching:go reads cache price:* @shop/caching.py:9",
        "shop.caching:go reads cache stock:* @shop/caching.py:13",
        "shop.caching:go writes cache menu @shop/caching.py:11",
        "shop.caching:go writes cache rates @shop/caching.py:10",
        "shop.caching:go writes cache report:* @shop/caching.py:12",
        "shop.caching:go writes redis * @shop/caching.py:17",
        "shop.caching:go writes redis orders:open @shop/caching.py:15",
    ]


def test_files_searches_and_queues_are_resources() -> None:
    assert said(
        Resources(),
        """
### shop/files.py
import boto3
from django.core.files.storage import default_storage
from haystack import indexes
def go(order, connection):
    default_storage.save(f"invoices/{order.pk}.pdf", b"")
    open("/var/spool/export.csv", "w")
    open(order.path)
    boto3.client("s3").put_object(Bucket="shop-media", Key=f"img/{order.pk}")
class OrderIndex(indexes.SearchIndex, indexes.Indexable):
    text = 1
""",
    ) == [
        "shop.files:OrderIndex writes search OrderIndex @shop/files.py:9",
        "shop.files:go writes file /var/spool/export.csv @shop/files.py:6",
        "shop.files:go writes file invoices/*.pdf @shop/files.py:5",
        "shop.files:go writes file s3://shop-media/img/* @shop/files.py:8",
    ]


def test_locks_of_classes_and_instances_are_taken_by_methods() -> None:
    assert said(
        Locks(),
        """
### shop/cache.py
import asyncio
from dataclasses import dataclass, field
from threading import Lock as L, RLock
mutex = L()
class Cache:
    shared = RLock()
    def __init__(self):
        self._lock: L = L()
        self.name = str()
    def put(self, key):
        with self._lock, mutex:
            return self.name
    @classmethod
    def clear(cls):
        cls.shared.acquire()
        Cache.shared.release()
        cls.shared.release()
class Prices(Cache):
    def refresh(self):
        return self._lock.acquire(timeout=3)
@dataclass
class Job:
    gate: asyncio.Semaphore = field(default_factory=asyncio.Semaphore)
    async def run(self):
        async with self.gate:
            pass
""",
    ) == [
        "shop.cache:Cache locks thread shop.cache.Cache._lock @shop/cache.py:11",
        "shop.cache:Cache locks thread shop.cache.Cache.shared @shop/cache.py:15",
        "shop.cache:Cache locks thread shop.cache.mutex @shop/cache.py:11",
        "shop.cache:Job locks thread shop.cache.Job.gate @shop/cache.py:25",
        "shop.cache:Prices locks thread shop.cache.Cache._lock @shop/cache.py:20",
    ]


def test_locks_of_every_kind() -> None:
    assert said(
        Locks(),
        """
### shop/locks.py
import fcntl
import threading
import redis
from django.core.cache import cache
from django_pglocks import advisory_lock
from filelock import FileLock
numbers = threading.Lock()
client = redis.Redis()
def go(order, handle):
    with client.lock(f"order:{order.pk}", timeout=5):
        pass
    client.set("import", 1, nx=True, ex=60)
    client.set("plain", 1)
    cache.add("nightly-lock", 1)
    cache.add("nightly", 1)
    with FileLock("/tmp/export.lock"), advisory_lock("invoices"):
        fcntl.flock(handle, fcntl.LOCK_EX)
        fcntl.flock(handle, fcntl.LOCK_UN)
    with numbers:
        pass
### shop/other.py
from shop import locks
def number():
    locks.numbers.acquire()
    locks.numbers.release()
""",
    ) == [
        "shop.locks:go locks advisory invoices @shop/locks.py:16",
        "shop.locks:go locks cache nightly-lock @shop/locks.py:14",
        "shop.locks:go locks file * @shop/locks.py:17",
        "shop.locks:go locks file /tmp/export.lock @shop/locks.py:16",
        "shop.locks:go locks redis import @shop/locks.py:12",
        "shop.locks:go locks redis order:* @shop/locks.py:10",
        "shop.locks:go locks thread shop.locks.numbers @shop/locks.py:19",
        "shop.other:number locks thread shop.locks.numbers @shop/other.py:3",
    ]


def test_what_leaves_over_http_mail_and_queues() -> None:
    assert said(
        Outbound(),
        """
### shop/out.py
import boto3
import pika
import requests
import stripe
from django.core import mail
from django.core.mail import EmailMessage, send_mail
from httpx import Client
BASE = "https://user:word@api.pay.example/v1"
session = requests.Session()
def go(order, user):
    requests.post(f"{BASE}/charges/{order.pk}?key={user.key}", json={})
    session.request("GET", order.url).headers.get("Last-Modified")
    Client(base_url="https://ship.example/").get("/rates")
    stripe.Charge.create(amount=1)
    send_mail("a", "b", "c", ["d"])
    message = EmailMessage("a")
    message.send()
    user.email_user("a", "b")
    boto3.client("sqs").send_message(QueueUrl="https://sqs/orders", MessageBody="x")
    user.get("https://nowhere.example")
class Bus:
    def __init__(self):
        self.channel = pika.BlockingConnection().channel()
    def tell(self):
        self.channel.basic_publish(exchange="", routing_key="orders.paid", body="")
""",
    ) == [
        "shop.out:Bus sends queue orders.paid to None @shop/out.py:25",
        "shop.out:Bus writes queue orders.paid @shop/out.py:25",
        "shop.out:go sends http * to None @shop/out.py:12",
        "shop.out:go sends http https://api.pay.example/v1/charges/* to None @shop/out.py:11",
        "shop.out:go sends http https://ship.example/rates to None @shop/out.py:13",
        "shop.out:go sends http stripe to None @shop/out.py:14",
        "shop.out:go sends mail mail to None @shop/out.py:15",
        "shop.out:go sends mail mail to None @shop/out.py:17",
        "shop.out:go sends mail mail to None @shop/out.py:18",
        "shop.out:go sends queue https://sqs/orders to None @shop/out.py:19",
        "shop.out:go writes queue https://sqs/orders @shop/out.py:19",
    ]


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("https://user:word@h.example/a?b=c", "https://h.example/a"),
        ("*", "*"),
        ("https://*/a", "*"),
        ("https://*.example/**", "https://*.example/*"),
        ("//x:y@z", "*"),
    ],
)
def test_a_host_pattern_carries_no_credentials(url: str, pattern: str) -> None:
    assert host_pattern(url) == pattern


def test_what_a_function_only_passes_on_is_named_by_its_callers() -> None:
    picture = """
### shop/keys.py
import contextlib
import urllib.request
from django.conf import settings
_client = None
def client():
    global _client
    if _client is None:
        import redis
        _client = redis.Redis.from_url(settings.REDIS_URL)
    return _client
@contextlib.contextmanager
def locked(name):
    key = "lock:%s" % name
    yield client().set(key, 1, nx=True, ex=60)
def forget(skus):
    keys = [f"stock:{sku}" for sku in skus]
    client().delete(*keys)
def post(url):
    urllib.request.urlopen(url)
### shop/views.py
from django.conf import settings
from shop import keys
def checkout(request, cart):
    with keys.locked("checkout:%d" % cart.pk):
        keys.post(settings.PAY_URL + "/charges")
def other(request):
    keys.locked(request)
"""

    assert said(Locks(), picture) == [
        "shop.keys:locked locks redis lock:* @shop/keys.py:14",
        "shop.views:checkout locks redis lock:checkout:* @shop/views.py:4",
        "shop.views:other locks redis lock:* @shop/views.py:7",
    ]
    assert [line for line in said(Outbound(), picture) if "http" in line] == [
        "shop.keys:post sends http * to None @shop/keys.py:19",
        "shop.views:checkout sends http {PAY_URL}/charges to None @shop/views.py:5",
    ]
    assert "shop.keys:forget writes redis stock:* @shop/keys.py:17" in said(Resources(), picture)
