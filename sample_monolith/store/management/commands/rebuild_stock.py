"""Set `reserved` to what open orders really need. Run after every incident."""
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from store import utils
from store.models import StockItem

NEEDED = """
    SELECT l.variant_id, l.warehouse_id, SUM(l.quantity - l.quantity_shipped)
      FROM order_lines l
      JOIN orders o ON o.id = l.order_id
     WHERE o.status IN ('placed', 'paid', 'on_hold') AND l.warehouse_id IS NOT NULL
     GROUP BY l.variant_id, l.warehouse_id
"""


class Command(BaseCommand):
    help = "Recalculate the reserved stock from the open orders"

    def add_arguments(self, parser):
        parser.add_argument("--fix", action="store_true")

    def handle(self, *args, **options):
        with connection.cursor() as cursor:
            cursor.execute(NEEDED)
            needed = {(variant, warehouse): count for variant, warehouse, count in cursor.fetchall()}
        wrong = 0
        with transaction.atomic():
            for stock in StockItem.objects.select_for_update().select_related("variant", "warehouse"):
                expected = needed.get((stock.variant_id, stock.warehouse_id), 0)
                if stock.reserved == expected:
                    continue
                wrong += 1
                self.stdout.write("%s: %d, should be %d" % (stock, stock.reserved, expected))
                if options["fix"]:
                    stock.reserved = expected
                    stock.save(update_fields=["reserved", "updated_at"])
                    utils.forget_stock([stock.variant.sku])
        self.stdout.write("%d wrong" % wrong)
