"""Scripts that installing makes are ways in."""

from pathlib import Path

import pytest

from analyzer.intake.taking import take_snapshot
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.packaging.reader import PackagingReader, read_scripts
from analyzer.store.memory import MemoryStore

CASES = {
    "pyproject.toml": """
[project]
name = "shop"
[project.scripts]
shop = "shop.cli:main"
[project.gui-scripts]
shop-desk = "shop.desk:App.run"
[tool.poetry.scripts]
shop-poetry = "shop.cli:poetry"
""",
    "setup.cfg": """
[metadata]
name = %(odd)s
[options.entry_points]
console_scripts =
    shop = shop.cli:main
    Shop-Desk = shop.desk:App.run [gui]
shop.plugins =
    other = shop.plugins:Other
""",
    "setup.py": """
from setuptools import setup
setup(name="shop", entry_points={
    "console_scripts": ["shop = shop.cli:main"],
    "gui_scripts": "shop-desk = shop.desk",
    "shop.plugins": ["other = shop.plugins:Other"],
})
""",
    "shop-1.0.dist-info/entry_points.txt": """
[console_scripts]
shop = shop.cli:main
[pytest11]
shop = shop.plugin
""",
}
FOUND = {
    "pyproject.toml": [
        "shop shop.cli:main 5",
        "shop-desk shop.desk:App.run 7",
        "shop-poetry shop.cli:poetry 9",
    ],
    "setup.cfg": ["shop shop.cli:main 6", "Shop-Desk shop.desk:App.run 7"],
    "setup.py": ["shop shop.cli:main 4", "shop-desk shop.desk 5"],
    "shop-1.0.dist-info/entry_points.txt": ["shop shop.cli:main 3"],
}


@pytest.mark.parametrize("path", sorted(CASES))
def test_scripts_are_commands_with_their_line(path: str) -> None:
    said = [
        f"{one.name} {one.unit}{'.' if one.handler else ''}{one.handler} {one.evidence.line}"
        for one in read_scripts(path, CASES[path])
    ]
    assert said == FOUND[path]


def test_what_cannot_be_read_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "pyproject.toml").write_text("[project\n")
    (source / "setup.cfg").write_text("no section\n")
    (source / "setup.py").write_text("setup(entry_points=load())\nsetup(entry_points={1: 2})\n")
    info = source / "shop.egg-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(CASES["shop-1.0.dist-info/entry_points.txt"])
    snapshot = take_snapshot(str(source), into=tmp_path / "snapshot")
    facts = PackagingReader().read(snapshot, ReadingTools(MemoryStore(), lambda count: None))
    assert [one.name for one in facts.entry_points] == ["shop"]
    assert [(one.path, one.code) for one in facts.diagnostics] == [
        ("pyproject.toml", "unreadable-packaging"),
        ("setup.cfg", "unreadable-packaging"),
    ]
