"""Model classes → models with their fields, the way Django's metaclass puts them together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from analyzer.readers.python import record
from analyzer.readers.python.constants import UNKNOWN, Constants
from analyzer.readers.python.django.apps import App, Apps, read_apps
from analyzer.readers.python.django.fields import FieldReader, FieldSpec
from analyzer.readers.python.django.known_fields import KnownField, known_field
from analyzer.readers.python.django.known_models import (
    FieldRow,
    KnownModel,
    known_by_label,
    known_model,
)
from analyzer.readers.python.django.migrations import replay
from analyzer.readers.python.django.schema import Model
from analyzer.readers.python.django.settings import DjangoSettings
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, External, Function, Variable

_DJANGO_MODEL = "django.db.models.Model"
# Django's own default until 6.0; a project on 6.0 may leave the setting out.
_AUTO_FIELD = "AutoField"
_ROLES: dict[str, Literal["product", "test", "library"]] = {
    "test": "test",
    "vendored": "library",
}
_USER_NAME = "AUTH_USER_MODEL"
_USER_SETTING = External("django.conf.settings.AUTH_USER_MODEL")
_USER_BASES = frozenset({"AbstractUser", "AbstractBaseUser"})


class ModelAssembly:
    """Puts models together: which classes are models, and which fields each ends up with.

    Fields are kept as they are written (`FieldSpec`); `relations.py` decides later what they point
    to, when all models are known.
    """

    def __init__(self, project: Project, settings: DjangoSettings) -> None:
        self.project = project
        self.settings = settings
        self.constants = Constants(project, settings.values)
        self.reader = FieldReader(project, self.constants)
        self.apps: Apps = read_apps(project, settings, self.constants)
        self.specs: dict[Model, dict[str, FieldSpec]] = {}
        self.by_scope: dict[ClassScope, Model | None] = {}
        self.by_path: dict[str, Model] = {}
        self.witnessed: dict[str, Model] = {}  # models that only migrations know, by key
        self._registered: dict[str, ClassScope] | None = None
        self._models: dict[ClassScope, bool] = {}
        self._specs: dict[ClassScope, dict[str, FieldSpec]] = {}
        self.state = replay(project, settings, self.apps, self.reader, self.constants)

    # ---- which classes are models

    def model_of(self, cls: ClassScope) -> Model | None:
        """The model that a class is, abstract ones too; None where it is none."""
        if cls in self.by_scope:
            return self.by_scope[cls]
        self.by_scope[cls] = None  # what a cycle of inheritance sees
        if self.is_model(cls):
            self.by_scope[cls] = self._assemble(cls)
        return self.by_scope[cls]

    def is_model(self, cls: ClassScope) -> bool:
        """Whether the class is a model, abstract ones too."""
        if cls not in self._models:
            self._models[cls] = self._is_model(cls)
        return self._models[cls]

    def is_abstract(self, cls: ClassScope) -> bool:
        """Whether the class says of itself that it has no table."""
        return Meta(self, cls).own("abstract") is True

    def external_model(self, path: str) -> Model | None:
        """A model class of a library, by its dotted name, if the library is known."""
        if path not in self.by_path:
            known = known_model(path)
            if known is None:
                return None
            self.by_path[path] = (
                self.library_model(known.label) if known.label else self._library_model(path, known)
            )
        return self.by_path[path]

    def library_model(self, label: str) -> Model:
        """A model of a library by its label; what is not known of it follows Django's rules."""
        path = f"label:{label.lower()}"
        if path not in self.by_path:
            app, _, name = label.rpartition(".")
            known = known_by_label(label) or KnownModel(abstract=False, label=f"{app}.{name}")
            self.by_path[path] = self._library_model(path, known)
        return self.by_path[path]

    def _is_model(self, cls: ClassScope) -> bool:
        unknown = False
        for base in self.project.mro(cls)[1:]:
            if isinstance(base, External):
                if base.path == _DJANGO_MODEL or known_model(base.path) is not None:
                    return True
                unknown = unknown or _may_be_model(base.path)
        return self._is_probably_model(cls, unknown_base=unknown)

    def _is_probably_model(self, cls: ClassScope, *, unknown_base: bool) -> bool:
        """Whether a class with bases that are not known is a model, by fields or migrations."""
        unresolved = len(self.project.bases(cls)) < len(cls.bases)
        if not (unknown_base or (unresolved and cls.owner is None)):
            return False
        if self._key_of(cls) in self.state.models and "models" in cls.module.id:
            return True
        scopes = [base for base in self.project.mro(cls) if isinstance(base, ClassScope)]
        return unknown_base and any(self._own_specs(one) for one in scopes)

    def _own_specs(self, cls: ClassScope) -> dict[str, FieldSpec]:
        if cls not in self._specs:
            self._specs[cls] = {spec.name: spec for spec in self.reader.fields_in(cls)}
        return self._specs[cls]

    def passes_meta_on(self, cls: ClassScope) -> bool:
        """Whether subclasses without a Meta use that of this class."""
        return not self.is_model(cls) or self.is_abstract(cls)

    # ---- putting one together

    def _assemble(self, cls: ClassScope) -> Model:
        meta = Meta(self, cls)
        app = self.apps.of_module(cls.module.id)
        model = Model(
            id=cls.id,
            app=meta.text("app_label") or app.label,
            name=cls.name,
            path=cls.module.path,
            line=cls.line,
            scope=cls,
            abstract=meta.own("abstract") is True,
            proxy=meta.value("proxy") is True,
            managed=meta.value("managed") is not False,
            table=meta.text("db_table") or "",
            role=_ROLES.get(cls.module.role, "product"),
            auto_field=self._auto_field(app),
        )
        model.swapped = self._is_swapped(model, meta)
        if not model.proxy and not model.abstract and self._is_made_proxy(cls):
            model.proxy, model.table = True, ""
        self.by_scope[cls] = model
        self.specs[model] = {}
        self._inherit(model, cls)
        if meta.value("order_with_respect_to") not in (UNKNOWN, None) and not model.abstract:
            known = KnownField(type="IntegerField")
            self.specs[model]["_order"] = FieldSpec("_order", known, model.path, model.line)
        return model

    def _auto_field(self, app: App) -> str:
        default = self.settings.text("DEFAULT_AUTO_FIELD") or _AUTO_FIELD
        return app.default_auto_field or default.rpartition(".")[2]

    def _is_made_proxy(self, cls: ClassScope) -> bool:
        """Whether a metaclass of the snapshot makes a proxy of every class with a concrete base."""
        bases = [one for one in self.project.mro(cls) if isinstance(one, ClassScope)]
        if not any(self.is_model(one) and not self.is_abstract(one) for one in bases[1:]):
            return False
        return any(
            isinstance(symbol := self.project.class_of_expression(one, expression), ClassScope)
            and self._sets_proxy(symbol)
            for one in bases
            for key, expression in one.keywords
            if key == "metaclass"
        )

    def _sets_proxy(self, metaclass: ClassScope) -> bool:
        method = self.project.class_member(metaclass, "__new__")
        if not isinstance(method, Function):
            return False
        return any(
            operation[0] == "assign"
            and operation[2] == ("const", True)
            and any(_attribute_of(target) == "proxy" for target in operation[1])
            for operation in record.walk_operations(method.operations)
        )

    def _is_swapped(self, model: Model, meta: "Meta") -> bool:
        setting = meta.text("swappable")
        chosen = self.constants.setting(setting) if setting else UNKNOWN
        return isinstance(chosen, str) and chosen.lower() != model.key

    def _inherit(self, model: Model, cls: ClassScope) -> None:
        """Fields of the class and of its direct bases, by the rules of Django's ModelBase."""
        specs = self.specs[model]
        specs.update(self._own_specs(cls))
        taken = set(cls.names)
        direct = self.project.bases(cls)
        for base in self.project.mro(cls)[1:]:
            parent = self._base_model(base)
            if parent is None and isinstance(base, External) and _may_be_model(base.path):
                model.whole = False
            if base not in direct or parent is None:
                taken.update(base.names if isinstance(base, ClassScope) else ())
            elif parent.abstract:
                self._inherit_abstract(model, parent, taken)
            else:
                self._inherit_concrete(model, parent)

    def _base_model(self, base: ClassScope | External) -> Model | None:
        if isinstance(base, ClassScope):
            return self.model_of(base)
        return None if base.path == _DJANGO_MODEL else self.external_model(base.path)

    def _inherit_abstract(self, model: Model, parent: Model, taken: set[str]) -> None:
        specs = self.specs[model]
        model.whole = model.whole and parent.whole
        for name, spec in self.specs[parent].items():
            if name not in specs and name not in taken:
                specs[name] = spec
        for ancestor in parent.parents:
            self._inherit_concrete(model, ancestor)

    def _inherit_concrete(self, model: Model, parent: Model) -> None:
        if model.proxy or parent in model.parents:
            model.parents.setdefault(parent, None)
            return
        concrete = parent.concrete
        specs = self.specs[model]
        if not any(self._is_link_to(spec, model, concrete) for spec in specs.values()):
            name = f"{concrete.name.lower()}_ptr"
            known = KnownField("one_to_one", "OneToOneField", concrete.label, unique=True)
            known = replace(known, on_delete="CASCADE")
            link = FieldSpec(name, known, model.path, model.line)
            link.options = {"parent_link": (self._scope(model), ("const", True))}
            specs.setdefault(name, link)
        model.parents.setdefault(parent, None)

    def _scope(self, model: Model) -> Any:
        return model.scope or next(iter(self.project.modules.values()))

    def _is_link_to(self, spec: FieldSpec, model: Model, parent: Model) -> bool:
        if spec.known.kind != "one_to_one" or not self.reader.flag(spec, "parent_link"):
            return False
        target = self.target_of(spec, model)
        return target is None or target is parent or target.concrete is parent

    # ---- what a field points to

    def target_of(self, spec: FieldSpec, model: Model, option: str = "to") -> Model | None:
        """The model that an argument names: a class, a label, `"self"`, a setting."""
        given = spec.options.get(option)
        if given is None:
            label = spec.known.through if option == "through" else spec.known.target
            return self.model_of_label(label, model) if label else None
        scope, expression = given
        if expression is None:
            return None
        symbol = self.project.class_of_expression(scope, expression)
        if isinstance(symbol, ClassScope):
            return self.model_of(symbol)
        if symbol == _USER_SETTING:
            return self.model_of_label("AUTH_USER_MODEL", model)
        if isinstance(symbol, External) and (found := self._of_external(symbol.path)):
            return found
        value = self.constants.value(scope, expression)
        if not isinstance(value, str):
            value = self._called_label(scope, expression)
        if value is None and expression[0] == "name" and expression[1].endswith(_USER_NAME):
            value = _USER_NAME  # through a wrapper around Django's settings
        if value is None and option == "to":
            value = spec.known.target  # what the field class points to by itself
        return self.model_of_label(value, model) if value else None

    def _of_external(self, path: str) -> Model | None:
        if path.endswith("get_user_model()"):
            return self.model_of_label("AUTH_USER_MODEL", None)
        if path.startswith("django.conf.settings."):
            return None
        known = self.external_model(path)
        if known is not None and not known.abstract:
            return self._chosen(known, path)
        parts = path.split(".")
        if path.endswith("()") or "models" not in parts[1:-1] or parts[0] == "django":
            return None
        return self.model_of_label(f"{parts[parts.index('models', 1) - 1]}.{parts[-1]}", None)

    def _chosen(self, model: Model, path: str) -> Model:
        """The library's model, or what the project swaps in for it."""
        known = known_model(path)
        setting = self.settings.text(known.swappable) if known and known.swappable else None
        return self.model_of_label(setting, None) or model if setting else model

    def _called_label(self, scope: Any, expression: Any) -> str | None:
        """`get_user_model()`, `apps.get_model("app", "Model")`, `get_model("app.Model")`."""
        if expression[0] != "call":
            return None
        name = expression[1][-2] if expression[1] and expression[1][0] == "attr" else None
        name = name or (expression[1][1].rpartition(".")[2] if expression[1] else "")
        if name == "get_user_model":
            return "AUTH_USER_MODEL"
        if name in ("get_model", "get_registered_model", "load_model"):
            texts = [self.constants.text(scope, argument) for argument in expression[2]]
            return ".".join(text for text in texts if text)
        return None

    def model_of_label(self, label: str, model: Model | None) -> Model | None:
        """The model that a string names, as seen from a model."""
        if label == "self":
            return model
        if label == "AUTH_USER_MODEL":
            label = self.user_label
        elif label.isupper() and not self._is_registered(label, model):
            label = self.settings.text(label) or ""
        if "." not in label and model is not None:
            label = f"{model.app}.{label}"
        app, _, name = label.rpartition(".")
        label = f"{app.rpartition('.')[2]}.{name}"
        if not app:
            return None
        key = label.lower()
        for _ in range(10):  # migrations go on naming a model by what it once was called
            if key in self.registered or key in self.witnessed or key not in self.state.renamed:
                break
            key = self.state.renamed[key]
        cls = self.registered.get(key)
        found = self.model_of(cls) if cls is not None else self.witnessed.get(key)
        return found or self.library_model(label)

    def _is_registered(self, name: str, model: Model | None) -> bool:
        """Whether a model's own app has a model of this name: `FAQ` need not be a setting."""
        return model is not None and f"{model.app}.{name}".lower() in self.registered

    @property
    def registered(self) -> Mapping[str, ClassScope]:
        """Classes of concrete and proxy models, by label in lower case."""
        if self._registered is None:
            self._registered = {}
            for cls in self.project.classes():
                if self.is_model(cls) and not self.is_abstract(cls):
                    self._register(self._registered, cls)
        return self._registered

    @property
    def user_label(self) -> str:
        """AUTH_USER_MODEL; where no settings say, the one user model of the snapshot."""
        given = self.settings.text("AUTH_USER_MODEL")
        if given:
            return given
        users = [
            key
            for key, cls in self.registered.items()
            if cls.module.role == "product" and self._is_user(cls)
        ]
        return users[0] if len(users) == 1 else "auth.User"

    def _is_user(self, cls: ClassScope) -> bool:
        return any(
            isinstance(base, External)
            and base.path.startswith("django.contrib.auth.")
            and base.path.rpartition(".")[2] in _USER_BASES
            for base in self.project.mro(cls)
        )

    def _register(self, registered: dict[str, ClassScope], cls: ClassScope) -> None:
        key = self._key_of(cls)
        known = registered.get(key)
        if known is None or (known.module.role != "product" and cls.module.role == "product"):
            registered[key] = cls

    def _key_of(self, cls: ClassScope) -> str:
        app = Meta(self, cls).text("app_label") or self.apps.of_module(cls.module.id).label
        return f"{app}.{cls.name}".lower()

    # ---- models of libraries

    def _library_model(self, path: str, known: KnownModel) -> Model:
        app, _, name = known.label.rpartition(".")
        model = Model(
            id=path,
            app=app,
            name=name or path.rpartition(".")[2],
            path="",
            line=0,
            abstract=known.abstract,
            table=known.table,
            role="library",
            kind="library",
            whole=known.whole,
        )
        self.by_path[path] = model
        self.specs[model] = specs = {}
        for base in known.bases:
            inherited = self.external_model(base)
            if inherited is not None and inherited.abstract:
                specs.update(self.specs[inherited])
            elif inherited is not None:
                model.parents[inherited] = None
        specs.update({row[0]: _library_field(row) for row in known.fields})
        return model


