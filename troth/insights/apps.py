"""Django's entry for the module."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Insights."""

    name = "troth.insights"
    label = "insights"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell `customers` what to forget of whoever wants no profile; say what modules below know day by day."""
        from . import objections, own_traces  # noqa: PLC0415  models can be imported only now

        objections.register()
        own_traces.register_all()
