"""Lowers one Python file to its module record: what the rest of the reader works on.

A record is made only of tuples, strings, bytes, numbers and None, so that `marshal` can write it.
It depends on nothing but the file's bytes. Nothing after this file sees `ast`.

**Record**, by position (`analyzer.readers.python.record` names the positions):

    (lines, code_lines, understood, notes, imports, units, operations, bound, request)

    lines        number of lines of the file
    code_lines   of those, neither blank nor only a comment
    understood   share of the lines that could be read, 0-1
    notes        ((line, severity, code, message), ...): diagnostics, without the path
    imports      ((module, name, alias, level, line, deferred, typing_only), ...), one for each
                 imported name; `import a.b` has name None, `from m import *` has name "*"; alias
                 is None or the new name; deferred: inside a function; typing_only: under
                 TYPE_CHECKING
    units        ((name, kind, line, end_line, code_lines, mentions, terms), ...): top-level
                 definitions in source order (also those inside `if`, `try`, `with`), then the
                 module body (name "", kind "module"); a name defined twice stands once with the
                 span of the first.
                 mentions: ((root, path, line, role), ...): dotted names that lead out of the
                 unit's own scopes; root is the first part of `path`, or the index in `imports` of
                 the import inside the unit that binds it; role is call | attribute | decoration |
                 inheritance | typing;
                 terms: ((word, count), ...): words of the names and docstrings in it
    operations   of the module's own scope, see below
    bound        names that the module's scope binds, sorted
    request      ((name, value, functions, line), ...): what is assigned to attributes of a
                 `request`, in the function of this path of names, such as
                 ("Middleware", "process_request")

**Operations**, in the order of execution; an operation's body is a tuple of operations:

    ("expr", value, line)                   also conditions, assertions, subjects of loops and
                                            matches
    ("assign", targets, value, line, annotation)       value is None for a bare annotation
    ("augment", target, operator, value, line)         x += y
    ("for", target, iterable, line)         the loop's body follows, flattened
    ("if", ((test, body), ...), line)       alternatives; the last has test None where there is an
                                            else;
                                            `match` too
    ("try", body, handlers, orelse, final, line)       handlers: ((type, name, body), ...)
    ("with", items, body, line, end_line)       items: ((context, target), ...), target may be None
    ("return", value, line)
    ("raise", value, line)
    ("delete", targets, line)
    ("import", index)                       index in the record's imports
    ("def", function)
    ("class", class)

    function = (name, line, end_line, decorators, parameters, returns, flags, body, bound, called,
                own)
               parameters: ((name, annotation, default), ...), "*args" and "**kwargs" with their
               stars and "*" alone before keyword-only ones; flags: "async", "generator" or both,
               space separated; body: (operations, calls) as marshal bytes (read them with
               `bodies.Bodies`), calls being every call in them but those in functions inside;
               line is where `def` stands, not its decorators; called: the last names of what it
               calls, nested functions included, sorted; own: attributes of `self` (or `cls`) that
               a method uses, sorted
    class    = (name, line, end_line, decorators, bases, keywords, operations, bound, attributes)
               attributes: ((name, value, annotation, method, line), ...): what methods assign to
               `self`

**Expressions**; None is anything that says nothing (arithmetic on numbers, `...`):

    ("name", "a.b.c", line)                 a name and the attributes read from it, as one dotted
                                            string
    ("attr", base, name, line)              an attribute of anything but a name
    ("call", callee, arguments, keywords, line) keywords: ((name, value), ...), name None for
                                            **value;
                                            line is where the callee's last name stands
    ("sub", base, index, line)
    ("const", value)                        True, False, None, a number, short bytes
    ("str", value, line)
    ("fstr", parts, line)                   parts: str, or the expression of a hole
    ("list" | "tuple" | "set", items, line)     at most LITERAL_LIMIT items
    ("dict", ((key, value), ...), line)         key None for **value
    ("comp", kind, elements, generators, line)  kind: list | set | dict | generator;
                                            generators: ((target, iterable, conditions), ...)
    ("either", values, test)                `a or b`, `a and b`, `a if test else b`; test may be
                                            None; of `a and b` a fourth item says "and"
    ("op", operator, operands)              binary operators; `a + b + c` is one with three operands
    ("group", values)                       evaluated, but its own value says nothing (comparisons,
                                            slices); what a test of one name asks is a third item:
                                            ("not",), or ("is" | "is not", constant) for `==` too
    ("lambda", names, body, line)
    ("walrus", name, value, line)
    ("star", value)
    ("yield", value, line)

Awaits and `~x` are left out: only what they apply to is kept.
"""

import ast
import marshal
import re
import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from analyzer.readers.python.record import OpenBody, calls_in
from analyzer.readers.python.syntax_newer import TypeAlias, parse_newer
from analyzer.readers.python.syntax_tolerant import Tolerant, parse_tolerantly
from analyzer.readers.python.vocabulary import terms_of

FORMAT = 8
LITERAL_LIMIT = 2_000
STRING_LIMIT = 100_000
BYTES_LIMIT = 200
SIZE_LIMIT = 3_000_000  # bytes of one file; far above any file that people write
NESTING_LIMIT = 200  # of a record; whatever reads it may recurse
RECURSION_LIMIT = 12_000

