"""Address of the overview."""

from django.urls import path

from . import views

app_name = "overview"

urlpatterns = [path("overview/", views.index, name="index")]
