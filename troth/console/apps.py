"""The console as a Django app."""

from django.apps import AppConfig

from . import areas


class ConsoleConfig(AppConfig):
    """Registers the areas' navigation and search when Django is ready."""

    name = "troth.console"
    label = "console"

    def ready(self) -> None:
        from . import pages  # noqa: F401, PLC0415  registers itself, once apps are ready

        areas.load_registrations()
