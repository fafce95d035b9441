"""Who answers a request: the function or class behind the expression that a URL pattern names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable

ANY = "ANY"
VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")

# Decorators of a view function: which methods it answers.
METHOD_DECORATORS: Mapping[str, tuple[str, ...]] = {
    "require_GET": ("GET",),
    "require_POST": ("POST",),
    "require_safe": ("GET",),
}
METHOD_LIST_DECORATORS = frozenset({"require_http_methods", "api_view"})

# Bases outside the snapshot, by the last part of their name: what they answer, and by which method.
_SHOW, _FORM = {"GET": "get"}, {"GET": "get", "POST": "post"}
BASE_VIEWS: Mapping[str, Mapping[str, str]] = {
    "TemplateView": _SHOW,
    "RedirectView": _SHOW,
    "ListView": _SHOW,
    "DetailView": _SHOW,
    "ArchiveIndexView": _SHOW,
    "YearArchiveView": _SHOW,
    "MonthArchiveView": _SHOW,
    "WeekArchiveView": _SHOW,
    "DayArchiveView": _SHOW,
    "TodayArchiveView": _SHOW,
    "DateDetailView": _SHOW,
    "BaseListView": _SHOW,
    "BaseDetailView": _SHOW,
    "FormView": _FORM,
    "CreateView": _FORM,
    "UpdateView": _FORM,
    "DeleteView": _FORM,
    "ProcessFormView": _FORM,
    "LoginView": _FORM,
    "LogoutView": {"POST": "post"},
    "PasswordChangeView": _FORM,
    "PasswordResetView": _FORM,
    "PasswordResetConfirmView": _FORM,
    "WizardView": _FORM,
    "SessionWizardView": _FORM,
    "CookieWizardView": _FORM,
    "ListAPIView": _SHOW,
    "RetrieveAPIView": _SHOW,
    "CreateAPIView": {"POST": "post"},
    "DestroyAPIView": {"DELETE": "delete"},
    "UpdateAPIView": {"PUT": "put", "PATCH": "patch"},
    "ListCreateAPIView": _FORM,
    "RetrieveUpdateAPIView": {"GET": "get", "PUT": "put", "PATCH": "patch"},
    "RetrieveDestroyAPIView": {"GET": "get", "DELETE": "delete"},
    "RetrieveUpdateDestroyAPIView": {
        "GET": "get",
        "PUT": "put",
        "PATCH": "patch",
        "DELETE": "delete",
    },
}
LIST_ACTIONS: Mapping[str, str] = {"list": "GET", "create": "POST"}
DETAIL_ACTIONS: Mapping[str, str] = {
    "retrieve": "GET",
    "update": "PUT",
    "partial_update": "PATCH",
    "destroy": "DELETE",
}
BASE_ACTIONS: Mapping[str, frozenset[str]] = {
    "ModelViewSet": frozenset({*LIST_ACTIONS, *DETAIL_ACTIONS}),
    "ReadOnlyModelViewSet": frozenset({"list", "retrieve"}),
    "ListModelMixin": frozenset({"list"}),
    "CreateModelMixin": frozenset({"create"}),
    "RetrieveModelMixin": frozenset({"retrieve"}),
    "UpdateModelMixin": frozenset({"update", "partial_update"}),
    "DestroyModelMixin": frozenset({"destroy"}),
}
# Functions that give the class behind a name which is only known when the project runs.
CLASS_LOADERS = frozenset({"get_class", "import_string", "get_view"})
DEPTH_LIMIT = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP method, and the unit (and its method) that answers it."""

    verb: str
    unit: str
    handler: str = ""


