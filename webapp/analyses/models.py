"""Analysis runs, described by what has happened to them."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from webapp.codebases.models import Project, Source


class AnalysisRun(models.Model):
    """One analysis of one source; its state is derived from these facts and stored nowhere.

    Whoever works on a run writes to it only under the claim it holds, so a worker that was
    taken for dead and comes back finds that its writes no longer apply.
    """

    class Lane(models.TextChoices):
        SMALL = "small", "Small"
        LARGE = "large", "Large"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="runs")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="runs"
    )
    # A run that cuts an earlier one's facts again instead of reading the source.
    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True)
    options = models.JSONField(default=dict)
    lane = models.CharField(max_length=10, choices=Lane)

    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)  # a message for it went to the broker
    claimed_by = models.CharField(max_length=200, blank=True)
    claimed_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled = models.BooleanField(default=False)
    failure = models.TextField(blank=True)  # why it could not finish, for the person who asked
    # The stages so far: [{"stage", "started", "finished", "done", "total"}], times in seconds.
    stages = models.JSONField(default=list)
    summary = models.JSONField(default=dict)  # the figures that lists show

    class Meta:
        ordering = ("-queued_at", "-pk")
        indexes = (
            models.Index(
                fields=("queued_at",),
                name="run_unfinished",
                condition=models.Q(finished_at__isnull=True),
            ),
        )

    @property
    def state(self) -> str:
        """`waiting`, `running`, `stopping`, `finished`, `cancelled` or `failed`."""
        if self.finished_at:
            return "cancelled" if self.cancelled else "failed" if self.failure else "finished"
        if self.cancel_requested_at:
            return "stopping"
        return "running" if self.claimed_by else "waiting"

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None


class StoredReport(models.Model):
    """The finished report of a run, compressed."""

    run = models.OneToOneField(AnalysisRun, on_delete=models.CASCADE, related_name="report")
    content = models.BinaryField()


class StageResult(models.Model):
    """What a stage made of one input, by the input's digest; shared by all workers.

    Nothing needs it but speed: old ones are forgotten, and made again if they are asked for.
    """

    kind = models.CharField(max_length=100)
    digest = models.CharField(max_length=200)
    content = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "digest"), name="one_result_per_input"),
        )
