"""Addresses of background work."""

from django.urls import path

from . import views

app_name = "jobs"

urlpatterns = [
    path("settings/jobs/", views.index, name="index"),
    path("settings/jobs/<uuid:job_id>/", views.detail, name="detail"),
    path("settings/jobs/<uuid:job_id>/progress/", views.progress, name="progress"),
    path("settings/jobs/<uuid:job_id>/cancel/", views.cancel, name="cancel"),
    path("settings/jobs/<uuid:job_id>/retry/", views.retry, name="retry"),
]
