"""Django's entry for the module."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Customers."""

    name = "troth.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"
