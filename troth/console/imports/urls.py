"""Addresses of imports."""

from django.urls import path

from . import views

app_name = "imports"

urlpatterns = [
    path("imports/", views.index, name="index"),
    path("imports/upload/", views.upload, name="upload"),
    path("imports/<uuid:run_id>/", views.detail, name="detail"),
    path("imports/<uuid:run_id>/choose/", views.choose, name="choose"),
    path("imports/<uuid:run_id>/start/", views.start, name="start"),
    path("imports/<uuid:run_id>/progress/", views.progress, name="progress"),
    path("imports/<uuid:run_id>/cancel/", views.cancel, name="cancel"),
    path("imports/<uuid:run_id>/resume/", views.resume, name="resume"),
    path("imports/<uuid:run_id>/discard/", views.discard, name="discard"),
    path("imports/<uuid:run_id>/refused/", views.refused, name="refused"),
    path("imports/<uuid:run_id>/noted/", views.noted, name="noted"),
]
