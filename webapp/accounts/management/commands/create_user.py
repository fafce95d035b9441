"""`manage.py create_user NAME`: one more person."""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.accounts import services
from webapp.accounts.models import User


class Command(BaseCommand):
    help = "Create a user; asks for a password unless they are to sign in by links only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--no-password", action="store_true", help="sign in by links only")

    def handle(self, *args: object, **options: object) -> None:
        username = str(options["username"])
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is a user named {username} already.")
        services.create_user(
            username=username, password=None if options["no_password"] else _asked_password()
        )
        self.stdout.write(f"Created {username}.")


def _asked_password() -> str:
    """The password that was typed, if it is good enough."""
    password = getpass("Password: ")
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password
