"""What a framework's reader tells the evaluation of expressions."""

from collections.abc import Sequence
from typing import Protocol

from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function
from analyzer.readers.python.types import (
    Bound,
    Instance,
    Method,
    ModelClass,
    ModelInstance,
    Query,
    Selection,
    Value,
)


class Semantics(Protocol):
    """What a framework's own classes and functions do; one per frame."""

    by_name: frozenset[str]  # calls that mean something by their name, whatever they are called on
    keeps_changes: bool  # whether assigning to an attribute of a row changes the table by itself

    def instance_attribute(self, value: ModelInstance, name: str, line: int) -> Value:
        """An attribute of a model's instance."""

    def query_attribute(self, value: Query, name: str, line: int) -> Value:
        """An attribute of a manager or query set."""

    def model_attribute(self, value: ModelClass, name: str) -> Value:
        """An attribute of a model class."""

    def framework_attribute(self, value: Instance, name: str) -> Value:
        """An attribute that a class of the snapshot inherits from the framework."""

    def outside_attribute(self, value: Value, name: str) -> Value:
        """An attribute of an instance of a class outside the snapshot."""

    def selection_attribute(self, value: Selection, name: str) -> Value:
        """An attribute of a statement, of related rows or of a table."""

    def receiver(self, callee: Expression) -> Value:
        """What the method of `callee`, an "attr" expression, is called on."""

    def method(self, target: Method, call: Expression, values: list[Value], line: int) -> Value:
        """A call of a method that the snapshot does not define."""

    def after_bound(self, target: Bound, call: Expression, result: Value, line: int) -> Value:
        """What a call of a method of the snapshot returns, given what its body says."""

    def after_function(self, target: Function, call: Expression, result: Value, line: int) -> Value:
        """The same for a function of the snapshot that is no method."""

    def guessed(self, names: Sequence[str]) -> Value:
        """What something unknown is, by how it is used; `names` is the path that leads to it."""

    def loader(self, name: str, call: Expression) -> Value:
        """What a function that loads classes by name returns; None for any other function."""

    def named(self, name: str, call: Expression, values: list[Value], line: int) -> Value:
        """A call of something of which only the name, one of `by_name`, is known."""

    def made(self, target: ModelClass, call: Expression, line: int) -> Value:
        """What calling a model makes, and does."""

    def changed(self, value: Value, name: str, line: int) -> None:
        """Something is assigned to an attribute of the value."""

    def is_plain(self, path: str) -> bool:
        """Whether a call of what has this dotted name matters only for what its arguments do."""

    def external(self, target: External, call: Expression, values: list[Value], line: int) -> Value:
        """A call of a function or class outside the snapshot."""

    def query_made(self, cls: ClassScope, values: list[Value], call: Expression) -> Value:
        """What instantiating a manager or query set class makes."""

    def parameter(self, function: Function, name: str) -> Value:
        """What the framework passes for a parameter of a method that it calls."""

    def declared(self, cls: ClassScope) -> None:
        """What a class does by being declared: a form of a model, a generic view."""

    def consumed(self, query: Query, line: int) -> None:
        """A query is evaluated."""

    def ran(self, selection: Selection, line: int) -> None:
        """A selection is gone through."""

    def listed(self, model: ModelClass, line: int) -> None:
        """A model itself is gone through, or a row is asked of it by its key: `Model[key]`."""

    def sends(self, path: str, line: int) -> None:
        """`path` names what `send` is called on: its receivers run, if it is a signal."""

    def opens_transaction(self, context: Expression, value: Value) -> bool:
        """Whether entering the context opens a transaction."""
