"""What a provider of facts is: one file, one kind of fact, plugged into the linking pass.

A provider is listed in `reader.PROVIDERS`. It answers these questions, and any answer may be empty:

- `project_facts(project, shared)` is asked once. It sees every module, class and module-level
  assignment through `Project`. Here stand models, settings, URL tables, class-based views.
- `module_facts(project, shared, module)`, where a provider has it, is asked for each module. Here
  stands what only the module's own text says: only this is said again when a body in it changes.
- `call_facts(site)` is asked for each call, anywhere in product code, tests and migrations, whose
  last name is in `calls` (`execute`, `send_task`, ...). `site` says where the call stands and can
  tell what names and expressions mean there.

Both yield facts of `analyzer.facts` in any order and may repeat themselves; the linking sorts.
Providers hold no state between calls, so that modules can be read in any process and order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from analyzer.facts.configuration import ResourceUse, Secret, Setting
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Module, Unit, Vocabulary
from analyzer.facts.references import Import, Reference
from analyzer.facts.tables import ForeignKey, Join, SchemaChange, Table, TableAccess
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Function, ModuleScope, Symbol

Fact = (
    Module
    | Unit
    | Vocabulary
    | Import
    | Reference
    | Table
    | ForeignKey
    | SchemaChange
    | TableAccess
    | Join
    | TransactionScope
    | Lock
    | EntryPoint
    | Message
    | Setting
    | Secret
    | ResourceUse
    | Diagnostic
)


@dataclass(frozen=True, slots=True)
class Shared:
    """What is read once and that several providers need."""

    catalogue: Catalogue
    settings: tuple[str, ...] = ()  # ids of the modules that hold Django settings
    # Of locks at the top of modules: (module, name) -> dotted name.
    thread_locks: Mapping[tuple[str, str], str] = field(default_factory=dict)


class CallSite(Protocol):
    """A call where it stands."""

    @property
    def project(self) -> Project:
        """The whole project."""

    @property
    def shared(self) -> Shared:
        """What was read once for all providers."""

    @property
    def module(self) -> ModuleScope:
        """The module that the call stands in."""

    @property
    def unit(self) -> str:
        """Id of the unit that the call belongs to."""

    @property
    def owner(self) -> ClassScope | None:
        """The class whose method or body it stands in."""

    @property
    def function(self) -> Function | None:
        """The function or method it stands in; None in a module or class body."""

    @property
    def call(self) -> Expression:
        """The expression, see syntax.py."""

    @property
    def name(self) -> str:
        """Its last name, one of the provider's `calls`."""

    @property
    def evidence(self) -> Evidence:
        """Path and line of the call."""

    def resolve(self, path: str) -> Symbol | None:
        """What a dotted name means here, imports inside the function included."""

    def callee(self) -> Symbol | None:
        """What is called: resolved by name, or through the type of the object it is called on."""

    def of_caller(self, caller: Function, call: Expression) -> "CallSite":
        """A call elsewhere in the snapshot, asked in the same way."""

    def text_of(self, expression: Expression) -> str | None:
        """A string as far as it is constant here, through names too; holes as `*`; else None."""

    def assigned(self, name: str) -> Iterable[Expression]:
        """What is assigned to a local variable here, or entered as a context."""

    def model_of(self, expression: Expression) -> str | None:
        """Class id of the model that an expression is an instance, class or query set of."""


class Provider(Protocol):
    """Gathers one kind of fact."""

    @property
    def calls(self) -> frozenset[str]:
        """Last names of the calls that it is asked about."""

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Facts of the project as a whole."""

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Facts of one call."""


@runtime_checkable
class ModuleProvider(Protocol):
    """A provider that also says something of single modules, apart from their calls."""

    def module_facts(self, project: Project, shared: Shared, module: ModuleScope) -> Iterable[Fact]:
        """Facts of one module, of what stands in it."""
