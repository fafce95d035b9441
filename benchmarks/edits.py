"""Edits real projects at random, and demands of each reading after an edit what a cold one says.

    python -m benchmarks.edits misago wger pretix --edits 60

Reads each project once; then makes one edit after another, each upon those before, and reads with
the store of the earlier readings and again with a store that holds only the records of files. The
two must be equal. Every eighth edit all are taken back.
"""

import argparse
import ast
import hashlib
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.intake.snapshot import Snapshot, SourceFile, digest_of
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python.reader import PythonReader
from analyzer.store.memory import MemoryStore

CORPUS = Path(__file__).parent / "cache" / "corpus"
Files = dict[str, bytes]
BODIES = (ast.Expr, ast.Assign, ast.Return, ast.For, ast.If, ast.With)


@dataclass(slots=True)
class Editor:
    """Changes one file after another; everything it writes it has found in the same project."""

    files: Files
    chance: random.Random

    def edit(self, kind: str) -> str:
        """Make an edit of this kind; the path of the file, or "" where there is no place for it."""
        paths = [path for path in self.files if path.endswith(".py")]
        for _ in range(30):
            path = self.chance.choice(paths)
            text = self.files[path].decode(errors="replace")
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError):
                continue
            found = EDITS[kind](self, path, text.split("\n"), tree)
            if found is not None:
                new = "\n".join(found)
                if _is_valid(new) and new != text:
                    self.files[path] = new.encode()
                    return path
        return ""

    def any_statement(self) -> str:
        """One line that stands in some function of the project."""
        paths = [path for path in self.files if path.endswith(".py")]
        for _ in range(50):
            text = self.files[self.chance.choice(paths)].decode(errors="replace")
            try:
                functions = _functions(ast.parse(text))
            except (SyntaxError, ValueError, RecursionError):
                continue
            found = [
                ast.unparse(statement).split("\n")[0]
                for function in functions
                for statement in function.body
                if isinstance(statement, ast.Expr | ast.Assign | ast.Return)
            ]
            found = [one for one in found if _is_valid(f"def f():\n {one}")]
            if found:
                return self.chance.choice(found)
        return "pass"


def _is_valid(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef) and one.body[0].lineno > one.lineno
    ]


def _inserted(lines: list[str], line: int, column: int, text: str) -> list[str]:
    return [*lines[: line - 1], " " * column + text, *lines[line - 1 :]]


def _in_body(editor: Editor, lines: list[str], tree: ast.AST, text: str) -> list[str] | None:
    functions = _functions(tree)
    if not functions:
        return None
    statement = editor.chance.choice(editor.chance.choice(functions).body)
    return _inserted(lines, statement.lineno, statement.col_offset, text)


Edit = Callable[[Editor, str, list[str], ast.Module], list[str] | None]


