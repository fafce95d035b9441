"""`manage.py sign_in_link [NAME]`: a fresh one-time link."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from webapp.accounts import selectors, services
from webapp.accounts.models import User


class Command(BaseCommand):
    help = "Print the path of a new link that signs a user in once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", help="the installation's owner by default")

    def handle(self, *args: object, **options: object) -> None:
        username = options["username"]
        user = (
            User.objects.filter(username=username).first() if username else selectors.first_owner()
        )
        if user is None:
            raise CommandError("There is no such user.")
        secret = services.issue_sign_in_link(user=user)
        self.stdout.write(reverse("accounts:sign-in-by-link", args=[secret]))
