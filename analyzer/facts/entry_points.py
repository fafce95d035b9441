"""The ways into the codebase, and the messages it sends."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence

EntryPointKind = Literal["http", "task", "command", "signal", "schedule"]
MessageKind = Literal["signal", "task", "queue", "http", "mail"]


@dataclass(frozen=True, slots=True, order=True)
class EntryPoint:
    """Something outside calls this unit."""

    kind: EntryPointKind
    name: str  # "POST /orders/<int:pk>/", the task's, command's or signal's name
    unit: str
    evidence: Evidence
    handler: str = ""  # the method of the unit that answers, where it is not the unit itself


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """A unit sends something to be handled elsewhere: a signal, a task, a call to a system."""

    kind: MessageKind
    name: str  # signal or task name, queue, host or URL pattern
    unit: str
    evidence: Evidence
    receiver: str | None = None  # the unit of the snapshot that handles it, where known
