"""Projects and where their code comes from."""

from django.conf import settings
from django.db import models


class Project(models.Model):
    """A codebase that one person looks at, over time."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="projects"
    )
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """One state of a project's code, or the place to get it from."""

    class Kind(models.TextChoices):
        ARCHIVE = "archive", "Uploaded archive"
        GIT = "git", "Git repository"
        FOLDER = "folder", "Folder on the server"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=10, choices=Kind)
    # The archive's file below the uploads folder, the repository's URL, or the folder.
    location = models.TextField()
    label = models.CharField(max_length=255)  # what people know it by: the file's name, the URL
    size = models.BigIntegerField(null=True)  # bytes, where they are known before reading
    added_at = models.DateTimeField(auto_now_add=True)
    # Set once it was taken: the name of the folder below the snapshots folder.
    snapshot_digest = models.CharField(max_length=64, blank=True)
    snapshot_bytes = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-added_at", "-pk")
