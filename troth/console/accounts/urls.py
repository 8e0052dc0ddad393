"""Addresses of signing in beside those of allauth."""

from django.urls import path

from . import views

app_name = "accounts"

urlpatterns = [
    path("welcome/<str:token>/", views.welcome, name="welcome"),
]
