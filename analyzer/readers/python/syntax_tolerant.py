"""Files that the running interpreter's parser refuses: Python 2, newer Python, broken lines.

They are parsed with tree-sitter, which recovers from errors, and its tree is rewritten as the
standard library's, so that one lowering serves both. What cannot be recognised is left out, and
counted.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import tree_sitter_python
from tree_sitter import Language, Node, Parser

SIZE_LIMIT = 1_000_000  # bytes; the tree is walked in Python, ten times slower than `ast`
DEPTH_LIMIT = 400  # of nesting that is followed

_LANGUAGE = Language(tree_sitter_python.language())


@dataclass(slots=True)
class Tolerant:
    """A tree of what could be recognised."""

    tree: ast.Module
    understood: float  # share of the lines outside errors
    has_errors: bool
    is_python_2: bool


def parse_tolerantly(text: str) -> Tolerant | None:
    """The tree of a text, or None where it is too large for this parser."""
    content = text.encode("utf-8", "surrogatepass")
    if len(content) > SIZE_LIMIT:
        return None
    root = Parser(_LANGUAGE).parse(content).root_node
    rewriting = _Rewriting(content)
    body = rewriting.statements(root)
    lines = max(1, content.count(b"\n") + (not content.endswith(b"\n")))
    lost = min(len(rewriting.lost), lines)
    return Tolerant(
        ast.Module(body=body, type_ignores=[]),
        round(1 - lost / lines, 4),
        root.has_error,
        rewriting.is_python_2,
    )


@dataclass(slots=True)
class _Rewriting:
    content: bytes
    lost: set[int] = field(default_factory=set)  # lines that were not understood
    is_python_2: bool = False
    depth: int = 0

    def text(self, node: Node) -> str:
        return self.content[node.start_byte : node.end_byte].decode("utf-8", "replace")

    # Statements

    def statements(self, node: Node | None) -> list[Any]:
        """The statements directly inside a module, block or clause."""
        if node is None:
            return []
        found: list[Any] = []
        for child in node.named_children:
            found += self.statement(child)
        return found

    def statement(self, node: Node) -> list[Any]:
        kind = node.type
        if kind == "comment":
            return []
        if kind == "ERROR":
            return self._from_error(node)
        handler = _STATEMENTS.get(kind)
        if handler is None:
            expression = self.expression(node)
            return [] if expression is None else [_at(ast.Expr(value=expression), node)]
        self.depth += 1
        try:
            if self.depth > DEPTH_LIMIT:
                return self._lose(node)
            return handler(self, node)
        finally:
            self.depth -= 1

    def _from_error(self, node: Node) -> list[Any]:
        """Statements that were recognised inside an error; its other lines are lost."""
        found: list[Any] = []
        covered: set[int] = set()
        for child in node.named_children:
            if child.type in _STATEMENTS or child.type == "call":
                covered.update(range(child.start_point[0], child.end_point[0] + 1))
                found += self.statement(child)
        self.lost.update(set(range(node.start_point[0], node.end_point[0] + 1)) - covered)
        return found

    def _lose(self, node: Node) -> list[Any]:
        self.lost.update(range(node.start_point[0], node.end_point[0] + 1))
        return []

    def _expression_statement(self, node: Node) -> list[Any]:
        children = _named(node)
        if len(children) == 1 and children[0].type in ("assignment", "augmented_assignment"):
            return self._assignment(children[0])
        if len(children) == 1:
            value = self.expression(children[0])
        else:
            value = _at(ast.Tuple(elts=self._all(children), ctx=ast.Load()), node)
        return [] if value is None else [_at(ast.Expr(value=value), node)]

    def _assignment(self, node: Node) -> list[Any]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        target = self._needed(left)
        if node.type == "augmented_assignment":
            operator = self.text(node.child_by_field_name("operator") or node).rstrip("=")
            made = ast.AugAssign(target, _BINARY.get(operator, ast.Add)(), self._needed(right))
            return [_at(made, node)]
        annotation = node.child_by_field_name("type")
        if annotation is not None:
            value = None if right is None else self._needed(right)
            return [_at(ast.AnnAssign(target, self._needed(annotation), value, 1), node)]
        targets = [target]
        while right is not None and right.type == "assignment":
            targets.append(self._needed(right.child_by_field_name("left")))
            right = right.child_by_field_name("right")
        return [_at(ast.Assign(targets=targets, value=self._needed(right)), node)]

    def _import(self, node: Node) -> list[Any]:
        names = [self._alias(child) for child in _named(node)]
        return [_at(ast.Import(names=names), node)]

    def _alias(self, node: Node) -> Any:
        if node.type == "aliased_import":
            name = self.text(node.child_by_field_name("name") or node)
            alias = self.text(node.child_by_field_name("alias") or node)
            return _at(ast.alias(name=_dotted(name), asname=alias), node)
        return _at(ast.alias(name=_dotted(self.text(node)), asname=None), node)

    def _import_from(self, node: Node) -> list[Any]:
        source = node.child_by_field_name("module_name")
        name = _dotted(self.text(source)) if source is not None else "__future__"
        level = len(name) - len(name.lstrip("."))
        names = []
        for child in _named(node):
            if child == source:
                continue
            if child.type == "wildcard_import":
                names.append(_at(ast.alias(name="*", asname=None), child))
            elif child.type in ("dotted_name", "aliased_import"):
                names.append(self._alias(child))
        return [_at(ast.ImportFrom(module=name[level:] or None, names=names, level=level), node)]

    def _print(self, node: Node) -> list[Any]:
        self.is_python_2 = True
        arguments = self._all(_named(node))
        callee = _at(ast.Name(id="print", ctx=ast.Load()), node)
        return [_at(ast.Expr(_at(ast.Call(callee, arguments, []), node)), node)]

    def _exec(self, node: Node) -> list[Any]:
        self.is_python_2 = True
        callee = _at(ast.Name(id="exec", ctx=ast.Load()), node)
        return [_at(ast.Expr(_at(ast.Call(callee, self._all(_named(node)), []), node)), node)]

    def _assert(self, node: Node) -> list[Any]:
        values = self._all(_named(node))
        if not values:
            return []
        return [_at(ast.Assert(test=values[0], msg=values[1] if len(values) > 1 else None), node)]

    def _return(self, node: Node) -> list[Any]:
        children = _named(node)
        return [_at(ast.Return(value=self.expression(children[0]) if children else None), node)]

    def _delete(self, node: Node) -> list[Any]:
        targets: list[Any] = []
        for value in self._all(_named(node)):
            targets += value.elts if isinstance(value, ast.Tuple) else [value]
        return [_at(ast.Delete(targets=targets), node)]

    def _raise(self, node: Node) -> list[Any]:
        values = self._all(_named(node))
        if values and isinstance(values[0], ast.Tuple) and values[0].elts:
            values = values[0].elts  # Python 2: raise Kind, "message"
        cause = values[1] if len(values) > 1 else None
        return [_at(ast.Raise(exc=values[0] if values else None, cause=cause), node)]

    def _global(self, node: Node) -> list[Any]:
        return [_at(ast.Global(names=[self.text(child) for child in _named(node)]), node)]

    def _nothing(self, node: Node) -> list[Any]:
        return []

    def _if(self, node: Node) -> list[Any]:
        test = self._needed(node.child_by_field_name("condition"))
        first = _at(
            ast.If(test, self.statements(node.child_by_field_name("consequence")), []), node
        )
        last = first
        for clause in node.children_by_field_name("alternative"):
            if clause.type == "elif_clause":
                inner = _at(
                    ast.If(
                        self._needed(clause.child_by_field_name("condition")),
                        self.statements(clause.child_by_field_name("consequence")),
                        [],
                    ),
                    clause,
                )
                last.orelse = [inner]
                last = inner
            else:
                last.orelse = self.statements(clause.child_by_field_name("body"))
        return [first]

    def _for(self, node: Node) -> list[Any]:
        made = ast.For(
            target=self._needed(node.child_by_field_name("left")),
            iter=self._needed(node.child_by_field_name("right")),
            body=self.statements(node.child_by_field_name("body")),
            orelse=self._else(node),
        )
        return [_at(made, node)]

    def _else(self, node: Node) -> list[Any]:
        clause = node.child_by_field_name("alternative")
        return [] if clause is None else self.statements(clause.child_by_field_name("body"))

    def _while(self, node: Node) -> list[Any]:
        test = self._needed(node.child_by_field_name("condition"))
        body = self.statements(node.child_by_field_name("body"))
        return [_at(ast.While(test, body, self._else(node)), node)]

    def _try(self, node: Node) -> list[Any]:
        made = ast.Try(self.statements(node.child_by_field_name("body")), [], [], [])
        for clause in _named(node):
            if clause.type in ("except_clause", "except_group_clause"):
                made.handlers.append(self._handler(clause))
            elif clause.type == "finally_clause":
                made.finalbody = self._block_of(clause)
            elif clause.type == "else_clause":
                made.orelse = self.statements(clause.child_by_field_name("body"))
        return [_at(made, node)]

    def _handler(self, node: Node) -> Any:
        kind, name = None, None
        expressions = [child for child in _named(node) if child.type != "block"]
        if expressions:
            first = expressions[0]
            if first.type == "as_pattern":
                parts = _named(first)
                kind = self._needed(parts[0])
                name = self.text(parts[-1]) if len(parts) > 1 else None
            else:
                kind = self._needed(first)
                if len(expressions) > 1 and expressions[1].type == "identifier":
                    name = self.text(expressions[1])  # Python 2: except Kind, name
        return _at(ast.ExceptHandler(kind, name, self._block_of(node)), node)

    def _block_of(self, node: Node) -> list[Any]:
        for child in _named(node):
            if child.type == "block":
                return self.statements(child)
        return []

    def _with(self, node: Node) -> list[Any]:
        items = []
        for clause in _named(node):
            if clause.type == "with_clause":
                items = [self._with_item(item) for item in _named(clause)]
        body = self.statements(node.child_by_field_name("body"))
        return [_at(ast.With(items=items, body=body), node)]

    def _with_item(self, node: Node) -> ast.withitem:
        value = node.child_by_field_name("value") or node
        target = None
        if value.type == "as_pattern":
            parts = _named(value)
            value, alias = parts[0], parts[-1]
            target = self._needed(_named(alias)[0] if _named(alias) else alias)
        return ast.withitem(context_expr=self._needed(value), optional_vars=target)

    def _match(self, node: Node) -> list[Any]:
        found: list[Any] = []
        for subject in node.children_by_field_name("subject"):
            found.append(_at(ast.Expr(self._needed(subject)), subject))
        body = node.child_by_field_name("body")
        for clause in _named(body) if body is not None else ():
            found += self.statements(clause.child_by_field_name("consequence"))
        return found

    def _function(self, node: Node) -> list[Any]:
        kind = ast.AsyncFunctionDef if node.children[0].type == "async" else ast.FunctionDef
        returns = node.child_by_field_name("return_type")
        made = kind(
            name=self.text(node.child_by_field_name("name") or node),
            args=self._arguments(node.child_by_field_name("parameters")),
            body=self.statements(node.child_by_field_name("body")),
            decorator_list=[],
            returns=None if returns is None else self._needed(returns),
        )
        return [_at(made, node)]

    def _arguments(self, node: Node | None) -> ast.arguments:
        made = ast.arguments([], [], None, [], [], None, [])
        is_keyword_only = False
        for child in _named(node) if node is not None else ():
            if child.type in ("keyword_separator", "list_splat_pattern"):
                is_keyword_only = True
            if child.type not in ("keyword_separator", "positional_separator"):
                self._add_parameter(made, child, is_keyword_only)
        return made

    def _add_parameter(self, made: ast.arguments, node: Node, is_keyword_only: bool) -> None:
        kind = node.type
        name_node = node.child_by_field_name("name") or node
        annotation = node.child_by_field_name("type")
        if kind == "typed_parameter":
            name_node = _named(node)[0]
            kind = name_node.type if name_node.type != "identifier" else kind
        default = node.child_by_field_name("value")
        arg = _at(
            ast.arg(
                arg=self.text(name_node).lstrip("*"),
                annotation=None if annotation is None else self._needed(annotation),
            ),
            node,
        )
        if kind == "list_splat_pattern":
            made.vararg = arg
        elif kind == "dictionary_splat_pattern":
            made.kwarg = arg
        elif is_keyword_only or made.vararg is not None:
            made.kwonlyargs.append(arg)
            made.kw_defaults.append(None if default is None else self._needed(default))
        elif kind in (
            "identifier",
            "typed_parameter",
            "default_parameter",
            "typed_default_parameter",
        ):
            made.args.append(arg)
            if default is not None:
                made.defaults.append(self._needed(default))
            elif made.defaults:
                made.defaults.append(_at(ast.Constant(value=None), node))

    def _class(self, node: Node) -> list[Any]:
        bases, keywords = self._call_arguments(node.child_by_field_name("superclasses"))
        made = ast.ClassDef(
            name=self.text(node.child_by_field_name("name") or node),
            bases=bases,
            keywords=keywords,
            body=self.statements(node.child_by_field_name("body")),
            decorator_list=[],
        )
        return [_at(made, node)]

    def _decorated(self, node: Node) -> list[Any]:
        decorators = [
            self._needed(_named(child)[0])
            for child in _named(node)
            if child.type == "decorator" and _named(child)
        ]
        inner = node.child_by_field_name("definition")
        found = self.statement(inner) if inner is not None else []
        for made in found:
            if hasattr(made, "decorator_list"):
                made.decorator_list = decorators
        return found

    def _type_alias(self, node: Node) -> list[Any]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        target = self._needed(left)
        while isinstance(target, ast.Subscript):
            target = target.value
        annotation = _at(ast.Name(id="TypeAlias", ctx=ast.Load()), node)
        return [_at(ast.AnnAssign(target, annotation, self._needed(right), 1), node)]

    # Expressions

    def expression(self, node: Node) -> Any:
        """The expression that a node is; None for what is none."""
        handler = _EXPRESSIONS.get(node.type)
        self.depth += 1
        try:
            if self.depth > DEPTH_LIMIT:
                self._lose(node)
                return None
            if handler is not None:
                return handler(self, node)
            if node.type in ("ERROR", "comment"):
                self._lose(node) if node.type == "ERROR" else None
                return None
            return self._first_inside(node)
        finally:
            self.depth -= 1

    def _first_inside(self, node: Node) -> Any:
        for child in _named(node):
            found = self.expression(child)
            if found is not None:
                return found
        return None

    def _needed(self, node: Node | None) -> Any:
        found = None if node is None else self.expression(node)
        if found is not None:
            return found
        constant = ast.Constant(value=None)
        constant.lineno = constant.end_lineno = 1 if node is None else node.start_point[0] + 1
        return constant

    def _all(self, nodes: list[Node]) -> list[Any]:
        found = [self.expression(node) for node in nodes]
        return [one for one in found if one is not None]

    def _identifier(self, node: Node) -> Any:
        return _at(ast.Name(id=self.text(node), ctx=ast.Load()), node)

    def _attribute(self, node: Node) -> Any:
        base = self._needed(node.child_by_field_name("object"))
        name = self.text(node.child_by_field_name("attribute") or node)
        return _at(ast.Attribute(value=base, attr=name, ctx=ast.Load()), node)

    def _member_type(self, node: Node) -> Any:
        parts = _named(node)
        base = self._needed(parts[0])
        return _at(ast.Attribute(value=base, attr=self.text(parts[-1]), ctx=ast.Load()), node)

    def _call(self, node: Node) -> Any:
        callee = self._needed(node.child_by_field_name("function"))
        given = node.child_by_field_name("arguments")
        if given is not None and given.type == "generator_expression":
            return _at(ast.Call(callee, [self._needed(given)], []), node)
        arguments, keywords = self._call_arguments(given)
        return _at(ast.Call(func=callee, args=arguments, keywords=keywords), node)

    def _call_arguments(self, node: Node | None) -> tuple[list[Any], list[Any]]:
        arguments, keywords = [], []
        for child in _named(node) if node is not None else ():
            if child.type == "keyword_argument":
                name = self.text(child.child_by_field_name("name") or child)
                value = self._needed(child.child_by_field_name("value"))
                keywords.append(_at(ast.keyword(arg=name, value=value), child))
            elif child.type == "dictionary_splat":
                value = self._needed(_named(child)[0] if _named(child) else None)
                keywords.append(_at(ast.keyword(arg=None, value=value), child))
            else:
                argument = self.expression(child)
                if argument is not None:
                    arguments.append(argument)
        return arguments, keywords

    def _subscript(self, node: Node) -> Any:
        base = self._needed(node.child_by_field_name("value"))
        parts = self._all(node.children_by_field_name("subscript"))
        index = parts[0] if len(parts) == 1 else _at(ast.Tuple(parts, ast.Load()), node)
        return _at(ast.Subscript(base, index, ast.Load()), node)

    def _generic_type(self, node: Node) -> Any:
        parts = _named(node)
        base = self._needed(parts[0])
        items = self._all(_named(parts[-1])) if len(parts) > 1 else []
        index = items[0] if len(items) == 1 else _at(ast.Tuple(items, ast.Load()), node)
        return _at(ast.Subscript(base, index, ast.Load()), node)

    def _string(self, node: Node) -> Any:
        holes = [child for child in node.named_children if child.type == "interpolation"]
        if not holes:
            return _at(ast.Constant(value=self._literal(node)), node)
        values: list[Any] = []
        for child in node.named_children:
            if child.type == "interpolation":
                value = self._needed(child.child_by_field_name("expression"))
                values.append(_at(ast.FormattedValue(value, -1, None), child))
            elif child.type == "string_content":
                values.append(_at(ast.Constant(value=self.text(child)), child))
        return _at(ast.JoinedStr(values=values), node)

    def _literal(self, node: Node) -> Any:
        text = self.text(node)
        quote = min((text.find(mark) for mark in "'\"" if mark in text), default=0)
        prefix = text[:quote].lower().replace("u", "").replace("f", "").replace("t", "")
        try:
            return ast.literal_eval(prefix + text[quote:])
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return text.strip("'\"rRuUbBfF")

    def _strings(self, node: Node) -> Any:
        parts = self._all(_named(node))
        if all(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in parts):
            return _at(ast.Constant(value="".join(part.value for part in parts)), node)
        values: list[Any] = []
        for part in parts:
            values += part.values if isinstance(part, ast.JoinedStr) else [part]
        values = _joined(values)
        return _at(ast.JoinedStr(values=values), node)

    def _number(self, node: Node) -> Any:
        try:
            value = ast.literal_eval(self.text(node).rstrip("lL"))
        except (SyntaxError, ValueError):
            value = 0
        return _at(ast.Constant(value=value), node)

    def _keyword_constant(self, node: Node) -> Any:
        value = {"true": True, "false": False, "none": None}.get(node.type, ...)
        return _at(ast.Constant(value=value), node)

    def _sequence(self, node: Node) -> Any:
        items = self._all(_named(node))
        if node.type in ("list", "list_pattern"):
            return _at(ast.List(items, ast.Load()), node)
        if node.type == "set":
            return _at(ast.Set(items), node)
        return _at(ast.Tuple(items, ast.Load()), node)

    def _dictionary(self, node: Node) -> Any:
        keys, values = [], []
        for child in _named(node):
            if child.type == "pair":
                keys.append(self._needed(child.child_by_field_name("key")))
                values.append(self._needed(child.child_by_field_name("value")))
            elif child.type == "dictionary_splat" and _named(child):
                keys.append(None)
                values.append(self._needed(_named(child)[0]))
        return _at(ast.Dict(keys=keys, values=values), node)

    def _comprehension(self, node: Node) -> Any:
        generators: list[Any] = []
        for child in _named(node):
            if child.type == "for_in_clause":
                generators.append(
                    ast.comprehension(
                        target=self._needed(child.child_by_field_name("left")),
                        iter=self._needed(child.child_by_field_name("right")),
                        ifs=[],
                        is_async=0,
                    )
                )
            elif child.type == "if_clause" and generators:
                generators[-1].ifs += self._all(_named(child))
        body = node.child_by_field_name("body")
        if body is not None and body.type == "pair":
            key = self._needed(body.child_by_field_name("key"))
            value = self._needed(body.child_by_field_name("value"))
            return _at(ast.DictComp(key, value, generators), node)
        kind: Any = _COMPREHENSIONS[node.type]
        return _at(kind(self._needed(body), generators), node)

    def _binary(self, node: Node) -> Any:
        operator = self.text(node.child_by_field_name("operator") or node)
        left = self._needed(node.child_by_field_name("left"))
        right = self._needed(node.child_by_field_name("right"))
        return _at(ast.BinOp(left, _BINARY.get(operator, ast.Add)(), right), node)

    def _union_type(self, node: Node) -> Any:
        items = self._all(_named(node))
        made = items[0] if items else self._needed(None)
        for item in items[1:]:
            made = _at(ast.BinOp(made, ast.BitOr(), item), node)
        return made

    def _boolean(self, node: Node) -> Any:
        left = self._needed(node.child_by_field_name("left"))
        right = self._needed(node.child_by_field_name("right"))
        text = self.text(node.child_by_field_name("operator") or node)
        operator: ast.boolop = ast.And() if text == "and" else ast.Or()
        first = node.child_by_field_name("left")
        is_same = isinstance(left, ast.BoolOp) and type(left.op) is type(operator)
        if is_same and first is not None and first.type == "boolean_operator":
            return _at(ast.BoolOp(operator, [*left.values, right]), node)
        return _at(ast.BoolOp(operator, [left, right]), node)

    def _not(self, node: Node) -> Any:
        return _at(ast.UnaryOp(ast.Not(), self._needed(node.child_by_field_name("argument"))), node)

    def _unary(self, node: Node) -> Any:
        operator: ast.unaryop = ast.USub() if self.text(node)[:1] == "-" else ast.Invert()
        return _at(ast.UnaryOp(operator, self._needed(node.child_by_field_name("argument"))), node)

    def _compare(self, node: Node) -> Any:
        items = self._all(_named(node))
        if not items:
            return None
        return _at(ast.Compare(items[0], [ast.Eq()] * (len(items) - 1), items[1:]), node)

    def _conditional(self, node: Node) -> Any:
        parts = [self._needed(part) for part in _named(node)]
        if len(parts) < 3:
            return parts[0] if parts else None
        return _at(ast.IfExp(test=parts[1], body=parts[0], orelse=parts[2]), node)

    def _lambda(self, node: Node) -> Any:
        arguments = self._arguments(node.child_by_field_name("parameters"))
        return _at(ast.Lambda(arguments, self._needed(node.child_by_field_name("body"))), node)

    def _walrus(self, node: Node) -> Any:
        name = self._identifier(node.child_by_field_name("name") or node)
        return _at(ast.NamedExpr(name, self._needed(node.child_by_field_name("value"))), node)

    def _yield(self, node: Node) -> Any:
        children = _named(node)
        return _at(ast.Yield(self.expression(children[0]) if children else None), node)

    def _splat(self, node: Node) -> Any:
        children = _named(node)
        return _at(ast.Starred(self._needed(children[0] if children else None), ast.Load()), node)

    def _slice(self, node: Node) -> Any:
        parts: list[Any] = [*self._all(_named(node)), None, None, None]
        return _at(ast.Slice(parts[0], parts[1], parts[2]), node)


def _named(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _joined(values: list[Any]) -> list[Any]:
    """Parts of a format string with neighbouring constants put together."""
    result: list[Any] = []
    for value in values:
        last = result[-1] if result else None
        if isinstance(value, ast.Constant) and isinstance(last, ast.Constant):
            last.value = str(last.value) + str(value.value)
        else:
            result.append(value)
    return result


def _dotted(text: str) -> str:
    return "".join(text.split())


def _at(made: Any, node: Node) -> Any:
    made.lineno, made.end_lineno = node.start_point[0] + 1, node.end_point[0] + 1
    return made


_BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "@": ast.MatMult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "<<": ast.LShift,
    ">>": ast.RShift,
    "|": ast.BitOr,
    "^": ast.BitXor,
    "&": ast.BitAnd,
}

_COMPREHENSIONS = {
    "list_comprehension": ast.ListComp,
    "set_comprehension": ast.SetComp,
    "dictionary_comprehension": ast.ListComp,
    "generator_expression": ast.GeneratorExp,
}

_STATEMENTS: dict[str, Callable[[_Rewriting, Node], list[Any]]] = {
    "assert_statement": _Rewriting._assert,
    "break_statement": _Rewriting._nothing,
    "class_definition": _Rewriting._class,
    "continue_statement": _Rewriting._nothing,
    "decorated_definition": _Rewriting._decorated,
    "delete_statement": _Rewriting._delete,
    "exec_statement": _Rewriting._exec,
    "expression_statement": _Rewriting._expression_statement,
    "for_statement": _Rewriting._for,
    "function_definition": _Rewriting._function,
    "future_import_statement": _Rewriting._import_from,
    "global_statement": _Rewriting._global,
    "if_statement": _Rewriting._if,
    "import_from_statement": _Rewriting._import_from,
    "import_statement": _Rewriting._import,
    "match_statement": _Rewriting._match,
    "nonlocal_statement": _Rewriting._nothing,
    "pass_statement": _Rewriting._nothing,
    "print_statement": _Rewriting._print,
    "raise_statement": _Rewriting._raise,
    "return_statement": _Rewriting._return,
    "try_statement": _Rewriting._try,
    "type_alias_statement": _Rewriting._type_alias,
    "while_statement": _Rewriting._while,
    "with_statement": _Rewriting._with,
}

_EXPRESSIONS: dict[str, Callable[[_Rewriting, Node], Any]] = {
    "attribute": _Rewriting._attribute,
    "binary_operator": _Rewriting._binary,
    "boolean_operator": _Rewriting._boolean,
    "call": _Rewriting._call,
    "comparison_operator": _Rewriting._compare,
    "concatenated_string": _Rewriting._strings,
    "conditional_expression": _Rewriting._conditional,
    "dictionary": _Rewriting._dictionary,
    "dictionary_comprehension": _Rewriting._comprehension,
    "ellipsis": _Rewriting._keyword_constant,
    "expression_list": _Rewriting._sequence,
    "false": _Rewriting._keyword_constant,
    "float": _Rewriting._number,
    "generator_expression": _Rewriting._comprehension,
    "generic_type": _Rewriting._generic_type,
    "identifier": _Rewriting._identifier,
    "integer": _Rewriting._number,
    "lambda": _Rewriting._lambda,
    "list": _Rewriting._sequence,
    "list_comprehension": _Rewriting._comprehension,
    "list_pattern": _Rewriting._sequence,
    "list_splat": _Rewriting._splat,
    "list_splat_pattern": _Rewriting._splat,
    "member_type": _Rewriting._member_type,
    "named_expression": _Rewriting._walrus,
    "none": _Rewriting._keyword_constant,
    "not_operator": _Rewriting._not,
    "pattern_list": _Rewriting._sequence,
    "set": _Rewriting._sequence,
    "set_comprehension": _Rewriting._comprehension,
    "slice": _Rewriting._slice,
    "string": _Rewriting._string,
    "subscript": _Rewriting._subscript,
    "true": _Rewriting._keyword_constant,
    "tuple": _Rewriting._sequence,
    "tuple_pattern": _Rewriting._sequence,
    "unary_operator": _Rewriting._unary,
    "union_type": _Rewriting._union_type,
    "yield": _Rewriting._yield,
}
