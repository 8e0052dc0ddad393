"""Django's entry for the module."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs."""

    name = "troth.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
