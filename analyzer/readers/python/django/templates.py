"""What templates read of the database: the attributes of what they are given, and loops over it.

A template is followed with the values that a view gives it, through the templates that it extends
and includes. What it reads is read by the code that renders it.
"""

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from analyzer.readers.python.django import queries
from analyzer.readers.python.django.contexts import Context
from analyzer.readers.python.django.template_syntax import Block, Path, Template, read_template
from analyzer.readers.python.effects import Effects
from analyzer.readers.python.evaluator import Evaluator
from analyzer.readers.python.frame import REQUEST, Frame
from analyzer.readers.python.project import Project
from analyzer.readers.python.running import run
from analyzer.readers.python.scopes import ClassScope, Function
from analyzer.readers.python.types import (
    Bound,
    Instance,
    Mapped,
    Method,
    ModelInstance,
    Row,
    Value,
    item_of,
    one_of,
    options_of,
    unpacked,
)

FOLDER = "templates/"
OPERATION = "template"
_LEFT = "left"
MOST_PATHS = 20_000  # that one rendering evaluates
MOST_IN_MODULE = 400_000  # that those of one module evaluate
MOST_TEMPLATES = 60  # that one rendering goes through
DEPTH_OF_CALLS = 1  # only the methods that a template calls: more costs time and tells little
DEPTH_OF_VALUES = 2  # calls that are followed there to learn what one returns
# What a template cannot call: Django refuses what changes the database.
REFUSED = (
    queries.INSTANCE_WRITING | queries.DELETING | queries.UPDATING | queries.INSERTING
    | queries.UPSERTING | queries.RELATION_WRITING
)  # fmt: skip


class TemplateFiles:
    """The templates of a project, by the names that code gives them."""

    def __init__(self, project: Project) -> None:
        self._files = project.other_files
        self._paths: dict[str, list[str]] = {}
        self._read: dict[str, Template] = {}
        self._nearest: dict[tuple[str, str], str] = {}
        self._roots: dict[tuple[str, str], frozenset[str]] = {}
        for path in sorted(self._files.paths):
            start = path.find(FOLDER)
            while start >= 0:
                start += len(FOLDER)
                self._paths.setdefault(path[start:], []).append(path)
                start = path.find(FOLDER, start)

    def named(self, name: str, near: str) -> Template | None:
        """The template of this name; of several the one that lies nearest to a module's path."""
        paths = self._paths.get(name)
        if not paths:
            return None
        path = paths[0] if len(paths) == 1 else self._among(name, paths, near)
        if path not in self._read:
            self._read[path] = read_template(self._files.content(path))
        return self._read[path]

    def roots(self, name: str, near: str) -> frozenset[str]:
        """What a template and all that it extends and includes may ask its context for."""
        key = (name, near)
        if key not in self._roots:
            found: set[str] = set()
            waiting, met = [name], {name}
            while waiting and len(met) <= MOST_TEMPLATES:
                template = self.named(waiting.pop(), near)
                if template is not None:
                    found.update(template.roots)
                    others = {*template.includes, template.extends} - met
                    met |= others
                    waiting.extend(sorted(others))
            self._roots[key] = frozenset(found)
        return self._roots[key]

    def _among(self, name: str, paths: list[str], near: str) -> str:
        key = (name, near)
        if key not in self._nearest:
            self._nearest[key] = max(paths, key=lambda one: _common(one, near))
        return self._nearest[key]


def _common(path: str, other: str) -> int:
    count = 0
    for part, same in zip(path.split("/"), other.split("/"), strict=False):
        if part != same:
            break
        count += 1
    return count


_FILES: WeakKeyDictionary[Project, TemplateFiles] = WeakKeyDictionary()


def template_files(project: Project) -> TemplateFiles:
    """The templates of a project, listed once."""
    if project not in _FILES:
        _FILES[project] = TemplateFiles(project)
    return _FILES[project]


def render(frame: Frame, name: str, context: Mapping[str, Value], line: int) -> None:
    """Note what rendering a template with a context does, at a line of the frame's code."""
    if frame.effects is None:
        return
    user = frame.knowledge.catalogue.user
    always: Context = {"request": Instance(REQUEST)}
    if user:
        always["user"] = ModelInstance(user)
    outer, frame.effects = frame.effects, Effects()
    rendering = _Rendering(frame, line)
    try:
        rendering.template(name, {**always, **context})
    finally:
        frame.effects = outer
    rendering.known[_LEFT] += max(rendering.left, 0)
    # Only what is read, by methods that the template calls too: what else these do is said of them.
    for table, mode in rendering.touched:
        outer.noted += 1
        outer.accesses[table, mode, OPERATION, line, frame.scope] = None


