"""Real files, damaged: every one is read to the end, quickly, and no failure is left over.

`SEAMLINE_FUZZ=10000` damages that many files instead of some hundreds (`make soak`).
"""

import os
import resource
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from analyzer.facts.diagnostics import Diagnostic
from analyzer.readers.python import syntax
from analyzer.readers.python.providers import Fact
from analyzer.readers.python.reader import facts_of, project_of
from tests.analyzer.readers.fuzz.mutation import mutated

ROOT = Path(__file__).parents[4]
SOURCES = ("sample_monolith", "analyzer/readers/python", "webapp")
RUNS = int(os.environ.get("SEAMLINE_FUZZ", "300"))
FIRST_SEED = int(os.environ.get("SEAMLINE_FUZZ_SEED", "0"))
BATCH = 50  # damaged files in one project
SECONDS_A_FILE = 5.0  # of processor time
MEGABYTES = 400  # that all of it may add to the process


@cache
def originals() -> tuple[tuple[str, bytes], ...]:
    """The files that are damaged, the smaller ones of each source."""
    paths = [path for source in SOURCES for path in (ROOT / source).rglob("*.py")]
    found = [(str(path.relative_to(ROOT)), path.read_bytes()) for path in sorted(paths)]
    return tuple((path, content) for path, content in found if 200 < len(content) < 40_000)


@cache
def context() -> dict[str, bytes]:
    """An undamaged project around the damaged files, so that there is something to link to."""
    return {
        path: content for path, content in originals() if path.endswith(("models.py", "apps.py"))
    }


def read(files: dict[str, bytes]) -> list[Fact]:
    """All facts, as the reader itself gathers them."""
    with syntax.deep_recursion():
        return facts_of(project_of(files, name="fuzz"))


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RUNS, BATCH))
def test_damaged_files_are_read_to_the_end(seed: int) -> None:
    files = originals()
    damaged = {
        f"damaged/m{number}.py": mutated(files[number * 7919 % len(files)][1], number)
        for number in range(seed, seed + BATCH)
    }
    for path, content in damaged.items():
        started = time.process_time()
        syntax.lower(content)
        assert time.process_time() - started < SECONDS_A_FILE, f"{path} of seed {seed} is slow"

    started = time.process_time()
    facts = read({**context(), **damaged})
    spent = time.process_time() - started

    defects = {f for f in facts if isinstance(f, Diagnostic) and f.code == "reader-defect"}
    assert {f"{one.path}: {one.message}" for one in defects} == set()
    assert spent < SECONDS_A_FILE * BATCH / 2


def test_memory_stays_within_bounds() -> None:
    # ru_maxrss is the most that this process ever used; the damaged files above are among it.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(40):
        syntax.lower(mutated(originals()[number][1], number + 1_000_000))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert grown / 1024 < MEGABYTES


NASTY: dict[str, bytes] = {
    "empty": b"",
    "only a byte order mark": b"\xef\xbb\xbf",
    "null bytes": b"x = 1\x00\ny = 2\n",
    "a line of ten megabytes": b"x = '" + b"a" * 10_000_000 + b"'\n",
    "a list of two hundred thousand": b"x = [" + b"1," * 200_000 + b"]\n",
    "parentheses nested a hundred thousand deep": b"(" * 100_000 + b")" * 100_000,
    "calls nested deep": b"x = " + b"f(" * 5_000 + b")" * 5_000,
    "attributes chained": b"x = a" + b".b" * 20_000 + b"\n",
    "calls chained": b"x = a" + b".b()" * 3_000 + b"\n",
    "a sum of fifty thousand": b"x = " + b"+".join([b"a"] * 50_000) + b"\n",
    "comparisons chained": b"x = " + b" < ".join([b"a"] * 5_000) + b"\n",
    "negations": b"x = " + b"not " * 5_000 + b"a\n",
    "f-strings in f-strings": b"x = f\"{f'{a}'}\"\n" * 2_000,
    "indented a hundred levels": b"".join(b" " * n + b"if x:\n" for n in range(99))
    + b" " * 99
    + b"y\n",
    "elif ten thousand times": b"if a: pass\n" + b"elif b: pass\n" * 10_000,
    "form feeds": b"\x0c" * 1000 + b"x = 1\n",
    "carriage returns": b"x = 1\ry = 2\rclass A: pass\r",
    "a comparison where a name is assigned": b"print 'x'\nat type(a) is b and c:\n    a = 1\n",
    "an unknown encoding": b"# -*- coding: no-such -*-\nx = 1\n",
    "utf-16": "x = 1\n".encode("utf-16"),
    "latin-1 said": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "latin-1 unsaid": b"x = '\xe9'\n",
    "surrogates": b"x = '\\ud800'\n",
    "huge number": b"x = " + b"9" * 5_000 + b"\n",
    "hexadecimal": b"x = 0x" + b"f" * 100_000 + b"\n",
    "names of all scripts": "变量 = 1\nclass Ünïcode: ...\n".encode(),
    "python 2": b"print 'x'\ntry:\n    pass\nexcept A, e:\n    raise B, 'c'\nexec 'x' in {}\n`y`\n",
    "merge conflict": b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n",
    "inherits from itself": b"class A(A): pass\nclass B(C): pass\nclass C(B): pass\n",
    "imports itself": b"from damaged.m0 import *\nfrom . import m0\nimport damaged.m0 as m0\n",
    "renames itself": b"x = x\ny = z\nz = y\na = a.b\nb = b()\nc = c[0]\nd = d or d\n",
    "decorates itself": b"@f\ndef f(): return f\n@f()\nclass C(f()): x = C\n",
    "bait for regular expressions": b"x = '://" + b"a" * 50_000 + b"'\n"
    b"password = '" + b"\\\\" * 20_000 + b"'\n",
    "bait for arithmetic": b"K = '%1000000000d' % 1\nL = 'a' * 10**12\n"
    b"M = '{:>9999999999}'.format(1)\nN = 9**9**9\n",
    "nested SQL": b"def f(c):\n    c.execute('select " + b"(" * 50_000 + b"')\n",
    "half a string": b"x = '''" + b"select * from a join b " * 2_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", NASTY)
def test_nasty_files_are_read_to_the_end(kind: str) -> None:
    started = time.process_time()
    facts = read({"damaged/__init__.py": b"", "damaged/m0.py": NASTY[kind]})
    spent = time.process_time() - started

    defects = [f for f in facts if isinstance(f, Diagnostic) and f.code == "reader-defect"]
    assert defects == []
    assert spent < SECONDS_A_FILE
    assert sys.getrecursionlimit() <= syntax.RECURSION_LIMIT
