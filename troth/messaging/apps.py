"""Django's entry for the module."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Messages to customers: channels, templates, the send decision."""

    name = "troth.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from troth.insights import services as insights  # noqa: PLC0415  models can be imported only now

        from . import privacy, text_wiring, traces  # noqa: PLC0415  as above

        insights.register_traces(traces.source())
        privacy.register()
        text_wiring.register()
