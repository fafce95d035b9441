"""Functions that name uploaded files: `FileField(upload_to=order_path)` calls them with the row."""

from weakref import WeakKeyDictionary

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, Function, Variable

NAMING = "upload_to"
Uploaders = dict[Function, tuple[str, ...]]

_KNOWN: WeakKeyDictionary[Project, Uploaders] = WeakKeyDictionary()


def uploading(project: Project, catalogue: Catalogue, function: Function) -> tuple[str, ...]:
    """The models whose files a function names; empty for any other function."""
    if project not in _KNOWN:
        _KNOWN[project] = _find(project, catalogue)
    return _KNOWN[project].get(function, ())


def _find(project: Project, catalogue: Catalogue) -> Uploaders:
    found: dict[Function, dict[str, None]] = {}
    for identity, model in catalogue.models.items():
        for base in project.mro(model.scope) if model.scope is not None else ():
            if isinstance(base, ClassScope):
                for function in _named_by(project, base):
                    found.setdefault(function, {})[identity] = None
    return {function: tuple(models) for function, models in found.items()}


def _named_by(project: Project, cls: ClassScope) -> list[Function]:
    functions = []
    for binding in cls.names.values():
        field = binding[-1]
        if not isinstance(field, Variable) or field.value is None or field.value[0] != "call":
            continue
        named = record.keyword(field.value, NAMING)
        if named is not None and named[0] == "name":
            symbol = project.resolve_in(cls, named[1])
            if isinstance(symbol, Function):
                functions.append(symbol)
    return functions
