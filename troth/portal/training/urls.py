"""Address of an invitation to a training."""

from django.urls import path

from . import views

app_name = "portal_training"

urlpatterns = [path("training/<str:token>/", views.session, name="session")]