class _Rendering:
    def __init__(self, frame: Frame, line: int) -> None:
        self.frame = frame
        self.line = line
        self.files = template_files(frame.knowledge.project)
        self.templates = MOST_TEMPLATES
        self.through: list[str] = []  # templates that include each other
        self.touched: dict[tuple[str, str], None] = {}  # (table, mode)
        self.known = frame.knowledge.shown
        self.left = min(MOST_PATHS, self.known.setdefault(_LEFT, MOST_IN_MODULE))
        self.known[_LEFT] -= self.left

    def template(self, name: str, scope: Context) -> None:
        """A template with all that it extends and includes."""
        overriding: dict[str, list[Block]] = {}
        extended: set[str] = set()
        while name and name not in extended and self.templates > 0:
            self.templates -= 1
            template = self.files.named(name, self.frame.module.path)
            if template is None:
                break
            extended.add(name)
            name = template.extends
            if not name:
                self._block(template.body, scope, overriding)
                return
            for block in template.blocks():
                overriding.setdefault(block.name, []).append(block)
        for blocks in list(overriding.values()):  # of a library's template: only these are known
            self._block(blocks[0], scope, {})

    def _block(self, block: Block, scope: Context, overriding: dict[str, list[Block]]) -> None:
        self.left -= 1 + len(block.asked)
        if self.left < 0:
            return
        for path in block.asked:
            self._path(path, scope)
        for inner in block.inside:
            _INSIDE[inner.kind](self, inner, scope, overriding)

    def _named(self, block: Block, scope: Context, overriding: dict[str, list[Block]]) -> None:
        overrides = overriding.get(block.name)
        if not overrides:
            self._block(block, scope, overriding)
            return
        rest = {**overriding, block.name: overrides[1:]}
        self._block(overrides[0], scope, rest)
        if ("block", "super") in overrides[0].asked:
            self._named(block, scope, rest)

    def _loop(self, block: Block, scope: Context, overriding: dict[str, list[Block]]) -> None:
        item = item_of(self._path(block.paths[0], scope)) if block.paths else None
        if len(block.names) == 1:
            found = {block.names[0]: item}
        else:
            found = {name: unpacked(item, place) for place, name in enumerate(block.names)}
        self._block(block, {**scope, **found}, overriding)

    def _with(self, block: Block, scope: Context, overriding: dict[str, list[Block]]) -> None:
        self._block(block, {**scope, **self._given(block, scope)}, overriding)

    def _include(self, block: Block, scope: Context, overriding: dict[str, list[Block]]) -> None:
        if not block.name or block.name in self.through:
            return
        given = self._given(block, scope)
        context = given if block.is_apart else {**scope, **given}
        roots = self.files.roots(block.name, self.frame.module.path)
        used = tuple((name, value) for name, value in context.items() if name in roots)
        key = (block.name, used)
        if key not in self.known:
            outer, self.touched = self.touched, {}
            self.through.append(block.name)
            self.template(block.name, context)
            self.through.pop()
            self.known[key] = self.touched
            self.touched = outer
        self.touched.update(self.known[key])

    def _given(self, block: Block, scope: Context) -> Context:
        values = (self._path(path, scope) for path in block.paths)
        return dict(zip(block.names, values, strict=True))

    def _path(self, path: Path, scope: Context) -> Value:
        """What a path is, noting what looking it up and showing it does."""
        value = scope.get(path[0])
        if value is None and len(path) > 1:
            value = self.frame.knowledge.suggestions.suggested(path[0], path[1])
        if value is None:
            return None
        key = (value, path[1:])
        if key not in self.known:
            self.known[key] = self._walked(value, path[1:])
        found: Value
        found, touched = self.known[key]
        self.touched.update(touched)
        return found

    def _walked(self, value: Value, names: Path) -> tuple[Value, dict[tuple[str, str], None]]:
        self.frame.effects = effects = Effects()
        for name in names:
            value = one_of([self._step(option, name) for option in options_of(value)])
        if value is not None:
            self.frame.consume(value, self.line)
        touched = dict.fromkeys((table, mode) for table, mode, *_ in effects.accesses)
        for table in self._read_by(effects, DEPTH_OF_CALLS):
            touched[table, "read"] = None
        return value, touched

    def _read_by(self, effects: Effects, depth: int) -> Iterator[str]:
        """The tables that the functions read which were called, and those that they call."""
        for function, heir, *_ in effects.calls if depth else ():
            key = ("called", function, heir, depth)
            if key not in self.known:
                self.known[key] = ()  # what recursion sees
                self.known[key] = tuple(dict.fromkeys(self._read_in(function, heir, depth)))
            yield from self.known[key]

    def _read_in(self, function: Function, heir: ClassScope | None, depth: int) -> Iterator[str]:
        knowledge = self.frame.knowledge
        receiver = knowledge.classes.self_of(heir) if heir is not None else None
        inner = Evaluator(
            knowledge, function.module, function=function, receiver=receiver,
            depth=DEPTH_OF_VALUES, effects=Effects(),
        )  # fmt: skip
        run(inner, inner.operations)
        done = inner.effects or Effects()
        yield from (table for table, mode, *_ in done.accesses if mode == "read")
        yield from self._read_by(done, depth - 1)

    def _step(self, value: Value, name: str) -> Value:
        """An attribute, item or method without arguments, as templates look it up."""
        if name in REFUSED:
            return None
        if isinstance(value, Row) and name.isdigit():
            return unpacked(value, int(name))
        if name.isdigit():
            self.frame.consume(value, self.line)
            return item_of(value)
        if isinstance(value, Mapped) and name not in ("items", "values", "keys"):
            return value.item
        found = self.frame.attribute(value, name, self.line)
        return one_of([self._called(option, name) for option in options_of(found)])

    def _called(self, value: Value, name: str) -> Value:
        call = ("call", ("name", name, self.line), (), (), self.line)
        frame = self.frame
        if isinstance(value, Bound):
            frame.note_call(value.function, self.line, value.receiver)
            result = frame.knowledge.returned(value.function, value.receiver, frame.depth)
            return frame.framework.after_bound(value, call, result, self.line)
        if isinstance(value, Method):
            return frame.framework.method(value, call, [], self.line)
        if isinstance(value, Function):
            frame.note_call(value, self.line)
            return frame.knowledge.returned(value, None, frame.depth)
        return value


_INSIDE = {
    "for": _Rendering._loop,
    "with": _Rendering._with,
    "block": _Rendering._named,
    "include": _Rendering._include,
}


def names_in(project: Project, names: Iterator[str]) -> tuple[str, ...]:
    """Those of the names that are templates of the project."""
    files = template_files(project)
    return tuple(name for name in names if files.named(name, "") is not None)
