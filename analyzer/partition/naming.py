"""Names for services: the business capability, in the words of its tables, routes and code."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from math import log

from analyzer.coupling.semantic import TECHNICAL, table_words, words_of
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.tables import Table

# How much a word counts, by where it stands.
IN_TABLE, IN_ROUTE, IN_UNIT = 4.0, 1.0, 0.5

TERMS_SHOWN = 8

# What people call the capability, where it is not simply the plural of its central noun.
CAPABILITIES = {
    "auth": "Authentication",
    "basket": "Basket",
    "bill": "Billing",
    "booking": "Booking",
    "cart": "Cart",
    "catalog": "Catalogue",
    "catalogue": "Catalogue",
    "checkin": "Check-in",
    "delivery": "Delivery",
    "discount": "Promotions",
    "inventory": "Inventory",
    "invoice": "Invoicing",
    "login": "Sign-in",
    "mail": "Mail",
    "message": "Messaging",
    "order": "Ordering",
    "payment": "Payments",
    "price": "Pricing",
    "report": "Reporting",
    "search": "Search",
    "shipment": "Shipping",
    "shipping": "Shipping",
    "stock": "Stock",
    "support": "Support",
    "translation": "Translation",
    "warehouse": "Warehousing",
}

# Words that name no capability, besides the technical ones: they fit any service.
_VAGUE = """
abstract add all allow and any attr basic box bulk button can cancel changed cli column
common core csv custom daily data date default detail dict entry extra for from general generic
global group has history html info item key legacy lib limit line link lookup main media misc
multiple name need new not object old only record register relation row seen select shared simple
state static status templatetag through url use version with without www
"""
VAGUE = frozenset(_VAGUE.split())

# Ends of a table's name that say no more than that it is one.
_EMPTY = """
abstract base class data entity info mixin model object proxy record table
"""
EMPTY = frozenset(_EMPTY.split())

# Technical words that are also what a business has: they name a package that owns tables.
ALSO_BUSINESS = frozenset(["event", "form", "job", "message", "page", "plugin", "task", "template"])

# Words of programs in units and packages; what a table is called means the business all the same.
_OF_PROGRAMS = """
adapter argument async attribute block chosen cmd context core dialog driver found interface
iterator maps noop panel parser payload picker render renderer routable save strategy thread worker
wrapper
"""
OF_PROGRAMS = frozenset(_OF_PROGRAMS.split())

# Nouns of a mass rather than of things to count.
_UNCOUNTED = """
access advice audio billing cash content credit data equipment evidence feedback finance freight
fraud hardware health information insurance inventory knowledge logistics mail metadata money music
news payroll progress research software staff stock storage support tax telemetry text traffic
training travel video weather wireless
"""
UNCOUNTED = frozenset(_UNCOUNTED.split())

# A package names a service if most of each is in the other.
SHARE_OF_PACKAGE = 0.5
WHOLE = ""  # the package of everything
# So many units must be about a thing for a service without tables to be called after it.
FEWEST_ABOUT = 3
# Of the things that a service's tables hold, so many begin alike where it is about that.
SHARE_OF_THINGS = 0.5
# Ends of words that say how things are, not what they are.
QUALIFYING = ("able", "ible", "aware", "less", "ful", "ous", "itive", "ative", "ed", "ing")
# A word that so large a share of so many tables begin with says only that they are tables.
SHARE_OF_PREFIX, FEWEST_PREFIXED = 0.5, 6
# A word that is at home in other services as much as here needs a second one to be told apart.
AT_HOME = 0.5

Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class ServiceName:
    """What a service is called, and the words that made it so."""

    name: str
    terms: tuple[str, ...]  # most telling first


@dataclass(frozen=True, slots=True)
class _Speech:
    """The words of a service: how much each counts, and the things that its tables hold.

    A thing is a table's name from its first word that means something; its last word is the noun.
    A service without tables is about what its classes are called.
    """

    words: Scores = field(default_factory=lambda: defaultdict(float))
    named: Scores = field(default_factory=lambda: defaultdict(float))  # of them, what tables say
    held: dict[tuple[str, ...], float] = field(default_factory=lambda: defaultdict(float))
    coded: dict[tuple[str, ...], float] = field(default_factory=lambda: defaultdict(float))
    heads: Counter[str] = field(default_factory=Counter)  # last words that tell, of units' names

    @property
    def things(self) -> dict[tuple[str, ...], float]:
        """What its tables hold, else its classes."""
        return self.held or self.coded

    def thing_of(self, word: str) -> tuple[str, ...]:
        """The weightiest thing that has the word; empty if none has."""
        having = [(-weight, thing) for thing, weight in self.things.items() if word in thing]
        return min(having)[1] if having else ()

    def is_noun(self, word: str) -> bool:
        """Whether some table is a thing of this name, not only of this sort."""
        return not self.things or any(thing[-1] == word for thing in self.things)

    def stands_alone(self, word: str) -> bool:
        """Whether some table is called this and no more."""
        return not self.things or (word,) in self.things

    def beginning(self) -> tuple[str, ...]:
        """The two words, else the one, that most of its tables' names begin with, if there are."""
        begun = Counter(thing[:length] for thing in self.held for length in (1, 2) if thing[1:])
        enough = max(FEWEST_ABOUT, SHARE_OF_THINGS * len(self.held))
        return max(
            (words for words, count in begun.items() if count >= enough), key=len, default=()
        )


