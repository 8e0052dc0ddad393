"""Django's entry for the module."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """API."""

    name = "troth.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
