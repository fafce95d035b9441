"""Migrations as a second witness: what they add to the classes, and what they may not change."""

from analyzer.facts.tables import SchemaChange
from analyzer.readers.python.django.models import read_schema
from analyzer.readers.python.django.tables import table_facts
from tests.analyzer.readers.python.django.test_tables import tables
from tests.fakes.python_project import project

HEAD = "### shop/__init__.py\n### shop/migrations/__init__.py\n"
FIRST = """### shop/migrations/0001_initial.py
from django.db import migrations, models
class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            name="Thing",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("old", models.TextField()),
                ("parent", models.ForeignKey("shop.Thing", models.CASCADE, null=True)),
            ],
        ),
    ]
"""


def test_models_without_a_class_come_from_migrations() -> None:
    assert tables(HEAD + FIRST) == [
        "shop_thing (id:BigAutoField! old:TextField parent_id:ForeignKey?)",
        "shop_thing.parent_id -> shop_thing.id",
    ]


def test_operations_are_carried_out_in_the_order_of_dependencies() -> None:
    later = """### shop/migrations/0000_renamed.py
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("shop", "0002_more")]
    operations = [
        migrations.RenameModel("Thing", "Item"),
        migrations.AlterModelTable("Item", "items"),
        migrations.DeleteModel("Gone"),
    ]
### shop/migrations/0002_more.py
from django.db import migrations, models
NAMES = ("a", "b")
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.CreateModel("Gone", [("id", models.AutoField(primary_key=True))]),
        migrations.RenameField("thing", "old", "new"),
        migrations.RemoveField("thing", "parent"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RemoveField("thing", "new")],
            state_operations=[migrations.AddField("thing", "seen", models.BooleanField())],
        ),
        *[migrations.AddField("thing", name, models.IntegerField()) for name in NAMES],
    ]
"""
    assert tables(HEAD + FIRST + later) == [
        "items (id:BigAutoField! new:TextField seen:BooleanField a:IntegerField b:IntegerField)"
    ]


def test_a_class_is_believed_for_what_it_writes_and_completed_by_migrations() -> None:
    models = """### shop/models.py
from django.db import models
from strange.models import Base
class Thing(Base):
    old = models.CharField(max_length=9, null=True)
"""
    assert tables(HEAD + FIRST + models) == [
        "shop_thing (old:CharField? id:BigAutoField! parent_id:ForeignKey?)",
        "shop_thing.parent_id -> shop_thing.id",
    ]


def test_squashed_migrations_replace_the_others() -> None:
    squashed = """### shop/migrations/0001_squashed_0001_initial.py
from django.db import migrations, models
class Migration(migrations.Migration):
    replaces = [("shop", "0001_initial")]
    operations = [
        migrations.CreateModel("Thing", [("id", models.AutoField(primary_key=True))]),
    ]
"""
    assert tables(HEAD + FIRST + squashed) == ["shop_thing (id:AutoField!)"]


def test_what_depends_on_a_replaced_migration_comes_after_its_replacement() -> None:
    later = """### shop/migrations/0001_z_squashed.py
from django.db import migrations, models
fields = [("id", models.AutoField(primary_key=True))]
class Migration(migrations.Migration):
    replaces = [("shop", "0001_initial")]
    operations = [migrations.CreateModel(name="Thing", fields=fields)]
### shop/migrations/0001_more.py
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.AddField("thing", "seen", models.BooleanField())]
"""
    assert tables(HEAD + FIRST + later) == ["shop_thing (id:AutoField! seen:BooleanField)"]


def test_a_model_that_was_renamed_is_still_found_by_its_old_name() -> None:
    later = """### shop/migrations/0002_renamed.py
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RenameModel("Thing", "Item")]
"""
    assert tables(HEAD + FIRST + later) == [
        "shop_item (id:BigAutoField! old:TextField parent_id:ForeignKey?)",
        "shop_item.parent_id -> shop_item.id",
    ]


def test_a_history_table_of_migrations_is_the_one_that_the_class_asks_for() -> None:
    later = """### shop/migrations/0002_history.py
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.CreateModel(
            "HistoricalThing",
            [("history_id", models.AutoField(primary_key=True)), ("extra", models.TextField())],
        ),
    ]
### shop/models.py
from django.db import models
from simple_history.models import HistoricalRecords
class Thing(models.Model):
    history = HistoricalRecords()
"""
    said = tables(HEAD + FIRST + later)
    (found,) = [line for line in said if line.startswith("shop_historicalthing ")]
    assert found.startswith("shop_historicalthing history (")
    assert "extra:TextField" in found


def test_each_migration_says_which_tables_of_today_it_creates_or_alters() -> None:
    later = """### shop/migrations/0002_more.py
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.CreateModel("Gone", [("id", models.AutoField(primary_key=True))]),
        migrations.CreateModel("Other", [("id", models.AutoField(primary_key=True))]),
        migrations.AddField("thing", "other", models.ForeignKey("shop.Other", models.CASCADE)),
    ]
### shop/migrations/0003_less.py
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("shop", "0002_more")]
    operations = [
        migrations.DeleteModel("Gone"),
        migrations.RenameModel("Thing", "Item"),
        migrations.AlterModelOptions("Other", {"verbose_name": "others"}),
    ]
"""
    schema = read_schema(project(HEAD + FIRST + later))
    changes = [fact for fact in table_facts(schema) if isinstance(fact, SchemaChange)]
    assert [(change.unit, change.tables) for change in changes] == [
        ("shop.migrations.0001_initial:Migration", ("shop_item",)),
        ("shop.migrations.0002_more:Migration", ("shop_item", "shop_other")),
    ]
    assert [change.evidence.line for change in changes] == [2, 2]
