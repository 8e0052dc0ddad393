"""Django's entry for the module."""

from django.apps import AppConfig


class VoiceConfig(AppConfig):
    """What customers say: surveys, complaints, mystery visits."""

    name = "troth.voice"
    label = "voice"
    default_auto_field = "django.db.models.BigAutoField"
