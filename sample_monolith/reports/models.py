"""Reporting has tables of its own since 2019; the data still comes straight from the shop's."""
from django.conf import settings
from django.db import models


class DailySales(models.Model):
    """One row a day. The shop counts while the day runs, `close_day` has the last word."""

    day = models.DateField(unique=True)
    orders = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    turnover = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    refunded = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    shipped = models.PositiveIntegerField(default=0)
    new_customers = models.PositiveIntegerField(default=0)
    is_closed = models.BooleanField(default=False)

    class Meta:
        ordering = ["-day"]
        verbose_name_plural = "daily sales"

    def __str__(self):
        return self.day.isoformat()

    @property
    def average_order(self):
        return self.turnover / self.orders if self.orders else 0


class SavedReport(models.Model):
    """Somebody wants a report by mail every morning."""

    name = models.CharField(max_length=80)
    report = models.CharField(max_length=40)
    days = models.PositiveSmallIntegerField(default=7)
    recipients = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    is_active = models.BooleanField(default=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def addresses(self):
        return [line.strip() for line in self.recipients.splitlines() if line.strip()]
