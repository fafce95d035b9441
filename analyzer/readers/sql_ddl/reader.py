"""Reads schema files: CREATE TABLE, ALTER TABLE and their kin → tables and foreign keys."""

from collections.abc import Iterator, Sequence

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.diagnostics import Diagnostic
from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.sql_ddl.schema import SchemaScript
from analyzer.sql.dialect import guess_dialect
from analyzer.sql.parsing import read_statement
from analyzer.sql.scanning import statement_kind
from analyzer.sql.splitting import split_statements
from analyzer.sql.statement import Statement

ENDINGS = (".sql", ".ddl", ".psql", ".pgsql", ".mysql")
TEST_FOLDERS = frozenset({"test", "tests", "testing", "testdata", "fixtures"})
SIZE_LIMIT = 20_000_000  # bytes; a larger file is a dump of data
# Statements that say what a table looks like; the data of a dump is not parsed at all.
DEFINING = frozenset({"create_table", "alter_table", "drop_table"})


class SqlSchemaReader:
    """The reader for SQL schema files; scripts are carried out in the order of their paths."""

    name = "sql-ddl"

    def files(self, snapshot: Snapshot) -> Sequence[SourceFile]:
        """Every file that ends like SQL."""
        return tuple(file for file in snapshot.files if file.path.lower().endswith(ENDINGS))

    def read(self, snapshot: Snapshot, tools: ReadingTools) -> CodebaseFacts:
        """Tables and foreign keys as the scripts leave them."""
        schema = SchemaScript()
        diagnostics: list[Diagnostic] = []
        for file in sorted(self.files(snapshot)):
            if file.size > SIZE_LIMIT:
                diagnostics.append(_too_large(file))
            else:
                text = snapshot.read(file).decode("utf-8", "replace")
                diagnostics += read_script(schema, path=file.path, text=text)
            tools.advance(1)
        return CodebaseFacts(
            tables=schema.tables(),
            foreign_keys=schema.foreign_keys(),
            diagnostics=tuple(sorted(diagnostics)),
        )


def read_script(schema: SchemaScript, *, path: str, text: str) -> Iterator[Diagnostic]:
    """Carry out one script; what could not be parsed is reported."""
    dialect = guess_dialect(text)
    role = "test" if TEST_FOLDERS.intersection(path.split("/")[:-1]) else "product"
    for piece in split_statements(text):
        if statement_kind(piece.text) not in DEFINING:
            continue
        statement = read_statement(piece, dialect=dialect)
        schema.carry_out(statement, path=path, is_test=role == "test")
        if statement.understanding == "scanned":
            yield _not_parsed(path, statement)


def _too_large(file: SourceFile) -> Diagnostic:
    return Diagnostic(
        file.path, 0, "info", "sql-file-too-large", "This SQL file is data by its size; not read."
    )


def _not_parsed(path: str, statement: Statement) -> Diagnostic:
    return Diagnostic(
        path,
        statement.line + 1,
        "warning",
        "sql-not-parsed",
        f"This SQL was only searched for table names: {statement.problem or 'it is too long'}.",
    )
