"""Addresses: the API under /api/, everything else is the console."""

from django.urls import include, path

urlpatterns = [
    path("", include("troth.console.urls")),
]
