"""What `isinstance` says of a variable inside the branch that it guards."""

from analyzer.readers.python.model_index import ModelIndex
from analyzer.readers.python.types import ModelClass, ModelInstance, Row, Value, one_of, options_of


def narrowed(value: Value, classes: Value, index: ModelIndex) -> Value:
    """The rows that a value can be once it is known to be of one of these classes.

    It stays as it is where one of them is no model.
    """
    wanted = [one for option in options_of(classes) for one in _each(option)]
    models = [one.model for one in wanted if isinstance(one, ModelClass)]
    if not models or len(models) < len(wanted):
        return value
    rows = [one for one in options_of(value) if isinstance(one, ModelInstance)]
    known = [one for one in rows if not set(index.lineage(one.model)).isdisjoint(models)]
    return one_of(known or [ModelInstance(model) for model in models])


def _each(option: Value) -> tuple[Value, ...]:
    return option.items if isinstance(option, Row) else (option,)
