import secrets

from django.db import models
from django.utils import timezone

from store.models import Customer


def new_key():
    return "bk_" + secrets.token_hex(16)


class ApiKey(models.Model):
    """Trade customers order from their own systems. One key per system."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="api_keys")
    key = models.CharField(max_length=40, unique=True, default=new_key)
    label = models.CharField(max_length=80, blank=True)
    can_order = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return "%s: %s" % (self.customer, self.label or self.key[:8])

    def used(self):
        ApiKey.objects.filter(pk=self.pk).update(last_used_at=timezone.now())
