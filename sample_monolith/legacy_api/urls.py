from django.urls import path

from legacy_api import views

urlpatterns = [
    path("me", views.me),
    path("products", views.products),
    path("products/<slug:slug>", views.product),
    path("stock/<str:sku>", views.stock),
    path("orders", views.orders),
    path("orders/new", views.create_order),
    path("orders/<str:number>", views.order),
    path("orders/<str:number>/cancel", views.cancel_order),
    path("invoices", views.invoices),
]
