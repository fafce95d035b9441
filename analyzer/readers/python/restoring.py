"""The foundation of a linked project as plain values, and back, without opening any module."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, fields
from typing import Any

from analyzer.facts.evidence import Evidence
from analyzer.readers.python.catalogue import Catalogue, Model, ModelField
from analyzer.readers.python.django.signals import Listener, SignalTable, signal_table
from analyzer.readers.python.django.signals import remember as remember_signals
from analyzer.readers.python.knowledge import Indexes, Knowledge
from analyzer.readers.python.linked_project import Foundation, Place
from analyzer.readers.python.project import Project, classes_in, functions_in
from analyzer.readers.python.providers import Shared
from analyzer.readers.python.routes import RouterTable, router_table
from analyzer.readers.python.routes import remember as remember_routers
from analyzer.readers.python.scopes import ClassScope, Function
from analyzer.readers.python.tasks import Task, TaskTable, task_table
from analyzer.readers.python.tasks import remember as remember_tasks


def foundation_of(
    project: Project,
    shared: Shared,
    knowledge: Knowledge,
    *,
    is_atomic: bool,
) -> Foundation:
    """The foundation as plain values."""
    places = _Places(project)
    catalogue = shared.catalogue
    return Foundation(
        modules=tuple((m.id, m.path, m.is_package, m.role) for m in project.modules.values()),
        aliases=dict(project.aliases),
        models=tuple((key, _model_row(one, places)) for key, one in catalogue.models.items()),
        by_label=dict(catalogue.by_label),
        user=catalogue.user,
        receivers=tuple(
            (*key, tuple(places.of(one) for one in functions))
            for key, functions in knowledge.receivers.items()
        ),
        settings=shared.settings,
        is_atomic=is_atomic,
        thread_locks=dict(shared.thread_locks),
        by_manager=dict(knowledge.classes.by_manager),
        concrete=dict(knowledge.classes.concrete),
        model_by_name=dict(knowledge.model_by_name or {}),
        telling={name: tuple(sorted(one)) for name, one in knowledge.telling_of.items() if one},
        requested=dict(knowledge.requested or {}),
        calling=project.calling_places(),
        tables=_tables_of(project),
    )


class _Places:
    """Where functions and classes are found again."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._functions: dict[Function, Place] = {}
        self._classes: dict[ClassScope, Place] = {}

    def of(self, function: Function) -> Place:
        """The place of a function. Raises `LookupError` for one inside another."""
        if function not in self._functions:
            for number, one in enumerate(functions_in(function.module)):
                self._functions[one] = (function.module.id, number)
        return self._functions[function]

    def of_class(self, cls: ClassScope) -> Place:
        """The place of a class. Raises `LookupError` for one inside a function."""
        if cls not in self._classes:
            for number, one in enumerate(classes_in(cls.module)):
                self._classes[one] = (cls.module.id, number)
        return self._classes[cls]


def _model_row(model: Model, places: _Places) -> tuple[Any, ...]:
    return (
        model.id,
        model.table,
        model.label,
        None if model.scope is None else places.of_class(model.scope),
        tuple(astuple(one) for one in model.fields.values()),
        model.parents,
        model.is_proxy,
        dict(model.managers),
        model.mapper,
    )


class _RestoredModel(Model):
    """A model whose class is looked up when somebody asks for it."""

    __slots__ = ("_found", "_place", "_project")
    _found: ClassScope
    _place: Place
    _project: Project

    @property
    def scope(self) -> ClassScope | None:
        """The class."""
        try:
            return self._found
        except AttributeError:
            found = classes_in(self._project.modules[self._place[0]])[self._place[1]]
            object.__setattr__(self, "_found", found)
            return found


def _restored_model(project: Project, row: tuple[Any, ...]) -> Model:
    identity, table, label, place, rows, parents, is_proxy, managers, mapper = row
    found = {one[0]: ModelField(*one) for one in rows}
    if place is None:
        return Model(identity, table, label, None, found, parents, is_proxy, managers, mapper)
    model = object.__new__(_RestoredModel)
    values = (identity, table, label, found, parents, is_proxy, managers, mapper, place, project)
    names = [one.name for one in fields(Model) if one.name != "scope"]
    for name, value in zip((*names, "_place", "_project"), values, strict=True):
        object.__setattr__(model, name, value)
    return model


def catalogue_in(foundation: Foundation, project: Project) -> Catalogue:
    """The catalogue."""
    models = {key: _restored_model(project, row) for key, row in foundation.models}
    return Catalogue(models, foundation.by_label, foundation.user)


class Receivers(Mapping[tuple[str, str], tuple[Function, ...]]):
    """The functions that hear each signal, looked up when somebody asks."""

    def __init__(self, foundation: Foundation, project: Project) -> None:
        self._places = {(signal, sender): at for signal, sender, at in foundation.receivers}
        self._project = project

    def __getitem__(self, key: tuple[str, str]) -> tuple[Function, ...]:
        """The functions that hear a signal from a sender."""
        return tuple(self._project.function_at(place) for place in self._places[key])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Each signal with each sender."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)


def indexes_in(foundation: Foundation) -> Indexes:
    """What going through all modules would find."""
    return Indexes(
        foundation.by_manager,
        foundation.concrete,
        foundation.model_by_name,
        {name: frozenset(one) for name, one in foundation.telling.items()},
        foundation.requested,
        frozenset(module for *_, places in foundation.receivers for module, _ in places),
    )


def _tables_of(project: Project) -> Mapping[str, Any]:
    tasks = task_table(project)
    routers = router_table(project)
    listeners = [one for found in signal_table(project).listeners.values() for one in found]
    return {
        "tasks": [(key, astuple(one)) for key, one in tasks.by_key.items()],
        "listeners": [astuple(one) for one in listeners],
        "has_routers": bool(routers.own_prefix),
    }


def restore_tables(foundation: Foundation, project: Project) -> None:
    """Give providers the tables that they would make of the whole project."""
    tables = foundation.tables
    tasks = TaskTable()
    for key, (name, unit, place, *rest) in tables["tasks"]:
        tasks.by_key[key] = task = Task(name, unit, Evidence(*place), *rest)
        tasks.by_name.setdefault(name, task)
    remember_tasks(project, tasks)
    signals = SignalTable()
    for signal, sender, sender_id, unit, handler, place in tables["listeners"]:
        signals.add(Listener(signal, sender, sender_id, unit, handler, Evidence(*place)))
    remember_signals(project, signals)
    if not tables["has_routers"]:
        remember_routers(project, RouterTable())
