"""SQL in strings of Python code: which unit reads, writes, joins and locks which table."""

from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.tables import Table
from analyzer.facts.transactions import Lock
from analyzer.readers.python.reader import facts_of
from analyzer.readers.python.sql import SqlStrings
from tests.fakes.python_project import project
from tests.fakes.table_facts import access_lines

MODELS = """### shop/models.py
from django.db import models
class Order(models.Model):
    items = models.ManyToManyField("Item")
class Item(models.Model):
    pass
### shop/reports.py
from django.db import connection
from shop.models import Order
"""


def facts(body: str) -> list[object]:
    return list(facts_of(project(MODELS + body), [SqlStrings()]))


def test_statements_in_execute() -> None:
    found = access_lines(
        facts(
            '''QUERY = """
    SELECT * FROM "shop_order" o
    JOIN SHOP_ITEM i ON i.id = o.id
"""
def report(cursor):
    cursor.execute(QUERY)
    cursor.execute("UPDATE shop_order SET x = %s", [1])
'''
        )
    )
    assert found == [
        "shop.reports:report joins shop_item shop_order @shop/reports.py:8",
        "shop.reports:report reads shop_item (select) @shop/reports.py:8",
        "shop.reports:report reads shop_order (select) @shop/reports.py:8",
        "shop.reports:report writes shop_order (update) @shop/reports.py:9",
    ]


def test_names_of_tables_that_models_give() -> None:
    found = access_lines(
        facts(
            """def a(cursor):
    cursor.execute(f"DELETE FROM {Order._meta.db_table} WHERE id = {1}")
def b(cursor):
    table = Order._meta.db_table
    cursor.execute("DELETE FROM %s WHERE id = 1" % table)
def c(cursor):
    sql = "SELECT * FROM shop_item" + " WHERE x"
    cursor.execute(sql)
def d():
    return Order.objects.raw("SELECT * FROM shop_order_items")
"""
        )
    )
    assert [line.partition(" (")[0] for line in found] == [
        "shop.reports:a writes shop_order",
        "shop.reports:b writes shop_order",
        "shop.reports:c reads shop_item",
        "shop.reports:d reads shop_order_items",
    ]


def test_locks_and_tables_that_only_sql_knows() -> None:
    found = facts(
        """def work(cursor):
    cursor.execute("SELECT * FROM shop_order FOR UPDATE")
    cursor.execute("SELECT pg_advisory_xact_lock(7)")
    cursor.execute("LOCK TABLE shop_item IN EXCLUSIVE MODE")
    cursor.execute("INSERT INTO legacy_queue (a) VALUES (1)")
"""
    )
    locks = [(one.kind, one.target) for one in found if isinstance(one, Lock)]
    tables = {one.name for one in found if isinstance(one, Table) and one.kind == "sql"}
    assert sorted(locks) == [("advisory", "7"), ("row", "shop_order"), ("table", "shop_item")]
    assert tables == {"legacy_queue"}


def test_what_is_computed_is_said_to_be() -> None:
    found = facts(
        """def work(cursor, name):
    cursor.execute(f"SELECT * FROM {name}")
"""
    )
    codes = [one.code for one in found if isinstance(one, Diagnostic)]
    assert codes == ["computed-table"]


def test_text_that_is_no_sql_says_nothing() -> None:
    assert (
        access_lines(
            facts(
                """def work(shell, cursor):
    shell.execute("selected by me from you")
    cursor.execute("SET x = 1")
    shell.query("update")
"""
            )
        )
        == []
    )


def test_sql_of_migrations() -> None:
    picture = """### shop/models.py
from django.db import models
class Order(models.Model):
    pass
### shop/migrations/0002_fill.py
from django.db import migrations
class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL("UPDATE shop_order SET id = id", reverse_sql="DELETE FROM shop_order"),
        migrations.RunSQL([("INSERT INTO shop_order SELECT * FROM old_order", None)]),
        migrations.RunSQL(sql=["CREATE TABLE extra (id int)"]),
    ]
"""
    said = access_lines(facts_of(project(picture), [SqlStrings()]))
    accesses = [line.partition(":Migration ")[2] for line in said]
    assert [one for one in accesses if not one.startswith("joins")] == [
        "reads old_order (select) @shop/migrations/0002_fill.py:5",
        "writes extra (create) @shop/migrations/0002_fill.py:6",
        "writes shop_order (insert) @shop/migrations/0002_fill.py:5",
        "writes shop_order (update) @shop/migrations/0002_fill.py:4",
    ]


def test_statements_that_are_put_together_or_handed_on() -> None:
    found = access_lines(
        facts(
            """def longer(cursor):
    sql = "SELECT * FROM shop_order"
    sql += " WHERE id IN (SELECT id FROM shop_item)"
    cursor.execute(sql)
def parts(cursor):
    words = ["SELECT *", "FROM shop_item"]
    cursor.execute(" ".join(words))
def run(cursor, sql):
    cursor.execute(sql)
def caller(cursor):
    run(cursor, "DELETE FROM shop_item")
def narrowed():
    Order.objects.extra(where=["id IN (SELECT order_id FROM shop_order_items)"])
def out(cursor):
    cursor.execute("COPY shop_item TO STDOUT")
"""
        )
    )
    assert [line for line in found if "joins" not in line] == [
        "shop.reports:caller writes shop_item (delete) @shop/reports.py:13",
        "shop.reports:longer reads shop_item (select) @shop/reports.py:4",
        "shop.reports:longer reads shop_order (select) @shop/reports.py:4",
        "shop.reports:narrowed reads shop_order (select) @shop/reports.py:15",
        "shop.reports:narrowed reads shop_order_items (select) @shop/reports.py:15",
        "shop.reports:out reads shop_item (select) @shop/reports.py:17",
        "shop.reports:parts reads shop_item (select) @shop/reports.py:9",
    ]


def test_files_of_sql_are_run_by_the_code_that_opens_them() -> None:
    found = access_lines(
        facts(
            """from pathlib import Path
def go(cursor):
    cursor.execute(Path(__file__).with_name("tidy.sql").read_text())
### shop/tidy.sql
DELETE FROM shop_item;
"""
        )
    )
    assert found == ["shop.reports:go writes shop_item (delete) @shop/reports.py:5"]
