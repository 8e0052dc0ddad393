"""Events of journeys."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_JOURNEY = {"journey": "code"}
_RUN = {**_JOURNEY, "version": "number"}

declare(
    EventType("care.journey.created", _("Journey made"), _JOURNEY, icon="route", on_timeline=False),
    EventType(
        "care.version.published",
        _("Journey version published"),
        {**_JOURNEY, "version": "number"},
        icon="route",
        on_timeline=False,
    ),
    EventType("care.journey.paused", _("Journey paused"), _JOURNEY, icon="player-pause", on_timeline=False),
    EventType("care.journey.resumed", _("Journey resumed"), _JOURNEY, icon="player-play", on_timeline=False),
    EventType("care.journey.stopped", _("Journey stopped"), _JOURNEY, icon="player-stop", on_timeline=False),
    EventType(
        "care.people.moved",
        _("People moved to another version of a journey"),
        {**_JOURNEY, "version": "number moved to", "count": "how many"},
        icon="route",
        on_timeline=False,
    ),
    EventType(
        "care.people.tried_again",
        _("People who were stuck in a journey let go on"),
        {**_JOURNEY, "step": "id, or empty for all", "count": "how many"},
        icon="refresh",
        on_timeline=False,
    ),
    EventType("care.journey.entered", _("Entered a journey"), {**_RUN, "key": "occasion, or empty"}, icon="route"),
    EventType("care.journey.left", _("Left a journey"), {**_RUN, "reason": "code"}, icon="route-off"),
    EventType("care.journey.reached", _("Reached the goal of a journey"), _RUN, icon="target-arrow"),
    EventType(
        "care.rehearsal.finished",
        _("Journey rehearsed"),
        {**_JOURNEY, "rehearsal": "id", "entered": "how many would have entered"},
        icon="test-pipe",
        on_timeline=False,
    ),
    EventType(
        "care.trial.measured",
        _("Effect of a journey measured"),
        {**_JOURNEY, "people": "how many were compared"},
        icon="test-pipe",
        on_timeline=False,
    ),
)
