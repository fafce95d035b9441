"""Linear algebra in one thread: many small products wait longer for threads than they take.

On a busy machine OpenBLAS's threads wait for one another by spinning, which took ten times as long
as one thread does. With one, results do not depend on the number of processors either.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

PREFIX, SUFFIX = "scipy_openblas_", "_num_threads64_"  # of names in the library of numpy's wheels


@contextmanager
def one_thread() -> Iterator[None]:
    """Let numpy's own OpenBLAS use one thread; another library is left as it is."""
    library = _library()
    if library is None:
        yield
        return
    before = int(getattr(library, f"{PREFIX}get{SUFFIX}")())
    choose = getattr(library, f"{PREFIX}set{SUFFIX}")
    choose(1)
    try:
        yield
    finally:
        choose(before)


@cache
def _library() -> Any:
    """The library that numpy has loaded, none where it is not the one of numpy's wheels."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for path in sorted(folder.glob("*openblas*")):
        library = ctypes.CDLL(str(path))
        if hasattr(library, f"{PREFIX}set{SUFFIX}"):
            return library
    return None