Expression = Any  # None or a tuple, see above
Operation = tuple[Any, ...]
Record = tuple[Any, ...]
Note = tuple[int, str, str, str]

_TRUE, _FALSE, _NONE = ("const", True), ("const", False), ("const", None)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A record, and how it is stored.

    `opened` are the bodies of its functions, (function, operations, calls), as they were before
    they were written: whoever goes on with the record in the same process need not read them again.
    """

    record: Record
    content: bytes
    opened: tuple[OpenBody, ...]


def lower(content: bytes) -> Record:
    """The record of a file with this content. Never raises for what stands in it."""
    return lowered(content).record


def lowered(content: bytes) -> Lowered:
    """The same with how it is stored."""
    if len(content) > SIZE_LIMIT:
        message = (
            f"The file has {len(content):,} bytes, more than the {SIZE_LIMIT:,} that are read."
        )
        return unread(content.count(b"\n") + 1, (0, "warning", "too-large", message))
    text, notes = decode(content)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        newer = parse_newer(text)
        if newer is None:
            return _lower_tolerantly(text, notes, problem)
        line = getattr(problem, "lineno", 0) or 0
        note = (line, "info", "foreign-syntax", _foreign(1.0))
        return lower_tree(newer, text, notes=(*notes, note), understood=1.0)
    return lower_tree(tree, text, notes=notes, understood=1.0)


def unread(lines: int, *notes: Note) -> Lowered:
    """The record of a file that could not be read at all."""
    body = ("", "module", 1, max(1, lines), 0, (), ())
    record = (lines, 0, 0.0, notes, (), (body,), (), (), ())
    return Lowered(record, marshal.dumps(record), ())


def _lower_tolerantly(text: str, notes: tuple[Note, ...], problem: BaseException) -> Lowered:
    with deep_recursion():
        tolerant = parse_tolerantly(text)
    line = getattr(problem, "lineno", 0) or 0
    if tolerant is None:
        note = (
            line,
            "error",
            "syntax-error",
            f"{_reason(problem)}; the file is too large to mend.",
        )
        return unread(text.count("\n") + 1, *notes, note)
    note = (line, *_judged(tolerant, problem))
    return lower_tree(tolerant.tree, text, notes=(*notes, note), understood=tolerant.understood)


def _judged(tolerant: Tolerant, problem: BaseException) -> tuple[str, str, str]:
    share = _share(tolerant.understood)
    if tolerant.is_python_2:
        return "warning", "python-2", f"The file is Python 2; {share}."
    if not tolerant.has_errors:
        return "info", "foreign-syntax", _foreign(tolerant.understood)
    return "warning", "syntax-error", f"{_reason(problem)}; {share}."


def _foreign(understood: float) -> str:
    running = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    return f"{running} cannot parse the file; {_share(understood)}."


def _share(understood: float) -> str:
    return f"{understood:.0%} of its lines were understood"


def _reason(problem: BaseException) -> str:
    text = problem.msg if isinstance(problem, SyntaxError) else str(problem)
    return str(text).capitalize() or type(problem).__name__


def decode(content: bytes) -> tuple[str, tuple[Note, ...]]:
    """The text of a file in the encoding that it declares, and what was wrong with it."""
    notes: list[Note] = []
    if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
        text = content.decode("utf-16", "replace").replace("\0", "")
        return text, ((0, "warning", "encoding", "The file is in UTF-16, which Python refuses."),)
    if content.find(b"\0", 2) >= 0:
        content = content.replace(b"\0", b"")
        notes.append((0, "warning", "null-bytes", "Null bytes were left out."))
    try:
        return content.removeprefix(BOM_UTF8).decode("utf-8"), tuple(notes)
    except UnicodeDecodeError:
        pass
    declared = _CODING.search(b"\n".join(content.split(b"\n", 2)[:2]))
    encoding = declared.group(1).decode("ascii") if declared else "latin-1"
    if not declared:
        text = "The file is not in UTF-8 and declares no encoding; it was read as Latin-1."
        notes.append((0, "warning", "encoding", text))
    try:
        return content.decode(encoding), tuple(notes)
    except (UnicodeError, LookupError):  # not every codec that fails says that it decodes
        notes.append((0, "warning", "encoding", f"The file is not encoded as {encoding}."))
        return content.decode("utf-8", "replace"), tuple(notes)


_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)", re.MULTILINE)


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for recursion in Python code, whose frames live on the heap since Python 3.11.

    Never around the parser: its own recursion is on the C stack, and the limit keeps it from
    overflowing.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def lower_tree(
    tree: ast.Module, text: str, *, notes: tuple[Note, ...], understood: float
) -> Lowered:
    """The record of a file that was parsed to this tree."""
    lines = _lines_of(text)
    try:
        return _written_whole(_Lowering(), tree, lines, notes, understood)
    except ValueError:  # nested too deeply to be written
        return _written_whole(_Lowering(is_deep=True), tree, lines, notes, understood)


def _written_whole(
    state: "_Lowering",
    tree: ast.Module,
    lines: list[str],
    notes: tuple[Note, ...],
    understood: float,
) -> Lowered:
    with deep_recursion():
        operations = _bounded(state, _module_body(state, tree.body))
    state.notes[:0] = notes
    record = (
        len(lines),
        *_units(state, lines, understood),
        operations,
        tuple(sorted(state.bound)),
        tuple(state.request),
    )
    return Lowered(record, marshal.dumps(record), tuple(state.opened))


class _Lowering:
    """What is being collected while a file is lowered.

    `mentions` belongs to the scope whose code is being lowered; functions deliver what they do not
    bind themselves to `outward`, which skips class scopes, as Python's own rules of names do.
    """

    __slots__ = (
        "attributes",
        "bound",
        "called",
        "calls",
        "deferred",
        "generator",
        "globals",
        "imports",
        "is_deep",
        "local_imports",
        "mentions",
        "method",
        "notes",
        "opened",
        "outward",
        "path",
        "request",
        "role",
        "self_name",
        "texts",
        "typing_only",
        "units",
        "words",
    )

    def __init__(self, *, is_deep: bool = False) -> None:
        self.is_deep = is_deep  # something is nested too deeply: each definition is looked at
        self.opened: list[OpenBody] = []
        self.imports: list[tuple[Any, ...]] = []
        self.words: list[str] = []  # names in the unit being lowered
        self.texts: list[str] = []  # docstrings in it
        self.notes: list[Note] = []
        self.units: dict[str, list[Any]] = {}
        self.mentions: list[tuple[Any, ...]] = []
        self.outward = self.mentions
        self.bound: set[str] = set()
        self.globals: set[str] = set()
        self.local_imports: dict[str, int] = {}
        self.role = "attribute"
        self.deferred = False
        self.typing_only = False
        self.generator = False
        self.attributes: list[tuple[Any, ...]] = []  # of the class being lowered
        self.self_name = ""  # of the method being lowered
        self.method = ""
        self.called: set[str] = set()
        self.calls: list[Expression] = []
        self.path: list[str] = []  # names of the definitions around
        self.request: list[tuple[Any, ...]] = []


# Bodies and units


def _module_body(state: _Lowering, statements: list[ast.stmt]) -> list[Operation]:
    out: list[Operation] = []
    _body(state, statements, out)
    return out


def _body(state: _Lowering, statements: list[ast.stmt], out: list[Operation]) -> None:
    for node in statements:
        _STATEMENTS[type(node)](state, node, out)


def _block(state: _Lowering, statements: list[ast.stmt]) -> tuple[Operation, ...]:
    out: list[Operation] = []
    for node in statements:
        _STATEMENTS[type(node)](state, node, out)
    return tuple(out)


def _bounded(state: _Lowering, operations: list[Operation]) -> tuple[Operation, ...]:
    """The operations, without those that are nested too deeply to be written."""
    result = tuple(operations)
    if not state.is_deep:
        return result
    try:
        marshal.dumps((result,))  # as deep as it stands in a record or a function's body
    except ValueError:
        result = tuple(operation for operation in result if _is_shallow(operation))
        state.notes.append(
            (0, "warning", "too-deep", "Statements nested too deeply to read were left out.")
        )
    return result


def _body_of(
    state: _Lowering, operations: list[Operation]
) -> tuple[tuple[Operation, ...], tuple[Expression, ...]]:
    """The operations of a function, and the calls in them: the same objects once more."""
    bounded = _bounded(state, operations)
    is_whole = len(bounded) == len(operations)
    return bounded, tuple(state.calls if is_whole else calls_in(bounded))


def _is_shallow(operation: Operation) -> bool:
    level: list[Any] = [operation]
    for _ in range(NESTING_LIMIT):
        level = [part for item in level for part in item if type(part) is tuple]
        if not level:
            return True
    return False


def _lines_of(text: str) -> list[str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def _units(state: _Lowering, lines: list[str], understood: float) -> tuple[Any, ...]:
    code = _code_lines(lines)
    owned = 0
    units = []
    for name, (kind, line, end_line, mentions, words, texts) in state.units.items():
        size = code[end_line] - code[line - 1]
        owned += size
        terms = terms_of(words, texts)
        units.append((name, kind, line, end_line, size, tuple(dict.fromkeys(mentions)), terms))
    words = state.words + [mention[1] for mention in state.mentions]
    units.append(
        (
            "",
            "module",
            1,
            max(1, len(lines)),
            max(0, code[-1] - owned),
            tuple(dict.fromkeys(state.mentions)),
            terms_of(words, state.texts),
        )
    )
    return (code[-1], understood, tuple(state.notes), tuple(state.imports), tuple(units))


def _code_lines(lines: list[str]) -> list[int]:
    """How many lines of code stand in the first n lines, for each n."""
    stripped = [line.lstrip() for line in lines]
    return list(accumulate([line != "" and line[0] != "#" for line in stripped], initial=0))


# Statements


def _expr(state: _Lowering, node: Any, out: list[Operation]) -> None:
    value = node.value
    if type(value) is ast.Constant:
        if type(value.value) is str:
            state.texts.append(value.value)
        return  # a docstring or a stray value
    lowered = _EXPRESSIONS[type(value)](state, value)
    if lowered is not None:
        out.append(("expr", lowered, node.lineno))


def _assign(state: _Lowering, node: Any, out: list[Operation]) -> None:
    value = node.value
    lowered = _EXPRESSIONS[type(value)](state, value)
    targets = tuple([_target(state, target) for target in node.targets])
    if state.deferred:
        for target in node.targets:
            if type(target) is ast.Attribute:
                _note_attribute(state, target, lowered, None)
    out.append(("assign", targets, lowered, node.lineno, None))


def _annotated(state: _Lowering, node: Any, out: list[Operation]) -> None:
    value = node.value
    lowered = None if value is None else _EXPRESSIONS[type(value)](state, value)
    annotation = _annotation(state, node.annotation)
    if state.deferred and type(node.target) is ast.Attribute:
        _note_attribute(state, node.target, lowered, annotation)
    out.append(("assign", (_target(state, node.target),), lowered, node.lineno, annotation))


def _note_attribute(
    state: _Lowering, target: Any, value: Expression, annotation: Expression
) -> None:
    base = target.value
    if type(base) is not ast.Name:
        return
    if base.id == state.self_name:
        state.attributes.append((target.attr, value, annotation, state.method, target.lineno))
    elif base.id == "request":
        state.request.append((target.attr, value, tuple(state.path), target.lineno))


def _augmented(state: _Lowering, node: Any, out: list[Operation]) -> None:
    value = _EXPRESSIONS[type(node.value)](state, node.value)
    operator = _OPERATORS[type(node.op)]
    out.append(("augment", _target(state, node.target), operator, value, node.lineno))


def _type_alias(state: _Lowering, node: Any, out: list[Operation]) -> None:
    value = _annotation(state, node.value)
    out.append(("assign", (_target(state, node.name),), value, node.lineno, None))


def _for(state: _Lowering, node: Any, out: list[Operation]) -> None:
    iterable = _EXPRESSIONS[type(node.iter)](state, node.iter)
    out.append(("for", _target(state, node.target), iterable, node.lineno))
    _body(state, node.body, out)
    _body(state, node.orelse, out)


def _while(state: _Lowering, node: Any, out: list[Operation]) -> None:
    _condition(state, node.test, out)
    _body(state, node.body, out)
    _body(state, node.orelse, out)


def _condition(state: _Lowering, test: Any, out: list[Operation]) -> None:
    lowered = _EXPRESSIONS[type(test)](state, test)
    if lowered is not None:
        out.append(("expr", lowered, test.lineno))


def _if(state: _Lowering, node: Any, out: list[Operation]) -> None:
    arms = []
    line = node.lineno
    while True:
        test = _EXPRESSIONS[type(node.test)](state, node.test)
        arms.append((test, _arm(state, node)))
        orelse = node.orelse
        if len(orelse) == 1 and type(orelse[0]) is ast.If:
            node = orelse[0]
            continue
        if orelse:
            arms.append((None, _block(state, orelse)))
        break
    out.append(("if", tuple(arms), line))


def _arm(state: _Lowering, node: Any) -> tuple[Operation, ...]:
    test = node.test
    name = test.id if type(test) is ast.Name else getattr(test, "attr", "")
    if name != "TYPE_CHECKING":
        return _block(state, node.body)
    before, state.typing_only = state.typing_only, True
    try:
        return _block(state, node.body)
    finally:
        state.typing_only = before


def _match(state: _Lowering, node: Any, out: list[Operation]) -> None:
    _condition(state, node.subject, out)
    arms = []
    for case in node.cases:
        before: list[Operation] = []
        _pattern(state, case.pattern, before)
        if case.guard is not None:
            _condition(state, case.guard, before)
        arms.append((None, (*before, *_block(state, case.body))))
    out.append(("if", tuple(arms), node.lineno))


def _pattern(state: _Lowering, pattern: Any, out: list[Operation]) -> None:
    for node in ast.walk(pattern):
        if isinstance(node, ast.MatchClass):
            _condition(state, node.cls, out)
        elif isinstance(node, ast.MatchValue):
            _condition(state, node.value, out)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            state.bound.add(node.name)


def _try(state: _Lowering, node: Any, out: list[Operation]) -> None:
    body = _block(state, node.body)
    handlers = tuple([_handler(state, handler) for handler in node.handlers])
    orelse = _block(state, node.orelse)
    out.append(("try", body, handlers, orelse, _block(state, node.finalbody), node.lineno))


def _handler(state: _Lowering, node: Any) -> tuple[Any, ...]:
    kind = None if node.type is None else _EXPRESSIONS[type(node.type)](state, node.type)
    if node.name:
        state.bound.add(node.name)
    return (kind, node.name, _block(state, node.body))


def _with(state: _Lowering, node: Any, out: list[Operation]) -> None:
    items = []
    for item in node.items:
        context = item.context_expr
        lowered = _EXPRESSIONS[type(context)](state, context)
        target = item.optional_vars
        items.append((lowered, None if target is None else _target(state, target)))
    body = _block(state, node.body)
    out.append(("with", tuple(items), body, node.lineno, node.end_lineno))


def _return(state: _Lowering, node: Any, out: list[Operation]) -> None:
    value = node.value
    lowered = None if value is None else _EXPRESSIONS[type(value)](state, value)
    out.append(("return", lowered, node.lineno))


def _raise(state: _Lowering, node: Any, out: list[Operation]) -> None:
    if node.exc is not None:
        lowered = _EXPRESSIONS[type(node.exc)](state, node.exc)
        out.append(("raise", lowered, node.lineno))
    if node.cause is not None:
        _condition(state, node.cause, out)


def _assert(state: _Lowering, node: Any, out: list[Operation]) -> None:
    _condition(state, node.test, out)
    if node.msg is not None:
        _condition(state, node.msg, out)


def _delete(state: _Lowering, node: Any, out: list[Operation]) -> None:
    targets = tuple([_EXPRESSIONS[type(target)](state, target) for target in node.targets])
    out.append(("delete", targets, node.lineno))


def _global(state: _Lowering, node: Any, out: list[Operation]) -> None:
    state.globals.update(node.names)


def _nothing(state: _Lowering, node: Any, out: list[Operation]) -> None:
    pass


def _import(state: _Lowering, node: Any, out: list[Operation]) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        _bind_import(state, name, (alias.name, None, alias.asname, 0, alias.lineno), out)


def _import_from(state: _Lowering, node: Any, out: list[Operation]) -> None:
    module = node.module or ""
    for alias in node.names:
        entry = (module, alias.name, alias.asname, node.level or 0, alias.lineno)
        _bind_import(state, alias.asname or alias.name, entry, out)


def _bind_import(state: _Lowering, name: str, entry: tuple[Any, ...], out: list[Operation]) -> None:
    index = len(state.imports)
    state.imports.append((*entry, state.deferred, state.typing_only))
    if name != "*":
        state.bound.add(name)
        if state.deferred or state.mentions is not state.outward:  # in a function or class
            state.local_imports[name] = index
    out.append(("import", index))


# Definitions


def _function_statement(state: _Lowering, node: Any, out: list[Operation]) -> None:
    state.bound.add(node.name)
    if state.mentions is not state.outward or state.deferred:
        out.append(("def", _function(state, node)))
    else:
        out.append(("def", _as_unit(state, node, "function", _function)))


def _class_statement(state: _Lowering, node: Any, out: list[Operation]) -> None:
    state.bound.add(node.name)
    if state.mentions is not state.outward or state.deferred:
        out.append(("class", _class(state, node)))
    else:
        out.append(("class", _as_unit(state, node, "class", _class)))


def _as_unit(
    state: _Lowering, node: Any, kind: str, lower_definition: Callable[..., tuple[Any, ...]]
) -> tuple[Any, ...]:
    """Lower a top-level definition, with its mentions kept apart from those of the module body."""
    outer = state.mentions, state.words, state.texts
    mentions: list[tuple[Any, ...]] = []
    state.mentions = state.outward = mentions
    state.words, state.texts = [node.name], []
    definition = lower_definition(state, node)
    words, texts = state.words, state.texts
    state.mentions, state.words, state.texts = outer
    state.outward = state.mentions
    first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    unit = state.units.setdefault(node.name, [kind, first, node.end_lineno, [], [], []])
    unit[3] += mentions
    unit[4] += words
    unit[4] += [mention[1] for mention in mentions if mention[3] != "typing"]
    unit[5] += texts
    return definition


def _function(state: _Lowering, node: Any) -> tuple[Any, ...]:
    decorators = _decorators(state, node)
    parameters = _parameters(state, node.args)
    returns = None if node.returns is None else _annotation(state, node.returns)
    saved = (state.mentions, state.outward, state.bound, state.globals, state.local_imports)
    outer_flags = (state.deferred, state.generator)
    mentions: list[tuple[Any, ...]] = []
    state.mentions = state.outward = mentions
    state.bound = {name.lstrip("*") for name, _, _ in parameters if name != "*"}
    state.globals, state.local_imports = set(), {}
    in_method = state.self_name, state.method
    if saved[0] is not saved[1]:  # directly in a class
        state.self_name = parameters[0][0] if parameters else ""
        state.method = node.name
    state.deferred, state.generator = True, False
    outer_called, state.called = state.called, set()
    outer_calls, state.calls = state.calls, []
    state.path.append(node.name)
    state.words.append(node.name)
    operations: list[Operation] = []
    _body(state, node.body, operations)
    body = _body_of(state, operations)
    state.path.pop()
    state.calls = outer_calls
    called, state.called = tuple(sorted(state.called)), outer_called
    state.called.update(called)
    flags = "async" if type(node) is ast.AsyncFunctionDef else ""
    if state.generator:
        flags = f"{flags} generator".lstrip()
    bound = state.bound - state.globals
    own = _own_attributes(mentions, state.self_name) if saved[0] is not saved[1] else ()
    free = _outward_mentions(state, mentions, bound)
    state.mentions, state.outward, state.bound, state.globals, state.local_imports = saved
    state.deferred, state.generator = outer_flags
    state.self_name, state.method = in_method
    state.outward.extend(free)
    names = tuple(sorted(bound))
    function = (
        node.name, node.lineno, node.end_lineno, decorators, parameters, returns, flags,
        marshal.dumps(body), names, called, own,
    )  # fmt: skip
    state.opened.append((function, *body))
    return function


def _own_attributes(mentions: list[tuple[Any, ...]], name: str) -> tuple[str, ...]:
    found = {
        mention[1].split(".", 2)[1] for mention in mentions if mention[0] == name != mention[1]
    }
    return tuple(sorted(found))


def _outward_mentions(
    state: _Lowering, mentions: list[tuple[Any, ...]], bound: set[str]
) -> list[tuple[Any, ...]]:
    """Mentions of names that the scope does not bind; those it imports name the import instead."""
    local = state.local_imports
    words = state.words
    result = []
    for mention in mentions:
        root = mention[0]
        if root in local:
            result.append((local[root], *mention[1:]))
        elif root in bound:
            words.append(mention[1])
        else:
            result.append(mention)
    return result


def _class(state: _Lowering, node: Any) -> tuple[Any, ...]:
    decorators = _decorators(state, node)
    role, state.role = state.role, "inheritance"
    bases = tuple([_EXPRESSIONS[type(base)](state, base) for base in node.bases])
    state.role = role
    keywords = _keywords(state, node.keywords)
    outer_mentions, outer_bound = state.mentions, state.bound
    outer_imports, state.local_imports = state.local_imports, {}
    outer_attributes = (state.attributes, state.self_name)
    state.mentions, state.bound, state.attributes, state.self_name = [], set(), [], ""
    state.path.append(node.name)
    operations: list[Operation] = []
    _body(state, node.body, operations)
    state.path.pop()
    local, names = state.local_imports, state.bound
    own = [one for one in state.mentions if one[0] not in names]
    own += [(local[one[0]], *one[1:]) for one in state.mentions if one[0] in local]
    bound = tuple(sorted(state.bound))
    attributes = tuple(state.attributes)
    state.mentions, state.bound = outer_mentions, outer_bound
    state.local_imports = outer_imports
    state.attributes, state.self_name = outer_attributes
    state.mentions.extend(own)
    return (
        node.name, node.lineno, node.end_lineno, decorators, bases, keywords,
        _bounded(state, operations), bound, attributes,
    )  # fmt: skip


def _decorators(state: _Lowering, node: Any) -> tuple[Expression, ...]:
    if not node.decorator_list:
        return ()
    role, state.role = state.role, "decoration"
    decorators = tuple([_EXPRESSIONS[type(item)](state, item) for item in node.decorator_list])
    state.role = role
    return decorators


def _parameters(state: _Lowering, arguments: Any) -> tuple[tuple[Any, ...], ...]:
    positional = arguments.posonlyargs + arguments.args
    state.words += [arg.arg for arg in positional]
    padding = [None] * (len(positional) - len(arguments.defaults))
    defaults = padding + arguments.defaults
    result = [
        _parameter(state, arg, value) for arg, value in zip(positional, defaults, strict=True)
    ]
    if arguments.vararg is not None:
        result.append(_parameter(state, arguments.vararg, None, "*"))
    elif arguments.kwonlyargs:
        result.append(("*", None, None))
    for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        result.append(_parameter(state, arg, value))
    if arguments.kwarg is not None:
        result.append(_parameter(state, arguments.kwarg, None, "**"))
    return tuple(result)


def _parameter(
    state: _Lowering, arg: Any, default: Any, stars: str = ""
) -> tuple[str, Expression, Expression]:
    annotation = None if arg.annotation is None else _annotation(state, arg.annotation)
    value = None if default is None else _EXPRESSIONS[type(default)](state, default)
    return (stars + arg.arg, annotation, value)


def _annotation(state: _Lowering, node: Any) -> Expression:
    role, state.role = state.role, "typing"
    try:
        return _EXPRESSIONS[type(node)](state, node)
    finally:
        state.role = role


# Expressions


def _name(state: _Lowering, node: Any) -> Expression:
    name, line = node.id, node.lineno
    state.mentions.append((name, name, line, state.role))
    return ("name", name, line)


def _attribute(state: _Lowering, node: Any) -> Expression:
    return _path(state, node, state.role)


def _path(state: _Lowering, node: Any, role: str) -> Expression:
    """Attributes of a name, or of anything else, in the given role."""
    inner = node.value
    if type(inner) is ast.Name:  # by far most of them
        root, line = inner.id, node.end_lineno
        path = sys.intern(f"{root}.{node.attr}")
        state.mentions.append((root, path, line, role))
        return ("name", path, line)
    parts = [node]
    while type(inner) is ast.Attribute:
        parts.append(inner)
        inner = inner.value
    if type(inner) is ast.Name:
        names = [inner.id]
        names += [part.attr for part in reversed(parts)]
        path = sys.intern(".".join(names))
        line = node.end_lineno
        state.mentions.append((inner.id, path, line, role))
        return ("name", path, line)
    base = _EXPRESSIONS[type(inner)](state, inner)
    for part in reversed(parts):
        base = ("attr", base, part.attr, part.end_lineno)
    return base


def _call(state: _Lowering, node: Any) -> Expression:
    callee = node.func
    kind, role, line = type(callee), state.role, callee.end_lineno
    if kind is ast.Attribute:
        state.called.add(callee.attr)
        lowered = _path(state, callee, "call" if role == "attribute" else role)
    elif kind is ast.Name:
        name = callee.id
        state.called.add(name)
        state.mentions.append((name, name, line, "call" if role == "attribute" else role))
        lowered = ("name", name, line)
    else:
        lowered = _EXPRESSIONS[kind](state, callee)
    arguments, keywords = node.args, node.keywords
    call = (
        "call",
        lowered,
        tuple([_EXPRESSIONS[type(item)](state, item) for item in arguments]) if arguments else (),
        _keywords(state, keywords) if keywords else (),
        line,
    )
    state.calls.append(call)
    return call


def _keywords(state: _Lowering, keywords: Any) -> tuple[tuple[str | None, Expression], ...]:
    state.words += [item.arg for item in keywords if item.arg]
    return tuple(
        [(item.arg, _EXPRESSIONS[type(item.value)](state, item.value)) for item in keywords]
    )


def _subscript(state: _Lowering, node: Any) -> Expression:
    base = _EXPRESSIONS[type(node.value)](state, node.value)
    index = _EXPRESSIONS[type(node.slice)](state, node.slice)
    return ("sub", base, index, node.lineno)


def _constant(state: _Lowering, node: Any) -> Expression:
    value = node.value
    kind = type(value)
    if kind is str:
        if state.role == "typing":
            return _quoted_annotation(state, node)
        return ("str", value if len(value) <= STRING_LIMIT else value[:STRING_LIMIT], node.lineno)
    if value is None:
        return _NONE
    if kind is bool:
        return _TRUE if value else _FALSE
    if kind is int:
        return ("const", value) if -(2**63) <= value < 2**63 else None
    if kind is float:
        return ("const", value)
    return ("const", value[:BYTES_LIMIT]) if kind is bytes else None


def _quoted_annotation(state: _Lowering, node: Any) -> Expression:
    text = node.value
    if len(text) > 200:
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ("str", text, node.lineno)  # inside Literal["..."], say
    inner = tree.body
    for part in ast.walk(inner):
        if hasattr(part, "lineno"):
            part.lineno = part.end_lineno = node.lineno  # type: ignore[attr-defined]
    if type(inner) is ast.Constant:
        return None
    return _EXPRESSIONS[type(inner)](state, inner)


def _format_string(state: _Lowering, node: Any) -> Expression:
    parts: list[Any] = []
    for value in node.values:
        if type(value) is ast.Constant:
            parts.append(value.value)
        else:
            parts.append(_EXPRESSIONS[type(value)](state, value))
    return ("fstr", tuple(parts), node.lineno)


def _formatted(state: _Lowering, node: Any) -> Expression:
    return _EXPRESSIONS[type(node.value)](state, node.value)


def _sequence(state: _Lowering, node: Any) -> Expression:
    items = node.elts
    if len(items) > LITERAL_LIMIT:
        items = items[:LITERAL_LIMIT]
    lowered = tuple([_EXPRESSIONS[type(item)](state, item) for item in items])
    return (_SEQUENCES[type(node)], lowered, node.lineno)


def _dict(state: _Lowering, node: Any) -> Expression:
    items = []
    for key, value in zip(node.keys[:LITERAL_LIMIT], node.values, strict=False):
        lowered = None if key is None else _EXPRESSIONS[type(key)](state, key)
        items.append((lowered, _EXPRESSIONS[type(value)](state, value)))
    return ("dict", tuple(items), node.lineno)


def _comprehension(state: _Lowering, node: Any) -> Expression:
    generators = []
    for generator in node.generators:
        iterable = _EXPRESSIONS[type(generator.iter)](state, generator.iter)
        target = _target(state, generator.target)
        conditions = tuple([_EXPRESSIONS[type(test)](state, test) for test in generator.ifs])
        generators.append((target, iterable, conditions))
    parts = (node.key, node.value) if type(node) is ast.DictComp else (node.elt,)
    elements = tuple([_EXPRESSIONS[type(part)](state, part) for part in parts])
    return ("comp", _COMPREHENSIONS[type(node)], elements, tuple(generators), node.lineno)


def _boolean(state: _Lowering, node: Any) -> Expression:
    values = tuple([_EXPRESSIONS[type(value)](state, value) for value in node.values])
    if type(node.op) is ast.And:
        return ("either", values, None, "and")
    return ("either", values, None)


def _conditional(state: _Lowering, node: Any) -> Expression:
    test = _EXPRESSIONS[type(node.test)](state, node.test)
    body = _EXPRESSIONS[type(node.body)](state, node.body)
    return ("either", (body, _EXPRESSIONS[type(node.orelse)](state, node.orelse)), test)


def _binary(state: _Lowering, node: Any) -> Expression:
    operator = type(node.op)
    operands = [node.right]
    left = node.left
    while type(left) is ast.BinOp and type(left.op) is operator:
        operands.append(left.right)
        left = left.left
    operands.append(left)
    lowered = tuple([_EXPRESSIONS[type(item)](state, item) for item in reversed(operands)])
    return ("op", _OPERATORS[operator], lowered)


def _unary(state: _Lowering, node: Any) -> Expression:
    value = _EXPRESSIONS[type(node.operand)](state, node.operand)
    if type(node.op) is ast.Invert or value is None:
        return value
    if value[0] == "const":
        number = value[1]
        is_negative = type(node.op) is ast.USub and isinstance(number, int | float)
        return ("const", -number) if is_negative else None
    if type(node.op) is ast.Not and value[0] == "name":
        return ("group", (value,), _NOT)
    return ("group", (value,))


def _compare(state: _Lowering, node: Any) -> Expression:
    left = node.left
    values = [_EXPRESSIONS[type(left)](state, left)]
    values += [_EXPRESSIONS[type(item)](state, item) for item in node.comparators]
    telling = tuple([one for one in values if one is not None and one[0] not in _MUTE])
    if len(values) == 2 and values[0] is not None and values[0][0] == "name":
        asked = _ASKED.get(type(node.ops[0]))
        if asked is not None and values[1] is not None and values[1][0] in ("const", "str"):
            return ("group", telling, (asked, values[1][1]))
    return ("group", telling) if telling else None


def _slice(state: _Lowering, node: Any) -> Expression:
    parts = [part for part in (node.lower, node.upper, node.step) if part is not None]
    return ("group", tuple([_EXPRESSIONS[type(part)](state, part) for part in parts]))


def _lambda(state: _Lowering, node: Any) -> Expression:
    parameters = _parameters(state, node.args)
    names = tuple([name for name, _, _ in parameters])
    state.bound.update([name.lstrip("*") for name in names if name != "*"])
    body = _EXPRESSIONS[type(node.body)](state, node.body)
    return ("lambda", names, body, node.lineno)


def _walrus(state: _Lowering, node: Any) -> Expression:
    value = _EXPRESSIONS[type(node.value)](state, node.value)
    state.bound.add(node.target.id)
    return ("walrus", node.target.id, value, node.lineno)


def _inner(state: _Lowering, node: Any) -> Expression:
    return _EXPRESSIONS[type(node.value)](state, node.value)


def _starred(state: _Lowering, node: Any) -> Expression:
    return ("star", _EXPRESSIONS[type(node.value)](state, node.value))


def _yield(state: _Lowering, node: Any) -> Expression:
    state.generator = True
    value = None if node.value is None else _EXPRESSIONS[type(node.value)](state, node.value)
    return ("yield", value, node.lineno)


def _target(state: _Lowering, node: Any) -> Expression:
    """The target of an assignment, loop, with or comprehension."""
    kind = type(node)
    if kind is ast.Name:
        state.bound.add(node.id)
        return ("name", node.id, node.lineno)
    if kind is ast.Tuple or kind is ast.List:
        return ("tuple", tuple([_target(state, item) for item in node.elts]), node.lineno)
    if kind is ast.Starred:
        return ("star", _target(state, node.value))
    return _EXPRESSIONS[kind](state, node)


_MUTE = frozenset(("const",))  # in a comparison these say nothing
_NOT = ("not",)
_ASKED = {ast.Eq: "is", ast.Is: "is", ast.NotEq: "is not", ast.IsNot: "is not"}

_SEQUENCES = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}

_COMPREHENSIONS = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}

_OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
}

_EXPRESSIONS: dict[type[ast.AST], Callable[[_Lowering, Any], Expression]] = {
    ast.Attribute: _attribute,
    ast.Await: _inner,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.Dict: _dict,
    ast.DictComp: _comprehension,
    ast.FormattedValue: _formatted,
    ast.GeneratorExp: _comprehension,
    ast.IfExp: _conditional,
    ast.JoinedStr: _format_string,
    ast.Lambda: _lambda,
    ast.List: _sequence,
    ast.ListComp: _comprehension,
    ast.Name: _name,
    ast.NamedExpr: _walrus,
    ast.Set: _sequence,
    ast.SetComp: _comprehension,
    ast.Slice: _slice,
    ast.Starred: _starred,
    ast.Subscript: _subscript,
    ast.Tuple: _sequence,
    ast.UnaryOp: _unary,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}

_STATEMENTS: dict[type[ast.AST], Callable[[_Lowering, Any, list[Operation]], None]] = {
    ast.AnnAssign: _annotated,
    ast.Assert: _assert,
    ast.Assign: _assign,
    ast.AsyncFor: _for,
    ast.AsyncFunctionDef: _function_statement,
    ast.AsyncWith: _with,
    ast.AugAssign: _augmented,
    ast.Break: _nothing,
    ast.ClassDef: _class_statement,
    ast.Continue: _nothing,
    ast.Delete: _delete,
    ast.Expr: _expr,
    ast.For: _for,
    ast.FunctionDef: _function_statement,
    ast.Global: _global,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Match: _match,
    ast.Nonlocal: _nothing,
    ast.Pass: _nothing,
    ast.Raise: _raise,
    ast.Return: _return,
    ast.Try: _try,
    ast.While: _while,
    ast.With: _with,
    TypeAlias: _type_alias,
}
if sys.version_info >= (3, 12):
    _STATEMENTS[ast.TypeAlias] = _type_alias
_STATEMENTS[ast.TryStar] = _try
