"""The oracle of recorded SQL: reading statements, charging units, keeping verdicts."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Module, Unit
from analyzer.facts.references import Reference
from analyzer.facts.tables import Table, TableAccess
from benchmarks.recorded_sql.compare import bases_of, compare, units_by_place
from benchmarks.recorded_sql.flushes import observe_session
from benchmarks.recorded_sql.hand_check import Row, drawn, precision, sheet
from benchmarks.recorded_sql.recording import Maker, Statement, load, observe, touches
from benchmarks.recorded_sql.tables import heading, with_part

RECORDER = Path(__file__).parents[2] / "benchmarks" / "recorded_sql" / "record.py"
HERE = Evidence("shop.py", 1)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('SELECT * FROM "a" JOIN "b" ON 1 = 1 WHERE "a"."x" IN (%s)', {"a": "read", "b": "read"}),
        ('INSERT INTO "a" ("x") VALUES (%s) RETURNING "a"."id"', {"a": "write"}),
        ('UPDATE "a" SET "x" = (SELECT 1 FROM "b") WHERE "id" = %s', {"a": "write", "b": "read"}),
        ('DELETE FROM "a" WHERE "id" IN (SELECT "c"."id" FROM "c")', {"a": "write", "c": "read"}),
        ("WITH found AS (SELECT 1 FROM a) SELECT * FROM found", {"a": "read"}),
        ('CREATE TABLE "a" ("x" integer)', {}),
    ],
)
def test_a_statement_touches_tables(sql, expected):
    assert dict(touches(sql, "sqlite") or ()) == expected


def test_what_is_no_sql_is_said_to_be_none():
    assert touches("SELECT FROM WHERE (", "sqlite") is None


def facts(*claims: tuple[str, str, str]) -> CodebaseFacts:
    """A shop of one file: view on lines 1-9, shared on 11-19, Heir on 21-29; and its tests."""
    return CodebaseFacts(
        modules=(
            Module("shop", "shop.py", 30, "python"),
            Module("tests", "tests.py", 9, "python", role="test"),
        ),
        units=(
            Unit("shop:Heir", "shop", "Heir", "class", 21, 29, 9),
            Unit("shop:shared", "shop", "shared", "function", 11, 19, 9),
            Unit("shop:view", "shop", "view", "function", 1, 9, 9),
        ),
        references=(Reference("shop:Heir", "shop:shared", "inheritance", HERE),),
        tables=(Table("orders", "model", HERE),),
        accesses=tuple(TableAccess(unit, table, mode, HERE) for unit, table, mode in claims),
    )


def compared(statement: Statement, *claims: tuple[str, str, str]):
    read = facts(*claims)
    observed = observe(
        [statement], unit_at=units_by_place(read), bases=bases_of(read), dialect="sqlite"
    )
    return compare(read, observed)


def asked(*stack: tuple[str, int], builder=None, heir=None) -> Statement:
    return Statement('SELECT 1 FROM "orders"', stack, (builder,) if builder else (), heir, 1)


def test_the_innermost_unit_is_asked_and_callers_confirm():
    statement = asked(("shop.py", 15), ("shop.py", 5), ("tests.py", 2))
    result = compared(statement, ("shop:shared", "orders", "read"), ("shop:view", "orders", "read"))
    assert result.found == (("shop:shared", "orders", "read"),)
    assert (result.missed, result.unconfirmed) == ((), ())


def test_what_tests_ask_themselves_does_not_count():
    assert compared(asked(("tests.py", 2), ("shop.py", 5))).recorded == 0


def test_a_query_may_be_claimed_where_it_was_built():
    statement = asked(("shop.py", 15), ("shop.py", 5), builder=("shop.py", 5))
    result = compared(statement, ("shop:view", "orders", "read"))
    assert result.elsewhere == (("shop:view", "orders", "read"),)
    assert (result.strict_recall, result.recall) == (0.0, 1.0)
    assert compared(statement).missed == (("shop:view", "orders", "read"),)


def test_an_inherited_method_may_be_claimed_of_the_heir():
    statement = asked(("shop.py", 15), heir=("shop.py", 21))
    assert compared(statement, ("shop:Heir", "orders", "read")).recall == 1.0


def test_an_inherited_method_further_out_may_be_claimed_of_the_heir_too():
    statement = asked(("shop.py", 5), ("shop.py", 15), ("shop.py", 25), builder=("shop.py", 15))
    assert compared(statement, ("shop:Heir", "orders", "read")).recall == 1.0


def test_a_claim_that_was_not_recorded_is_unconfirmed():
    result = compared(asked(("shop.py", 15)), ("shop:view", "orders", "write"))
    assert result.unconfirmed == (("shop:view", "orders", "write"),)
    assert result.missed == (("shop:shared", "orders", "read"),)


def test_verdicts_survive_a_new_sample():
    claims = {
        ("p", f"m:u{n}", "orders", "read"): TableAccess("m:u", "orders", "read", HERE)
        for n in range(300)
    }
    first = sheet(claims, ())
    judged = [Row(**{**_fields(row), "verdict": "right", "reason": "seen"}) for row in first[:3]]
    again = sheet(claims, judged)
    assert len(again) == 200
    assert precision(again) == (3, 3)
    assert set(drawn(claims)) == {row.key for row in again}


def _fields(row: Row) -> dict[str, str]:
    return {name: getattr(row, name) for name in Row.__dataclass_fields__}


PROJECT = """
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

