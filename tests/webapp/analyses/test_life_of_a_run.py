"""What happens to a run between the asking and the report, and when things die in between."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from tests.webapp.conftest import answers, wait_until
from webapp.accounts.models import User
from webapp.analyses import claims, selectors, tasks
from webapp.analyses.models import AnalysisRun, StageResult, StoredReport
from webapp.analyses.result_store import DatabaseStore, forget_old_results
from webapp.analyses.run_progress import ClaimLost, RunProgress
from webapp.analyses.services import asking, executing
from webapp.codebases.models import Source
from webapp.supervisor.child import Child

DEAD = f"{claims.new_claim().split('|')[0]}|4194303|1.0|gone"


def ask(source: Source, by: User, lane: str = "small") -> AnalysisRun:
    run = asking.request_run(source=source, by=by, then=lambda: None)
    AnalysisRun.objects.filter(pk=run.pk).update(lane=lane)
    return run


def dispatched() -> list[int]:
    """The runs that are sent now."""
    sent: list[int] = []
    asking.dispatch(send=lambda run_id, lane: sent.append(run_id))
    return sent


def reconciled(queue_length: int | None = 1) -> list[int]:
    """The runs that are sent after looking for the dead and the lost."""
    sent: list[int] = []
    asking.reconcile(
        send=lambda run_id, lane: sent.append(run_id), queue_length=lambda lane: queue_length
    )
    return sent


def state_of(run: AnalysisRun) -> str:
    run.refresh_from_db()
    return run.state


def test_a_run_is_sent_once(run: AnalysisRun) -> None:
    assert dispatched() == [run.pk]
    assert dispatched() == []


def test_a_run_is_claimed_once(run: AnalysisRun) -> None:
    assert executing._claim(run.pk, "first")
    assert not executing._claim(run.pk, "second")


def test_a_user_has_one_run_at_a_time_in_each_lane(
    source: Source, alice: User, charlie: User
) -> None:
    huge = [ask(source, alice, "large") for _ in range(3)]
    small = ask(source, alice, "small")
    other = ask(source, charlie, "large")
    assert dispatched() == [huge[0].pk, small.pk, other.pk]
    AnalysisRun.objects.filter(pk=huge[0].pk).update(finished_at=timezone.now())
    assert dispatched() == [huge[1].pk]


def test_a_lost_message_is_sent_again(run: AnalysisRun) -> None:
    dispatched()
    AnalysisRun.objects.update(sent_at=timezone.now() - timedelta(seconds=30))
    assert reconciled(queue_length=1) == []
    assert reconciled(queue_length=None) == []
    assert reconciled(queue_length=0) == [run.pk]


def test_a_run_of_a_dead_worker_is_sent_again(run: AnalysisRun) -> None:
    assert executing._claim(run.pk, DEAD)
    assert state_of(run) == "running"
    assert reconciled() == [run.pk]
    assert state_of(run) == "waiting"


def test_a_run_of_a_living_worker_is_left_alone(run: AnalysisRun) -> None:
    executing._claim(run.pk, claims.new_claim())
    AnalysisRun.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert reconciled() == []


def test_a_silent_worker_on_another_machine_counts_as_dead_after_a_while(run: AnalysisRun) -> None:
    executing._claim(run.pk, "elsewhere.example|1|1.0|x")
    assert reconciled() == []
    AnalysisRun.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert reconciled() == [run.pk]


def test_a_run_that_kills_every_worker_is_given_up(run: AnalysisRun, settings: Settings) -> None:
    settings.MOST_ATTEMPTS = 2
    for _ in range(2):
        executing._claim(run.pk, DEAD)
        reconciled()
    assert state_of(run) == "failed"
    assert "2 times" in run.failure


def test_a_worker_that_lost_its_claim_writes_nothing_more(run: AnalysisRun) -> None:
    executing._claim(run.pk, "first")
    progress = RunProgress(run_id=run.pk, claim="first")
    progress.started(stage="reading", total=10)
    AnalysisRun.objects.update(claimed_by="second")
    with pytest.raises(ClaimLost):
        progress.finished(stage="reading")


def test_a_waiting_run_is_cancelled_at_once(run: AnalysisRun) -> None:
    asking.cancel(run=run)
    assert state_of(run) == "cancelled"
    assert not executing._claim(run.pk, "late")


def test_a_running_run_is_cancelled_at_its_next_step(
    alice: User, shop_folder: object, finished: AnalysisRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = asking.retry(run=finished, by=alice, then=lambda: None)
    started = RunProgress.started

    def cancel_then_start(self: RunProgress, *, stage: str, total: int | None) -> None:
        asking.cancel(run=again)
        started(self, stage=stage, total=total)

    monkeypatch.setattr(RunProgress, "started", cancel_then_start)
    executing.execute(run_id=again.pk, send_shard=lambda run_id, shard: None)
    assert state_of(again) == "cancelled"
    assert not StoredReport.objects.filter(run=again).exists()


def test_a_cancelled_run_of_a_dead_worker_ends(run: AnalysisRun) -> None:
    executing._claim(run.pk, DEAD)
    asking.cancel(run=run)
    assert state_of(run) == "stopping"
    reconciled()
    assert state_of(run) == "cancelled"


def test_an_archive_that_is_gone_fails_in_words(run: AnalysisRun) -> None:
    executing.execute(run_id=run.pk, send_shard=lambda run_id, shard: None)
    assert state_of(run) == "failed"
    assert run.failure
    assert "Traceback" not in run.failure


def test_a_finished_run_is_not_done_again(finished: AnalysisRun) -> None:
    before = finished.finished_at
    executing.execute(run_id=finished.pk, send_shard=lambda run_id, shard: None)
    finished.refresh_from_db()
    assert finished.finished_at == before
    assert finished.attempts == 1


def test_shards_may_be_read_by_anybody_and_twice(finished: AnalysisRun, settings: Settings) -> None:
    settings.FILES_PER_SHARD = 2
    for shard in (0, 1, 1, 999):
        executing.read_shard(run_id=finished.pk, shard=shard)
    AnalysisRun.objects.update(finished_at=None)
    for shard in (0, 1, 1, 999):
        executing.read_shard(run_id=finished.pk, shard=shard)


def test_reading_is_shared_out_from_the_last_shard_on(
    finished: AnalysisRun, alice: User, settings: Settings
) -> None:
    settings.FILES_PER_SHARD = 3
    sent: list[int] = []
    again = asking.retry(run=finished, by=alice, then=lambda: None)
    executing.execute(run_id=again.pk, send_shard=lambda run_id, shard: sent.append(shard))
    assert state_of(again) == "finished"
    assert sent == sorted(sent, reverse=True)
    assert len(sent) > 1
    first, second = (selectors.document_of(one) for one in (finished, again))
    assert {**first, "generated": 0} == {**second, "generated": 0}


def test_progress_knows_the_rate_and_the_time_left(run: AnalysisRun) -> None:
    run.stages = [{"stage": "b", "started": 100.0, "finished": None, "done": 30, "total": 90}]
    first, second = selectors.stage_progress(run, [("a", "A"), ("b", "B")], now=110.0)
    assert (first.state, second.state) == ("waiting", "running")
    assert (second.rate, second.seconds_left, second.percent) == (3.0, 20.0, 33)


@pytest.mark.django_db
def test_the_store_keeps_what_is_there() -> None:
    store = DatabaseStore()
    store.put_many(kind="a", contents={str(n): b"x" * n for n in range(1000)})
    store.put(kind="a", digest="7", content=b"other")
    assert store.get(kind="a", digest="7") == b"x" * 7
    assert store.get(kind="b", digest="7") is None
    assert len(store.get_many(kind="a", digests=[str(n) for n in range(1200)])) == 1000


@pytest.mark.django_db(transaction=True)
def test_asking_while_redis_is_away_loses_nothing(
    run: AnalysisRun, redis: Child, settings: Settings
) -> None:
    redis.wait_and_kill(seconds=0)
    try:
        tasks.dispatch_due_runs()
        assert state_of(run) == "waiting"
        tasks.reconcile()
    finally:
        redis.start()
    wait_until(lambda: answers(settings.DATA.redis_socket))
    AnalysisRun.objects.update(sent_at=timezone.now() - timedelta(seconds=30))
    tasks.reconcile()
    assert tasks._queue_length("small") == 1


def test_the_progress_page_asks_for_what_the_figures_say(client, alice, run) -> None:  # type: ignore[no-untyped-def]
    client.force_login(alice)
    figures = client.get(reverse("analyses:progress", args=[run.pk])).json()
    assert figures["state"] == "waiting"
    page = client.get(reverse("analyses:run", args=[run.pk])).content.decode()
    for stage in figures["stages"]:
        assert f'data-stage="{stage["name"]}"' in page


@pytest.mark.django_db
def test_results_of_stages_are_forgotten_when_they_are_old(settings: Settings) -> None:
    store = DatabaseStore()
    store.put_many(kind="k", contents={"old": b"1", "young": b"2"})
    age = timedelta(days=settings.RESULT_DAYS, minutes=1)
    StageResult.objects.filter(digest="old").update(made_at=timezone.now() - age)
    assert forget_old_results() == 1
    assert store.get_many(kind="k", digests=["old", "young"]) == {"young": b"2"}
    assert forget_old_results() == 0
