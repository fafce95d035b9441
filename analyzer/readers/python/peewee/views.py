"""Which models the classes of admin sites and REST APIs are registered with.

`admin.add_view(UserAdmin(User))`, `api.register(Tweet, TweetResource)`: the library then lists,
shows, makes, changes and deletes rows of the model on behalf of the class.
"""

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.peewee_words import PEEWEE
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, ModuleScope, Variable

# Classes outside the snapshot that work on a model, by package and the end of their name.
_PACKAGES = frozenset({"flask_admin", "flask_peewee", "starlette_admin"})
_NAMES = ("ModelView", "ModelAdmin", "Resource")
_PERMITTING = ("can_create", "can_edit", "can_delete")  # attributes that forbid it where False

Registered = dict[ClassScope, dict[str, None]]  # ids of models
_REGISTERED: WeakKeyDictionary[Project, Registered] = WeakKeyDictionary()


def registered_with(project: Project, catalogue: Catalogue, cls: ClassScope) -> tuple[str, ...]:
    """Ids of the models that a class works on by what it inherits."""
    if not _is_view(project, cls):
        return ()
    if project not in _REGISTERED:
        _REGISTERED[project] = _registered(project, catalogue)
    found = _REGISTERED[project].get(cls, {})
    member = project.class_member(cls, "model")
    if isinstance(member, Variable):
        named = project.class_of_expression(member.owner or member.module, member.value)
        if isinstance(named, ClassScope) and catalogue.mapped_by(PEEWEE, named.id):
            return tuple({**found, named.id: None})
    return tuple(found)


def may_write(project: Project, cls: ClassScope) -> bool:
    """Whether the class lets anybody make, change or delete rows."""
    members = [project.class_member(cls, name) for name in _PERMITTING]
    return any(not isinstance(one, Variable) or one.value != ("const", False) for one in members)


def _is_view(project: Project, cls: ClassScope) -> bool:
    return any(
        isinstance(base, External)
        and base.path.partition(".")[0] in _PACKAGES
        and base.path.endswith(_NAMES)
        for base in project.mro(cls)
    )


def _registered(project: Project, catalogue: Catalogue) -> Registered:
    found: Registered = {}
    for module in project.modules.values():
        if module.role != "product":
            continue
        for call in record.calls_in(module.operations):
            classes = list(_classes(project, module, call))
            models = [one.id for one in classes if catalogue.mapped_by(PEEWEE, one.id)]
            for cls in classes if models else ():
                if cls.id not in models and _is_view(project, cls):
                    found.setdefault(cls, {}).update(dict.fromkeys(models))
    return found


def _classes(project: Project, module: ModuleScope, call: Expression) -> Iterator[ClassScope]:
    """The class that is made, and those that are handed over."""
    for one in (call[1], *call[2], *(value for _, value in call[3])):
        if one is not None and one[0] == "name":
            symbol = project.resolve(module, one[1])
            if isinstance(symbol, ClassScope):
                yield symbol
