"""Addresses of visits and checklists."""

from django.urls import path

from . import checklist_views, list_views, visit_views

app_name = "visits"

urlpatterns = [
    path("visits/", list_views.index, name="index"),
    path("visits/new/", list_views.new, name="new"),
    path("visits/stores/", list_views.stores, name="stores"),
    path("visits/checklists/", checklist_views.index, name="checklists"),
    path("visits/checklists/new/", checklist_views.edit, name="checklist_new"),
    path("visits/checklists/<slug:code>/", checklist_views.edit, name="checklist"),
    path("visits/checklists/<slug:code>/publish/", checklist_views.publish, name="publish"),
    path("visits/photos/<uuid:photo_id>/", visit_views.photo, name="photo"),
    path("visits/<uuid:visit_id>/", visit_views.visit, name="visit"),
    path("visits/<uuid:visit_id>/cancel/", visit_views.cancel, name="cancel"),
]
