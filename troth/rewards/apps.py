"""Django's entry for the module."""

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    """Tells `customers` what to erase and to hand out of a person's rewards."""

    name = "troth.rewards"
    label = "rewards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import privacy  # noqa: PLC0415  models can be imported only now

        privacy.register()
