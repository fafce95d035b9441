from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("reports/", include("reports.urls")),
    path("api/1/", include("legacy_api.urls")),
    path("", include("store.urls")),
]
