"""What one worker linked is found by the next, through the database."""

from pathlib import Path

import pytest

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.intake.taking import take_snapshot
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python.reader import PythonReader
from analyzer.store.memory import MemoryStore
from analyzer.store.result_store import ResultStore
from webapp.analyses.models import StageResult
from webapp.analyses.result_store import DatabaseStore

# A run is found again by files that are long enough to be nobody else's.
MODELS = """# Orders of the shop, as they are placed, paid and delivered
# What they hold is settled here.
from django.db import models
class Order(models.Model):
    total = models.IntegerField()
"""
VIEWS = """from shop.models import Order
def place(request):
    Order.objects.create(total=1)
"""


@pytest.mark.django_db
def test_a_reading_goes_on_from_another_workers(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "models.py").write_text(MODELS)
    (root / "views.py").write_text(VIEWS)
    read(tmp_path, DatabaseStore(), "first")
    assert runs_kept() == 1

    (root / "views.py").write_text(VIEWS + "    Order.objects.all().delete()\n")
    again = read(tmp_path, DatabaseStore(), "second")

    assert runs_kept() == 1  # it went on from the first, or it would have kept its own
    assert again == read(tmp_path, MemoryStore(), "third")
    assert {access.operation for access in again.accesses} == {"insert", "delete"}


def read(tmp_path: Path, store: ResultStore, name: str) -> CodebaseFacts:
    snapshot = take_snapshot(str(tmp_path / "shop"), into=tmp_path / "snapshots" / name)
    return PythonReader().read(snapshot, ReadingTools(store, lambda count: None))


def runs_kept() -> int:
    return StageResult.objects.filter(kind__endswith="/runs").values("content").distinct().count()
