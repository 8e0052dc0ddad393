"""Addresses of the complaint form and of the customer's word."""

from django.urls import path

from . import form_views, word_views

app_name = "portal_complaints"

urlpatterns = [
    path("complaint/", form_views.form, name="form"),
    path("complaint/thanks/", form_views.thanks, name="thanks"),
    path("complaint/<str:token>/", word_views.word, name="word"),
]
