"""What follows from calls once all modules are linked, and all facts of the project together.

After an edit, only those callers are followed again that reach what has changed: the others touch
what they touched before, by the same paths.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from analyzer.facts.rows import Row, Rows, facts_in, rows_of
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.readers.python.linked_project import Followed, LinkedProject, Said
from analyzer.readers.python.linking import Node
from analyzer.readers.python.propagation import (
    TRANSACTION_DEPTH,
    derived_accesses,
    graph_of,
    held_by,
    sent_by,
    transactions,
)
from analyzer.readers.python.providers import Fact

# A transaction calls what reaches its tables within TRANSACTION_DEPTH.
REACH = TRANSACTION_DEPTH + 1
KEY, UNIT, PATH, LINE, END, CALLS = 0, 1, 2, 3, 4, 7  # of a node's row


def everything(linked: LinkedProject) -> tuple[Rows, list[Fact]]:
    """All that is said and what follows from it: most of it as rows, the rest as facts."""
    rows = _together(linked)
    nodes = [row for part in linked.said.values() for row in part.nodes]
    handlers = (
        _handlers(rows.get("entry_points", []), linked) if linked.foundation.is_atomic else []
    )
    locks = rows.pop("locks", [])
    work = _Work(nodes, rows.get("messages", []), handlers, locks)
    again = _Again.of(linked, work)
    followed = work.followed() if again is None else again.followed()
    linked.followed = followed
    rows.setdefault("accesses", []).extend(followed.accesses)
    scopes = facts_in("transactions", followed.transactions)
    return rows, [*scopes, *facts_in("locks", followed.locks)]


def _together(linked: LinkedProject) -> Rows:
    rows: Rows = {name: list(found) for name, found in linked.foundation.rows.items()}
    for part in (*linked.said.values(), *linked.provided):
        for name, found in part.rows.items():
            if name in rows:
                rows[name] += found
            else:
                rows[name] = list(found)
    return rows


def _handlers(entry_points: Iterable[Row], linked: LinkedProject) -> list[str]:
    """Keys of the functions that answer requests inside a transaction."""
    if not linked.foundation.is_atomic:
        return []
    found = facts_in("entry_points", [row for row in entry_points if row[0] == "http"])
    apart = set(linked.foundation.apart)
    return [
        f"{one.unit}.{one.handler}" if one.handler else one.unit
        for one in found
        if one.unit not in apart
    ]


@dataclass(slots=True)
class _Work:
    """What there is to follow: nodes, messages and locks as rows."""

    nodes: Sequence[Row]
    messages: Sequence[Row]
    handlers: Sequence[str]
    locks: Sequence[Row]

    def followed(self) -> Followed:
        """What follows from all of it."""
        return self.followed_in(self.nodes, None, None)

    def followed_in(
        self, nodes: Iterable[Row], units: set[str] | None, paths: set[str] | None
    ) -> Followed:
        """What follows from some nodes, for these units and in these files; None for all."""
        graph = graph_of(Node(*row) for row in nodes)
        sent = sent_by(self._spans(), facts_in("messages", self.messages))
        known_keys = {row[KEY] for row in self.nodes} if self.handlers else set()
        inheriting = [one for one in self.handlers if one not in known_keys and _is_method(one)]
        found = list(transactions(graph, sent, self.handlers, paths, inheriting))
        scopes = [one for one in found if isinstance(one, TransactionScope)]
        row_locks = [one for one in found if isinstance(one, Lock)]
        known = [row for row in self.locks if paths is None or row[3] in paths]
        locks = [*row_locks, *held_by(facts_in("locks", known), scopes)]
        return Followed(
            list(derived_accesses(graph, units)),
            rows_of(scopes).get("transactions", []),
            rows_of(locks).get("locks", []),
        )

    def _spans(self) -> Iterator[tuple[str, int, int, str]]:
        """Where the nodes stand, in files that send messages."""
        paths = {row[3] for row in self.messages}
        for row in self.nodes:
            if row[PATH] in paths:
                yield row[PATH], row[LINE], row[END], row[KEY]


@dataclass(slots=True)
class _Again:
    """Following again only from where something has changed."""

    work: _Work
    earlier: Followed
    changed: set[str] = field(default_factory=set)  # keys of nodes
    units: set[str] = field(default_factory=set)  # of those nodes, before and now
    paths: set[str] = field(default_factory=set)  # of those nodes and of changed locks

    @classmethod
    def of(cls, linked: LinkedProject, work: _Work) -> "_Again | None":
        """What has changed since the earlier run; None where everything has to be followed."""
        earlier = linked.earlier
        if earlier is None or linked.followed is None:
            return None
        if linked.foundation.is_atomic:
            parts = [*earlier.said.values(), *earlier.provided]
            rows = [row for part in parts for row in part.rows.get("entry_points", ())]
            if set(_handlers(rows, linked)) != set(work.handlers):
                return None
        provided = zip(earlier.provided, linked.provided, strict=True)
        if any(_differ(old, new, name) for old, new in provided for name in ("messages", "locks")):
            return None
        again = cls(work, linked.followed)
        for name, new in linked.said.items():
            old = earlier.said[name]
            if old is not new:
                again._note(old, new)
        return again

    def _note(self, old: Said, new: Said) -> None:
        if old.nodes != new.nodes:
            known = {row[KEY]: row for row in old.nodes}
            same = {row[KEY] for row in new.nodes if known.get(row[KEY]) == row}
            rows = [row for row in (*old.nodes, *new.nodes) if row[KEY] not in same]
            self.changed.update(row[KEY] for row in rows)
            self.units.update(row[UNIT] for row in rows)
            self.paths.update(row[PATH] for row in rows)
        if _differ(old, new, "messages"):
            sending = {row[3] for one in (old, new) for row in one.rows.get("messages", ())}
            self.changed.update(row[KEY] for row in self.work.nodes if row[PATH] in sending)
        if _differ(old, new, "locks"):
            self.paths.update(row[3] for one in (old, new) for row in one.rows.get("locks", ()))

    def followed(self) -> Followed:
        """What follows now."""
        nodes: dict[str, list[Row]] = {}
        for row in self.work.nodes:
            nodes.setdefault(row[KEY], []).append(row)
        affected = self._affected(nodes)
        rows = [row for key in affected for row in nodes.get(key, ())]
        units = self.units | {row[UNIT] for row in rows}
        paths = self.paths | {row[PATH] for row in rows}
        if self.work.handlers:  # a class answers by what it inherits, wherever that stands
            paths |= {row[PATH] for row in self.work.nodes if row[UNIT] in units}
        begun = {row[KEY] for row in self.work.nodes if row[UNIT] in units or row[PATH] in paths}
        within = self._within(begun, nodes)
        found = self.work.followed_in(
            [row for row in self.work.nodes if row[KEY] in within], units, paths
        )
        kept = self.earlier
        return Followed(
            [*(row for row in kept.accesses if row[0] not in units), *found.accesses],
            [*(row for row in kept.transactions if row[3] not in paths), *found.transactions],
            [*(row for row in kept.locks if row[3] not in paths), *found.locks],
        )

    def _affected(self, nodes: dict[str, list[Row]]) -> set[str]:
        """The changed nodes and all that reach them."""
        callers: dict[str, list[str]] = {}
        for key, rows in nodes.items():
            for row in rows:
                for call in row[CALLS]:
                    callers.setdefault(call[0], []).append(key)
        seen = set(self.changed)
        level = seen
        for _ in range(REACH):
            level = {caller for key in level for caller in callers.get(key, ())} - seen
            seen |= level
        return seen

    def _within(self, begun: set[str], nodes: dict[str, list[Row]]) -> set[str]:
        """The nodes and all that they reach."""
        seen = {key for key in begun if key in nodes}
        level = seen
        for _ in range(REACH):
            called = {call[0] for key in level for row in nodes[key] for call in row[CALLS]}
            level = {key for key in called if key in nodes} - seen
            seen |= level
        return seen


def _is_method(key: str) -> bool:
    return "." in key.partition(":")[2]


def _differ(old: Said, new: Said, name: str) -> bool:
    return old.rows.get(name) != new.rows.get(name)
