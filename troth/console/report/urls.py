"""Address of the report as a file."""

from django.urls import path

from . import views

app_name = "report"

urlpatterns = [path("overview/report.<slug:kind>", views.download, name="download")]
