"""Addresses of the console: sign-in, the frame's own pages, then one include per area."""

from django.urls import URLPattern, URLResolver, include, path

from . import areas, views
from .accounts import views as account_views

_frame: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("search/", views.search_results, name="search"),
    path("preferences/", views.preferences, name="preferences"),
    path("components/", views.living_page, name="components"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((_frame, "console"))),
    # Before allauth's own, which would let people change by which address they sign in.
    path("account/email/", account_views.email),
    path("account/confirm-email/", account_views.email),
    path("account/confirm-email/<str:key>/", account_views.email),
    path("account/", include("allauth.urls")),
    *areas.url_patterns(),
]
