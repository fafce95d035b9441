"""Commands as ways in."""

from analyzer.readers.python.commands import Commands
from analyzer.readers.python.django.commands import DjangoCommands
from tests.fakes.python_facts import said


def test_management_commands_are_found_by_their_place_and_called_by_their_name() -> None:
    assert said(
        DjangoCommands(),
        """
### shop/__init__.py
### shop/management/commands/import_orders.py
from django.core.management import BaseCommand, call_command
class Command(BaseCommand):
    def handle(self, *args, **options): ...
### shop/management/commands/_base.py
class Command: ...
### shop/views.py
from django.core.management import call_command
def refresh(request):
    call_command("import_orders", verbosity=0)
    call_command("migrate")
""",
    ) == [
        "command import_orders -> shop.management.commands.import_orders:Command.handle"
        " @shop/management/commands/import_orders.py:2",
        "shop.views:refresh names shop.management.commands.import_orders:Command.handle"
        " @shop/views.py:3",
    ]


def test_decorated_functions_are_commands() -> None:
    assert said(
        Commands(),
        """
### shop/cli.py
import click
import typer
from flask import Flask
app = Flask("shop")
other = typer.Typer()
@click.group()
def main(): ...
@main.command()
def sync_all(): ...
@click.command("send")
def send_it(): ...
@app.cli.command("init")
def initialise(): ...
@other.command()
def run(): ...
class Bus:
    def command(self, function): ...
bus = Bus()
@bus.command
def not_one(): ...
""",
    ) == [
        "command init -> shop.cli:initialise @shop/cli.py:13",
        "command run -> shop.cli:run @shop/cli.py:15",
        "command send -> shop.cli:send_it @shop/cli.py:11",
        "command sync-all -> shop.cli:sync_all @shop/cli.py:9",
    ]


def test_commands_inside_the_function_that_makes_the_application() -> None:
    assert said(
        Commands(),
        """
### shop/app.py
from flask import Blueprint, Flask
from shop import cli
bp = Blueprint("shop", __name__)
def create_app(bus):
    app = Flask(__name__)
    @app.cli.command()
    def load_all(): ...
    @bp.cli.command("named")
    def other(): ...
    @bus.command("not one")
    def third(): ...
    cli.register(app)
    return app
### shop/cli.py
import click
def register(app):
    @app.cli.command("handed")
    @click.argument("name")
    def handed(name): ...
""",
    ) == [
        "command handed -> shop.cli:register @shop/cli.py:3",
        "command load-all -> shop.app:create_app @shop/app.py:6",
        "command named -> shop.app:create_app @shop/app.py:8",
    ]
