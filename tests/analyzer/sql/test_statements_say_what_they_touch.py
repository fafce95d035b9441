"""SQL in, tables out; each pair is one way that statements are written in real code."""

import time

import pytest

from analyzer.sql.parsing import read_statements
from analyzer.sql.splitting import HOLE
from analyzer.sql.statement import Statement

READS_AND_WRITES = [
    ("SELECT * FROM a JOIN `b` x ON 1 WHERE y = %s", ("a", "b"), ()),
    ("SELECT a FROM t WHERE x = :name AND b::text = 'from z'", ("t",), ()),
    ('SELECT "a"."b" FROM "public"."orders_order"', ("orders_order",), ()),
    ("SELECT * FROM sales.orders", ("sales.orders",), ()),
    ("select * from a where x in (select y from b)", ("a", "b"), ()),
    ("with o as (select * from t) insert into y select * from o join p", ("p", "t"), ("y",)),
    ("with orders as (select * from orders) select * from orders", ("orders",), ()),
    ("UPDATE orders SET a = %s WHERE id = %(id)s", (), ("orders",)),
    ("UPDATE o SET a = 1 FROM orders o", ("orders",), ("orders",)),
    ("DELETE a FROM orders a JOIN x b ON 1=1", ("orders", "x"), ("orders",)),
    ("delete from a using b where a.x = b.y", ("b",), ("a",)),
    ("INSERT INTO t (a) VALUES (%s, %s) ON CONFLICT DO NOTHING", (), ("t",)),
    ("INSERT INTO t (a) VALUES (%s) ON DUPLICATE KEY UPDATE a=1", (), ("t",)),
    ("REPLACE INTO t VALUES (1)", (), ("t",)),
    ("truncate table a, b", (), ("a", "b")),
    ("merge into t using s on t.a=s.a when matched then update set b=1", ("s",), ("t",)),
    ("CREATE INDEX CONCURRENTLY i ON t (a)", (), ("t",)),
    ("DROP TRIGGER IF EXISTS i ON t", (), ()),
    ("CREATE TABLE x AS SELECT * FROM z", ("z",), ("x",)),
    ("create view v as select * from t", ("t",), ()),
    ("DROP TABLE IF EXISTS a, b CASCADE", (), ("a", "b")),
    ("COPY t FROM stdin", (), ("t",)),
    ("EXPLAIN SELECT * FROM t", ("t",), ()),
]
TOUCHES_NO_TABLE = [
    "SELECT 1",
    "SELECT * FROM generate_series(1, 10)",
    "SELECT nspname FROM pg_catalog.pg_namespace",
    "SELECT name FROM sqlite_master",
    "SELECT table_name FROM information_schema.tables",
    "SET search_path TO x",
    "BEGIN",
    "-- select * from commented_out",
    "not sql at all, from me to you (((",
]


def only(text: str) -> Statement:
    (statement,) = read_statements(text)
    return statement


@pytest.mark.parametrize(("text", "reads", "writes"), READS_AND_WRITES)
def test_reads_and_writes(text: str, reads: tuple[str, ...], writes: tuple[str, ...]) -> None:
    statement = only(text)
    assert (statement.reads, statement.writes) == (reads, writes)


@pytest.mark.parametrize("text", TOUCHES_NO_TABLE)
def test_no_table_is_made_up(text: str) -> None:
    assert [use for statement in read_statements(text) for use in statement.uses] == []


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * FROM {HOLE} WHERE a = 1 {HOLE}",
        "DELETE FROM {} WHERE a IN (%s)",
        "SELECT count(*) FROM %(table)s",
        f"SELECT * FROM prefix_{HOLE}",
        'INSERT INTO "%s" VALUES (1)',
    ],
)
def test_a_computed_table_is_told_apart_from_no_table(text: str) -> None:
    statement = only(text)
    assert statement.uses == ()
    assert statement.open_table


def test_computed_conditions_leave_the_tables_known() -> None:
    statement = only(f"UPDATE orders SET a = {HOLE} WHERE {HOLE} AND b IN ({HOLE}) {HOLE}")
    assert statement.writes == ("orders",)
    assert not statement.open_table


