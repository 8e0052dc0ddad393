"""Addresses of messages: what was sent and what was not, and the rules of sending."""

from django.urls import path

from . import block_views, control_views, list_views, rule_views

app_name = "messages"

urlpatterns = [
    path("messages/", list_views.index, name="index"),
    path("messages/<uuid:contact_id>/", list_views.detail, name="detail"),
    path("messages/<uuid:contact_id>/settle/", list_views.settle, name="settle"),
    path("messages/of/<uuid:customer_id>/", list_views.customer, name="customer"),
    path("messages/of/<uuid:customer_id>/blocked/<int:block_id>/lift/", block_views.lift, name="lift"),
    path("messages/blocked/", block_views.blocked, name="blocked"),
    path("messages/rules/", rule_views.rules, name="rules"),
    path("messages/rules/preview/", rule_views.preview, name="preview"),
    path("messages/control/", control_views.control, name="control"),
    path("messages/control/progress/", control_views.control_progress, name="control_progress"),
    path("messages/pause/", rule_views.pause, name="pause"),
    path("messages/release/", rule_views.release, name="release"),
]
