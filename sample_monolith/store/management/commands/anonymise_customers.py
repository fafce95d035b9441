"""GDPR: forget retail customers who have not ordered for years."""
import datetime

from django.core.management.base import BaseCommand
from django.db.models import Q
from django.utils import timezone

from store.models import TIER_RETAIL, Customer, StoreError


class Command(BaseCommand):
    help = "Anonymise customers without an order for N years"

    def add_arguments(self, parser):
        parser.add_argument("--years", type=int, default=6)

    def handle(self, *args, **options):
        limit = timezone.now() - datetime.timedelta(days=365 * options["years"])
        customers = Customer.objects.filter(
            Q(last_order_at__lt=limit) | Q(last_order_at__isnull=True, created_at__lt=limit),
            tier=TIER_RETAIL,
            anonymised_at__isnull=True,
        )
        done = 0
        for customer in customers:
            try:
                customer.anonymise()
                done += 1
            except StoreError as error:
                self.stderr.write("%s: %s" % (customer.pk, error))
        self.stdout.write("%d anonymised" % done)
