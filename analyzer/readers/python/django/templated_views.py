"""Code that renders templates: calls of `render` and the like, and class-based views."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.django.contexts import (
    Context,
    context_in,
    merged,
    returned_context,
)
from analyzer.readers.python.django.declared import declared_model
from analyzer.readers.python.django.templates import names_in, render
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, Variable
from analyzer.readers.python.types import (
    Bound,
    Instance,
    Many,
    ModelInstance,
    Query,
    Value,
    item_of,
    options_of,
)

# Functions that render: the positions of the template's name and of the context.
RENDERING = {
    "django.shortcuts.render": (1, 2),
    "django.shortcuts.render_to_response": (0, 1),
    "django.template.loader.render_to_string": (0, 1),
    "django.template.response.TemplateResponse": (1, 2),
    "django.template.response.SimpleTemplateResponse": (0, 1),
}
LOADING = frozenset(("django.template.loader.get_template",))
_NAMES = ("template_name", "template")
_CONTEXTS = ("context", "dictionary")

# Generic views outside the snapshot: what their template is called after the model.
_SUFFIXES = {
    "ListView": "_list",
    "DetailView": "_detail",
    "CreateView": "_form",
    "UpdateView": "_form",
    "DeleteView": "_confirm_delete",
    "ArchiveIndexView": "_archive",
    "DateDetailView": "_detail",
}
_LISTS = frozenset(["ListView", "BaseListView", "MultipleObjectMixin", "ArchiveIndexView"])
_VIEW_ENDINGS = ("View", "TemplateResponseMixin", "ContextMixin")
_CONTEXT_DECORATOR = "context"  # of django-context-decorator: what the method gives the template


def render_called(frame: Frame, path: str, call: Expression, line: int) -> None:
    """`render(request, "name.html", context)`."""
    if frame.effects is None:
        return
    place, after = RENDERING[path]
    named = _argument(call, place, _NAMES)
    names = names_in(frame.knowledge.project, _strings(frame, named))
    if names:
        context = context_in(frame, _argument(call, after, _CONTEXTS))
        for name in names:
            render(frame, name, context, line)


def render_loaded(frame: Frame, call: Expression, line: int) -> None:
    """`get_template("name.html")`, which the same code renders."""
    if frame.effects is None:
        return
    names = names_in(frame.knowledge.project, _strings(frame, record.argument(call, 0)))
    if names:
        calls = frame.body.calls("render")
        context = merged(context_in(frame, record.argument(one, 0, "context")) for one in calls)
        for name in names:
            render(frame, name, context, line)


def render_view(frame: Frame, cls: ClassScope) -> None:
    """A class-based view renders its template with what it has."""
    kinds = _kinds(frame, cls)
    if not kinds or frame.effects is None:
        return
    names = names_in(frame.knowledge.project, _template_names(frame, cls, kinds))
    if names:
        context = _view_context(frame, cls, kinds)
        for name in names:
            render(frame, name, context, cls.line)


def _argument(call: Expression, position: int, names: tuple[str, ...]) -> Expression:
    found = record.argument(call, position)
    return found or next((one for name in names if (one := record.keyword(call, name))), None)


def _strings(frame: Frame, expression: Expression) -> Iterator[str]:
    """The strings that an expression can be: constants, here or in an attribute of the class."""
    if expression is None:
        return
    yield from (text for text, _ in record.strings_of(expression))
    if expression[0] == "either":
        for one in expression[1]:
            yield from _strings(frame, one)
    if expression[0] != "name":
        return
    head, _, last = expression[1].rpartition(".")
    if not head:
        for source in frame.body.sources().get(last, ()):
            if source[0] == "value" and source[1] is not None and source[1][0] != "name":
                yield from _strings(frame, source[1])
    owners = [one.cls for one in options_of(frame.receiver) if isinstance(one, Instance)]
    if head == "self" and owners and isinstance(owners[0], ClassScope):
        symbol = frame.knowledge.project.class_member(owners[0], last)
    else:
        symbol = frame.knowledge.project.resolve(frame.module, expression[1])
    if isinstance(symbol, Variable):
        yield from (text for text, _ in record.strings_of(symbol.value))


def _kinds(frame: Frame, cls: ClassScope) -> frozenset[str]:
    """The generic views that a class is; empty where it is no view that renders."""
    bases = (one for one in frame.knowledge.project.mro(cls) if isinstance(one, External))
    names = frozenset(one.path.rpartition(".")[2] for one in bases)
    return names if any(one.endswith(_VIEW_ENDINGS) for one in names) else frozenset()


def _template_names(frame: Frame, cls: ClassScope, kinds: frozenset[str]) -> Iterator[str]:
    project = frame.knowledge.project
    member = project.class_member(cls, "template_name")
    if isinstance(member, Variable):
        yield from (text for text, _ in record.strings_of(member.value))
    chosen = member
    if not isinstance(chosen, Function):
        chosen = project.class_member(cls, "get_template_names")
    if isinstance(chosen, Function):
        for operation in record.walk_operations(frame.knowledge.body(chosen).operations):
            if operation[0] == "return":
                for part in record.walk_expressions(operation[1]):
                    if part[0] == "str":
                        yield part[1]
    model = declared_model(frame, cls)[0]
    if not isinstance(member, Variable) and model in frame.knowledge.catalogue.models:
        label = frame.knowledge.catalogue.models[model].label.lower().replace(".", "/")
        for kind, suffix in _SUFFIXES.items():
            if kind in kinds:
                yield f"{label}{suffix}.html"


def _view_context(frame: Frame, cls: ClassScope, kinds: frozenset[str]) -> Context:
    """What the template of a view can ask for."""
    view = Instance(cls)
    found: list[Context] = [{"view": view}, _of_model(frame, cls, kinds)]
    found.append(_of_form(frame, cls))
    project = frame.knowledge.project
    given = project.class_member(cls, "get_context_data")
    if isinstance(given, Function):
        found.append(returned_context(frame, Bound(given, view)))
    extra = project.class_member(cls, "extra_context")
    if isinstance(extra, Variable):
        found.append(context_in(frame, extra.value))
    found.append(_decorated(frame, cls, view))
    return merged(found)


def _of_model(frame: Frame, cls: ClassScope, kinds: frozenset[str]) -> Context:
    """`object`, `object_list`, and the same by the model's name."""
    knowledge = frame.knowledge
    model = declared_model(frame, cls)[0]
    one: Value = ModelInstance(model) if model in knowledge.catalogue.models else None
    many: Value = Query(model) if one is not None else None
    for name in ("get_object", "get_queryset"):
        member = knowledge.project.class_member(cls, name)
        if isinstance(member, Function):
            value = knowledge.returned(member, Instance(cls), frame.depth)
            if name == "get_object":
                one = value or one
            else:
                many = value or many
    named = model.rpartition(":")[2].rpartition(".")[2].lower()
    chosen = knowledge.project.class_member(cls, "context_object_name")
    chosen_name = record.string_of(chosen.value) if isinstance(chosen, Variable) else None
    if kinds & _LISTS:
        rows = Many(item_of(many)) if item_of(many) is not None else None
        listed: Context = {"object_list": many, "page_obj": rows, f"{named}_list": many}
        return {**listed, chosen_name: many} if chosen_name else listed
    single: Context = {"object": one, named: one}
    return {**single, chosen_name: one} if chosen_name else single


def _of_form(frame: Frame, cls: ClassScope) -> Context:
    member = frame.knowledge.project.class_member(cls, "form_class")
    form = frame.knowledge.variable(member) if isinstance(member, Variable) else None
    return {"form": Instance(form)} if isinstance(form, ClassScope) else {}


def _decorated(frame: Frame, cls: ClassScope, view: Value) -> Context:
    """Methods and properties that a decorator gives to the template."""
    found: Context = {}
    for base in frame.knowledge.project.mro(cls):
        if not isinstance(base, ClassScope):
            continue
        for name, binding in base.names.items():
            method = binding[-1]
            if name not in found and isinstance(method, Function) and _is_given(method):
                found[name] = frame.knowledge.returned(method, view, frame.depth)
    return found


def _is_given(method: Function) -> bool:
    return any(
        one is not None and one[0] == "name" and one[1].rpartition(".")[2] == _CONTEXT_DECORATOR
        for one in method.decorators
    )
