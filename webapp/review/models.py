"""What people decide about a cut, and each change of mind with its inverse."""

from django.conf import settings
from django.db import models

from webapp.analyses.models import AnalysisRun


class Constraint(models.Model):
    """A decision in force for the next cut of a run's code; `row` is as a report keeps it."""

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="constraints")
    subject = models.CharField(max_length=600)  # what it decides; one decision for each
    row = models.JSONField()

    class Meta:
        ordering = ("subject",)
        constraints = (
            models.UniqueConstraint(fields=("run", "subject"), name="one_decision_per_subject"),
        )


class Edit(models.Model):
    """One change to a decision: from a row, or none, to a row, or none."""

    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="edits")
    subject = models.CharField(max_length=600)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def inverse(self) -> "Edit":
        """The edit that takes this one back; not stored."""
        return Edit(run=self.run, subject=self.subject, before=self.after, after=self.before)
