"""The buyers' spreadsheet: categories, brands, products, variants, prices and opening stock."""
import csv

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.text import slugify

from store import utils
from store.models import Brand, Category, PriceListEntry, Product, StockItem, Variant, Warehouse


class Command(BaseCommand):
    help = "Import products from a CSV file"

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--warehouse", default="LON")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args, **options):
        self.warehouse = Warehouse.objects.filter(code=options["warehouse"]).first()
        if self.warehouse is None:
            raise CommandError("No warehouse %s" % options["warehouse"])
        try:
            with open(options["file"], newline="", encoding="utf-8-sig") as file:
                rows = list(csv.DictReader(file))
        except OSError as error:
            raise CommandError(str(error)) from error
        created = updated = 0
        with transaction.atomic():
            for number, row in enumerate(rows, start=2):
                try:
                    is_new = self.import_row(row)
                except (KeyError, ValueError) as error:
                    raise CommandError("line %d: %s" % (number, error)) from error
                created += is_new
                updated += not is_new
            if options["dry_run"]:
                transaction.set_rollback(True)
        self.stdout.write("%d created, %d updated" % (created, updated))

    def import_row(self, row):
        category, _ = Category.objects.get_or_create(
            slug=slugify(row["category"]), defaults={"name": row["category"]}
        )
        brand = None
        if row.get("brand"):
            brand, _ = Brand.objects.get_or_create(
                slug=slugify(row["brand"]), defaults={"name": row["brand"]}
            )
        product, _ = Product.objects.update_or_create(
            slug=slugify(row["name"]),
            defaults={
                "name": row["name"],
                "category": category,
                "brand": brand,
                "description": row.get("description", ""),
            },
        )
        variant, is_new = Variant.objects.update_or_create(
            sku=utils.clean_sku(row["sku"]),
            defaults={
                "product": product,
                "name": row.get("variant", ""),
                "price": utils.money(row["price"]),
                "cost_price": utils.money(row.get("cost") or 0),
                "weight_grams": int(row.get("weight") or 0),
            },
        )
        if row.get("trade_price"):
            PriceListEntry.objects.update_or_create(
                variant=variant,
                tier="trade",
                min_quantity=1,
                valid_from=None,
                defaults={"price": utils.money(row["trade_price"])},
            )
        if is_new and row.get("stock"):
            stock, _ = StockItem.objects.get_or_create(variant=variant, warehouse=self.warehouse)
            stock.receive(int(row["stock"]), reason="opening stock")
        return is_new
