"""Shared resources that are no tables: cache and Redis keys, files, search indexes, queues."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from analyzer.facts.configuration import ResourceUse
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.callers import names_from_callers
from analyzer.readers.python.makers import Maker, maker_of, pattern_of, receiver_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Variable

Kind = Literal["cache", "redis", "file", "search", "queue"]
Mode = Literal["read", "write"]
LONGEST_NAME = 200

CACHE_OBJECTS = ("django.core.cache.", "flask_caching.Cache", "aiocache.", "cachelib.")
CACHE_READS = frozenset({"get", "get_many", "has_key", "aget", "get_dict", "ttl", "keys"})
CACHE_WRITES = frozenset(
    {"set", "add", "delete", "set_many", "delete_many", "incr", "decr", "touch", "aset", "adelete"}
    | {"delete_pattern", "expire", "persist", "aadd"}
)
CACHE_BOTH = frozenset({"get_or_set", "aget_or_set"})

REDIS_OBJECTS = ("redis.", "aioredis.", "django_redis.get_redis_connection", "fakeredis.")
_REDIS_READS = """
    get mget hget hmget hgetall hkeys hvals hlen hexists lrange llen lindex smembers
    sismember scard srandmember zrange zrevrange zrangebyscore zrevrangebyscore zscore zcard
    zcount zrank exists ttl pttl keys scan scan_iter sscan_iter hscan_iter zscan_iter strlen
    getrange bitcount pfcount xrange xread xlen type subscribe psubscribe
"""
REDIS_READS = frozenset(_REDIS_READS.split())
_REDIS_WRITES = """
    set setex psetex setnx mset getset append incr incrby incrbyfloat decr decrby delete
    unlink expire expireat pexpire persist rename hset hsetnx hmset hdel hincrby
    hincrbyfloat lpush rpush lpop rpop blpop brpop rpoplpush lrem lset ltrim sadd srem spop
    smove zadd zrem zincrby zremrangebyscore zremrangebyrank zpopmin zpopmax pfadd xadd xack
    xdel setbit publish
"""
REDIS_WRITES = frozenset(_REDIS_WRITES.split())

FILE_OBJECTS = ("django.core.files.storage.", "storages.", "fs.", "google.cloud.storage.")
FILE_READS = frozenset({"open", "exists", "size", "url", "path", "listdir", "get_modified_time"})
FILE_WRITES = frozenset({"save", "delete"})
# Calls on an S3 client: the mode, and where bucket and key stand.
S3_CALLS: dict[str, Mode] = {
    "put_object": "write",
    "get_object": "read",
    "delete_object": "write",
    "head_object": "read",
    "upload_file": "write",
    "upload_fileobj": "write",
    "download_file": "read",
    "download_fileobj": "read",
    "generate_presigned_url": "read",
}
WRITE_MODES = frozenset("wax+")

SEARCH_OBJECTS = (
    "elasticsearch.",
    "opensearchpy.",
    "elasticsearch_dsl.",
    "meilisearch.",
    "pysolr.",
)
SEARCH_READS = frozenset({"search", "msearch", "count", "mget", "suggest", "scroll", "Search"})
SEARCH_WRITES = frozenset({"index", "update", "bulk", "delete_by_query", "update_by_query"})
# Classes whose subclasses fill a search index.
SEARCH_INDEXES = frozenset(
    {"SearchIndex", "ModelSearchIndex", "Document", "DocType", "CelerySearchIndex"}
)
SEARCH_INDEX_PACKAGES = (
    "haystack.", "elasticsearch_dsl.", "django_elasticsearch_dsl.", "opensearch_dsl.",
    "django_opensearch_dsl.", "celery_haystack.", "opensearchpy.",
)  # fmt: skip

QUEUE_READS = frozenset({"basic_consume", "receive_message", "basic_get", "subscribe"})
QUEUE_OBJECTS = ("pika.", "boto3.client", "boto3.resource", "kafka.", "confluent_kafka.", "kombu.")
QUEUE_KEYWORDS = ("queue", "QueueUrl", "topics", "topic")


@dataclass(frozen=True, slots=True)
class Resources:
    """Gives who reads and who writes each shared resource."""

    calls: frozenset[str] = (
        CACHE_READS | CACHE_WRITES | CACHE_BOTH | REDIS_READS | REDIS_WRITES | FILE_READS
    ) | (FILE_WRITES | frozenset(S3_CALLS) | SEARCH_READS | SEARCH_WRITES | QUEUE_READS)

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Classes that fill a search index."""
        for cls in project.classes():
            if cls.module.role == "product" and cls.bases:
                yield from _search_index(project, cls)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """One call on a cache, a Redis client, a storage or a search client."""
        target = receiver_of(site.call)
        if target is None:
            yield from _opened(site)
            return
        made = maker_of(site, target)
        if made.path:
            yield from _used(site, made)


