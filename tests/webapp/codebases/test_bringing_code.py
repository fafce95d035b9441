"""Uploads and repository addresses: what is taken, what is refused and in which words."""

import io
import tarfile

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.fakes import small_shop
from tests.webapp.conftest import upload
from webapp.accounts.models import User
from webapp.analyses.models import AnalysisRun
from webapp.codebases.forms import SourceForm
from webapp.codebases.models import Project, Source
from webapp.codebases.services import projects


def test_an_archive_is_kept_under_its_content_and_shared(alice: User) -> None:
    first = projects.create_project_from_archive(
        owner=alice, name="", upload=upload(small_shop.zipped())
    )
    second = projects.add_archive(project=first.project, upload=upload(small_shop.zipped()))
    assert first.location == second.location
    assert first.project.name == "shop"


def test_deleting_a_project_deletes_only_what_no_other_uses(alice: User, charlie: User) -> None:
    shared = upload(small_shop.zipped())
    own = upload(small_shop.zipped({"only/here.py": "x = 1\n"}))
    kept = projects.create_project_from_archive(owner=charlie, name="", upload=shared)
    gone = projects.create_project_from_archive(
        owner=alice, name="", upload=upload(small_shop.zipped())
    )
    alone = projects.add_archive(project=gone.project, upload=own)
    projects.delete_project(project=gone.project)
    assert (settings.DATA.uploads / kept.location).exists()
    assert not (settings.DATA.uploads / alone.location).exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"hello", "not an archive"),
        ("shop.zip", b"", "empty"),
        ("shop.zip", b"PK\x03\x04 but no more", "damaged"),
        ("shop.tar.gz", b"\x1f\x8b broken", "damaged"),
        ("shop.rar", b"Rar!", "not an archive"),
    ],
)
def test_a_bad_archive_is_refused_in_words(
    as_alice: Client, name: str, content: bytes, words: str
) -> None:
    file = io.BytesIO(content)
    file.name = name
    answer = as_alice.post(
        reverse("analyses:new-project"),
        {"archive": file},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 400
    assert words in " ".join(answer.json()["errors"])
    assert not Project.objects.exists()


def test_an_archive_over_the_limit_is_refused(as_alice: Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 100
    file = io.BytesIO(small_shop.zipped())
    file.name = "shop.zip"
    page = as_alice.post(reverse("analyses:new-project"), {"archive": file}).content.decode()
    assert "larger than" in page


@pytest.mark.parametrize(
    "url",
    [
        "/etc",
        "file:///etc",
        "ext::sh -c date",
        "-oProxyCommand=date",
        "https://",
        "https://host/a b",
        "https://me:secret@host/repo",
        "http://[",
    ],
)
def test_an_address_that_is_no_repository_elsewhere_is_refused(url: str) -> None:
    assert not SourceForm({"git_url": url}).is_valid()


def test_an_address_is_taken() -> None:
    assert SourceForm({"git_url": "https://example.org/team/shop.git"}).is_valid()


def test_one_must_bring_something_and_not_both(as_alice: Client) -> None:
    file = io.BytesIO(small_shop.zipped())
    file.name = "shop.zip"
    address = reverse("analyses:new-project")
    assert as_alice.post(address, {}).status_code == 400
    both = {"archive": file, "git_url": "https://example.org/x.git"}
    assert as_alice.post(address, both).status_code == 400


@pytest.mark.usefixtures("redis")
def test_sending_an_archive_leads_to_its_analysis(as_alice: Client) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, text in small_shop.FILES.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    content.seek(0)
    content.name = "../../etc/shop.tar.gz"  # type: ignore[misc]
    answer = as_alice.post(reverse("analyses:new-project"), {"archive": content, "name": "Mine"})
    run = AnalysisRun.objects.get()
    assert answer.headers["Location"] == reverse("analyses:run", args=[run.pk])
    assert run.project.name == "Mine"
    assert Source.objects.get().location.endswith("/shop.tar.gz")
