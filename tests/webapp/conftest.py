"""People, and a finished analysis of the small shop, made by the real analyzer once."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import Client
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from tests.fakes import small_shop
from webapp.accounts.models import User
from webapp.analyses.models import AnalysisRun, StoredReport
from webapp.codebases.models import Project, Source
from webapp.supervisor import programs
from webapp.supervisor.child import Child


def upload(content: bytes, name: str = "shop.zip") -> TemporaryUploadedFile:
    """A file as Django hands it over when somebody sends one."""
    file = TemporaryUploadedFile(name, "application/zip", len(content), None)
    file.write(content)
    file.seek(0)
    return file


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password="a long enough phrase")


@pytest.fixture
def charlie(db: None) -> User:
    """The stranger."""
    return User.objects.create_user("charlie")


@pytest.fixture
def as_alice(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def as_charlie(charlie: User) -> Client:
    client = Client()
    client.force_login(charlie)
    return client


@pytest.fixture
def project(alice: User) -> Project:
    return Project.objects.create(owner=alice, name="Shop")


@pytest.fixture
def source(project: Project) -> Source:
    return Source.objects.create(
        project=project, kind=Source.Kind.ARCHIVE, location="x/shop.zip", label="shop.zip", size=1
    )


@pytest.fixture
def run(source: Source, alice: User) -> AnalysisRun:
    """A run that waits."""
    return AnalysisRun.objects.create(
        project=source.project,
        source=source,
        asked_by=alice,
        lane="small",
        queued_at=timezone.now(),
    )


@pytest.fixture(scope="session")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_shop.write(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def finished(alice: User, shop_folder: Path) -> Iterator[AnalysisRun]:
    """A run that the real analyzer has carried out."""
    from webapp.analyses.services import asking, executing
    from webapp.codebases.services import projects
    from webapp.reports import selectors

    source = projects.create_project_from_folder(owner=alice, name="Shop", folder=shop_folder)
    run = asking.request_run(source=source, by=alice, then=lambda: None)
    executing.execute(run_id=run.pk, send_shard=lambda run_id, shard: None)
    run.refresh_from_db()
    assert run.state == "finished", run.failure
    yield run
    # The next test's run may get the same number.
    for cache in (selectors.index_of, selectors.graph):
        cache.cache_clear()
    _clear_documents()


@pytest.fixture
def report_of_alice(run: AnalysisRun) -> AnalysisRun:
    """A finished run with the least of a report: quick, for tests that look at who may see it."""
    document = {"units": [], "tables": [], "nodes": [], "services": [], "factors": []}
    StoredReport.objects.create(run=run, content=gzip.compress(json.dumps(document).encode()))
    AnalysisRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), claimed_by="x")
    return run


def _clear_documents() -> None:
    from webapp.analyses import selectors
    from webapp.reports import services as reports

    selectors._document.cache_clear()
    reports.chart.cache_clear()


@pytest.fixture(scope="session")
def redis() -> Iterator[Child]:
    """A real Redis server at the place where the settings look for it; no worker listens to it."""
    server = Child(programs.redis(settings.DATA))
    server.start()
    wait_until(lambda: answers(settings.DATA.redis_socket))
    yield server
    server.wait_and_kill(seconds=0)


def answers(socket: Path) -> bool:
    """Whether Redis answers there."""
    client = Redis(unix_socket_path=str(socket))
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()


def wait_until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait for the condition, and fail where it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)
