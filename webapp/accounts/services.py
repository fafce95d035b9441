"""Everything that changes people, links and tokens."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from webapp.accounts import selectors
from webapp.accounts.models import ApiToken, SignInLink, User

OWNER_NAME = "owner"
LINK_LIFETIME = timedelta(hours=12)


def create_user(*, username: str, password: str | None = None, owner: bool = False) -> User:
    """A new person; without a password they sign in by a link only."""
    create = User.objects.create_superuser if owner else User.objects.create_user
    return create(username=username, password=password)


def owner_of_installation() -> User:
    """The person for whom the installation was started; made at the first start."""
    return selectors.first_owner() or create_user(username=OWNER_NAME, owner=True)


def issue_sign_in_link(*, user: User) -> str:
    """The secret of a new link that signs the user in once."""
    secret = secrets.token_urlsafe(32)
    expires_at = timezone.now() + LINK_LIFETIME
    SignInLink.objects.create(user=user, digest=_digest(secret), expires_at=expires_at)
    return secret


def redeem_sign_in_link(*, secret: str) -> User | None:
    """The link's user, if it was still good; it never is again."""
    now = timezone.now()
    with transaction.atomic():
        good = SignInLink.objects.filter(
            digest=_digest(secret), used_at=None, expires_at__gt=now, user__is_active=True
        )
        link = good.select_related("user").first()
        if link is None or not good.update(used_at=now):
            return None
        return link.user


def issue_token(*, user: User, name: str) -> str:
    """The secret of a new API token; it is shown this one time."""
    secret = f"seam_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(user=user, name=name, digest=_digest(secret))
    return secret


def revoke_token(*, user: User, token_id: int) -> None:
    """Make one of the user's tokens useless."""
    ApiToken.objects.filter(user=user, pk=token_id).delete()


def user_of_token(*, secret: str) -> User | None:
    """Whom the token stands for."""
    token = ApiToken.objects.select_related("user").filter(digest=_digest(secret)).first()
    if token is None or not token.user.is_active:
        return None
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
    return token.user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
