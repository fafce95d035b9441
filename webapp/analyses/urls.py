"""Addresses of projects and their analyses."""

from django.urls import path

from webapp.analyses import views

app_name = "analyses"

urlpatterns = [
    path("", views.projects, name="projects"),
    path("health/", views.health, name="health"),
    path("projects/new/", views.new_project, name="new-project"),
    path("projects/<int:project_id>/", views.project, name="project"),
    path("projects/<int:project_id>/sources/", views.new_source, name="new-source"),
    path("projects/<int:project_id>/delete/", views.delete, name="delete"),
    path("analyses/<int:run_id>/", views.run, name="run"),
    path("analyses/<int:run_id>/progress.json", views.progress, name="progress"),
    path("analyses/<int:run_id>/cancel/", views.cancel, name="cancel"),
    path("analyses/<int:run_id>/retry/", views.retry, name="retry"),
]
