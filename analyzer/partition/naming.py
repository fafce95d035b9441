"""Names for services: the business capability, in the words of its tables, routes and code."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log

from analyzer.coupling.semantic import TECHNICAL, table_words, words_of
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.tables import Table

# How much a word counts, by where it stands.
IN_TABLE, IN_ROUTE, IN_UNIT = 4.0, 1.0, 0.5

TERMS_SHOWN = 8

# What people call the capability, where it is not simply the plural of its central noun.
CAPABILITIES = {
    "account": "Accounts",
    "address": "Addresses",
    "auction": "Auctions",
    "basket": "Basket",
    "bill": "Billing",
    "booking": "Booking",
    "cart": "Cart",
    "catalog": "Catalogue",
    "catalogue": "Catalogue",
    "checkin": "Check-in",
    "contract": "Contracts",
    "customer": "Customers",
    "delivery": "Delivery",
    "discount": "Promotions",
    "inventory": "Inventory",
    "invoice": "Invoicing",
    "login": "Sign-in",
    "mail": "Mail",
    "message": "Messaging",
    "notification": "Notifications",
    "order": "Ordering",
    "payment": "Payments",
    "permission": "Permissions",
    "price": "Pricing",
    "product": "Products",
    "promotion": "Promotions",
    "report": "Reporting",
    "review": "Reviews",
    "search": "Search",
    "shipment": "Shipping",
    "shipping": "Shipping",
    "stock": "Stock",
    "subscription": "Subscriptions",
    "support": "Support",
    "translation": "Translation",
    "user": "Users",
    "warehouse": "Warehousing",
}

# Words that name no capability, besides the technical ones: they fit any service.
_VAGUE = """
abstract attr basic box button cancel changed column common core custom daily data date default
detail entry extra for general generic global group history info item key legacy limit line link
lookup main media misc multiple name need new object old record register relation row seen select
shared simple state static status through url version www
"""
VAGUE = frozenset(_VAGUE.split())

# Nouns of a mass rather than of things to count.
_UNCOUNTED = """
access advice audio billing cash content credit data equipment evidence feedback finance freight
fraud hardware health information insurance inventory knowledge logistics mail metadata money music
news payroll progress research software staff stock storage support tax telemetry text traffic
training travel video weather wireless
"""
UNCOUNTED = frozenset(_UNCOUNTED.split())

Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class ServiceName:
    """What a service is called, and the words that made it so."""

    name: str
    terms: tuple[str, ...]  # most telling first


def service_names(facts: CodebaseFacts, *, assignment: Mapping[str, str]) -> dict[str, ServiceName]:
    """A unique name for each service of an assignment of units and tables (by node id).

    A word scores by how often it stands in the service's tables, routes and unit names, times the
    share of its uses that are in this service. The service with more tables has first choice, then
    the one with more members: a capability is called after its data.
    """
    spoken = _spoken(facts, assignment)
    everywhere: Scores = defaultdict(float)
    for words in spoken.values():
        for word, weight in words.items():
            everywhere[word] += weight
    size = Counter(assignment.values())
    tables = Counter(_homes_of_tables(facts, assignment))
    names: dict[str, ServiceName] = {}
    taken: set[str] = set()
    for service in sorted(size, key=lambda service: (-tables[service], -size[service], service)):
        ranked = _ranked(spoken.get(service, {}), everywhere)
        name = _first_free(ranked, taken)
        taken.add(name)
        names[service] = ServiceName(name, tuple(ranked[:TERMS_SHOWN]))
    return dict(sorted(names.items()))


def _spoken(facts: CodebaseFacts, assignment: Mapping[str, str]) -> dict[str, Scores]:
    spoken: dict[str, Scores] = {}
    for service, words, weight in _sayings(facts, assignment):
        for word in dict.fromkeys(words):
            if word not in TECHNICAL and word not in VAGUE and len(word) > 2:
                scores = spoken.setdefault(service, {})
                scores[word] = scores.get(word, 0.0) + weight
    return spoken


def _sayings(
    facts: CodebaseFacts, assignment: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, ...], float]]:
    """(service, words, weight) of everything that has a name."""
    users = Counter(access.table for access in facts.accesses)
    for table in facts.tables:
        service = _home_of(table, assignment)
        if service is not None and table.kind != "many_to_many":
            yield service, table_words(table), IN_TABLE * (1 + log(1 + users[table.name]))
    for entry in facts.entry_points:
        if entry.kind == "http" and entry.unit in assignment:
            path = entry.name.rpartition(" ")[2].partition("<")[0].partition("{")[0]
            yield assignment[entry.unit], words_of(path), IN_ROUTE
    for unit in facts.units:
        if unit.id in assignment:
            yield assignment[unit.id], words_of(unit.name), IN_UNIT


def _home_of(table: Table, assignment: Mapping[str, str]) -> str | None:
    return assignment.get(f"table:{table.name}", assignment.get(table.name))


def _homes_of_tables(facts: CodebaseFacts, assignment: Mapping[str, str]) -> Iterator[str]:
    for table in facts.tables:
        if (service := _home_of(table, assignment)) is not None:
            yield service


def _ranked(words: Scores, everywhere: Scores) -> list[str]:
    def score(word: str) -> float:
        return words[word] * words[word] / everywhere[word]

    return sorted(words, key=lambda word: (-score(word), word))


def _first_free(ranked: list[str], taken: set[str]) -> str:
    """The best word's capability, else two words together, else a number."""
    for word in ranked[:3]:
        if capability(word) not in taken:
            return capability(word)
    for second in ranked[1:6]:
        both = f"{ranked[0].capitalize()} {capability(second).lower()}"
        if both not in taken:
            return both
    number = 1
    while f"Capability {number}" in taken:
        number += 1
    return f"Capability {number}"


def capability(word: str) -> str:
    """What a business calls the capability around a noun.

    >>> capability("order"), capability("company"), capability("news")
    ('Ordering', 'Companies', 'News')
    """
    if word in CAPABILITIES:
        return CAPABILITIES[word]
    return plural(word).capitalize()


def plural(word: str) -> str:
    """The plural of an English noun, near enough for a heading."""
    if word in UNCOUNTED:
        return word
    if word.endswith(("s", "ing", "ment", "ware", "ity", "tion")) and not word.endswith("ss"):
        return word if not word.endswith(("ity", "tion", "ment")) else _regular(word)
    return _regular(word)


def _regular(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("ss", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"
