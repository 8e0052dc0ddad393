"""Django's entry for the module."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Journeys, the care calendar, care cases."""

    name = "troth.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from troth.insights import services as insights  # noqa: PLC0415  models can be imported only now

        from . import traces  # noqa: PLC0415  as above

        insights.register_traces(traces.source())
        from .calendar import sources as calendar_sources  # noqa: PLC0415  models can be imported only now

        calendar_sources.register()
        from .journeys import privacy as journeys_privacy  # noqa: PLC0415  models can be imported only now

        journeys_privacy.register()
        from . import reaching  # noqa: PLC0415  models can be imported only now
        from .requests import privacy as requests_privacy  # noqa: PLC0415  models can be imported only now
        from .training import privacy as training_privacy  # noqa: PLC0415  models can be imported only now

        reaching.register()
        requests_privacy.register()
        training_privacy.register()
