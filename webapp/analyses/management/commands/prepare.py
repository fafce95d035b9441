"""`manage.py prepare`: what an installation needs before its first visitor."""

import json

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from webapp.accounts import services as accounts
from webapp.analyses import tasks
from webapp.analyses.services import asking
from webapp.places import SOURCE_ROOT

SAMPLE = SOURCE_ROOT / "sample_monolith"


class Command(BaseCommand):
    help = "Migrate the database, make the owner and the sample project; print a sign-in link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-sample", action="store_true")

    def handle(self, *args: object, **options: object) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        owner = accounts.owner_of_installation()
        sample = None if options["no_sample"] or not SAMPLE.is_dir() else SAMPLE
        run = asking.analyse_sample(owner=owner, folder=sample, then=tasks.dispatch_due_runs)
        secret = accounts.issue_sign_in_link(user=owner)
        path = reverse("accounts:sign-in-by-link", args=[secret])
        self.stdout.write(json.dumps({"sign_in": path, "run": str(run.pk) if run else ""}))
