"""Who works on a run, and whether that process still lives."""

import socket
import uuid
from datetime import datetime, timedelta

import psutil

SEPARATOR = "|"


def new_claim() -> str:
    """A name for this attempt of this process, like no other attempt's."""
    process = psutil.Process()
    parts = (socket.gethostname(), str(process.pid), repr(process.create_time()), uuid.uuid4().hex)
    return SEPARATOR.join(parts)


def is_alive(claim: str, *, heartbeat_at: datetime, now: datetime, timeout: timedelta) -> bool:
    """Whether the claim's process still works on it.

    On this machine the process itself is looked at; on another one only its heartbeat can be.
    """
    host, pid, created, _ = claim.split(SEPARATOR)
    if host != socket.gethostname():
        return now - heartbeat_at < timeout
    try:
        process = psutil.Process(int(pid))
        return (
            abs(process.create_time() - float(created)) < 1
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False
