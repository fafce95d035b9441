"""Addresses of signing in and of the page about oneself."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from webapp.accounts import views

app_name = "accounts"

urlpatterns = [
    path(
        "sign-in/",
        LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True),
        name="sign-in",
    ),
    path("sign-in/<str:secret>/", views.sign_in_by_link, name="sign-in-by-link"),
    path("sign-out/", LogoutView.as_view(next_page="accounts:sign-in"), name="sign-out"),
    path("account/", views.account, name="account"),
    path("account/tokens/", views.create_token, name="create-token"),
    path("account/tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke-token"),
]
