"""Django's entry for the module."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Imports."""

    name = "troth.imports"
    label = "imports"
    default_auto_field = "django.db.models.BigAutoField"
