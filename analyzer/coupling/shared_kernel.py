"""Units that nearly everything uses and that hold no data: a library, not a service."""

from collections import defaultdict

from analyzer.coupling.product import Product
from analyzer.facts.codebase_facts import CodebaseFacts

# Used by at least this share of the packages at the widest level, and by this many units.
SHARE_OF_UNITS = 0.05
FEWEST_USERS = 20


def shared_kernel(product: Product) -> tuple[tuple[str, str], ...]:
    """(unit, why) for each unit that becomes part of a library; sorted.

    A unit is shared when many units use it (inheriting and decorating included), it touches no
    table, and it uses nothing outside the shared kernel itself.
    """
    facts = product.facts
    bound = _bound_to_the_domain(facts)
    most = max(FEWEST_USERS, SHARE_OF_UNITS * len(product.units))
    uses: defaultdict[str, set[str]] = defaultdict(set)
    for reference in facts.references:
        if reference.source in product.units and reference.target in product.units:
            uses[reference.source].add(reference.target)
    candidates = {
        unit
        for unit, users in product.fan_in.items()
        if users >= most and unit not in bound and unit in product.units
    }
    kept = _closed(candidates, uses, bound)
    return tuple(
        (unit, f"{product.fan_in[unit]} units use it, and it touches no table")
        for unit in sorted(kept)
    )


def _bound_to_the_domain(facts: CodebaseFacts) -> set[str]:
    bound = {access.unit for access in facts.accesses}
    bound |= {table.defined_by for table in facts.tables if table.defined_by}
    bound |= {entry.unit for entry in facts.entry_points if entry.kind != "signal"}
    return bound


def _closed(candidates: set[str], uses: defaultdict[str, set[str]], bound: set[str]) -> set[str]:
    """Without those that use a unit bound to the domain: a library must not call its users."""
    return {unit for unit in candidates if not uses[unit] & bound}
