"""Factors from migrations: tables that one step of the schema's history creates or alters."""

from collections.abc import Iterator

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.facts.evidence import Evidence

# A migration of more tables than this is an initial state, or a change of everything.
TABLES_OF_ONE_CHANGE = 12


def schema_change_reasons(product: Product) -> Iterator[Reason]:
    """Each table of a migration with its anchor, the one that most other tables refer to.

    Strength is 1 up to a dozen tables and falls with their number beyond.
    """
    for tables, places in _changes(product):
        anchor = max(tables, key=lambda name: (product.referrers[name], name))
        telling = min(1.0, TABLES_OF_ONE_CHANGE / len(tables))
        for name in tables:
            if name != anchor:
                members = (product.nodes[anchor], product.nodes[name])
                yield Reason("co_migration", members, telling, places)


def _changes(product: Product) -> Iterator[tuple[list[str], tuple[Evidence, ...]]]:
    """The tables of each migration that creates or alters two or more, and where it says so."""
    for change in product.facts.schema_changes:
        tables = sorted(product.tables.keys() & change.tables)
        if len(tables) > 1:
            yield tables, (change.evidence,)
