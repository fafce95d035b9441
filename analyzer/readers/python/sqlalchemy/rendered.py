"""Templates that code of Flask and the like renders: `render_template("post.html", post=post)`."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.django.contexts import Context, context_in, merged
from analyzer.readers.python.django.templates import names_in, render
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.types import ModelInstance

_NAMING = ("template", "template_name", "template_name_or_list", "name")
_HOLDING = ("dict", "name", "call", "op", "either")  # expressions that can hold a context


def renders(name: str) -> bool:
    """Whether what has this name may render the template that it is given the name of."""
    return name.startswith("render") or name.endswith(("template", "TemplateResponse"))


def render_called(frame: Frame, call: Expression, line: int) -> None:
    """The first argument that names a template of the project is rendered with all the others.

    The code that hands rows to a template reads what it shows of them, also through a function of
    the snapshot that only hands them on.
    """
    if frame.effects is None:
        return
    names = names_in(frame.knowledge.project, _templates(frame, call))
    if not names:
        return
    user = frame.knowledge.catalogue.user
    context = _context(frame, call)
    if user:
        context.setdefault("current_user", ModelInstance(user))
    for name in names:
        render(frame, name, context, line)


def _templates(frame: Frame, call: Expression) -> Iterator[str]:
    given = [one for one in (record.keyword(call, name) for name in _NAMING) if one is not None]
    for argument in (*call[2][:2], *given):
        if argument is None:
            continue
        yield from (text for text, _ in record.strings_of(argument))
        if argument[0] == "name" and "." not in argument[1]:
            for source in frame.body.sources().get(argument[1], ()):
                if source[0] == "value":
                    yield from (text for text, _ in record.strings_of(source[1]))


def _context(frame: Frame, call: Expression) -> Context:
    found: list[Context] = []
    for name, value in call[3]:
        found.append({name: frame.silently(value)} if name else context_in(frame, value))
        if name == "context":  # by this name alone
            found.append(context_in(frame, value))
    for argument in call[2]:
        if argument is not None and argument[0] in _HOLDING:
            found.append(context_in(frame, argument))
    return merged(found)
