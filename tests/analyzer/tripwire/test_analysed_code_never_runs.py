"""A project that would leave a mark if any of it ran is analysed in full; no mark is left."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.packing import as_folder, as_git, as_zip, git

ROOT = Path(__file__).parents[3]
WATCHED = Path(__file__).with_name("watched_analysis.py")

# Runs when it is imported, executed, unpickled or evaluated; `{mark}` is the file it leaves.
TRAP = (
    "import pathlib, socket\n"
    "pathlib.Path({mark!r}).write_text(__name__)\n"
    "try:\n    socket.create_connection(('127.0.0.1', 9), timeout=0.1)\n"
    "except OSError:\n    pass\n"
)


class Exploit:
    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, (f"touch {self.mark}",))


def hostile_tree(mark: str) -> dict[str, bytes]:
    trap = TRAP.format(mark=mark).encode()
    shell = f"__import__('os').system('touch {mark}')"
    return {
        "setup.py": trap,
        "conftest.py": trap,
        "sitecustomize.py": trap,
        "usercustomize.py": trap,
        "manage.py": trap,
        "evil.pth": f"import os; os.system('touch {mark}')\n".encode(),
        "setup.cfg": b"[metadata]\nversion = attr: shop.VERSION\n",
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "backend"\n'
        b'backend-path = ["."]\n[tool.pytest.ini_options]\naddopts = "-p evil"\n',
        "backend.py": trap,
        "Makefile": f"all:\n\ttouch {mark}\n$(shell touch {mark})\n".encode(),
        "shop/__init__.py": trap + b"VERSION = 1\n",
        "shop/settings.py": trap
        + b"INSTALLED_APPS = ['shop', 'shop.apps.ShopConfig']\nROOT_URLCONF = 'shop.urls'\n"
        + f"SECRET_KEY = {shell}\nCELERY_BEAT_SCHEDULE = {shell}\n".encode(),
        "shop/apps.py": b"class ShopConfig:\n    def ready(self):\n        import shop.signals\n",
        "shop/signals.py": trap,
        "shop/models.py": trap
        + b"from django.db import models\n"
        + f"class Order(models.Model):\n    name = models.TextField(default={shell})\n".encode()
        + f'    class Meta:\n        db_table = f"{{{shell}}}"\n'.encode()
        + b"    def __init_subclass__(cls):\n        raise SystemExit\n",
        "shop/urls.py": b"from django.urls import path\n"
        + f"urlpatterns = [path({shell}, {shell})]\n".encode(),
        "shop/migrations/0001_initial.py": trap,
        "shop/annotations.py": f'def f(x: "{shell}") -> "{shell}":\n'.encode()
        + f'    """>>> {shell}"""\n'.encode(),
        "shop/decorated.py": f"@({shell} or (lambda f: f))\ndef g(a={shell}): ...\n".encode(),
        "shop/meta.py": f"class M(type):\n    def __prepare__(*a):\n        {shell}\n"
        "class X(metaclass=M): ...\n".encode(),
        "shop/encoded.py": b"# -*- coding: hostile -*-\nx = 1\n",
        "shop/encodings/hostile.py": trap,
        "shop/old.py": f"print '%s' % {shell}\nexec \"{shell}\"\n".encode(),
        "shop/broken.py": f"def (\n{shell}\n".encode(),
        "shop/sql.py": f'def q(c):\n    c.execute(f"SELECT {{{shell}}} FROM orders")\n'.encode(),
        "shop/percent.py": b"KEY = '%1000000000d' % 1\nOTHER = 'a' * 10**12\nN = 9 ** 9 ** 9\n"
        b"class T:\n    table = '{:>9999999999}'.format(1)\n",
        "shop/data.pkl": pickle.dumps(Exploit(mark)),
        "shop/data.json": b'{"__class__": "os.system"}',
        "shop/data.yaml": f"!!python/object/apply:os.system ['touch {mark}']\n".encode(),
        "shop/templates/x.html": f"{{{{ {shell} }}}}{{% load evil %}}<script>x</script>".encode(),
        "schema.sql": b"COPY t FROM PROGRAM 'touch x';\nCREATE TABLE o (id int);\n\\! touch x\n",
        ".pre-commit-config.yaml": b"repos: []\n",
        ".gitattributes": b"* filter=evil diff=evil merge=evil\n",
        ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch {mark}"\n'.encode(),
    }


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[Path]:
    """The file that must never be there."""
    mark = tmp_path / "mark"
    yield mark
    assert not mark.exists(), "the analysed code ran"


def test_the_trap_would_leave_a_mark(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    folder = as_folder(hostile_tree(str(mark)), tmp_path / "hostile")

    subprocess.run([sys.executable, "-c", "import shop"], cwd=folder, check=True)

    assert mark.exists()


def test_nothing_of_a_hostile_source_runs(tmp_path: Path, mark: Path) -> None:
    tree = hostile_tree(str(mark))
    folder = as_git(tree, tmp_path / "hostile")
    set_git_traps(folder, tmp_path, mark)
    archive = as_zip(tree, tmp_path / "hostile.whl")

    assert watched([folder, archive], tmp_path / "work") == []


def set_git_traps(folder: Path, work: Path, mark: Path) -> None:
    program = work / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    for hook in ("post-checkout", "post-merge", "reference-transaction", "pre-commit"):
        (folder / ".git" / "hooks" / hook).symlink_to(program)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external",
                "filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv"):  # fmt: skip
        git(folder, "config", key, str(program))


def watched(sources: list[Path], work: Path) -> list[str]:
    """Analyse in a process that stands in the first source; what it did and should not have."""
    (work / "tmp").mkdir(parents=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(work / "tmp"),
    }
    done = subprocess.run(
        [sys.executable, str(WATCHED), str(work), *map(str, sources)],
        cwd=sources[0],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("files 3") == len(sources), done.stderr  # thirty and some files each
    return [line for line in done.stdout.split("\n") if line]
