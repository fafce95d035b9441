"""Whose projects there are, and where their code lies."""

from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from webapp.accounts.models import User
from webapp.codebases.models import Project, Source


def projects_of(user: User) -> QuerySet[Project]:
    """The user's own projects, newest first."""
    return Project.objects.filter(owner=user)


def project_for(user: User, project_id: int) -> Project:
    """The user's own project.

    Raises `Http404` for one that is not theirs.
    """
    return get_object_or_404(Project, pk=project_id, owner=user)


def latest_source(project: Project) -> Source | None:
    """What was brought last."""
    return project.sources.first()


def address_of(source: Source) -> str:
    """What intake takes the source from: a path or a URL."""
    if source.kind == Source.Kind.ARCHIVE:
        return str(settings.DATA.uploads / source.location)
    return source.location


def snapshot_folder(digest: str) -> Path:
    """Where the snapshot of that name is kept."""
    return settings.DATA.snapshots / digest
