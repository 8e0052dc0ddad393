"""Django's entry for the module."""

from django.apps import AppConfig

from troth.kit import compression


class AccessConfig(AppConfig):
    """Access."""

    name = "troth.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have connections compress as we wish; the module of kept answers, the longest values of all."""
        compression.install()
