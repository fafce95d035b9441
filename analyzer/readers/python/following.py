"""What follows from calls once all modules are linked, and the facts of the whole project."""

from collections.abc import Iterable

from analyzer.facts.rows import Rows, facts_in
from analyzer.facts.transactions import TransactionScope
from analyzer.readers.python.linked_project import LinkedProject, Said
from analyzer.readers.python.linking import Node
from analyzer.readers.python.propagation import derived_accesses, graph_of, held_by, transactions
from analyzer.readers.python.providers import Fact


def everything(linked: LinkedProject) -> tuple[Rows, list[Fact]]:
    """All that is said and what follows from it: most of it as rows, the rest as facts."""
    parts = [*linked.said.values(), *linked.provided]
    rows = _together(parts, linked.foundation.rows)
    nodes = [Node(*row) for part in parts for row in part.nodes]
    return _followed(nodes, rows, is_atomic=linked.foundation.is_atomic)


def _together(parts: Iterable[Said], first: Rows) -> Rows:
    rows: Rows = {name: list(found) for name, found in first.items()}
    for part in parts:
        for name, found in part.rows.items():
            if name in rows:
                rows[name] += found
            else:
                rows[name] = list(found)
    return rows


def _followed(nodes: list[Node], rows: Rows, *, is_atomic: bool) -> tuple[Rows, list[Fact]]:
    """Accesses through calls, and what transactions hold together."""
    graph = graph_of(nodes)
    messages = list(facts_in("messages", rows.get("messages", ())))
    entries = facts_in("entry_points", rows.get("entry_points", ()))
    handlers = [
        f"{one.unit}.{one.handler}" if one.handler else one.unit
        for one in entries
        if is_atomic and one.kind == "http"
    ]
    found = list(transactions(graph, messages, handlers))
    scopes = [one for one in found if isinstance(one, TransactionScope)]
    locks = facts_in("locks", rows.pop("locks", ()))
    rows.setdefault("accesses", []).extend(derived_accesses(graph))
    return rows, [*found, *held_by(locks, scopes)]
