"""Addresses of the care calendar."""

from django.urls import path

from . import views

app_name = "calendar"

urlpatterns = [
    path("calendar/", views.index, name="index"),
    path("calendar/<str:day>/", views.day, name="day"),
    path("calendar/<str:day>/<slug:code>/", views.people, name="people"),
]
