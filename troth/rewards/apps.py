"""Django's entry for the module."""

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    """Tells `customers` what to erase and to hand out, `insights` who took which reward, `programs` what there is."""

    name = "troth.rewards"
    label = "rewards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from troth.insights import services as insights  # noqa: PLC0415  models can be imported only now
        from troth.messaging import services as messaging  # noqa: PLC0415  as above
        from troth.programs import services as programs  # noqa: PLC0415  as above

        from . import giving, privacy, queries, traces  # noqa: PLC0415  as above

        insights.register_traces(traces.source())
        privacy.register()
        insights.register_gifts("rewards", giving.given_away)
        messaging.register_control_cost("gifts", giving.gift_costs)
        programs.register_campaigns(queries.known_campaigns)
