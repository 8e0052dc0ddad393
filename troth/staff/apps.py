"""Django's entry for the module."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Staff."""

    name = "troth.staff"
    label = "staff"
    default_auto_field = "django.db.models.BigAutoField"
