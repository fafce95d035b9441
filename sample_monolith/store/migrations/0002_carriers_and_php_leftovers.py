"""Carriers that every installation has, and the view that the PHP back office used."""
from django.db import migrations

CARRIERS = [
    ("rml", "Royal Parcel", "https://track.royal-parcel.example/%s", 20000),
    ("dpd", "Depot Direct", "https://depot-direct.example/t/%s", 31500),
    ("pal", "Pallet Line", "", 800000),
]


def add_carriers(apps, schema_editor):
    Carrier = apps.get_model("store", "Carrier")
    for code, name, url, weight in CARRIERS:
        Carrier.objects.get_or_create(
            code=code, defaults={"name": name, "tracking_url": url, "max_weight_grams": weight}
        )


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [
        migrations.RunPython(add_carriers, migrations.RunPython.noop),
        migrations.RunSQL("DROP VIEW IF EXISTS php_open_orders", migrations.RunSQL.noop),
    ]
