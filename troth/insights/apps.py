"""Django's entry for the module."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Insights."""

    name = "troth.insights"
    label = "insights"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell `customers` what to hand out and to forget; say what modules below know day by day."""
        from . import choosing, objections, own_traces, privacy  # noqa: PLC0415  models can be imported only now

        objections.register()
        privacy.register()
        own_traces.register_all()
        choosing.register_all()
