"""Addresses of preferences, all with a signed link. Short: they stand in messages."""

from django.urls import path

from . import consent_views, tracking_views

app_name = "portal_preferences"

urlpatterns = [
    path("u/<str:token>", consent_views.unsubscribe, name="unsubscribe"),
    path("preferences/<str:token>", consent_views.preferences, name="preferences"),
    path("confirm/<str:token>", consent_views.confirm, name="confirm"),
    path("l/<str:token>", tracking_views.click, name="click"),
    path("o/<str:token>", tracking_views.opened, name="opened"),
]