call_command("migrate", verbosity=0)

def build():
    return ContentType.objects.filter(app_label="shop")

def narrow(queryset):
    return queryset.filter(model="order")

def run(queryset):
    return list(queryset)

run(narrow(build()))
"""


def test_the_recorder_tells_who_ran_and_who_built(tmp_path):
    (tmp_path / "project.py").write_text(PROJECT)
    out = tmp_path / "out.json.gz"
    command = [sys.executable, str(RECORDER), str(out), str(tmp_path), "60", "project"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    found = [s for s in load(out) if "app_label" in s.sql and s.sql.startswith("SELECT")]
    last = found[-1]
    lines = PROJECT.splitlines()
    assert [lines[line - 1].strip() for _, line in last.stack] == [
        "return list(queryset)",
        "run(narrow(build()))",
    ]
    assert [lines[line - 1].strip() for _, line in last.builders] == [
        'return queryset.filter(model="order")',
        'return ContentType.objects.filter(app_label="shop")',
    ]
    with gzip.open(out, "rt") as file:
        assert json.load(file)["paths"] == ["project.py"]


def flushed(*makers: Maker, kind: str = "flush", sql: str = 'UPDATE "orders" SET "x" = 1'):
    """A statement that `shared` makes the session execute, behind which are the makers."""
    return Statement(sql, (("shop.py", 15),), (), None, 1, makers or None, kind)


def observed_session(read: CodebaseFacts, statement: Statement):
    return observe_session(
        (statement,), unit_at=units_by_place(read), bases=bases_of(read), dialect="sqlite"
    )


def test_a_flush_is_charged_to_who_made_the_row_or_may_be_claimed_of_who_flushed():
    maker = Maker((("shop.py", 5), ("tests.py", 2)), None)
    made = facts(("shop:view", "orders", "write"))
    found = observed_session(made, flushed(maker))
    assert compare(made, found[""]).found == (("shop:view", "orders", "write"),)
    assert compare(made, found["flush"]).missed == (("shop:shared", "orders", "write"),)
    ran = facts(("shop:shared", "orders", "write"))
    assert compare(ran, observed_session(ran, flushed(maker))[""]).elsewhere


def test_what_tests_make_is_nobody_elses_and_what_nobody_made_is_the_flushers():
    read = facts()
    by_test = flushed(Maker((("tests.py", 2), ("shop.py", 5)), None))
    assert compare(read, observed_session(read, by_test)[""]).recorded == 0
    missed = compare(read, observed_session(read, flushed())[""]).missed
    assert missed == (("shop:shared", "orders", "write"),)


def test_reloads_are_counted_apart_and_confirm_claims():
    read = facts(("shop:shared", "orders", "read"))
    found = observed_session(read, flushed(kind="reload", sql='SELECT 1 FROM "orders"'))
    assert compare(read, found[""]).recorded == 0
    assert compare(read, found["reload"]).recall == 1.0
    assert compare(read, found[""]).confirmed == (("shop:shared", "orders", "read"),)


def test_one_part_of_the_page_is_published_without_the_other():
    sessions = f"{heading('sqlalchemy')}\n\nnew\n"
    page = with_part("# Django\n\nold\n", "sqlalchemy", sessions)
    assert page == f"# Django\n\nold\n\n{sessions}"
    rows = f"{heading('peewee')}\n\nrows\n"
    page = with_part(with_part(page, "peewee", rows), "django", "# Django\n\nnewer\n")
    assert page == f"# Django\n\nnewer\n\n{sessions}\n{rows}"
