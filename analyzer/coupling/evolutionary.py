"""Factors from the version history: what changes together, and by whose hand."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from math import sqrt

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason

# Fewer common commits than this are chance.
COMMON_COMMITS = 3
# Modules of one author alone say nothing in a codebase of few authors.
ALIKE_AUTHORS = 0.8


def evolutionary_reasons(product: Product) -> Iterator[Reason]:
    """Co-change and common authorship of modules, carried by the first unit of each module."""
    carriers = _carriers(product)
    yield from _co_changes(product, carriers)
    yield from _authorship(product, carriers)


def _carriers(product: Product) -> dict[str, str]:
    first: dict[str, str] = {}
    for unit in sorted(product.units.values(), key=lambda unit: (unit.module, unit.line, unit.id)):
        first.setdefault(unit.module, unit.id)
    return first


def _co_changes(product: Product, carriers: dict[str, str]) -> Iterator[Reason]:
    commits = {history.module: history.commits for history in product.facts.module_histories}
    for change in product.facts.co_changes:
        one, other = carriers.get(change.first), carriers.get(change.second)
        if one is None or other is None or change.commits < COMMON_COMMITS:
            continue
        alone = sqrt(commits.get(change.first, 1) * commits.get(change.second, 1))
        strength = change.weight / max(1.0, alone)
        yield Reason("co_change", (one, other), strength, (product.place_of(one),))


def _authorship(product: Product, carriers: dict[str, str]) -> Iterator[Reason]:
    by_author: defaultdict[str, list[str]] = defaultdict(list)
    authors = {h.module: dict(h.authors) for h in product.facts.module_histories}
    for module in sorted(authors.keys() & carriers.keys()):
        if authors[module]:
            by_author[max(authors[module], key=lambda a: (authors[module][a], a))].append(module)
    everyone = max(1, len(by_author))
    for _, modules in sorted(by_author.items()):
        for one, other in combinations(modules[:50], 2):
            alike = _cosine(authors[one], authors[other])
            if alike >= ALIKE_AUTHORS and everyone > 2:
                yield Reason("authorship", (carriers[one], carriers[other]), alike / len(modules))


def _cosine(one: dict[str, int], other: dict[str, int]) -> float:
    dot = sum(count * other.get(author, 0) for author, count in one.items())
    norms = sum(c * c for c in one.values()) * sum(c * c for c in other.values())
    return dot / sqrt(norms) if norms else 0.0
