"""Django's entry for the module."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    """Programmes."""

    name = "troth.programs"
    label = "programs"
    default_auto_field = "django.db.models.BigAutoField"
