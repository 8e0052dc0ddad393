"""Django's entry for the module."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Insights."""

    name = "troth.insights"
    label = "insights"
    default_auto_field = "django.db.models.BigAutoField"
