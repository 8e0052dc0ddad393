"""Addresses of the company's settings."""

from django.urls import path

from . import key_views, measure_views, views

app_name = "settings"

urlpatterns = [
    path("settings/company/", views.company, name="company"),
    path("settings/measure/", measure_views.measure, name="measure"),
    path("settings/measure/analyse/", measure_views.analyse, name="analyse"),
    path("settings/keys/", key_views.keys, name="keys"),
    path("settings/keys/new/", key_views.create, name="key_new"),
    path("settings/keys/<uuid:key_id>/revoke/", key_views.revoke, name="key_revoke"),
]
