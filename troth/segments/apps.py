"""Django's entry for the module."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Segments."""

    name = "troth.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"
