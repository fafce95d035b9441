"""Where the import roots of a tree are, and so what each of its files is called and is for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from analyzer.facts.modules import ModuleRole

VENDORED_FOLDERS = frozenset(
    [
        "vendor",
        "vendored",
        "_vendor",
        "third_party",
        "thirdparty",
        "extern",
        "node_modules",
        "site-packages",
    ]
)
TEST_FOLDERS = frozenset(
    [
        "test",
        "tests",
        "testing",
        "unit_tests",
        "functional_tests",
        "e2e",
        "testdata",
        "test_utils",
        "testutils",
        "test_helpers",
        "testhelpers",
        "test_support",
        "testsupport",
        "test_project",
        "testproject",
        "test_app",
        "testapp",
    ]
)
TEST_FILES = frozenset(["tests.py", "test.py", "conftest.py"])
MIGRATION_FOLDERS = frozenset(["migrations", "south_migrations", "db_migrations"])
# Files of well-known distributions: the folder above the package holds copies of such.
VENDORED_MARKS = (
    "/django/db/models/base.py",
    "/flask/app.py",
    "/jinja2/environment.py",
    "/requests/sessions.py",
    "/rest_framework/serializers.py",
    "/sqlalchemy/orm/mapper.py",
)
# Beside metadata, these say that a folder is where a distribution is written, not installed.
SOURCE_MARKS = ("pyproject.toml", "setup.cfg", "setup.py")
GENERATED_ENDINGS = ("_pb2.py", "_pb2_grpc.py", "parsetab.py", "lextab.py")


@dataclass(frozen=True, slots=True)
class ModuleName:
    """What one file is called when it is imported."""

    path: str
    id: str
    is_package: bool


def name_modules(
    paths: Collection[str],
    imported: Mapping[str, int],
    *,
    fallback: str = "",
    relative: Collection[str] = (),
) -> tuple[ModuleName, ...]:
    """A unique dotted name for each path.

    `imported` counts how often each dotted name, and each of its leading parts, is imported
    absolutely anywhere in the tree: that tells which of the folders above a package is on the path.
    `fallback` is the name of the tree, for when the tree is itself the inside of a package.
    `relative` are folders that relative imports in the tree take for packages: they are, also
    without an `__init__`, unless what is in them is imported as if they were on the path.
    """
    folders = {path.rpartition("/")[0] for path in paths}
    packages = {path.rpartition("/")[0] for path in paths if path.endswith("__init__.py")}
    roots = {
        path.rpartition("/")[0] for path in (*packages, *paths) if _is_imported(path, imported)
    }
    packages.update(folder for folder in relative if folder and folder not in roots)
    prefixes: dict[str, str] = {}
    taken: dict[str, ModuleName] = {}
    for path in sorted(paths, key=lambda path: (path.count("/"), path)):
        folder, _, file = path.rpartition("/")
        root = _root_of(folder, packages, imported, prefixes, fallback, folders)
        for candidate in _candidates(path, root):
            if candidate not in taken:
                taken[candidate] = ModuleName(path, candidate, file == "__init__.py")
                break
    return tuple(sorted(taken.values(), key=lambda name: name.path))


def _is_imported(path: str, imported: Mapping[str, int]) -> bool:
    """Whether a file or folder is imported as if the folder that it lies in were on the path."""
    return imported.get(path.rpartition("/")[2].removesuffix(".py"), 0) > 0


def role_of(path: str, vendored: Collection[str] = ()) -> ModuleRole:
    """What a file is for, as its path tells; `vendored` are folders known to hold copies."""
    *folders, file = path.split("/")
    names = set(folders)
    if names & VENDORED_FOLDERS or any(path.startswith(f"{folder}/") for folder in vendored):
        return "vendored"
    if file.endswith(GENERATED_ENDINGS):
        return "generated"
    if names & MIGRATION_FOLDERS or ("alembic" in names and "versions" in names):
        return "migration"
    is_test = file.startswith("test_") or file.endswith("_test.py") or file in TEST_FILES
    return "test" if is_test or names & TEST_FOLDERS else "product"


def vendored_folders(paths: Collection[str]) -> frozenset[str]:
    """Folders inside the tree into which distributions were installed, with their metadata."""
    found = set()
    for path in paths:
        folder, _, file = path.rpartition("/")
        parent, _, name = folder.rpartition("/")
        if file in ("METADATA", "PKG-INFO", "RECORD") and name.endswith(
            (".dist-info", ".egg-info")
        ):
            found.add(parent)
        for mark in VENDORED_MARKS:
            if path.endswith(mark):
                found.add(path.removesuffix(mark))
    return frozenset(folder for folder in found if not _is_product(folder, paths))


def _is_product(folder: str, paths: Collection[str]) -> bool:
    """Whether metadata in the folder is that of the project: its sources, or all that there is."""
    if not folder or folder.rpartition("/")[2] == "src":
        return True
    if any(f"{folder}/{mark}" in paths for mark in SOURCE_MARKS):
        return True
    return all(path.startswith(f"{folder}/") for path in paths if path.endswith(".py"))


def _root_of(
    folder: str,
    packages: Collection[str],
    imported: Mapping[str, int],
    known: dict[str, str],
    fallback: str,
    folders: Collection[str],
) -> str:
    """The dotted prefix of the folder; remembered in `known` for the topmost package."""
    top = _topmost_package(folder, packages)
    if top is None:
        return _best_name(folder, imported) if folder else ""
    if top not in known:
        known[top] = _best_name(top, imported) if top else _own_name(imported, folders, fallback)
    inside = folder[len(top) :].strip("/").replace(".", "_").replace("/", ".")
    return ".".join(part for part in (known[top], inside) if part)


def _topmost_package(folder: str, packages: Collection[str]) -> str | None:
    if "" in packages:
        return ""
    parts = folder.split("/")
    for end in range(1, len(parts) + 1):
        candidate = "/".join(parts[:end])
        if candidate in packages:
            return candidate
    return None


def _best_name(folder: str, imported: Mapping[str, int]) -> str:
    """The name under which the folder is imported most; without any import, the likeliest.

    A folder that nothing imports is called after the one above it, if that is imported: the
    parts of a namespace package stand side by side.
    """
    parts = [part.replace(".", "_") for part in folder.split("/")]
    for end in range(len(parts), 0, -1):
        names = [".".join(parts[start:end]) for start in range(end - 1, -1, -1)]
        best = max(names, key=lambda name: imported.get(name, 0))
        if imported.get(best, 0):
            return ".".join([best, *parts[end:]])
    return parts[-1]


def _own_name(imported: Mapping[str, int], folders: Collection[str], fallback: str) -> str:
    """The name of the package that the whole tree is the inside of."""
    tops = {folder.split("/")[0] for folder in folders if folder}
    counts: dict[str, int] = {}
    for name, count in imported.items():
        first, _, second = name.partition(".")
        if second in tops and first not in tops:
            counts[first] = counts.get(first, 0) + count
    if counts:
        return max(sorted(counts), key=lambda name: counts[name])
    return fallback if fallback.isidentifier() else ""


def _candidates(path: str, root: str) -> list[str]:
    """Names for the file, the best first; the last can belong to no other file."""
    stem = path[:-3] if path.endswith(".py") else path
    file = stem.rpartition("/")[2].replace(".", "_")
    short = root if file == "__init__" else ".".join(part for part in (root, file) if part)
    whole = stem.removesuffix("/__init__").replace(".", "_").replace("/", ".")
    return [name for name in (short, whole, f"{whole}.__init__", path) if name]
