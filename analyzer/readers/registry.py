"""The table of readers; nothing else chooses one."""

from analyzer.readers.git_history.reader import GitHistoryReader
from analyzer.readers.language_reader import LanguageReader
from analyzer.readers.packaging.reader import PackagingReader
from analyzer.readers.python.reader import PythonReader
from analyzer.readers.sql_ddl.reader import SqlSchemaReader

READERS: tuple[LanguageReader, ...] = (
    PythonReader(),
    SqlSchemaReader(),
    PackagingReader(),
    GitHistoryReader(),
)
