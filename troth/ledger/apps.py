"""Django's entry for the module."""

from django.apps import AppConfig

from troth.kit import among


class LedgerConfig(AppConfig):
    """Ledger."""

    name = "troth.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Teach columns to be compared with thousands of values at once."""
        among.install()
