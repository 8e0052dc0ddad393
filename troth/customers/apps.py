"""Django's entry for the module."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Tells the ledger which records are one customer."""

    name = "troth.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import ledger_owners  # noqa: PLC0415  models can be imported only now

        ledger_owners.register()
