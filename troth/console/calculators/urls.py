"""Addresses of the calculators."""

from django.urls import path

from . import views

app_name = "calculators"

urlpatterns = [
    path("value/what-if/", views.retention_page, name="retention"),
    path("value/what-if/attrition/", views.attrition_page, name="attrition"),
    path("value/what-if/referral/", views.referral_page, name="referral"),
    path("value/what-if/lifetime/", views.lifetime_page, name="lifetime"),
    path("value/what-if/rules/", views.rules_page, name="rules"),
]
