from django.urls import path

from reports import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("<slug:name>/", views.report, name="report"),
    path("<slug:name>/save/", views.save_report, name="save-report"),
]