@pytest.mark.parametrize(
    ("text", "locks"),
    [
        ("select * from a join b on 1=1 for update", [("row", "a"), ("row", "b")]),
        ("select * from orders o join c on 1=1 for update of o", [("row", "orders")]),
        ("select * from a lock in share mode", [("row", "a")]),
        ("LOCK TABLE a, ONLY b IN EXCLUSIVE MODE", [("table", "a"), ("table", "b")]),
        ("LOCK TABLES a WRITE, b READ", [("table", "a"), ("table", "b")]),
        ("SELECT pg_advisory_xact_lock(42)", [("advisory", "42")]),
        ("SELECT GET_LOCK('job', 10)", [("advisory", "job")]),
        ("SELECT pg_try_advisory_lock(%s)", [("advisory", "*")]),
        ("select * from a", []),
    ],
)
def test_locks(text: str, locks: list[tuple[str, str]]) -> None:
    assert [(lock.kind, lock.target) for lock in only(text).locks] == locks


def test_create_table_gives_columns_and_foreign_keys() -> None:
    definition = only(
        """CREATE TABLE a.b (
             id int NOT NULL PRIMARY KEY AUTO_INCREMENT,
             c_id bigint NULL REFERENCES c (id) ON DELETE CASCADE,
             x varchar(20) UNIQUE,
             CONSTRAINT fk FOREIGN KEY (x, y) REFERENCES z (p, q) ON DELETE SET NULL,
             KEY k (x)
           ) ENGINE=InnoDB"""
    ).definition
    assert definition is not None
    assert definition.table == "a.b"
    assert [(c.name, c.nullable, c.primary_key, c.unique) for c in definition.columns] == [
        ("id", False, True, False),
        ("c_id", True, False, False),
        ("x", True, False, True),
    ]
    assert [(k.columns, k.target, k.on_delete, k.line) for k in definition.foreign_keys] == [
        (("c_id",), "c", "cascade", 2),
        (("x", "y"), "z", "set_null", 4),
    ]


def test_alter_table_gives_what_changes() -> None:
    added = only(
        "ALTER TABLE ONLY a ADD CONSTRAINT x FOREIGN KEY (c) REFERENCES p.b(id)"
    ).definition
    changed = only("ALTER TABLE a ADD COLUMN b int REFERENCES c(id), DROP COLUMN d").definition
    renamed = only("ALTER TABLE a RENAME TO b").definition
    assert added is not None
    assert added.foreign_keys[0].target == "p.b"
    assert changed is not None
    assert [column.name for column in changed.columns] == ["b"]
    assert changed.dropped_columns == ("d",)
    assert renamed is not None
    assert renamed.renamed_to == "b"


def test_a_script_is_split_and_keeps_its_lines() -> None:
    script = """-- first; not a statement
INSERT INTO a VALUES ('x;y');

CREATE FUNCTION f() RETURNS int AS $$ BEGIN UPDATE b SET c = 1; END; $$ LANGUAGE plpgsql;
CREATE TRIGGER t AFTER INSERT ON x FOR EACH ROW BEGIN UPDATE y SET a = 1; DELETE FROM z; END;
SELECT 1 FROM q
"""
    found = [(s.kind, [(u.table, u.line) for u in s.uses]) for s in read_statements(script)]
    assert found == [
        ("insert", [("a", 1)]),
        ("routine", [("b", 3)]),
        ("routine", [("y", 4), ("z", 4)]),
        ("select", [("q", 5)]),
    ]


def test_what_no_dialect_parses_is_scanned_and_says_so() -> None:
    statement = only("SELECT a FROM orders PIVOT WOBBLE ((( JOIN customers ON")
    assert statement.understanding == "scanned"
    assert statement.problem
    assert statement.reads == ("customers", "orders")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 5_000 + "1" + ")" * 5_000 + " FROM t",
        "INSERT INTO t VALUES " + "(1, 'x'), " * 100_000,
        "'" * 10_001,
        "/*" * 10_000,
        "CREATE FUNCTION f BEGIN " + "SELECT 1; " * 20_000,
        "\x00\ud800;" * 1_000,
    ],
)
def test_hostile_text_neither_fails_nor_stalls(text: str) -> None:
    started = time.monotonic()
    list(read_statements(text))
    assert time.monotonic() - started < 5
