"""What a function does only to rows of some of the models that its parameters can be rows of.

`export(invoice)` and `export(order)` both run `export(document)`; what it reads of invoices is said
of `export`, and of who hands an invoice to it. The function is run once more for each model that a
parameter can stand for; what only some of these runs do holds only of their models.
"""

from analyzer.readers.python.branches import Condition, joined
from analyzer.readers.python.effects import Effects
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.given import model_of, with_ancestors
from analyzer.readers.python.record import F_PARAMETERS
from analyzer.readers.python.running import run
from analyzer.readers.python.types import Alternatives, Value


def tell_apart(frame: Frame) -> None:
    """Note with what a function does, of which rows among those that it is handed it does so."""
    assert frame.function is not None
    for position, (name, *_) in enumerate(frame.function.record[F_PARAMETERS]):
        is_self = position == 0 and frame.function.owner is not None
        value = frame.receiver if is_self else frame.types.get(name)
        if type(value) is Alternatives and (is_self or frame.is_handed(name)):
            models = tuple(dict.fromkeys(model_of(one) for one in value.options))
            if len(models) > 1:
                _note(frame, name, is_self, value)


def _note(frame: Frame, name: str, is_self: bool, value: Alternatives) -> None:
    effects = frame.effects
    assert effects is not None
    runs = [(model_of(one), _once(frame, name, is_self, one)) for one in value.options]
    for key, conditions in effects.accesses.items():
        condition = _condition(frame, name, [(one, key in done.accesses) for one, done in runs])
        if condition is not None:
            effects.accesses[key] = joined((condition,), conditions or ())
    for call, told in effects.calls.items():
        condition = _condition(frame, name, [(one, call in done.calls) for one, done in runs])
        if condition is not None:
            around, given = told or ((), None)
            effects.calls[call] = (joined((condition,), around), given)


def _condition(frame: Frame, name: str, runs: list[tuple[str, bool]]) -> Condition | None:
    """What the parameter has to be, where only some of the runs did something."""
    models = tuple(dict.fromkeys(model for model, done in runs if done))
    if not models or "" in models or all(done for _, done in runs):
        return None
    return (name, "of", with_ancestors(frame, models))


def _once(frame: Frame, name: str, is_self: bool, value: Value) -> Effects:
    """What the function does where the parameter is this."""
    once = type(frame)(
        frame.knowledge, frame.module, function=frame.function,
        receiver=value if is_self else frame.receiver, depth=frame.depth, effects=Effects(),
    )  # fmt: skip
    once.types[name] = value
    run(once, once.operations)
    assert once.effects is not None
    return once.effects
