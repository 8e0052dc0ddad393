"""Django's entry for the module."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    """Programmes."""

    name = "troth.programs"
    label = "programs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell `customers` what to erase and hand out, and `messaging` what texts may say."""
        from . import facts, privacy  # noqa: PLC0415  models can be imported only now

        privacy.register()
        facts.register()
