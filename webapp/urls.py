"""All addresses: one list of rooms."""

from django.urls import include, path

urlpatterns = [
    path("", include("webapp.accounts.urls")),
    path("", include("webapp.analyses.urls")),
    path("", include("webapp.review.urls")),
    path("", include("webapp.reports.urls")),
]
