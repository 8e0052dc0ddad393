"""Addresses of service requests, trainings and the journey map."""

from django.urls import path

from . import kind_views, map_views, request_views, session_views, training_views

app_name = "requests"

urlpatterns = [
    path("requests/", request_views.index, name="index"),
    path("requests/new/", request_views.new, name="new"),
    path("requests/kinds/", kind_views.index, name="kinds"),
    path("requests/kinds/new/", kind_views.edit, name="kind_new"),
    path("requests/kinds/<slug:code>/", kind_views.edit, name="kind"),
    path("requests/customers/<uuid:customer_id>/", request_views.customer, name="customer"),
    path("requests/<str:number>/", request_views.detail, name="request"),
    path("requests/<str:number>/act/", request_views.act, name="act"),
    path("training/", training_views.index, name="training"),
    path("training/courses/new/", training_views.course, name="course_new"),
    path("training/courses/<slug:code>/", training_views.course, name="course"),
    path("training/sessions/new/", training_views.session_form, name="session_new"),
    path("training/sessions/<uuid:session_id>/", session_views.detail, name="session"),
    path("training/sessions/<uuid:session_id>/edit/", training_views.session_form, name="session_edit"),
    path("training/sessions/<uuid:session_id>/act/", session_views.act, name="session_act"),
    path("journey-map/", map_views.index, name="map"),
    path("journey-map/begin/", map_views.begin, name="map_begin"),
    path("journey-map/new/", map_views.edit, name="point_new"),
    path("journey-map/<slug:code>/", map_views.edit, name="point"),
]
