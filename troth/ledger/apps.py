"""Django's entry for the module."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Ledger."""

    name = "troth.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
