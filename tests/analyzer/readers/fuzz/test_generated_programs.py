"""Programs that are made up together with what is true of them; the reader must say just that."""

from dataclasses import dataclass, field
from textwrap import indent

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.tables import ForeignKey, Table, TableAccess
from analyzer.facts.transactions import TransactionScope
from analyzer.readers.python.providers import Fact
from analyzer.readers.python.reader import facts_of, project_of

NAMES = ("Order", "Customer", "StockItem", "Payment", "Shipment", "Voucher")
KINDS = ("ForeignKey", "OneToOneField", "ManyToManyField")


@dataclass
class Model:
    name: str
    db_table: str
    keys: list[tuple[str, str, bool]] = field(default_factory=list)  # kind, target, as a string
    base: bool = False  # inherits its fields from an abstract model

    @property
    def table(self) -> str:
        return self.db_table or f"shop_{self.name.lower()}"

    def source(self) -> str:
        lines = [f"class {self.name}({'Base' if self.base else 'models.Model'}):"]
        if not self.base:
            lines.append("    name = models.TextField()")
        for kind, target, quoted in self.keys:
            reference = repr(target) if quoted else target
            lost = "" if kind == "ManyToManyField" else ", on_delete=models.PROTECT"
            lines.append(f"    to_{target.lower()} = models.{kind}({reference}{lost}, "
                         f"related_name='from_{self.name.lower()}')")  # fmt: skip
        if self.db_table:
            lines += ["    class Meta:", f"        db_table = {self.db_table!r}"]
        return "\n".join([*lines, "    marker = None", ""])


@dataclass
class Statement:
    source: str
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)


@dataclass
class Action:
    """One function: statements, some inside one atomic block."""

    name: str
    before: list[Statement]
    inside: list[Statement]
    wrapping: str
    route: str
    verb: str

    def source(self) -> str:
        decorator = "" if self.verb == "ANY" else f"@require_{self.verb}\n"
        lines = [statement.source for statement in self.before]
        if self.inside:
            block = "\n".join(statement.source for statement in self.inside)
            lines.append("with transaction.atomic():\n" + indent(block, "    "))
        body = "\n".join(lines) or "pass"
        if self.wrapping:
            body = f"{self.wrapping}\n" + indent(body, "    ")
            if self.wrapping == "try:":
                body += "\nexcept ValueError:\n    raise"
        return f"{decorator}def {self.name}(request, flag=None):\n{indent(body, '    ')}\n"

    @property
    def statements(self) -> list[Statement]:
        return [*self.before, *self.inside]


@dataclass
class Program:
    models: list[Model]
    actions: list[Action]

    def files(self) -> dict[str, bytes]:
        models = "from django.db import models\n\n" + (
            "class Base(models.Model):\n    name = models.TextField()\n"
            "    class Meta:\n        abstract = True\n\n"
        )
        models += "\n".join(model.source() for model in self.models)
        views = (
            "from django.db import transaction\n"
            "from django.views.decorators.http import require_GET, require_POST\n"
            f"from shop.models import {', '.join(model.name for model in self.models)}\n\n"
        )
        views += "\n".join(action.source() for action in self.actions)
        urls = "from django.urls import path\nfrom shop import views\nurlpatterns = [\n"
        urls += "".join(f"    path({a.route!r}, views.{a.name}),\n" for a in self.actions) + "]\n"
        settings = "INSTALLED_APPS = ['shop']\nROOT_URLCONF = 'shop.urls'\n"
        texts = {"shop/__init__.py": "", "shop/models.py": models, "shop/views.py": views,
                 "shop/urls.py": urls, "shop/settings.py": settings}  # fmt: skip
        return {path: text.encode() for path, text in texts.items()}


@st.composite
def programs(draw: st.DrawFn) -> Program:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    models = [draw(models_named(name, names[:index])) for index, name in enumerate(names)]
    count = draw(st.integers(1, 4))
    actions = [draw(actions_on(models, f"action_{index}")) for index in range(count)]
    return Program(models, actions)


@st.composite
def models_named(draw: st.DrawFn, name: str, earlier: list[str]) -> Model:
    targets = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
    return Model(
        name=name,
        db_table=draw(st.sampled_from(["", "", f"legacy_{name.lower()}s"])),
        keys=[(draw(st.sampled_from(KINDS)), target, draw(st.booleans())) for target in targets],
        base=draw(st.booleans()),
    )