@dataclass(frozen=True, slots=True)
class Views:
    """Finds views; `owner` is the class in whose method a pattern stands, if any."""

    project: Project

    def answers(
        self, module: ModuleScope, expression: Expression, owner: ClassScope | None = None
    ) -> tuple[Answer, ...]:
        """Who answers at a view expression; the URL module itself where nobody is found."""
        found = tuple(self._answers(module, expression, owner, 0))
        return found or (Answer(ANY, module.id),)

    def answers_of(self, view: ClassScope | Function) -> tuple[Answer, ...]:
        """Who answers where a view itself is registered."""
        return tuple(self._symbol(view, 0)) or (Answer(ANY, view.unit),)

    def _answers(
        self, module: ModuleScope, expression: Expression, owner: ClassScope | None, depth: int
    ) -> Iterator[Answer]:
        if expression is None or depth > DEPTH_LIMIT:
            return
        tag = expression[0]
        if tag == "name":
            yield from self._named(module, expression[1], owner, depth)
        elif tag == "str":
            yield from self._symbol(self.project.find(expression[1]), depth)
        elif tag == "call":
            yield from self._called(module, expression, owner, depth)
        elif tag == "either":
            for value in expression[1]:
                yield from self._answers(module, value, owner, depth + 1)

    def _named(
        self, module: ModuleScope, path: str, owner: ClassScope | None, depth: int
    ) -> Iterator[Answer]:
        if owner is not None and path.startswith(("self.", "cls.")):
            name = path.partition(".")[2].partition(".")[0]
            for value in self._attributes(owner, name):
                yield from self._answers(module, value, owner, depth + 1)
            member = self.project.class_member(owner, name)
            if isinstance(member, Function):
                yield Answer(ANY, member.unit, member.name)
            return
        yield from self._symbol(self.project.resolve_in(owner or module, path), depth)

    def _attributes(self, owner: ClassScope, name: str) -> Iterator[Expression]:
        """What the class or its methods assign to an attribute."""
        for base in self.project.mro(owner):
            if not isinstance(base, ClassScope):
                continue
            for attribute, value, *_ in base.assigned:
                if attribute == name:
                    yield value
            for definition in base.names.get(name, ()):
                if isinstance(definition, Variable):
                    yield definition.value

    def _symbol(self, symbol: object, depth: int) -> Iterator[Answer]:
        if isinstance(symbol, Function):
            yield from function_answers(symbol)
        elif isinstance(symbol, ClassScope):
            yield from self.class_answers(symbol)
        elif isinstance(symbol, Variable):
            yield from self._answers(symbol.module, symbol.value, symbol.owner, depth + 1)

    def _called(
        self, module: ModuleScope, call: Expression, owner: ClassScope | None, depth: int
    ) -> Iterator[Answer]:
        name = record.callee_name(call)
        if name == "as_view":
            cls = self._class_of(module, call[1], owner)
            if isinstance(cls, ClassScope):
                yield from self.class_answers(cls, actions=record.argument(call, 0, "actions"))
            return
        if name in CLASS_LOADERS:
            yield from self._symbol(self.loaded_class(call), depth)
            return
        # A decorator applied to a view, `cache_page(60)(view)` or `login_required(view)`.
        for part in (*call[2], *(value for _, value in call[3])):
            found = tuple(self._answers(module, part, owner, depth + 1))
            if found:
                yield from found
                return
        if call[1] is not None and call[1][0] == "name":
            symbol = self.project.resolve_in(owner or module, call[1][1])
            if isinstance(symbol, Function | ClassScope):  # an instance, or a factory of views
                yield from self._symbol(symbol, depth)

    def _class_of(
        self, module: ModuleScope, callee: Expression, owner: ClassScope | None
    ) -> ClassScope | External | None:
        """The class that `X.as_view` is an attribute of."""
        if callee is None:
            return None
        if callee[0] == "attr":
            base = callee[1]
            if base is not None and base[0] == "call":
                return _class(self.loaded_class(base))
            return None
        path = callee[1].rpartition(".")[0]
        if owner is not None and path.startswith("self."):
            for value in self._attributes(owner, path.partition(".")[2]):
                if cls := self._class_of_value(owner.module, value):
                    return cls
            return None
        symbol = self.project.resolve_in(owner or module, path)
        if isinstance(symbol, Variable):
            return self._class_of_value(symbol.module, symbol.value)
        return _class(symbol)

    def _class_of_value(
        self, module: ModuleScope, value: Expression
    ) -> ClassScope | External | None:
        if value is None:
            return None
        if value[0] == "name":
            return _class(self.project.resolve(module, value[1]))
        return _class(self.loaded_class(value)) if value[0] == "call" else None

    def loaded_class(self, call: Expression) -> object:
        """The class that `get_class("app.views", "View")` or `import_string("a.b.View")` gives."""
        first = record.string_of(record.argument(call, 0))
        if record.callee_name(call) not in CLASS_LOADERS or not first:
            return None
        second = record.string_of(record.argument(call, 1))
        path = f"{first}.{second}" if second else first
        symbol = self.project.find(path)
        if not isinstance(symbol, External) or not second:
            return symbol
        # The loader knows the package that apps live in; the one module that ends so is meant.
        ending = f".{first}"
        for name, module in self.project.modules.items():
            if name.endswith(ending) and second in module.names:
                return self.project.member(module, second)
        return symbol

    def class_answers(self, cls: ClassScope, actions: Expression = None) -> tuple[Answer, ...]:
        """What a class-based view answers, as its own methods and its bases' tell."""
        if actions is not None and actions[0] == "dict":
            return tuple(_mapped(cls, actions))
        handlers: dict[str, str] = {}
        for base in reversed(self.project.mro(cls)):
            if isinstance(base, ClassScope):
                defined = {verb: verb for verb in VERBS[:5] if _defines(base, verb)}
                handlers.update({verb.upper(): method for verb, method in defined.items()})
            else:
                handlers.update(BASE_VIEWS.get(base.path.rpartition(".")[2], {}))
        allowed = self._allowed(cls)
        verbs = [v.upper() for v in VERBS if v.upper() in handlers and v in (allowed or VERBS)]
        answers = tuple(Answer(verb, cls.unit, handlers[verb]) for verb in verbs)
        return answers or (Answer(ANY, cls.unit),)

    def actions_of(self, cls: ClassScope) -> frozenset[str]:
        """The standard actions of a view set, its own and inherited."""
        found: set[str] = set()
        for base in self.project.mro(cls):
            if isinstance(base, ClassScope):
                found.update(
                    name for name in (*LIST_ACTIONS, *DETAIL_ACTIONS) if _defines(base, name)
                )
            else:
                found.update(BASE_ACTIONS.get(base.path.rpartition(".")[2], ()))
        return frozenset(found)

    def allows(self, cls: ClassScope, verb: str) -> bool:
        """Whether `http_method_names` lets this method through."""
        allowed = self._allowed(cls)
        return not allowed or verb.lower() in allowed

    def _allowed(self, cls: ClassScope) -> frozenset[str]:
        symbol = self.project.class_member(cls, "http_method_names")
        if not isinstance(symbol, Variable):
            return frozenset()
        return frozenset(text.lower() for text, _ in record.strings_of(symbol.value))