def service_names(facts: CodebaseFacts, *, assignment: Mapping[str, str]) -> dict[str, ServiceName]:
    """A unique name for each service of an assignment of units and tables (by node id).

    A service that is the better part of one package, tables and all, is called what its authors
    call that. Else a word scores by how often it stands in the service's tables, times the share of
    its uses that are in this service; then those of its routes and units score in the same way.
    The service with more tables has first choice, then the one with more members: a capability is
    called after its data. A service without tables is called after where most of it stands, else
    after the thing that most of its units are about.
    """
    spoken = _spoken(facts, assignment)
    everywhere = _total(speech.words for speech in spoken.values())
    of_tables = _total(speech.named for speech in spoken.values())
    packages = _packages(facts, assignment)
    size = Counter(assignment.values())
    tables = Counter(_homes_of_tables(facts, assignment))
    places = _places(facts, assignment)
    names: dict[str, ServiceName] = {}
    taken: set[str] = set()
    for service in sorted(size, key=lambda service: (-tables[service], -size[service], service)):
        speech = spoken.get(service, _Speech())
        ranked = _ranked(speech.named, of_tables)
        ranked += [w for w in _ranked(speech.words, everywhere) if w not in speech.named]
        ideas = _ideas(speech, ranked, everywhere)
        if not tables[service]:
            ideas = chain(places.get(service, ()), _about(speech), ideas)
        name = _first_free([*packages.get(service, ()), *ideas], taken)
        taken.add(name)
        names[service] = ServiceName(name, tuple(ranked[:TERMS_SHOWN]))
    return dict(sorted(names.items()))


def _total(scores: Iterable[Scores]) -> Scores:
    total: Scores = defaultdict(float)
    for each in scores:
        for word, weight in each.items():
            total[word] += weight
    return total


def _spoken(facts: CodebaseFacts, assignment: Mapping[str, str]) -> dict[str, _Speech]:
    spoken: dict[str, _Speech] = {}
    for service, words, weight, source in _sayings(facts, assignment):
        speech = spoken.setdefault(service, _Speech())
        telling = tuple(word for word in dict.fromkeys(words) if _tells(word))
        if source != "table":
            telling = tuple(word for word in telling if word not in OF_PROGRAMS)
        for word in telling:
            speech.words[word] += weight
            if source == "table":
                speech.named[word] += weight
        if telling and source in ("class", "function"):
            speech.heads[telling[-1]] += 1
        if telling and source == "table":
            speech.held[_thing(words)] += weight
        elif telling and source == "class":
            speech.coded[telling] += weight
    return spoken


