"""Addresses of surveys."""

from django.urls import path

from . import views

app_name = "portal_surveys"
urlpatterns = [
    path("s/<str:token>/", views.personal, name="personal"),
    path("o/<str:token>/", views.by_open_link, name="open"),
]
