"""Django's entry for the module."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """Activity."""

    name = "troth.activity"
    label = "activity"
    default_auto_field = "django.db.models.BigAutoField"
