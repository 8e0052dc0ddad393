"""Events of the demo: its own progress, and what its data tell besides orders."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

declare(
    EventType(
        "demo.stage.started",
        _("Demo data are being loaded"),
        {"stage": "code", "job": "id"},
        icon="database-import",
        on_timeline=False,
    ),
    EventType(
        "demo.stage.finished",
        _("Demo data loaded"),
        {"stage": "code"},
        icon="database-import",
        on_timeline=False,
    ),
    EventType(
        "demo.campaign.addressed",
        _("Campaign received"),
        {"campaign": "number in the data", "campaign_type": "A, B or C", "ends_date": "its last day"},
        icon="speakerphone",
    ),
)
