"""Real files with random damage: always a record, always facts, never a failure or a stall."""

import marshal
import random
import time
from pathlib import Path

import pytest

from analyzer.facts.diagnostics import Diagnostic
from analyzer.readers.python import record
from analyzer.readers.python.reader import facts_of, project_of
from analyzer.readers.python.syntax import lower

SAMPLE = Path(__file__).parents[4] / "sample_monolith"
PATHS = sorted(path for path in SAMPLE.rglob("*.py") if 500 < path.stat().st_size < 20_000)
MODELS = "store/models.py"
SECONDS = 20  # for one file on a busy machine


def damaged(content: bytes, random_: random.Random) -> bytes:
    """The content after a few of the accidents that happen to files."""
    for _ in range(random_.randint(1, 4)):
        content = random_.choice(ACCIDENTS)(content, random_)
    return content


def _drop_bytes(content: bytes, random_: random.Random) -> bytes:
    start = random_.randrange(len(content) + 1)
    return content[:start] + content[start + random_.randint(1, 40) :]


def _insert_junk(content: bytes, random_: random.Random) -> bytes:
    start = random_.randrange(len(content) + 1)
    junk = random_.choice(
        [b"\0", b"\xff\xfe", b"(((", b'"""', b"\x0c", b"\\", b"\n\t", b"lambda:", b"{"]
    )
    return content[:start] + junk * random_.randint(1, 3) + content[start:]


def _swap_lines(content: bytes, random_: random.Random) -> bytes:
    lines = content.split(b"\n")
    first, second = random_.randrange(len(lines)), random_.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _repeat_part(content: bytes, random_: random.Random) -> bytes:
    start = random_.randrange(len(content) + 1)
    return content[:start] + content[start : start + 80] * random_.randint(2, 20) + content[start:]


def _rename(content: bytes, random_: random.Random) -> bytes:
    words = sorted({word for word in content.split() if word.isalpha()}) or [b"x"]
    return content.replace(random_.choice(words), random_.choice(words))


ACCIDENTS = (_drop_bytes, _insert_junk, _swap_lines, _repeat_part, _rename)


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_file_still_gives_a_record(seed: int) -> None:
    random_ = random.Random(seed)
    for _ in range(10):
        content = damaged(random_.choice(PATHS).read_bytes(), random_)
        begun = time.monotonic()
        one = lower(content)
        assert time.monotonic() - begun < SECONDS
        assert 0 <= one[record.UNDERSTOOD] <= 1
        assert marshal.loads(marshal.dumps(one)) == one


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_still_gives_facts(seed: int) -> None:
    random_ = random.Random(1_000 + seed)
    files = {MODELS: (SAMPLE / MODELS).read_bytes(), "store/__init__.py": b""}
    for path in random_.sample(PATHS, 3):
        files[path.relative_to(SAMPLE).as_posix()] = damaged(path.read_bytes(), random_)
    found = facts_of(project_of(files))
    defects = [one for one in found if isinstance(one, Diagnostic) and one.code == "reader-defect"]
    assert defects == []