def _tells(word: str) -> bool:
    return word not in TECHNICAL and word not in VAGUE and len(word) > 2


def _thing(words: tuple[str, ...]) -> tuple[str, ...]:
    """From the first word that tells to the last that is not empty: user, (fido, key)."""
    telling = [place for place, word in enumerate(words) if _tells(word)]
    end = len(words)
    while words[end - 1] in EMPTY and end - 1 > telling[-1] and not _is_sort(words[end - 2]):
        end -= 1
    return words[telling[0] : end]


def _sayings(
    facts: CodebaseFacts, assignment: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, ...], float, str]]:
    """(service, words, weight, table, class or other) of everything that has a name."""
    users = Counter(access.table for access in facts.accesses)
    prefix = _prefix(facts.tables)
    for table in facts.tables:
        service = _home_of(table, assignment)
        if service is not None and table.kind not in ("many_to_many", "history"):
            weight = IN_TABLE * (1 + log(1 + users[table.name]))
            words = table_words(table)
            yield service, words[words[:1] == prefix and len(words) > 1 :], weight, "table"
    for entry in facts.entry_points:
        if entry.kind == "http" and entry.unit in assignment:
            path = entry.name.rpartition(" ")[2].partition("<")[0].partition("{")[0]
            yield assignment[entry.unit], words_of(path), IN_ROUTE, "route"
    for unit in facts.units:
        if unit.id in assignment:
            words = words_of(unit.name)
            # Functions begin with what they do: `handle_upload` is about uploads.
            about = words[1:] if unit.kind == "function" and len(words) > 1 else words
            yield assignment[unit.id], about, IN_UNIT, unit.kind


def _prefix(tables: Sequence[Table]) -> tuple[str, ...]:
    """The word that most tables' names begin with, `SqlRun`, `SqlTag`, if there is one."""
    first = Counter(words[:1] for table in tables if len(words := table_words(table)) > 1)
    word, count = max(first.items(), key=lambda pair: (pair[1], pair[0]), default=((), 0))
    return word if count >= max(FEWEST_PREFIXED, SHARE_OF_PREFIX * len(tables)) else ()


def _home_of(table: Table, assignment: Mapping[str, str]) -> str | None:
    return assignment.get(f"table:{table.name}", assignment.get(table.name))


def _homes_of_tables(facts: CodebaseFacts, assignment: Mapping[str, str]) -> Iterator[str]:
    for table in facts.tables:
        if (service := _home_of(table, assignment)) is not None:
            yield service


def _packages(facts: CodebaseFacts, assignment: Mapping[str, str]) -> dict[str, list[str]]:
    """Service → what its package is called, where most of each is in the other."""
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    for unit in facts.units:
        if unit.id in assignment:
            for package in _around(unit.module):
                inside[package][assignment[unit.id]] += 1
    owned = _owned(facts, assignment)
    owning = {package for package, _ in owned}
    size = Counter(assignment[unit.id] for unit in facts.units if unit.id in assignment)
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for package, services in sorted(inside.items()):
        service, units = min(services.items(), key=lambda pair: (-pair[1], pair[0]))
        mostly = units > SHARE_OF_PACKAGE * max(services.total(), size[service])
        mostly &= owned[package, service] >= SHARE_OF_PACKAGE * owned[WHOLE, service]
        last = package.rpartition(".")[2]
        if mostly and _names(last, owning=package in owning):
            found[service].append((-units, _titled(last)))
    return {service: [title for _, title in sorted(titles)] for service, titles in found.items()}


