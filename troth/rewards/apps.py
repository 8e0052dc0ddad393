"""Django's entry for the module."""

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    """Tells `customers` what to erase and to hand out of a person's rewards, and `insights` who took which."""

    name = "troth.rewards"
    label = "rewards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from troth.insights import services as insights  # noqa: PLC0415  models can be imported only now

        from . import privacy, traces  # noqa: PLC0415  as above

        insights.register_traces(traces.source())
        privacy.register()
