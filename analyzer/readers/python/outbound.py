"""What leaves the codebase: calls to other systems over HTTP, mail, messages to queues."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.facts.configuration import ResourceUse
from analyzer.facts.entry_points import Message
from analyzer.readers.python import record
from analyzer.readers.python.callers import names_from_callers
from analyzer.readers.python.makers import Maker, maker_of, pattern_of, receiver_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
# Modules and clients that have a method for each HTTP method.
HTTP_CLIENTS = frozenset(
    {
        "requests",
        "requests.Session",
        "requests.session",
        "requests.sessions.Session",
        "requests.api",
    }
    | {"httpx", "httpx.Client", "httpx.AsyncClient", "aiohttp.ClientSession", "niquests"}
    | {"niquests.Session", "curl_cffi.requests", "requests_oauthlib.OAuth1Session"}
    | {"requests_oauthlib.OAuth2Session", "authlib.integrations.requests_client.OAuth2Session"}
    | {"authlib.integrations.httpx_client.AsyncOAuth2Client", "requests_cache.CachedSession"}
)
# Functions that call a URL, and the position of it.
HTTP_FUNCTIONS = {
    "urllib.request.urlopen": 0,
    "urllib.request.Request": 0,
    "urllib.request.urlretrieve": 0,
    "urllib2.urlopen": 0,
    "urllib2.Request": 0,
    "http.client.HTTPSConnection": 0,
    "http.client.HTTPConnection": 0,
    "httplib2.Http.request": 0,
    "xmlrpc.client.ServerProxy": 0,
    "zeep.Client": 0,
    "suds.client.Client": 0,
    "grpc.insecure_channel": 0,
    "grpc.secure_channel": 0,
    "websockets.connect": 0,
    "urllib3.PoolManager.request": 1,
    "urllib3.request": 1,
}
# Libraries that speak to one system only: the name that it is known by.
SYSTEMS = {
    "stripe": "stripe",
    "paypalrestsdk": "paypal",
    "paypalcheckoutsdk": "paypal",
    "braintree": "braintree",
    "twilio": "twilio",
    "sendgrid": "sendgrid",
    "slack_sdk": "slack",
    "slack": "slack",
    "github": "github",
    "gitlab": "gitlab",
    "googlemaps": "google maps",
    "firebase_admin": "firebase",
    "pusher": "pusher",
    "mailchimp3": "mailchimp",
    "analytics": "segment",
    "ldap": "ldap",
    "ldap3": "ldap",
    "hvac": "vault",
    "openai": "openai",
    "docker": "docker",
    "kubernetes": "kubernetes",
    "paramiko": "ssh",
}
MAIL_FUNCTIONS = frozenset(
    {"django.core.mail.send_mail", "django.core.mail.send_mass_mail"}
    | {"django.core.mail.mail_admins", "django.core.mail.mail_managers"}
)
MAIL_CLASSES = (
    "django.core.mail.", "smtplib.SMTP", "smtplib.SMTP_SSL", "flask_mail.", "templated_email.",
    "anymail.", "post_office.mail", "fastapi_mail.",
)  # fmt: skip
MAIL_METHODS = frozenset({"send", "sendmail", "send_message", "send_messages"})
USER_MAIL = "email_user"
# Methods that put a message into a queue: where the object comes from, and what names the queue.
QUEUE_SENDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], int]] = {
    "basic_publish": (("pika.",), ("routing_key", "exchange"), 1),
    "publish": (("kombu.", "redis.", "boto3.", "google.cloud.pubsub", "nats."),
                ("routing_key", "TopicArn", "exchange", "queue", "channel"), 0),
    "send_message": (("boto3.",), ("QueueUrl",), 0),
    "send_messages": (("boto3.",), ("QueueUrl",), 0),
    "put_events": (("boto3.",), ("Source",), 0),
    "produce": (("confluent_kafka.",), ("topic",), 0),
    "send": (("kafka.", "channels.layers.get_channel_layer", "aiokafka."), ("topic", "channel"), 0),
    "send_and_wait": (("aiokafka.",), ("topic",), 0),
    "group_send": (("channels.layers.get_channel_layer",), ("group",), 0),
}  # fmt: skip
_CREDENTIALS = re.compile(r"//[^/@\s]*@")
_LITERAL = re.compile(r"[A-Za-z0-9]{3}")


@dataclass(frozen=True, slots=True)
class Outbound:
    """Gives what a unit sends to systems outside."""

    calls: frozenset[str] = (
        VERBS
        | {"request", USER_MAIL, *MAIL_METHODS, *QUEUE_SENDS}
        | {path.rpartition(".")[2] for path in (*HTTP_FUNCTIONS, *MAIL_FUNCTIONS)}
        | {
            "create",
            "retrieve",
            "modify",
            "execute",
            "Client",
            "WebClient",
            "initialize",
            "connect",
        }
    )

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Nothing: all of it is calls."""
        return ()

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """One call that leaves."""
        if site.name == USER_MAIL:
            yield Message("mail", "mail", site.unit, site.evidence)
            return
        function = _function(site)
        if function in MAIL_FUNCTIONS:
            yield Message("mail", "mail", site.unit, site.evidence)
        elif function in HTTP_FUNCTIONS:
            position = HTTP_FUNCTIONS[function]
            yield from _http(site, record.argument(site.call, position, "url"))
        else:
            target = receiver_of(site.call)
            made = maker_of(site, target) if target is not None else Maker()
            if made.path:
                yield from _method(site, made)


