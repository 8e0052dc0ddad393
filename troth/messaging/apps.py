"""Django's entry for the module."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Messages to customers: channels, templates, the send decision."""

    name = "troth.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import privacy, text_wiring  # noqa: PLC0415  models can be imported only now

        privacy.register()
        text_wiring.register()
