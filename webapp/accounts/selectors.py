"""Who is who."""

from django.db.models import QuerySet

from webapp.accounts.models import ApiToken, User


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The user's tokens, by name."""
    return ApiToken.objects.filter(user=user)


def first_owner() -> User | None:
    """The person for whom this installation was started."""
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