def _function(site: CallSite) -> str:
    callee = site.call[1]
    return maker_of(site, callee).path if callee is not None and callee[0] == "name" else ""


def _method(site: CallSite, made: Maker) -> Iterator[Fact]:
    path = f"{made.path}."
    if made.path in HTTP_CLIENTS and (site.name in VERBS or site.name == "request"):
        position = 1 if site.name == "request" else 0
        yield from _http(site, record.argument(site.call, position, "url"), made.call)
    elif path.startswith(MAIL_CLASSES) and site.name in MAIL_METHODS:
        yield Message("mail", "mail", site.unit, site.evidence)
    elif site.name in QUEUE_SENDS and path.startswith(QUEUE_SENDS[site.name][0]):
        name = _queue(site)
        yield Message("queue", name, site.unit, site.evidence)
        yield ResourceUse("queue", name, site.unit, "write", site.evidence)
    elif path.partition(".")[0] in SYSTEMS:
        yield Message("http", SYSTEMS[path.partition(".")[0]], site.unit, site.evidence)


def _queue(site: CallSite) -> str:
    _, keywords, position = QUEUE_SENDS[site.name]
    for keyword in keywords:
        given = record.keyword(site.call, keyword)
        if given is not None and (name := pattern_of(site, given)):
            return without_credentials(name)
    return without_credentials(pattern_of(site, record.argument(site.call, position)))


def _http(site: CallSite, url: Expression, client: Expression = None) -> Iterator[Message]:
    """A call of a URL, here and by those who pass the URL on."""
    name = pattern_of(site, url)
    base = record.keyword(client, "base_url") if client is not None else None
    if base is not None and not name.startswith(("http", "*")):
        name = f"{pattern_of(site, base).rstrip('/')}/{name.lstrip('/')}"
    yield Message("http", host_pattern(name), site.unit, site.evidence)
    for one in names_from_callers(site, url):
        yield Message("http", host_pattern(one.name), one.unit, one.evidence)


def host_pattern(url: str) -> str:
    """A URL with holes as `*`, without credentials and query.

    >>> host_pattern("https://user:word@api.example.org/v1/orders/*?key=*")
    'https://api.example.org/v1/orders/*'
    """
    url = without_credentials(url).partition("?")[0].partition("#")[0]
    url = re.sub(r"\*{2,}", "*", url)
    return url[:200] if _LITERAL.search(url.partition("://")[2] or url) else "*"


def without_credentials(url: str) -> str:
    """The URL without the user name and password that it may carry."""
    return _CREDENTIALS.sub("//", url)
