"""Django's entry for the module."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Tells `customers` what to hand out of what orders brought a person, and starts rewarding events."""

    name = "troth.sales"
    label = "sales"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from troth.programs import hooks  # noqa: PLC0415  models can be imported only now

        from . import privacy, scheduling  # noqa: PLC0415  as above

        privacy.register()
        hooks.register_publish_step("sales", scheduling.schedule_rewards)
