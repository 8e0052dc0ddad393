"""Django's entry for the module."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Access."""

    name = "troth.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