def function_answers(function: Function) -> Iterator[Answer]:
    """What a view function answers: its decorators tell, or what it compares the method with."""
    verbs: tuple[str, ...] = ()
    for decorator in function.decorators:
        name = _decorator_name(decorator)
        if name in METHOD_DECORATORS:
            verbs = METHOD_DECORATORS[name]
        elif name in METHOD_LIST_DECORATORS and decorator[0] == "call":
            given = record.argument(decorator, 0, "http_method_names")
            verbs = tuple(text.upper() for text, _ in record.strings_of(given)) or ("GET",)
    for verb in verbs or _compared_verbs(function):
        yield Answer(verb, function.unit, function.name if function.owner else "")


def _compared_verbs(function: Function) -> tuple[str, ...]:
    found: set[str] = set()
    for operation in record.walk_operations(function.operations):
        for expression in record.expressions_of(operation):
            for part in record.walk_expressions(expression):
                if part[0] == "group" and any(_is_method(value) for value in part[1]):
                    found.update(text for value in part[1] for text, _ in record.strings_of(value))
    known = [verb.upper() for verb in VERBS if verb.upper() in found]
    if not known:
        return (ANY,)
    # A function that asks for POST alone shows its form for everything else.
    return tuple(dict.fromkeys(["GET", *known]))


def _is_method(value: Expression) -> bool:
    return value is not None and value[0] == "name" and value[1].endswith("request.method")


def _mapped(cls: ClassScope, actions: Expression) -> Iterator[Answer]:
    """`ViewSet.as_view({"get": "list"})`."""
    for key, value in actions[1]:
        verb, action = record.string_of(key), record.string_of(value)
        if verb and action:
            yield Answer(verb.upper(), cls.unit, action)


def _decorator_name(decorator: Expression) -> str:
    if decorator is None:
        return ""
    if decorator[0] == "call":
        return record.callee_name(decorator)
    return str(decorator[1]).rpartition(".")[2] if decorator[0] == "name" else ""


def _class(symbol: object) -> ClassScope | External | None:
    return symbol if isinstance(symbol, ClassScope | External) else None


def _defines(cls: ClassScope, name: str) -> bool:
    return name in cls.names
