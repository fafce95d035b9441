"""The table of readers; nothing else chooses one."""

from analyzer.readers.language_reader import LanguageReader

READERS: tuple[LanguageReader, ...] = ()
