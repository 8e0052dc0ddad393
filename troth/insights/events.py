"""Events of measuring: runs, settings, and customers who moved."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

TARGET = {"target": "id", "indicator": "code", "due_date": "day"}
MOVED = {"before": "code", "after": "code", "as_of_date": "day of the analysis"}

declare(
    EventType(
        "insights.analysis.finished",
        _("Analysis finished"),
        {"run": "id", "as_of_date": "day", "customers": "number of scores"},
        icon="chart-histogram",
        on_timeline=False,
    ),
    EventType(
        "insights.settings.changed",
        _("Measure settings changed"),
        {"version": "number of the new version"},
        icon="adjustments",
        on_timeline=False,
    ),
    EventType(
        "insights.suggestions.made",
        _("Next products found"),
        {"run": "id", "method": "code", "customers": "for how many"},
        icon="basket",
        on_timeline=False,
    ),
    EventType(
        "insights.churn.foretold",
        _("Risks of leaving told"),
        {"run": "id", "way": "code", "customers": "of how many"},
        icon="user-minus",
        on_timeline=False,
    ),
    EventType("insights.target.set", _("Target set"), TARGET, icon="target", on_timeline=False),
    EventType("insights.target.reviewed", _("Target reviewed"), TARGET, icon="target", on_timeline=False),
    EventType("insights.target.dropped", _("Target dropped"), TARGET, icon="target", on_timeline=False),
    EventType("insights.band.changed", _("Moved in the pyramid"), MOVED, icon="triangle"),
    EventType("insights.status.changed", _("Rhythm of buying changed"), MOVED, icon="activity"),
    EventType("insights.rung.changed", _("Moved on the ladder"), MOVED, icon="stairs-up"),
)