class Meta:
    """The options of a model class: its own `Meta`, or that of an abstract base."""

    def __init__(self, assembly: ModelAssembly, cls: ClassScope) -> None:
        self._assembly = assembly
        own = _nested_class(cls, "Meta")
        self._is_own = own is not None
        self._scope = own or self._inherited(cls)

    def value(self, name: str) -> Any:
        """An option, inherited or not; UNKNOWN where it is not given."""
        if self._scope is None:
            return UNKNOWN
        return self._assembly.constants.attribute(self._scope, name)

    def own(self, name: str) -> Any:
        """An option that bases do not pass on, such as `abstract`."""
        if not self._is_own or self._scope is None or name not in self._scope.names:
            return UNKNOWN
        return self.value(name)

    def text(self, name: str) -> str | None:
        """An option that is a string."""
        value = self.value(name)
        return value if isinstance(value, str) else None

    def _inherited(self, cls: ClassScope) -> ClassScope | None:
        for base in self._assembly.project.mro(cls)[1:]:
            if not isinstance(base, ClassScope):
                continue
            nested = _nested_class(base, "Meta")
            if nested is not None and self._assembly.passes_meta_on(base):
                return nested
        return None


def _nested_class(cls: ClassScope, name: str) -> ClassScope | None:
    for definition in reversed(cls.names.get(name, [])):
        if isinstance(definition, ClassScope):
            return definition
        if isinstance(definition, Variable):
            return None
    return None


def _attribute_of(target: Any) -> str:
    """The attribute that an assignment sets, if it sets one."""
    if target is None:
        return ""
    if target[0] == "attr":
        return str(target[2])
    return str(target[1]).rpartition(".")[2] if target[0] == "name" and "." in target[1] else ""


def _may_be_model(path: str) -> bool:
    """Whether a base outside the snapshot could be a model, by where it is imported from."""
    parts = path.split(".")
    if known_model(path) is not None:
        return False
    if parts[0] in ("django", "builtins", "abc", "typing", "enum", "object") or len(parts) < 2:
        return False
    return (
        any(part in ("db", "model") or part.endswith("models") for part in parts[:-1])
        and "forms" not in parts
    )


def _library_field(row: FieldRow) -> FieldSpec:
    name, type, target, flags = row
    known = known_field(f"django.db.models.{type}") or KnownField(type=type)
    if type == "TaggableManager":
        known = KnownField("many_to_many", target="taggit.Tag", through="taggit.TaggedItem")
    known = replace(
        known,
        target=target,
        nullable="n" in flags,
        primary_key="p" in flags or known.primary_key,
        unique="u" in flags or "p" in flags or known.unique,
    )
    return FieldSpec(name, known, "", 0)