def _owned(facts: CodebaseFacts, assignment: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """How many tables of each service classes map in each package, at any depth, and in `WHOLE`."""
    owned: Counter[tuple[str, str]] = Counter()
    for table in facts.tables:
        service = _home_of(table, assignment)
        if service is not None and table.defined_by in assignment and table.kind == "model":
            places = (WHOLE, *_around(str(table.defined_by).partition(":")[0]))
            owned.update((place, service) for place in places)
    return owned


def _around(module: str) -> Iterator[str]:
    """The module and the packages around it, outermost first."""
    parts = module.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _names(segment: str, *, owning: bool) -> bool:
    """Whether a package's own name says something about what is in it."""
    words = words_of(segment)
    programs = frozenset() if owning else OF_PROGRAMS
    return bool(words) and all(
        (_tells(w) and w not in programs) or (owning and w in ALSO_BUSINESS) for w in words
    )


def _places(facts: CodebaseFacts, assignment: Mapping[str, str]) -> dict[str, list[str]]:
    """Service → what the innermost package or module is called that most of its units stand in.

    One that is named for a technical role is named with the package around it: `shop.core.views`
    gives Core views.
    """
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    size: Counter[str] = Counter()
    for unit in facts.units:
        if (service := assignment.get(unit.id)) is not None:
            size[service] += 1
            inside[service].update(_around(unit.module))
    found: dict[str, list[str]] = {}
    for service, places in sorted(inside.items()):
        most = [p for p, units in places.items() if units > SHARE_OF_PACKAGE * size[service]]
        around, _, last = max(most, key=lambda p: (p.count("."), p), default="").rpartition(".")
        if around and _names(last, owning=False):
            found[service] = [_titled(last)]
        elif around and TECHNICAL.issuperset(words_of(last)):
            found[service] = [_titled(f"{around.rpartition('.')[2]}_{last}")]
    return found


def _about(speech: _Speech) -> Iterator[str]:
    """What most units are about by the last word that tells in their names, if it is a noun."""
    heads = sorted(speech.heads.items(), key=lambda pair: (-pair[1], pair[0]))
    for word, units in heads:
        if units >= FEWEST_ABOUT and not word.endswith(QUALIFYING):
            yield capability(word)


def _titled(segment: str) -> str:
    words = words_of(segment)
    if len(words) == 1 and words[0] in CAPABILITIES:
        return CAPABILITIES[words[0]]
    return segment.replace("_", " ").strip().capitalize()


def _ranked(words: Scores, everywhere: Scores) -> list[str]:
    def score(word: str) -> float:
        return words[word] * words[word] / everywhere[word]

    return sorted(words, key=lambda word: (-score(word), word))


def _ideas(speech: _Speech, ranked: list[str], everywhere: Scores) -> Iterator[str]:
    """Names for a service, best first: a word, the thing it is part of, two words together."""
    beginning = speech.beginning()
    if beginning and ranked[0] in beginning:
        yield _phrase(beginning)
    for word in ranked[:3]:
        at_home = speech.words[word] > AT_HOME * everywhere[word]
        sort = _is_sort(word)
        if word in CAPABILITIES or (at_home and speech.stands_alone(word) and not sort):
            yield capability(word)
        thing = speech.thing_of(word)
        if thing and not _is_sort(thing[-1]):
            yield _phrase(thing)
        if speech.is_noun(word) and not sort:
            yield capability(word)
    for second in ranked[1:6]:
        of_it, noun = (second, ranked[0]) if _is_sort(second) else (ranked[0], second)
        yield f"{of_it.capitalize()} {capability(noun).lower()}"


def _is_sort(word: str) -> bool:
    """A participle, which tells things from others of their sort: scheduled, deprecated."""
    return len(word) > 5 and word.endswith("ed")


def _phrase(words: tuple[str, ...]) -> str:
    """The plural of a thing; at most two of its words: ("device", "role") gives Device roles."""
    if len(words) == 1:
        return capability(words[0])
    return f"{words[-2].capitalize()} {plural(words[-1])}"


def _first_free(ideas: Iterable[str], taken: set[str]) -> str:
    """The first idea that is not taken, else a number."""
    numbers = (f"Capability {number}" for number in count(1))
    return next(idea for idea in chain(ideas, numbers) if idea not in taken)


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
