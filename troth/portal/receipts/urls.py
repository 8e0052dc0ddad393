"""Addresses that providers call."""

from django.urls import path

from . import views

app_name = "portal_receipts"

urlpatterns = [
    path("receipts/<slug:channel>/", views.take, name="all"),
    path("receipts/<slug:channel>/<str:token>", views.take, name="one"),
]
