"""Shares pieces of work out to this process and forks of it, which see all that it knows."""

import gc
import marshal
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection, current_process, get_context
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

NUMBER_BYTES = 4  # of the number of a piece, as it is claimed
MOST_PIECES = 4_000  # what every system's pipes hold at once
END = b""  # what a fork sends last

Work = Callable[[int], Any]
Sized = TypeVar("Sized")


def may_fork() -> bool:
    """Whether this process may have children: workers of a job queue may not."""
    return hasattr(os, "fork") and not current_process().daemon


def shared_out(
    work: Work, count: int, *, jobs: int, meanwhile: Callable[[], None] | None = None
) -> Iterator[tuple[int, Any]]:
    """What the work gives for each number below `count`, as it gets done; it must be plain values.

    This process works too; whoever is free claims the next number. What a process that is lost had
    claimed is done here, and so is what raised an error there. `meanwhile` is done here before any
    of the work; the forks do not see what it does.
    """
    if jobs <= 1 or not 1 < count <= MOST_PIECES or not may_fork():
        if meanwhile is not None:
            meanwhile()
        for number in range(count):
            yield number, work(number)
        return
    missing = set(range(count))
    claims = _claims(count)
    try:
        with _forks(work, claims, jobs - 1) as pipes:
            if meanwhile is not None:
                meanwhile()
            for number in _claimed(claims):
                missing.remove(number)
                yield number, work(number)
                for done, given in _received(pipes, timeout=0):
                    missing.remove(done)
                    yield done, given
            while pipes:
                for done, given in _received(pipes, timeout=None):
                    missing.remove(done)
                    yield done, given
    finally:
        os.close(claims)
    for number in sorted(missing):
        yield number, work(number)


def in_pieces(
    items: list[Sized], size_of: Callable[[Sized], int], *, jobs: int, least: int, most: int
) -> list[list[Sized]]:
    """Neighbours together: large pieces first, ever smaller ones so that all end together."""
    remaining = sum(size_of(item) for item in items)
    pieces: list[list[Sized]] = []
    wanted = size = 0
    for item in items:
        if not pieces or size >= wanted:
            wanted = max(least, min(most, remaining // (2 * jobs)))
            pieces.append([])
            size = 0
        pieces[-1].append(item)
        size += size_of(item)
        remaining -= size_of(item)
    return pieces


def _claims(count: int) -> int:
    """A pipe that holds each number once: reading from it is to claim the next one."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(one.to_bytes(NUMBER_BYTES, "big") for one in range(count)))
    os.close(writing)
    return reading


def _claimed(claims: int) -> Iterator[int]:
    while number := os.read(claims, NUMBER_BYTES):
        yield int.from_bytes(number, "big")


@contextmanager
def _forks(work: Work, claims: int, count: int) -> Iterator[list[connection.Connection]]:
    """Processes that work until all is claimed, as pipes of what they send; ended at the end."""
    context = get_context("fork")
    gc.freeze()  # no collection in a fork has to walk, and so to copy, what is shared
    processes, pipes = [], []
    try:
        for _ in range(count):
            receiving, sending = context.Pipe(duplex=False)
            process = context.Process(target=_serve, args=(work, claims, sending), daemon=True)
            process.start()
            sending.close()  # so that the pipe ends with the process
            processes.append(process)
            pipes.append(receiving)
        yield pipes
    finally:
        gc.unfreeze()
        if pipes:  # they are not done; those that are may take their time to end
            for pipe in pipes:
                pipe.close()
            for process in processes:
                process.kill()  # handlers of signals are inherited, so asking may not help
                process.join()


def _serve(work: Work, claims: int, sending: connection.Connection) -> None:
    """Work in a fork. A thread sends, so that working never waits for who receives."""
    gc.disable()
    outbox: SimpleQueue[bytes] = SimpleQueue()
    sender = Thread(target=_send, args=(outbox, sending), daemon=True)
    sender.start()
    for number in _claimed(claims):
        outbox.put(marshal.dumps((number, work(number))))
    outbox.put(END)
    sender.join()


def _send(outbox: "SimpleQueue[bytes]", sending: connection.Connection) -> None:
    content = None
    while content != END:
        content = outbox.get()
        sending.send_bytes(content)


def _received(
    pipes: list[connection.Connection], *, timeout: float | None
) -> Iterator[tuple[int, Any]]:
    """What lies in the pipes; those that have ended are taken out of the list."""
    for pipe in connection.wait(pipes, timeout):
        try:
            content = pipe.recv_bytes()  # type: ignore[union-attr]
        except (EOFError, OSError):
            content = END
        if content == END:
            pipe.close()  # type: ignore[union-attr]
            pipes.remove(pipe)  # type: ignore[arg-type]
            continue
        yield marshal.loads(content)  # noqa: S302 - our own bytes
