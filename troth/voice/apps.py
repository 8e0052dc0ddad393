"""Django's entry for the module."""

from django.apps import AppConfig


class VoiceConfig(AppConfig):
    """What customers say: surveys, complaints, mystery visits. Each part registers what it adds below."""

    name = "troth.voice"
    label = "voice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from troth.insights import services as insights  # noqa: PLC0415  models can be imported only now

        from . import traces, troubles  # noqa: PLC0415  as above
        from .complaints import starting as complaints  # noqa: PLC0415  models can be imported only now
        from .surveys import starting as surveys  # noqa: PLC0415  models can be imported only now

        insights.register_traces(traces.source())
        insights.register_open_complaints("voice", troubles.read)
        surveys.register()
        complaints.register()
