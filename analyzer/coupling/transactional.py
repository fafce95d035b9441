"""Factors from transactions and locks: what commits or waits together."""

from collections.abc import Iterator

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason

# A transaction around each request says less about the domain than one that somebody placed.
SCOPE_STRENGTH = {"request": 0.2, "session": 0.5}


def transactional_reasons(product: Product) -> Iterator[Reason]:
    """One factor for each transaction, over the unit that opens it and every table it writes.

    Strength is how telling its tables are on average; what everything writes (an audit log) says
    little about what belongs together.
    """
    yield from _transactions(product)
    yield from _locks(product)


def _transactions(product: Product) -> Iterator[Reason]:
    for scope in product.facts.transactions:
        written = {
            access.table: access.evidence
            for access in scope.accesses
            if access.mode == "write" and access.table in product.tables
        }
        if scope.unit not in product.units or not written:
            continue
        members = (scope.unit, *(product.nodes[name] for name in sorted(written)))
        telling = sum(product.telling_access(name) for name in sorted(written)) / len(written)
        strength = SCOPE_STRENGTH.get(scope.kind, 1.0) * telling
        places = (scope.evidence, *(written[name] for name in sorted(written)))
        yield Reason("transaction", members, strength, places)


def _locks(product: Product) -> Iterator[Reason]:
    for lock in product.facts.locks:
        held = lock.kind in ("row", "table") and lock.target in product.tables
        if held and lock.unit in product.units:
            members = (lock.unit, product.nodes[lock.target])
            yield Reason("lock", members, product.telling_access(lock.target), (lock.evidence,))
