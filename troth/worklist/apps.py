"""Django's entry for the module."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Work for people: tasks, call scripts, outcomes."""

    name = "troth.worklist"
    label = "worklist"
    default_auto_field = "django.db.models.BigAutoField"
