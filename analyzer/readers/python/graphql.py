"""Fields of a GraphQL schema: what a query or mutation can ask for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.origins import decorations, origin
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Function, Variable

GRAPHENE = ("graphene.", "graphene_django.")
GRAPHENE_FIELDS = frozenset(
    {"Field", "List", "String", "Int", "Boolean", "ID", "Float", "ConnectionField"}
)
STRAWBERRY = ("strawberry.", "strawberry_django.")
STRAWBERRY_TYPES = frozenset({"strawberry.type"})
STRAWBERRY_FIELDS = frozenset({"field", "mutation", "subscription"})
# Names of the classes that a schema begins with; whatever ends so and bears such fields is one.
ROOTS = {"Query": "QUERY", "Queries": "QUERY", "Mutation": "MUTATION", "Mutations": "MUTATION",
         "Subscription": "SUBSCRIPTION"}  # fmt: skip
SCHEMA = "Schema"
SCHEMA_MODULES = ("graphene", "strawberry")
SCHEMA_ROOTS = {"query": "QUERY", "mutation": "MUTATION", "subscription": "SUBSCRIPTION"}
ARIADNE = {
    "ariadne.QueryType": "QUERY",
    "ariadne.MutationType": "MUTATION",
    "ariadne.SubscriptionType": "SUBSCRIPTION",
}
PATH = "/graphql"


@dataclass(frozen=True, slots=True)
class GraphQl:
    """Gives root fields of graphene, strawberry and ariadne schemas as HTTP entry points."""

    calls: frozenset[str] = frozenset()

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Fields of root types, and resolvers registered with one."""
        given = _given_to_schemas(project)
        for cls in project.classes():
            kind = given.get(cls) or _root_kind(cls)
            if cls.module.role == "product" and kind:
                yield from _graphene_fields(project, cls, kind)
                yield from _strawberry_fields(project, cls, kind)
        for function in project.functions():
            if function.module.role == "product" and function.decorators:
                yield from _ariadne_field(project, function)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Nothing."""
        return ()


def _given_to_schemas(project: Project) -> dict[ClassScope, str]:
    """The classes that `Schema(query=…, mutation=…)` is given, whatever they are called."""
    found: dict[ClassScope, str] = {}
    for module in project.modules.values():
        if module.role != "product" or not any(_is_schema(one) for one in module.imports):
            continue
        for call in record.calls_in(module.operations):
            if record.callee_name(call).endswith(SCHEMA):
                for name, kind in SCHEMA_ROOTS.items():
                    value = record.keyword(call, name)
                    if value is not None and value[0] == "name":
                        symbol = project.resolve(module, value[1])
                        if isinstance(symbol, ClassScope):
                            found[symbol] = kind
    return found


def _is_schema(imported: tuple[Any, ...]) -> bool:
    return str(imported[0]).startswith(SCHEMA_MODULES) or imported[1] == SCHEMA


def _root_kind(cls: ClassScope) -> str:
    return next((kind for name, kind in ROOTS.items() if cls.name.endswith(name)), "")


def _graphene_fields(project: Project, cls: ClassScope, kind: str) -> Iterator[EntryPoint]:
    """Attributes of `graphene.ObjectType` subclasses and of the mixins that they are made of."""
    for variable in _assigned_fields(project, cls):
        resolver = f"resolve_{variable.name}"
        mutation = _mutation(project, cls, variable)
        where = Evidence(cls.module.path, variable.line)
        if mutation is not None:
            yield _entry(kind, variable.name, mutation.unit, "mutate", where)
        else:
            handler = resolver if resolver in cls.names else ""
            yield _entry(kind, variable.name, cls.unit, handler, where)


def _assigned_fields(project: Project, cls: ClassScope) -> Iterator[Variable]:
    for binding in cls.names.values():
        for definition in binding:
            if not isinstance(definition, Variable) or definition.value is None:
                continue
            if definition.value[0] != "call" or definition.name.startswith("_"):
                continue
            path = record.callee_path(definition.value)
            # `CreateOrder.Field()` comes from a class of the snapshot that is graphene's.
            if origin(project, cls, path).startswith(GRAPHENE):
                yield definition
            elif path.endswith(".Field"):
                owner = origin(project, cls, path.removesuffix(".Field"))
                if owner.startswith(GRAPHENE):
                    yield definition


def _mutation(project: Project, cls: ClassScope, variable: Variable) -> ClassScope | None:
    """`create_order = CreateOrder.Field()`."""
    path = record.callee_path(variable.value)
    if not path.endswith(".Field"):
        return None
    symbol = project.resolve_in(cls, path.rpartition(".")[0])
    return symbol if isinstance(symbol, ClassScope) else None


def _strawberry_fields(project: Project, cls: ClassScope, kind: str) -> Iterator[EntryPoint]:
    if not any(path in STRAWBERRY_TYPES for path, _ in decorations(project, cls)):
        return
    for binding in cls.names.values():
        for definition in binding:
            if isinstance(definition, Function):
                if name := _strawberry_name(project, definition):
                    where = Evidence(cls.module.path, definition.line)
                    yield _entry(kind, name, cls.unit, definition.name, where)
            elif isinstance(definition, Variable) and definition.value is not None:
                yield from _strawberry_resolver(project, cls, definition, kind)


def _strawberry_name(project: Project, function: Function) -> str:
    """The field that a method answers; "" where it is none."""
    for path, decorator in decorations(project, function):
        if path.startswith(STRAWBERRY) and path.rpartition(".")[2] in STRAWBERRY_FIELDS:
            return _given_name(decorator) or function.name
    return ""


def _given_name(made: Expression) -> str | None:
    """`strawberry.field(name="orders")`."""
    return record.string_of(record.keyword(made, "name")) if made[0] == "call" else None


def _strawberry_resolver(
    project: Project, cls: ClassScope, variable: Variable, kind: str
) -> Iterator[EntryPoint]:
    """`orders: list[Order] = strawberry.field(resolver=list_orders)`."""
    value = variable.value
    if value[0] != "call" or not origin(project, cls, record.callee_path(value)).startswith(
        STRAWBERRY
    ):
        return
    given = record.argument(value, 0, "resolver")
    symbol = project.resolve_in(cls, given[1]) if given and given[0] == "name" else None
    unit = symbol.unit if isinstance(symbol, Function) else cls.unit
    name = _given_name(value) or variable.name
    yield _entry(kind, name, unit, "", Evidence(cls.module.path, variable.line))


def _ariadne_field(project: Project, function: Function) -> Iterator[EntryPoint]:
    for path, decorator in decorations(project, function):
        head, _, method = path.rpartition(".")
        if head in ARIADNE and method in ("field", "source") and decorator[0] == "call":
            name = record.string_of(record.argument(decorator, 0)) or function.name
            where = Evidence(function.module.path, decorator[4])
            yield _entry(ARIADNE[head], name, function.unit, "", where)


def _entry(kind: str, name: str, unit: str, handler: str, where: Evidence) -> EntryPoint:
    return EntryPoint("http", f"{kind} {PATH}#{name}", unit, where, handler)
