"""Projects and their sources: brought in, kept, deleted."""

import hashlib
import os
import re
import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from webapp.accounts.models import User
from webapp.codebases import archives, selectors
from webapp.codebases.models import Project, Source


class BadSource(Exception):
    """What was brought cannot be used; the text says why, for the person who brought it."""


def create_project_from_archive(*, owner: User, name: str, upload: UploadedFile) -> Source:
    """A new project whose code is the uploaded archive.

    Raises `BadSource` where the file is no archive.
    """
    location = _keep_upload(upload)
    with transaction.atomic():
        project = Project.objects.create(owner=owner, name=name or _name_from(upload.name or ""))
        return _add_archive(project, location=location, upload=upload)


def add_archive(*, project: Project, upload: UploadedFile) -> Source:
    """A newer state of the project's code.

    Raises `BadSource` where the file is no archive.
    """
    return _add_archive(project, location=_keep_upload(upload), upload=upload)


def create_project_from_git(*, owner: User, name: str, url: str) -> Source:
    """A new project whose code is in a git repository; it is fetched when it is analysed."""
    with transaction.atomic():
        project = Project.objects.create(owner=owner, name=name or _name_from(url))
        return add_git(project=project, url=url)


def add_git(*, project: Project, url: str) -> Source:
    """The repository's present state, to be fetched when it is analysed."""
    return Source.objects.create(
        project=project, kind=Source.Kind.GIT, location=url, label=url[:255]
    )


def create_project_from_folder(*, owner: User, name: str, folder: Path) -> Source:
    """A project whose code lies on this machine; offered to the operator, never to the web."""
    with transaction.atomic():
        project = Project.objects.create(owner=owner, name=name)
        return Source.objects.create(
            project=project,
            kind=Source.Kind.FOLDER,
            location=str(folder),
            label=folder.name,
            size=sum(path.stat().st_size for path in folder.rglob("*.py")),
        )


def delete_project(*, project: Project) -> None:
    """The project, its analyses and its reports; archives and snapshots that others share stay."""
    locations = set(
        project.sources.filter(kind=Source.Kind.ARCHIVE).values_list("location", flat=True)
    )
    digests = set(
        project.sources.exclude(snapshot_digest="").values_list("snapshot_digest", flat=True)
    )
    project.delete()
    for location in sorted(locations):
        if not Source.objects.filter(location=location).exists():
            shutil.rmtree((settings.DATA.uploads / location).parent, ignore_errors=True)
    for digest in sorted(digests):
        if not Source.objects.filter(snapshot_digest=digest).exists():
            shutil.rmtree(selectors.snapshot_folder(digest), ignore_errors=True)


def _keep_upload(upload: UploadedFile) -> str:
    """Move the uploaded file to where its content names it; the path below the uploads folder.

    Raises `BadSource` where it is no archive.
    """
    received = Path(upload.temporary_file_path())
    name = _safe_name(upload.name or "archive")
    limit = settings.UPLOAD_LIMIT_BYTES
    if complaint := archives.complaint_about(received, name=name, limit=limit):
        raise BadSource(complaint)
    with received.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = settings.DATA.uploads / digest
    folder.mkdir(mode=0o700, exist_ok=True)
    if not (folder / name).exists():
        _keep(received, folder / name)
    return f"{digest}/{name}"


def _keep(received: Path, kept: Path) -> None:
    """Give the file a second name; copy it where the file system has no such thing."""
    try:
        os.link(received, kept)
    except OSError:
        shutil.copyfile(received, kept)


def _add_archive(project: Project, *, location: str, upload: UploadedFile) -> Source:
    return Source.objects.create(
        project=project,
        kind=Source.Kind.ARCHIVE,
        location=location,
        label=(upload.name or "archive")[:255],
        size=upload.size,
    )


def _safe_name(name: str) -> str:
    """The file's name without anything that means something to a file system."""
    return re.sub(r"[^A-Za-z0-9._+-]", "_", name)[-100:].lstrip(".-") or "archive"


def _name_from(label: str) -> str:
    """A project's name from the file or address it came as."""
    last = re.split(r"[/:]", label.rstrip("/"))[-1]
    return re.sub(r"(\.git|\.zip|\.whl|\.t[a-z]{2,3}|\.tar(\.\w+)?)$", "", last)[:120] or "Project"
