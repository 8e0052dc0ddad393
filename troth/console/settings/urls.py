"""Addresses of the company's settings."""

from django.urls import path

from . import attribute_views, key_views, measure_views, views

app_name = "settings"

urlpatterns = [
    path("settings/", views.first, name="first"),
    path("settings/company/", views.company, name="company"),
    path("settings/measure/", measure_views.measure, name="measure"),
    path("settings/measure/analyse/", measure_views.analyse, name="analyse"),
    path("settings/attributes/", attribute_views.index, name="attributes"),
    path("settings/attributes/new/", attribute_views.edit, name="attribute_new"),
    path("settings/attributes/<slug:code>/", attribute_views.edit, name="attribute"),
    path("settings/attributes/<slug:code>/add/", attribute_views.add_ready_made, name="attribute_add"),
    path("settings/keys/", key_views.keys, name="keys"),
    path("settings/keys/new/", key_views.create, name="key_new"),
    path("settings/keys/<uuid:key_id>/revoke/", key_views.revoke, name="key_revoke"),
]
