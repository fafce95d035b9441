"""Signing in and out, and the page about oneself."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts import selectors, services
from webapp.accounts.forms import TokenForm


@login_not_required
@never_cache
@require_safe
@sensitive_variables("secret")
def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in whom the link is for, once."""
    user = services.redeem_sign_in_link(secret=secret)
    if user is None and request.user.is_authenticated:
        return redirect("analyses:projects")
    if user is None:
        return render(request, "accounts/link_used.html", status=403)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("analyses:projects")


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """The user's tokens."""
    tokens = selectors.tokens_of(request.user)
    return render(request, "accounts/account.html", {"tokens": tokens, "form": TokenForm()})


@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """A new token, shown once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        tokens = selectors.tokens_of(request.user)
        page = {"tokens": tokens, "form": form}
        return render(request, "accounts/account.html", page, status=400)
    secret = services.issue_token(user=request.user, name=form.cleaned_data["name"])
    page = {"tokens": selectors.tokens_of(request.user), "form": TokenForm(), "secret": secret}
    return render(request, "accounts/account.html", page)


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """One of the user's own tokens is gone."""
    services.revoke_token(user=request.user, token_id=token_id)
    messages.success(request, "The token is revoked.")
    return redirect("accounts:account")
