"""Units that serve the whole and hold no data: a library, not a service."""

from collections import defaultdict
from collections.abc import Iterable

from analyzer.coupling.factor import Factor
from analyzer.coupling.product import Product, uses_and_users

# Tables that the users of a unit must touch between them, for the unit to serve the whole.
FEWEST_TABLES = 5
SHARE_OF_TABLES = 0.12
FEWEST_USERS = 3
# The same for the body of a module: above this, its units cannot all be one service's.
FEWEST_TABLES_OF_GOD = 8
SHARE_OF_TABLES_OF_GOD = 0.4
FEWEST_UNITS_OF_GOD = 10
# A module that holds so many units, and so large a share of all, need not touch as many tables.
UNITS_OF_LARGE = 12
SHARE_OF_UNITS_OF_LARGE = 0.02

WHOLE, BODY, ONLY_SHARED, START_UP, LOOSE = (
    "the units that use it touch {tables} tables, and it touches none",
    "the body of a module whose units touch {tables} tables; it is divided with them",
    "only the shared kernel uses it, and it touches no table",
    "settings and start-up: it touches no table and nothing of the domain",
    "the body of a module that nothing ties to anything",
)


def shared_kernel(product: Product) -> tuple[tuple[str, str], ...]:
    """(unit, why) for each unit that becomes part of a library; sorted.

    Only a unit that touches no table, answers no request and uses nothing that does can be shared.
    It is shared if those who use it touch a broad share of all tables. A module's body is shared
    under the same rule with the module's own units as users, or if it has no part in the domain.
    """
    touched = _touched(product)
    uses, users = uses_and_users(product.facts, product.units)
    bound = _bound(product, touched, uses)
    broad = max(FEWEST_TABLES, SHARE_OF_TABLES * len(product.tables))
    found: dict[str, str] = {}
    for unit in sorted(product.units):
        own = product.units[unit]
        if own.kind == "module":
            if not touched[unit] and unit not in product.mappers:
                reason = _reason_of_body(product, unit, touched, uses, users)
                if reason:
                    found[unit] = reason
        elif unit not in bound:
            direct = {user for user in users[unit] if product.units[user].kind != "module"}
            tables = _tables(direct, touched)
            if len(direct) >= FEWEST_USERS and tables >= broad:
                found[unit] = WHOLE.format(tables=tables)
    _add_used_by_shared(product, found, users, bound)
    return tuple(sorted(found.items()))


def loose_bodies(product: Product, factors: Iterable[Factor]) -> tuple[tuple[str, str], ...]:
    """(module body, why) for each that is in no factor; a cut would place it by accident."""
    tied = {member for factor in factors for member in factor.members}
    bodies = (unit.id for unit in product.units.values() if unit.kind == "module")
    return tuple((body, LOOSE) for body in sorted(bodies) if body not in tied)


def _touched(product: Product) -> defaultdict[str, set[str]]:
    """Unit → tables that it maps or accesses itself."""
    touched: defaultdict[str, set[str]] = defaultdict(set)
    for access in product.facts.accesses:
        if not access.via and access.table in product.tables:
            touched[access.unit].add(access.table)
    for unit, table in product.mappers.items():
        touched[unit].add(table)
    return touched


def _bound(
    product: Product, touched: defaultdict[str, set[str]], uses: defaultdict[str, set[str]]
) -> set[str]:
    """Units that touch a table, answer somebody outside, or use a class or function that does."""
    bound = {unit for unit in touched if touched[unit]}
    bound |= {access.unit for access in product.facts.accesses}
    bound |= {entry.unit for entry in product.facts.entry_points}
    bound &= product.units.keys()
    return bound | {
        unit
        for unit in product.units
        if any(used in bound and product.units[used].kind != "module" for used in uses[unit])
    }


def _tables(units: set[str], touched: defaultdict[str, set[str]]) -> int:
    return len(set().union(*(touched[unit] for unit in units)))


def _reason_of_body(
    product: Product,
    unit: str,
    touched: defaultdict[str, set[str]],
    uses: defaultdict[str, set[str]],
    users: defaultdict[str, set[str]],
) -> str | None:
    module = product.units[unit].module
    broad = max(FEWEST_TABLES_OF_GOD, SHARE_OF_TABLES_OF_GOD * len(product.tables))
    own = uses[unit] | product.inside[module]
    tables = _tables(own, touched)
    inside = len(product.inside[module])
    large = max(UNITS_OF_LARGE, SHARE_OF_UNITS_OF_LARGE * len(product.units))
    if inside >= large:
        broad = max(FEWEST_TABLES, SHARE_OF_TABLES * len(product.tables))
    if tables >= broad and len(own) >= FEWEST_UNITS_OF_GOD:
        return BODY.format(tables=tables)
    alone = len(product.inside[module]) <= 1 and not uses[unit] and not users[unit]
    return START_UP if alone else None


def _add_used_by_shared(
    product: Product, found: dict[str, str], users: defaultdict[str, set[str]], bound: set[str]
) -> None:
    """What only the shared kernel uses is shared, and so on."""
    pending = True
    while pending:
        pending = False
        for unit in sorted(product.units.keys() - found.keys() - bound):
            direct = {user for user in users[unit] if product.units[user].kind != "module"}
            is_body = product.units[unit].kind == "module"
            if not is_body and direct and direct <= found.keys():
                found[unit] = ONLY_SHARED
                pending = True
