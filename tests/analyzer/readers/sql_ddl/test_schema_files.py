"""A schema script in, tables and foreign keys out."""

from analyzer.readers.sql_ddl.reader import read_script
from analyzer.readers.sql_ddl.schema import SchemaScript


def schema_of(*scripts: str, folder: str = "db") -> SchemaScript:
    schema = SchemaScript()
    for number, text in enumerate(scripts):
        list(read_script(schema, path=f"{folder}/{number:03}.sql", text=text))
    return schema


def test_tables_columns_and_keys_have_their_own_lines() -> None:
    schema = schema_of(
        """-- customers first
CREATE TABLE customers (
  id BIGSERIAL PRIMARY KEY,
  email varchar(200) NOT NULL UNIQUE
);
CREATE TABLE orders (
  id BIGSERIAL,
  customer_id bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
  PRIMARY KEY (id)
);
"""
    )
    customers, orders = schema.tables()
    assert str(customers.evidence) == "db/000.sql:2"
    assert [(c.name, str(c.evidence), c.primary_key, c.nullable) for c in orders.columns] == [
        ("id", "db/000.sql:7", True, False),
        ("customer_id", "db/000.sql:8", False, False),
    ]
    (key,) = schema.foreign_keys()
    assert (key.source, key.column, key.target, key.target_column, key.on_delete) == (
        "orders",
        "customer_id",
        "customers",
        "id",
        "cascade",
    )
    assert str(key.evidence) == "db/000.sql:8"


def test_later_scripts_change_what_earlier_ones_made() -> None:
    schema = schema_of(
        "CREATE TABLE a (id int, gone int); CREATE TABLE b (id int); CREATE TABLE c (id int);",
        "ALTER TABLE a ADD COLUMN b_id int; ALTER TABLE a DROP COLUMN gone;",
        "ALTER TABLE ONLY a ADD CONSTRAINT fk FOREIGN KEY (b_id) REFERENCES b (id);",
        "ALTER TABLE a RENAME TO renamed; DROP TABLE c;",
    )
    assert [(t.name, [c.name for c in t.columns]) for t in schema.tables()] == [
        ("b", ["id"]),
        ("renamed", ["id", "b_id"]),
    ]
    assert [(k.source, k.column, k.target) for k in schema.foreign_keys()] == [
        ("renamed", "b_id", "b")
    ]


def test_a_key_of_two_columns_is_two_facts() -> None:
    schema = schema_of(
        "CREATE TABLE p (a int, b int);"
        "CREATE TABLE q (x int, y int, FOREIGN KEY (x, y) REFERENCES p (a, b));"
    )
    assert [(k.column, k.target_column) for k in schema.foreign_keys()] == [("x", "a"), ("y", "b")]


def test_names_in_quotes_and_other_cases_are_the_same_table() -> None:
    schema = schema_of(
        "CREATE TABLE `Orders` (`id` int AUTO_INCREMENT, PRIMARY KEY (`id`)) ENGINE=InnoDB;"
        "ALTER TABLE orders ADD COLUMN note text;"
    )
    assert [(t.name, len(t.columns)) for t in schema.tables()] == [("Orders", 2)]


def test_data_temporary_tables_and_views_are_no_tables() -> None:
    schema = schema_of(
        "INSERT INTO a VALUES (1); CREATE TEMPORARY TABLE t (id int); SELECT * FROM b;"
        "CREATE VIEW v AS SELECT * FROM a; CREATE INDEX i ON a (id); GRANT ALL ON a TO b;"
    )
    assert schema.tables() == ()


def test_scripts_among_tests_make_test_tables() -> None:
    schema = schema_of("CREATE TABLE a (id int)", folder="tests/data")
    assert [table.role for table in schema.tables()] == ["test"]


def test_what_is_not_parsed_is_reported_with_its_line() -> None:
    schema = SchemaScript()
    text = "SELECT 1;\n\nCREATE TABLE broken (id int,,, ((;\nCREATE TABLE fine (id int);"
    (diagnostic,) = read_script(schema, path="a.sql", text=text)
    assert (diagnostic.code, diagnostic.line) == ("sql-not-parsed", 3)
    assert [table.name for table in schema.tables()] == ["fine"]
