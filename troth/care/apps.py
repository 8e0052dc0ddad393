"""Django's entry for the module."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Journeys, the care calendar, care cases."""

    name = "troth.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"