def _used(site: CallSite, made: Maker) -> Iterator[ResourceUse]:
    path = made.path
    if path.startswith(CACHE_OBJECTS):
        modes = _modes(site.name, CACHE_READS | CACHE_BOTH, CACHE_WRITES | CACHE_BOTH)
        yield from _uses(site, "cache", _keys(site), modes)
    elif path.startswith(REDIS_OBJECTS):
        yield from _uses(site, "redis", _keys(site), _modes(site.name, REDIS_READS, REDIS_WRITES))
    elif path.startswith(FILE_OBJECTS):
        yield from _uses(site, "file", _keys(site), _modes(site.name, FILE_READS, FILE_WRITES))
    elif path.startswith("boto3.") and site.name in S3_CALLS:
        yield from _uses(site, "file", (_bucket(site),), (S3_CALLS[site.name],))
    elif path.startswith(SEARCH_OBJECTS):
        name = pattern_of(site, record.keyword(site.call, "index"))
        yield from _uses(site, "search", (name,), _modes(site.name, SEARCH_READS, SEARCH_WRITES))
    elif path.startswith(QUEUE_OBJECTS) and site.name in QUEUE_READS:
        yield from _uses(site, "queue", (queue_name(site),), ("read",))


def _modes(name: str, reads: frozenset[str], writes: frozenset[str]) -> tuple[Mode, ...]:
    found: list[Mode] = []
    if name in reads:
        found.append("read")
    if name in writes:
        found.append("write")
    return tuple(found)


def _uses(
    site: CallSite, kind: Kind, names: Iterable[Expression], modes: Iterable[Mode]
) -> Iterator[ResourceUse]:
    """One use for each name and mode, here and by those who pass the name on."""
    modes = tuple(modes)
    for expression in names if modes else ():
        name = expression if isinstance(expression, str) else pattern_of(site, expression)
        for mode in modes:
            yield ResourceUse(kind, name[:LONGEST_NAME], site.unit, mode, site.evidence)
        if not isinstance(expression, str):
            for one in names_from_callers(site, expression):
                for mode in modes:
                    yield ResourceUse(kind, one.name[:LONGEST_NAME], one.unit, mode, one.evidence)


def _keys(site: CallSite) -> tuple[Expression, ...]:
    """The keys that a call names: one, or those of a list, dict or comprehension."""
    given = site.call[2][0] if site.call[2] else record.keyword(site.call, "key")
    if given is not None and given[0] == "star":
        given = given[1]
    if given is not None and given[0] == "name" and "." not in given[1]:
        for value in site.assigned(given[1]):
            if value[0] in ("list", "tuple", "set", "dict", "comp"):
                given = value
                break
    if given is None:
        return (None,)
    if given[0] in ("list", "tuple", "set"):
        return tuple(given[1])
    if given[0] == "dict":
        return tuple(key for key, _ in given[1])
    return (given[2][0],) if given[0] == "comp" else (given,)


def _bucket(site: CallSite) -> str:
    bucket = record.keyword(site.call, "Bucket") or record.argument(site.call, 1)
    key = record.keyword(site.call, "Key") or record.argument(site.call, 2)
    return f"s3://{pattern_of(site, bucket)}/{pattern_of(site, key)}"


def queue_name(site: CallSite) -> str:
    """The queue or topic that a call names."""
    for keyword in QUEUE_KEYWORDS:
        given = record.keyword(site.call, keyword)
        if given is not None:
            return pattern_of(site, given)
    return pattern_of(site, record.argument(site.call, 0))


def _opened(site: CallSite) -> Iterator[ResourceUse]:
    """The builtin `open`, where the path says something."""
    if site.name != "open" or site.resolve("open") != External("open"):
        return
    given_path = record.argument(site.call, 0, "file")
    name = pattern_of(site, given_path)
    if not name.strip("*/."):
        return
    given = record.string_of(record.argument(site.call, 1, "mode")) or "r"
    mode: Mode = "write" if WRITE_MODES.intersection(given) else "read"
    yield from _uses(site, "file", (given_path,), (mode,))


def _search_index(project: Project, cls: ClassScope) -> Iterator[ResourceUse]:
    for base in project.mro(cls):
        if _is_search_index(base):
            where = Evidence(cls.module.path, cls.line)
            yield ResourceUse("search", _index_name(cls), cls.unit, "write", where)
            return


def _is_search_index(base: ClassScope | External) -> bool:
    if not isinstance(base, External) or not base.path.startswith(SEARCH_INDEX_PACKAGES):
        return False
    return base.path.rpartition(".")[2] in SEARCH_INDEXES


def _index_name(cls: ClassScope) -> str:
    """`class Index: name = "orders"`, else the class's own name."""
    for holder in cls.names.get("Index", ()):
        if isinstance(holder, ClassScope):
            for definition in holder.names.get("name", ()):
                if isinstance(definition, Variable):
                    name = record.string_of(definition.value)
                    if name:
                        return name
    return cls.name
