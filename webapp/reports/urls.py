"""Addresses of a finished analysis."""

from django.urls import include, path

from webapp.reports import api_views, views

app_name = "reports"

pages = [
    path("overview/", views.overview, name="overview"),
    path("charts/<slug:key>.json", views.chart, name="chart"),
    path("graph/", views.graph, name="graph"),
    path("graph.json", views.graph_data, name="graph-data"),
    path("services/", views.service_list, name="services"),
    path("services/<str:service_id>/", views.service, name="service"),
    path("boundaries/<str:first>/<str:second>/", views.boundary, name="boundary"),
    path("tables/", views.table_list, name="tables"),
    path("tables/<path:table_id>/", views.table, name="table"),
    path("transactions/", views.transaction_list, name="transactions"),
    path("transactions/<path:transaction_id>/", views.transaction, name="transaction"),
    path("foreign-keys/", views.foreign_key_list, name="foreign-keys"),
    path("queries/", views.query_list, name="queries"),
    path("locks/", views.lock_list, name="locks"),
    path("entry-points/", views.entry_point_list, name="entry-points"),
    path("modules/", views.module_list, name="modules"),
    path("roadmap/", views.roadmap, name="roadmap"),
    path("diagnostics/", views.diagnostic_list, name="diagnostics"),
    path("search/", views.search, name="search"),
    path("source/<path:path>", views.source, name="source"),
    path("exports/", views.export_list, name="exports"),
    path("exports/<slug:name>/", views.export, name="export"),
]

api = [
    path("projects/", api_views.projects, name="api-projects"),
    path("projects/<int:project_id>/analyses/", api_views.analyses, name="api-analyses"),
    path("analyses/<int:run_id>/", api_views.analysis, name="api-analysis"),
    path("analyses/<int:run_id>/report.json", api_views.report, name="api-report"),
    path("analyses/<int:run_id>/exports/<slug:name>/", api_views.export, name="api-export"),
]

urlpatterns = [
    path("analyses/<int:run_id>/", include(pages)),
    path("api/", include(api)),
]
