"""The one door, on a small project and on the sample."""

from pathlib import Path

import pytest

from analyzer import api
from analyzer.report.report import first_fault
from tests.fakes.small_project import PINS, small_project

SAMPLE = Path(__file__).parents[2] / "sample_monolith"
AGREED = api.Options(constraints=api.Constraints(pins=PINS, services=(2, 2)))


class _Recorder:
    """Progress that remembers, and cancels at one point if asked to."""

    def __init__(self, *, cancel_at: str = "") -> None:
        self.heard: list[str] = []
        self._cancel_at = cancel_at

    def started(self, *, stage: str, total: int | None) -> None:
        self._hear(f"{stage} started")

    def advanced(self, *, stage: str, done: int) -> None:
        self._hear(f"{stage} advanced")

    def finished(self, *, stage: str) -> None:
        self._hear(f"{stage} finished")

    def _hear(self, what: str) -> None:
        self.heard.append(what)
        if what == self._cancel_at:
            raise api.Cancelled("stopped")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> api.Snapshot:
    source = small_project(tmp_path_factory.mktemp("source"))
    return api.take_snapshot(str(source), into=tmp_path_factory.mktemp("kept") / "snapshot")


@pytest.fixture(scope="module")
def report(snapshot: api.Snapshot) -> api.Report:
    return api.analyze(snapshot, options=AGREED)


def _without_generated(report: api.Report) -> dict[str, object]:
    return {key: value for key, value in report.document.items() if key != "generated"}


def test_a_project_falls_into_its_two_capabilities(report: api.Report) -> None:
    tables = {frozenset(service["tables"]) for service in report.document["services"]}
    assert tables == {
        frozenset({"orders_order", "orders_orderline"}),
        frozenset({"stock_item", "stock_shelf"}),
    }
    (saga,) = report.document["plan"]["sagas"]
    assert saga["unit"] == "shop.orders.views:place_order"
    assert saga["path"] == "shop/orders/views.py"
    assert saga["line"] == 7


def test_every_stage_is_heard_of_in_order(snapshot: api.Snapshot) -> None:
    recorder = _Recorder()
    api.analyze(snapshot, progress=recorder)
    stages = [stage.name for stage in api.STAGES[1:]]
    assert [h for h in recorder.heard if h.endswith("started")] == [f"{s} started" for s in stages]
    assert [h for h in recorder.heard if h.endswith("finished")] == [
        f"{s} finished" for s in stages
    ]


@pytest.mark.parametrize(
    "moment", ["reading advanced", "coupling started", "partition advanced", "report advanced"]
)
def test_a_run_stops_where_it_is_told_to(snapshot: api.Snapshot, moment: str) -> None:
    with pytest.raises(api.Cancelled):
        api.analyze(snapshot, progress=_Recorder(cancel_at=moment))


def test_a_second_run_takes_what_the_store_has(snapshot: api.Snapshot) -> None:
    store = api.MemoryStore()
    first = api.analyze(snapshot, store=store)
    recorder = _Recorder()
    second = api.analyze(snapshot, store=store, progress=recorder)
    assert "reading advanced" not in recorder.heard
    assert _without_generated(second) == _without_generated(first)


def test_shards_read_ahead_give_the_same_report(snapshot: api.Snapshot, report: api.Report) -> None:
    store = api.MemoryStore()
    shards = api.shards_of(snapshot, size=2)
    assert all(1 <= len(shard) <= 2 for shard in shards)
    for shard in reversed(shards):
        api.read_shard(snapshot, paths=shard, store=store)
        api.read_shard(snapshot, paths=shard, store=store)
    again = api.analyze(snapshot, options=AGREED, store=store)
    assert _without_generated(again) == _without_generated(report)


def test_a_pinned_table_goes_where_it_is_pinned(report: api.Report) -> None:
    constraints = api.Constraints(
        pins=(("stock_shelf", "logistics"), ("orders_order", "sales")), services=(2, 2)
    )
    again = api.repartition(report, constraints=constraints)
    homes = {table["id"]: table["service"] for table in again.document["tables"]}
    assert (homes["stock_shelf"], homes["orders_order"]) == ("logistics", "sales")
    assert api.constraints_of(again) == constraints


def test_constraints_on_unknown_nodes_are_refused(report: api.Report) -> None:
    with pytest.raises(api.UnusableInput, match="nobody"):
        api.repartition(report, constraints=api.Constraints(pins=(("nobody", "x"),)))


def test_new_coupling_is_found_by_a_check(report: api.Report, tmp_path: Path) -> None:
    changed = """
from shop.orders.models import OrderLine
from shop.stock.models import Item, Shelf

def restock(request):
    OrderLine.objects.filter(pk=1).delete()
    Item.objects.filter(pk=1).update(count=10)
    Shelf.objects.create(item_id=1)

def list_items(request):
    return Item.objects.all(), Shelf.objects.all()
"""
    source = small_project(tmp_path / "source", more={"shop/stock/views.py": changed})
    current = api.take_snapshot(str(source), into=tmp_path / "snapshot")
    result = api.check(current, against=report)
    assert not result.passed
    places = {str(place) for new in result.new for place in new.evidence}
    assert "shop/stock/views.py:6" in places
    assert {new.kind for new in result.new} >= {"write"}


def test_the_same_code_passes_its_own_check(snapshot: api.Snapshot, report: api.Report) -> None:
    assert api.check(snapshot, against=report).passed
    assert api.check(report, against=report).passed


def test_an_empty_project_has_a_report_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "notes.txt").write_text("nothing to run")
    snapshot = api.take_snapshot(str(tmp_path / "source"), into=tmp_path / "snapshot")
    report = api.analyze(snapshot)
    assert report.document["services"] == []
    for one in api.FORMATS:
        assert api.export(report, format=one.name)


def test_the_samples_report_is_valid_against_the_schema(tmp_path: Path) -> None:
    snapshot = api.take_snapshot(str(SAMPLE), into=tmp_path / "snapshot")
    report = api.analyze(snapshot, options=api.Options(services=(10, 10)))
    assert first_fault(report.document) == ""
    assert all(
        table["service"] for table in report.document["tables"] if table["role"] == "product"
    )
    lines = [
        (row["path"], row["line"])
        for key in ("transactions", "foreign_keys", "locks", "entry_points", "joins")
        for row in report.document[key]
    ]
    assert lines
    for path, line in lines:
        text = (SAMPLE / path).read_text().split("\n")
        assert 1 <= line <= len(text), path
        assert text[line - 1].strip(), f"{path}:{line}"