@st.composite
def actions_on(draw: st.DrawFn, models: list[Model], name: str) -> Action:
    statements = statements_on(models)
    return Action(
        name=name,
        before=draw(st.lists(statements, max_size=2)),
        inside=draw(st.lists(statements, max_size=3)),
        wrapping=draw(st.sampled_from(["", "if flag:", "for _ in range(3):", "try:"])),
        route=draw(st.sampled_from(["", "a/", "b/<int:pk>/"])) + f"{name}/",
        verb=draw(st.sampled_from(["ANY", "GET", "POST"])),
    )


@st.composite
def statements_on(draw: st.DrawFn, models: list[Model]) -> Statement:
    model = draw(st.sampled_from(models))
    tables = {one.name: one.table for one in models}
    name, table = model.name, model.table
    choices = [
        Statement(f"{name}.objects.create(name='x')", writes={table}),
        Statement(f"{name}(name='x').save()", writes={table}),
        Statement(f"{name}.objects.filter(name='x').update(name='y')", writes={table}),
        Statement(f"{name}.objects.bulk_create([{name}(name='x')])", writes={table}),
        Statement(f"{name}.objects.get(pk=1)", reads={table}),
        Statement(f"list({name}.objects.exclude(name='x').order_by('name'))", reads={table}),
        Statement(f"{name}.objects.filter(name='x').exists()", reads={table}),
        Statement(
            f"row = {name}.objects.first()\nrow.name = 'z'\nrow.save()",
            reads={table},
            writes={table},
        ),
        Statement(
            f"for row in {name}.objects.all():\n    row.save()", reads={table}, writes={table}
        ),
    ]
    for kind, target, _ in model.keys:
        joined = {table, tables[target]}
        lookup = f"to_{target.lower()}__name='x'"
        choices.append(Statement(f"{name}.objects.filter({lookup}).count()", reads=joined))
        if kind != "ManyToManyField":
            load = f"{name}.objects.select_related('to_{target.lower()}').get(pk=1)"
            choices.append(Statement(load, reads=joined))
    return draw(st.sampled_from(choices))


def facts_about(program: Program) -> list[Fact]:
    facts = facts_of(project_of(program.files(), name="fuzz"))
    assert [one for one in facts if isinstance(one, Diagnostic)] == []
    return facts


COMMON = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@COMMON
@given(programs())
def test_tables_and_foreign_keys_are_those_of_the_models(program: Program) -> None:
    facts = facts_about(program)

    tables = {one.name for one in facts if isinstance(one, Table) and one.kind == "model"}
    keys = {(f.source, f.column, f.target) for f in facts if isinstance(f, ForeignKey)}
    by_name = {model.name: model for model in program.models}
    expected = {
        (model.table, f"to_{target.lower()}_id", by_name[target].table)
        for model in program.models
        for kind, target, _ in model.keys
        if kind != "ManyToManyField"
    }
    between = {
        (f"{model.table}_to_{target.lower()}", f"{one.lower()}_id", by_name[one].table)
        for model in program.models
        for kind, target, _ in model.keys
        if kind == "ManyToManyField"
        for one in (model.name, target)
    }
    assert tables == {model.table for model in program.models}
    assert keys == expected | between


@COMMON
@given(programs())
def test_accesses_are_those_of_the_statements(program: Program) -> None:
    facts = facts_about(program)

    direct = {
        (one.unit, one.table, one.mode)
        for one in facts
        if isinstance(one, TableAccess) and not one.via and one.unit.startswith("shop.views:")
    }
    expected: set[tuple[str, str, str]] = set()
    for action in program.actions:
        unit = f"shop.views:{action.name}"
        for statement in action.statements:
            expected |= {(unit, table, "read") for table in statement.reads}
            expected |= {(unit, table, "write") for table in statement.writes}
    between = {one for one in direct - expected if "_to_" in one[1] and one[2] == "read"}
    assert direct - between == expected


@COMMON
@given(programs())
def test_transactions_hold_the_writes_inside_them(program: Program) -> None:
    facts = facts_about(program)

    found = {
        one.unit: {access.table for access in one.accesses if access.mode == "write"}
        for one in facts
        if isinstance(one, TransactionScope)
    }
    expected = {
        f"shop.views:{action.name}": {t for one in action.inside for t in one.writes}
        for action in program.actions
        if action.inside
    }
    assert found == expected


@COMMON
@given(programs())
def test_routes_are_those_of_the_url_patterns(program: Program) -> None:
    facts = facts_about(program)

    found = {(one.name, one.unit) for one in facts if isinstance(one, EntryPoint)}
    assert found == {
        (f"{action.verb} /{action.route}", f"shop.views:{action.name}")
        for action in program.actions
    }
