"""What leaves the process while a transaction is open."""

from analyzer.facts.codebase_facts import CodebaseFacts, merged
from analyzer.facts.entry_points import EntryPoint, Message, MessageKind
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Module, Unit
from analyzer.facts.references import Reference
from analyzer.facts.tables import Table
from analyzer.facts.transactions import TransactionScope
from analyzer.plan.landscape import landscape_of
from analyzer.plan.scopes import effects_inside
from tests.fakes.shop import shop_partition

PATH = "m.py"


def _at(line: int) -> Evidence:
    return Evidence(PATH, line)


def _unit(name: str, kind: str, line: int) -> Unit:
    return Unit(f"m:{name}", "m", name, kind, line, line + 5, 5)  # type: ignore[arg-type]


def _call(source: str, target: str, line: int) -> Reference:
    return Reference(f"m:{source}", f"m:{target}", "call", _at(line))


def _message(kind: MessageKind, unit: str, line: int) -> Message:
    return Message(kind, "elsewhere", f"m:{unit}", _at(line))


def _effects(
    *references: Reference, messages: tuple[Message, ...] = (), tasks: tuple[str, ...] = ()
) -> list[tuple[int, str, int]]:
    scope = TransactionScope("m.py:2", "m:buy", "block", _at(2), 9, deferred=(("m:later", _at(8)),))
    facts = merged(
        CodebaseFacts(
            modules=(Module("m", PATH, 99, "python"),),
            units=(
                _unit("buy", "function", 1),
                _unit("pay", "function", 20),
                _unit("Gateway", "class", 30),
                _unit("Order", "class", 40),
                _unit("later", "function", 50),
            ),
            tables=(Table("orders", "model", _at(40), "m:Order"),),
            references=references,
            messages=messages,
            entry_points=tuple(EntryPoint("task", t, f"m:{t}", _at(1)) for t in tasks),
            transactions=(scope,),
        )
    )
    landscape = landscape_of(facts, shop_partition())
    return [(e.line, e.what, e.evidence.line) for e in effects_inside(landscape, scope)]


def test_a_message_between_the_first_and_the_last_line_is_inside() -> None:
    sent = (_message("mail", "buy", 5), _message("mail", "buy", 15), _message("task", "buy", 6))
    assert _effects(messages=sent) == [(5, "mail elsewhere", 5), (6, "task elsewhere", 6)]


def test_what_waits_for_the_commit_is_outside() -> None:
    assert _effects(messages=(_message("mail", "buy", 8),)) == []


def test_calls_are_followed_through_functions_and_classes_without_a_table() -> None:
    calls = (_call("buy", "pay", 4), _call("pay", "Gateway", 22))
    assert _effects(*calls, messages=(_message("http", "Gateway", 33),)) == [
        (4, "http elsewhere", 33)
    ]


def test_calls_are_not_followed_into_mapped_classes_tasks_or_beyond_the_scope() -> None:
    mail = (_message("mail", "Order", 44), _message("mail", "later", 52))
    assert _effects(_call("buy", "Order", 4), _call("buy", "later", 12), messages=mail) == []
    assert _effects(_call("buy", "later", 4), messages=mail, tasks=("later",)) == []


def test_a_task_sent_further_down_may_wait_for_the_commit() -> None:
    assert _effects(_call("buy", "pay", 4), messages=(_message("task", "pay", 23),)) == []
