"""Addresses of the company's logo and colour."""

from django.urls import path

from . import views

app_name = "portal_brand"

urlpatterns = [
    path("brand.css", views.stylesheet, name="stylesheet"),
    path("logo", views.logo, name="logo"),
]
