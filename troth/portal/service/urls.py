"""Addresses of the form of service requests and of the page of one."""

from django.urls import path

from . import views

app_name = "portal_service"

urlpatterns = [
    path("service/", views.form, name="form"),
    path("service/<str:token>/", views.request_page, name="request"),
]
