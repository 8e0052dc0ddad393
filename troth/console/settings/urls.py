"""Addresses of the company's settings."""

from django.urls import path

from . import views

app_name = "settings"

urlpatterns = [
    path("settings/company/", views.company, name="company"),
]
