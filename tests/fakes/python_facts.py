"""Facts of a small Python project as lines of text, for comparing all of them at once."""

from analyzer.facts.configuration import ResourceUse, Secret, Setting
from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.references import Reference
from analyzer.facts.transactions import Lock
from analyzer.readers.python.providers import Fact, Provider
from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import project


def said(provider: Provider, picture: str) -> list[str]:
    """What one provider says about a picture, sorted, one line a fact."""
    return sorted({line for fact in _facts(provider, picture) if (line := line_of(fact))})


def _facts(provider: Provider, picture: str) -> list[Fact]:
    without = set(facts_of(project(picture), providers=()))
    return [fact for fact in facts_of(project(picture), [provider]) if fact not in without]


def line_of(fact: Fact) -> str:
    """One fact in one line, its evidence last."""
    if isinstance(fact, EntryPoint):
        handler = f".{fact.handler}" if fact.handler else ""
        return f"{fact.kind} {fact.name} -> {fact.unit}{handler} @{fact.evidence}"
    if isinstance(fact, Message):
        return f"{fact.unit} sends {fact.kind} {fact.name} to {fact.receiver} @{fact.evidence}"
    if isinstance(fact, Setting):
        return f"{fact.unit} {fact.mode}s {fact.source} {fact.key} @{fact.evidence}"
    if isinstance(fact, Secret):
        place = "in source" if fact.in_source else "from outside"
        return f"secret {fact.name} by {fact.reason} {place} @{fact.evidence}"
    if isinstance(fact, ResourceUse):
        return f"{fact.unit} {fact.mode}s {fact.kind} {fact.name} @{fact.evidence}"
    if isinstance(fact, Lock):
        return f"{fact.unit} locks {fact.kind} {fact.target} @{fact.evidence}"
    if isinstance(fact, Reference):
        return f"{fact.source} names {fact.target}.{fact.member} @{fact.evidence}"
    return ""