def statement(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A statement of another function, in a body."""
    return _in_body(editor, lines, tree, editor.any_statement())


def comment(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """Lines that say nothing, anywhere between statements."""
    at = editor.chance.choice(tree.body).lineno if tree.body else 1
    return _inserted(_inserted(lines, at, 0, "# nothing"), at, 0, "")


def attribute(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """An attribute of `self` or of the request."""
    statement = editor.any_statement().removeprefix("return ")
    value = statement.rpartition(" = ")[2]
    name = editor.chance.choice(["self.name", "self.queryset", "self.fresh", "request.fresh"])
    return _in_body(editor, lines, tree, f"{name} = {value}")


def removal(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A statement of a body is gone."""
    functions = [one for one in _functions(tree) if len(one.body) > 1]
    if not functions:
        return None
    gone = editor.chance.choice(editor.chance.choice(functions).body)
    return [*lines[: gone.lineno - 1], *lines[gone.end_lineno :]]


def returned(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A function returns something else, first of all."""
    value = editor.any_statement().removeprefix("return ").rpartition(" = ")[2]
    functions = _functions(tree)
    if not functions:
        return None
    first = editor.chance.choice(functions).body[0]
    return _inserted(lines, first.lineno, first.col_offset, f"if bool(0): return {value}")


def local_import(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """An import inside a function."""
    return _in_body(editor, lines, tree, f"from {_some_module(editor)} import *".replace("*", "x"))


def decorator(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A function is decorated."""
    functions = [one for one in _functions(tree) if not one.decorator_list]
    if not functions:
        return None
    one = editor.chance.choice(functions)
    name = editor.chance.choice(["transaction.atomic", "property", "staticmethod", "receiver(x)"])
    return _inserted(lines, one.lineno, one.col_offset, f"@{name}")


def shadow(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A new name takes the place of an import."""
    names = [
        alias.asname or alias.name
        for one in tree.body
        if isinstance(one, ast.ImportFrom)
        for alias in one.names
    ]
    if not names:
        return None
    return [*lines, f"def {editor.chance.choice(names).replace('*', 'x')}(*a): return a"]


def star(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A star import at the end."""
    return [*lines, f"from {_some_module(editor)} import *"]


def base(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A class has another base."""
    classes = [one for one in tree.body if isinstance(one, ast.ClassDef) and one.bases]
    if len(classes) < 2:
        return None
    one, other = editor.chance.sample(classes, 2)
    line = lines[one.lineno - 1]
    changed = line.replace(ast.unparse(one.bases[0]), ast.unparse(other.bases[0]), 1)
    return [*lines[: one.lineno - 1], changed, *lines[one.lineno :]]


def member(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A class has one more attribute, as another class of the file has it."""
    classes = [one for one in tree.body if isinstance(one, ast.ClassDef)]
    assigned = [s for one in classes for s in one.body if isinstance(s, ast.Assign)]
    if not assigned:
        return None
    last = editor.chance.choice(classes).body[-1]
    text = ast.unparse(editor.chance.choice(assigned))
    return _inserted(lines, (last.end_lineno or 0) + 1, last.col_offset, text)


def no_member(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """An attribute of a class is gone."""
    classes = [one for one in tree.body if isinstance(one, ast.ClassDef) and len(one.body) > 1]
    assigned = [s for one in classes for s in one.body if isinstance(s, ast.Assign)]
    if not assigned:
        return None
    gone = editor.chance.choice(assigned)
    return [*lines[: gone.lineno - 1], *lines[gone.end_lineno :]]


def receiver(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """A signal is heard."""
    return [
        *lines,
        "from django.db.models.signals import post_save, pre_delete",
        "from django.dispatch import receiver",
        f"@receiver({editor.chance.choice(['post_save', 'pre_delete'])})",
        "def heard(sender, instance, **kwargs):",
        f"    {editor.any_statement()}",
    ]


def setting(editor: Editor, path: str, lines: list[str], tree: ast.Module) -> list[str] | None:
    """Settings say something else."""
    if not any(isinstance(one, ast.Assign) and "INSTALLED_APPS" in ast.unparse(one.targets[0])
               for one in tree.body):  # fmt: skip
        return None
    return [*lines, "DATABASES = {'default': {'ATOMIC_REQUESTS': True}}", "APPEND_SLASH = False"]


def _some_module(editor: Editor) -> str:
    paths = [path for path in editor.files if path.endswith(".py") and "/" in path]
    path = editor.chance.choice(paths) if paths else "none.py"
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".").replace("-", "_")


INSIDE = ("statement", "comment", "attribute", "removal", "returned")
EDITS: dict[str, Edit] = {
    one.__name__: one
    for one in (
        statement, comment, attribute, removal, returned, local_import, decorator, shadow, star,
        base, member, no_member, receiver, setting,
    )
}  # fmt: skip


class Readings:
    """A project on disk as it is edited, with what was stored of its readings."""

    def __init__(self, root: Path, files: Files) -> None:
        self._root = root
        self._store = MemoryStore()
        self._files: Files = {}
        self.write(files)

    def write(self, files: Files) -> None:
        """Bring the folder to these files."""
        for path in self._files.keys() - files.keys():
            (self._root / path).unlink()
        for path, content in files.items():
            if self._files.get(path) != content:
                (self._root / path).parent.mkdir(parents=True, exist_ok=True)
                (self._root / path).write_bytes(content)
        self._files = dict(files)

    def read(self) -> tuple[CodebaseFacts, float]:
        """What a reading says that may go on from the ones before, and its processor seconds."""
        return self._timed(self._store)

    def read_anew(self) -> tuple[CodebaseFacts, float]:
        """What a reading says that has nothing but the records of files."""
        store = MemoryStore()
        for (kind, digest), content in self._store.contents().items():
            if kind.startswith("python-module/"):
                store.put(kind=kind, digest=digest, content=content)
        return self._timed(store)

    def runs_kept(self) -> int:
        """How many readings linked everything."""
        return sum("/runs" in kind for kind, _ in self._store.contents())

    def damage(self, ending: str) -> None:
        """Cut what is stored under kinds that end so."""
        for (kind, digest), content in self._store.contents().items():
            if kind.endswith(ending):
                self._store.put(kind=kind, digest=digest, content=content[: len(content) // 2])

    def _timed(self, store: MemoryStore) -> tuple[CodebaseFacts, float]:
        files = tuple(
            SourceFile(path, hashlib.sha256(content).hexdigest(), len(content))
            for path, content in sorted(self._files.items())
        )
        snapshot = Snapshot("edited", self._root, files, digest_of(files))
        begun = time.process_time()
        facts = PythonReader().read(snapshot, ReadingTools(store, lambda count: None, 1))
        return facts, time.process_time() - begun


def differences(facts: CodebaseFacts, others: CodebaseFacts) -> list[str]:
    """Where two readings differ, in words."""
    found = []
    for field in fields(CodebaseFacts):
        one, other = getattr(facts, field.name), getattr(others, field.name)
        if one != other:
            more, less = set(one) - set(other), set(other) - set(one)
            found.append(f"{field.name}: {sorted(map(str, more))[:2]} {sorted(map(str, less))[:2]}")
    return found


def main() -> None:
    """Edit the projects that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="+")
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inside", action="store_true", help="only edits inside functions")
    options = parser.parse_args()
    for name in options.projects:
        _edit_project(name, options.edits, random.Random(options.seed), inside=options.inside)


def _edit_project(name: str, count: int, chance: random.Random, *, inside: bool) -> None:
    original = {
        path.relative_to(CORPUS / name).as_posix(): path.read_bytes()
        for path in sorted((CORPUS / name).rglob("*.py"))
        if path.is_file()
    }
    tried: Counter[str] = Counter()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        readings = Readings(Path(folder), original)
        _, cold = readings.read()
        files = dict(original)
        for number in range(count):
            if number % 8 == 0:
                files = dict(original)
            kind = chance.choice(INSIDE if inside or number % 2 else tuple(EDITS))
            path = Editor(files, chance).edit(kind)
            readings.write(files)
            kept = readings.runs_kept()
            facts, took = readings.read()
            anew, _ = readings.read_anew()
            how = "everything" if readings.runs_kept() > kept else "part"
            tried[f"{kind}: {how} linked"] += 1
            if facts != anew:
                wrong += 1
                print(
                    f"{name} {number} {kind} {path} differs:", *differences(facts, anew), sep="\n  "
                )
            if how == "part":
                print(f"  {kind} {path} {took / cold:.1%}")
    print(f"{name}: {count} edits, {wrong} wrong; {dict(sorted(tried.items()))}")


if __name__ == "__main__":
    main()
