"""Addresses of changing a cut."""

from django.urls import path

from webapp.review import views

app_name = "review"

urlpatterns = [
    path("analyses/<int:run_id>/review/", views.review, name="review"),
    path("analyses/<int:run_id>/review/pin/", views.pin, name="pin"),
    path("analyses/<int:run_id>/review/count/", views.count, name="count"),
    path("analyses/<int:run_id>/review/withdraw/", views.withdraw, name="withdraw"),
    path("analyses/<int:run_id>/review/undo/", views.undo, name="undo"),
    path("analyses/<int:run_id>/review/cut-again/", views.cut_again, name="cut-again"),
    path("analyses/<int:run_id>/review/nodes.json", views.nodes, name="nodes"),
    path("analyses/<int:run_id>/compare/<int:other_id>/", views.compare, name="compare"),
]
