"""Python projects from a picture: one text, files separated by `# path` lines."""

import re

from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import Shared
from analyzer.readers.python.reader import project_of

_FILE = re.compile(r"^### (\S+)\n", re.MULTILINE)


def files_of(picture: str) -> dict[str, bytes]:
    """Path → content; each file begins with a line `### path`."""
    parts = _FILE.split(picture)
    return {path: content.encode() for path, content in zip(parts[1::2], parts[2::2], strict=True)}


def project(picture: str) -> Project:
    """The linked project of the picture."""
    return project_of(files_of(picture))


def nothing_shared() -> Shared:
    """What providers share where there are no models and settings."""
    return Shared(catalogue=Catalogue())
