"""Django's entry for the module."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Public pages: what customers see without signing in."""

    name = "troth.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
