"""Django's entry for the module."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Work for people: tasks, call scripts, outcomes."""

    name = "troth.worklist"
    label = "worklist"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell `customers` what to erase and hand out."""
        from . import privacy  # noqa: PLC0415  models can be imported only now

        privacy.register()
