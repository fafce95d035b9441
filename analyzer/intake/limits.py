"""How much a source may ask of the machine, and the meter that holds it to that."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from analyzer.errors import UnusableInput

MIB = 1024 * 1024

# Below this much unpacked, a high ratio is only a repetitive file and no danger to the machine.
HARMLESS_BYTES = 64 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused: a whole source by totals, single files by their own size and path."""

    total_bytes: int = 4096 * MIB
    files: int = 300_000
    file_bytes: int = 64 * MIB  # a larger file is left out, the rest is taken
    archive_bytes: int = 2048 * MIB
    path_bytes: int = 1024
    name_bytes: int = 255
    depth: int = 64
    compression_ratio: int = 200
    seconds: float = 900.0
    history_commits: int = 20_000  # of a git history, the newest; 0 leaves history out
    # Ways a git URL may be reached. A server that takes URLs from strangers leaves out "file".
    protocols: tuple[str, ...] = ("https", "ssh", "file")


@dataclass(slots=True)
class Meter:
    """Counts what a source has used so far and refuses it when a limit is passed."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    packed_bytes: int | None = None  # size of the archive; None where nothing is unpacked
    bytes: int = 0
    entries: int = 0
    started: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def count_entry(self) -> None:
        """One more entry, taken or not. Raises `UnusableInput` if there are too many."""
        self.entries += 1
        if self.entries > self.limits.files:
            raise UnusableInput(
                f"The source has more than {self.limits.files:,} files. "
                "Give the part of it that holds the application's own code."
            )
        self.check_time()

    def count_bytes(self, count: int) -> None:
        """More bytes came out of the source. Raises `UnusableInput` if they are too many."""
        self.bytes += count
        if self.bytes > self.limits.total_bytes:
            raise UnusableInput(
                f"The source is larger than {self.limits.total_bytes // MIB:,} MiB unpacked. "
                "Leave out data, media and build results, and give it again."
            )
        if self._is_bomb():
            raise UnusableInput(
                f"The archive unpacks to more than {self.limits.compression_ratio} times its size, "
                "which no source code does. Pack the source alone, without data files."
            )
        self.check_time()

    def seconds_left(self) -> float:
        """Time that is left; 0 when there is none."""
        return max(0.0, self.limits.seconds - (self.clock() - self.started))

    def check_time(self) -> None:
        """Raises `UnusableInput` when the time is up."""
        if not self.seconds_left():
            raise UnusableInput(
                f"Taking the source in took longer than {self.limits.seconds:,.0f} seconds. "
                "Give a smaller part of it, or a source that is nearer than the network."
            )

    def _is_bomb(self) -> bool:
        if self.packed_bytes is None or self.bytes <= HARMLESS_BYTES:
            return False
        return self.bytes > self.limits.compression_ratio * max(1, self.packed_bytes)
