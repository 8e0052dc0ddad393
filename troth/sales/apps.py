"""Django's entry for the module."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Tells `customers` what to hand out of what orders brought a person."""

    name = "troth.sales"
    label = "sales"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import privacy  # noqa: PLC0415  models can be imported only now

        privacy.register()
