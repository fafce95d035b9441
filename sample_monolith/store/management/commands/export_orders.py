"""For the accountants: one line per order with what was paid, refunded and shipped."""
import csv
import sys

from django.core.management.base import BaseCommand, CommandError

from store import utils
from store.models import Order


class Command(BaseCommand):
    help = "Write orders of a period as CSV"

    def add_arguments(self, parser):
        parser.add_argument("start")
        parser.add_argument("end")

    def handle(self, *args, **options):
        start, end = utils.parse_date(options["start"]), utils.parse_date(options["end"])
        if not start or not end:
            raise CommandError("Dates look like 2024-12-31")
        writer = csv.writer(self.stdout if hasattr(self.stdout, "write") else sys.stdout)
        writer.writerow(["number", "date", "customer", "tax number", "total", "tax", "paid", "refunded", "parcels"])
        orders = Order.objects.between(start, end).select_related("customer").prefetch_related("shipments")
        for order in orders:
            writer.writerow(
                [
                    order.number,
                    order.placed_at.date().isoformat(),
                    order.customer.email,
                    order.customer.tax_number,
                    order.total,
                    order.tax,
                    order.paid_amount,
                    order.refunded_amount,
                    len(order.shipments.all()),
                ]
            )
