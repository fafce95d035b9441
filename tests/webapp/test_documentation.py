"""docs/running.md speaks of every setting, process and address that there is, and of no other."""

import re
from pathlib import Path

from django.urls import get_resolver

from webapp.places import DataDirectory
from webapp.supervisor import programs

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
READS = re.compile(r'environment\.(?:text|whole_number|switch|names|database)\(\s*"(\w+)"')


def test_every_setting_is_in_the_table_and_no_other() -> None:
    read = {
        name
        for path in (ROOT / "webapp").rglob("*.py")
        for name in READS.findall(path.read_text(encoding="utf-8"))
    }
    assert set(re.findall(r"^\| `([A-Z_]+)`", PAGE, re.MULTILINE)) == read
    assert "os.environ[" not in (ROOT / "webapp" / "settings.py").read_text(encoding="utf-8")


def test_every_process_is_named(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    started = [programs.redis(data), programs.reconciler(data), *programs.workers(data)]
    for program in started:
        assert f"| `{program.name}` |" in PAGE


def test_every_address_for_programs_is_named() -> None:
    routes = {str(entry.pattern) for entry in _api()}
    spoken = {re.sub(r"<\w+:\w+>", "ID", route) for route in routes}
    named = {route.replace("exports/ID", "exports/FORMAT") for route in spoken}
    assert {f"/api/{route}" for route in named} == set(re.findall(r"`(/api/[^`]+)`", PAGE))


def _api() -> list[object]:
    from webapp.reports.urls import api

    assert get_resolver().url_patterns
    return list(api)
