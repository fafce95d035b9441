"""Classes that read and write a model by what they inherit: forms, serializers, views, admin."""

from collections.abc import Mapping

from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, External

Modes = tuple[tuple[str, str], ...]  # (mode, operation)

_READ: Modes = (("read", "view"),)
_WRITE: Modes = (("write", "view"),)
_BOTH: Modes = _READ + _WRITE
_DELETE: Modes = (("read", "view"), ("write", "delete"))
_ALL: Modes = (*_BOTH, ("write", "delete"))

# Bases outside the snapshot, by the last part of their name.
BASES: Mapping[str, Modes] = {
    # Django's generic views
    "ListView": _READ,
    "BaseListView": _READ,
    "MultipleObjectMixin": _READ,
    "DetailView": _READ,
    "BaseDetailView": _READ,
    "SingleObjectMixin": _READ,
    "CreateView": _WRITE,
    "BaseCreateView": _WRITE,
    "UpdateView": _BOTH,
    "BaseUpdateView": _BOTH,
    "DeleteView": _DELETE,
    "BaseDeleteView": _DELETE,
    "ArchiveIndexView": _READ,
    "YearArchiveView": _READ,
    "MonthArchiveView": _READ,
    "DayArchiveView": _READ,
    "DateDetailView": _READ,
    # REST framework
    "ListAPIView": _READ,
    "RetrieveAPIView": _READ,
    "CreateAPIView": _WRITE,
    "ListCreateAPIView": _BOTH,
    "UpdateAPIView": _BOTH,
    "DestroyAPIView": _DELETE,
    "RetrieveUpdateAPIView": _BOTH,
    "RetrieveDestroyAPIView": _DELETE,
    "RetrieveUpdateDestroyAPIView": _ALL,
    "ReadOnlyModelViewSet": _READ,
    "ModelViewSet": _ALL,
    "ListModelMixin": _READ,
    "RetrieveModelMixin": _READ,
    "CreateModelMixin": _WRITE,
    "UpdateModelMixin": _BOTH,
    "DestroyModelMixin": _DELETE,
    # forms, serializers, filters, exports
    "ModelForm": (("write", "form"),),
    "BaseModelForm": (("write", "form"),),
    "UserCreationForm": (("write", "form"),),
    "UserChangeForm": (("write", "form"),),
    "BaseModelFormSet": (("read", "form"), ("write", "form")),
    "ModelSerializer": (("read", "serializer"), ("write", "serializer")),
    "HyperlinkedModelSerializer": (("read", "serializer"), ("write", "serializer")),
    "FilterSet": (("read", "filter"),),
    "django_tables2.Table": (("read", "table"),),
    "django_tables2.tables.Table": (("read", "table"),),
    "ModelResource": (("read", "export"), ("write", "import")),
    "DjangoObjectType": (("read", "graphql"),),
    "DjangoModelFormMutation": (("write", "graphql"),),
    "Sitemap": (("read", "sitemap"),),
    # admin
    "ModelAdmin": (("read", "admin"), ("write", "admin"), ("write", "delete")),
    "UserAdmin": (("read", "admin"), ("write", "admin"), ("write", "delete")),
    "TabularInline": (("read", "admin"), ("write", "admin")),
    "StackedInline": (("read", "admin"), ("write", "admin")),
    "GenericTabularInline": (("read", "admin"), ("write", "admin")),
    "GenericStackedInline": (("read", "admin"), ("write", "admin")),
    "ImportExportModelAdmin": (("read", "admin"), ("write", "admin"), ("write", "delete")),
}

# Methods that these classes inherit, and what calling them does to a row of the model.
SAVING = frozenset(
    {"save", "perform_create", "perform_update", "create", "update", "partial_update"}
    | {"save_model", "save_form"}
)
DELETING = frozenset({"perform_destroy", "destroy", "delete_model", "delete_queryset"})
# Those of generic views that only hand on what was sent: it is saved or deleted as the view is.
HANDING_ON = frozenset({"form_valid", "post", "delete"})

# Libraries extend the best known of them under longer names: I18nModelForm, NestedModelSerializer.
_EXTENDED = ("ModelForm", "ModelSerializer", "ModelAdmin", "ModelViewSet", "FilterSet",
             "TabularInline", "StackedInline")  # fmt: skip


def _modes_of(base: str) -> Modes:
    found = BASES.get(base)
    if found is None:
        known = next((one for one in _EXTENDED if base.endswith(one)), "")
        found = BASES.get(known, ())
    return found


def class_accesses(project: Project, cls: ClassScope) -> Modes:
    """How a class uses its model; empty where it is none of these."""
    found: dict[tuple[str, str], None] = {}
    for base in project.mro(cls):
        if isinstance(base, External):
            known = BASES.get(base.path)  # of a name that other libraries have too
            found.update(dict.fromkeys(known or _modes_of(base.path.rpartition(".")[2])))
    return tuple(found)


def inherited_use(project: Project, cls: ClassScope, method: str) -> str:
    """What a method that the class inherits does to its model's rows: "save", "delete" or ""."""
    if method in SAVING:
        return "save"
    if method in DELETING:
        return "delete"
    modes = class_accesses(project, cls) if method in HANDING_ON else ()
    if ("write", "delete") in modes and method != "post":
        return "delete"
    return "save" if ("write", "view") in modes and method != "delete" else ""
