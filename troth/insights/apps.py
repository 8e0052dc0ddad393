"""Django's entry for the module."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Insights."""

    name = "troth.insights"
    label = "insights"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell `customers` what to forget of whoever wants no profile."""
        from . import objections  # noqa: PLC0415  models can be imported only now

        objections.register()
