"""Django's entry for the module."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SegmentsConfig(AppConfig):
    """Segments."""

    name = "troth.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have every module register its condition fields; tell `customers` what to erase and hand out."""
        autodiscover_modules("conditions")
        from . import objections, privacy  # noqa: PLC0415  models can be imported only now

        objections.register()
        privacy.register()
