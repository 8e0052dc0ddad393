"""The kinds of entries and steps with what each takes: the editor builds its forms from this catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.care.journeys import known

Text = str | Promise
Names = Callable[[], Mapping[str, Text]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a step or entry takes.

    kind: text, name (both languages), whole, time, yes_no, choice, choices, event, event_field, condition (of the
    customer and of the entry's event), event_condition (of the data of one event, `event_of` or the entry's), facts
    (names in both languages by the template's fact), value. choices: for choice and
    choices, as they are now. event_of: the parameter whose event an event_field is of, "entry" for the entry's.
    """

    code: str
    label: Text
    kind: str
    is_required: bool = False
    default: Any = None
    choices: Names | None = None
    minimum: int | None = None
    maximum: int | None = None
    hint: Text = ""
    event_of: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step or of entry.

    ways: "" none; "fixed": lists of steps under `way_codes`; "ways": a list `ways` of {code, name, when, steps} and
    `otherwise`; "arms": a list `arms` of {code, name, share, is_control, steps}. is_act: whether it does something
    to or for the person.
    """

    code: str
    label: Text
    description: Text
    icon: str
    parameters: tuple[Parameter, ...] = ()
    ways: str = ""
    way_codes: Mapping[str, Text] = field(default_factory=dict)
    is_act: bool = False


def _length(*units: str, days: int = 0) -> tuple[Parameter, ...]:
    labels = {"days": pgettext_lazy("length of time", "Days"), "hours": _("Hours"), "minutes": _("Minutes")}
    most = {"days": 1100, "hours": 720, "minutes": 1440}
    usual = {"days": days, "hours": 0, "minutes": 0}
    return tuple(
        Parameter(unit, labels[unit], "whole", default=usual[unit], minimum=0, maximum=most[unit]) for unit in units
    )


def _fixed(names: Mapping[str, Text]) -> Names:
    return lambda: names


WEEKDAYS: Mapping[str, Text] = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}
PURPOSES: Mapping[str, Text] = {
    "marketing": _("Marketing"),
    "service": _("Service"),
    "survey": _("Survey"),
}
DATES: Mapping[str, Text] = {
    "birthday": _("Birthday"),
    "lunar_birthday": _("Birthday by the lunar calendar"),
    "anniversary": _("Anniversary of becoming a customer"),
    "first_purchase": _("First purchase"),
    "last_purchase": _("Last purchase"),
    "festival": _("Festival"),
    "points_expiry": _("Points end"),
}
RULES: Mapping[str, Text] = {
    "never": _("Once in a lifetime"),
    "after_days": _("Again some days after the last entry"),
    "each_key": _("Once for each occasion"),
    "each_time": _("Again whenever the last run is over"),
}
_EVENT = Parameter("event", _("Event"), "event", is_required=True, choices=known.event_names)
_SAME_KEY = Parameter(
    "same_key",
    _("Of the same occasion, told by"),
    "event_field",
    event_of="event",
    hint=_("For example the order: only what happens to the same order counts."),
)
_PROMISED = Parameter(
    "promised",
    _("Members were told that they get it"),
    "yes_no",
    default=False,
    hint=_("Then nobody is kept out by chance. Without it, whoever gets no offers gets none of it either."),
)
_AT = Parameter("at", _("At this time of the person's day"), "time")
_STALE = Parameter(
    "stale_days", _("Let pass what is older, in days"), "whole", default=3, minimum=1, maximum=90,
    hint=_("After a restored backup nobody is greeted for what is long past."),
)  # fmt: skip
_USUAL_BANDS = _("Empty: by the usual bands; an NPS up to 6 is low, from 9 high.")
_JOURNEY = Parameter("journey", _("Journey"), "choice", is_required=True, choices=known.journeys)


ENTRIES: tuple[Kind, ...] = (
    Kind(
        "event", _("Something happens"), _("Whoever an event concerns, for example an order."), "bolt",
        (
            _EVENT,
            Parameter("key", _("Occasions are told apart by"), "event_field", event_of="event"),
            Parameter("where", _("Only where"), "event_condition"),
            _STALE,
        ),
    ),
    Kind(
        "segment", _("Enters a segment"), _("Whoever comes into a segment when it is renewed."), "users-group",
        (Parameter("segment", _("Segment"), "choice", is_required=True, choices=known.segments), _STALE),
    ),
    Kind(
        "date", _("A day of the person's"), _("Birthday, anniversary, festival, purchase, end of points."), "calendar",
        (
            Parameter("of", _("Day"), "choice", is_required=True, choices=_fixed(DATES)),
            Parameter("festival", _("Festival"), "choice", choices=known.festivals),
            Parameter("currency", _("Points"), "choice", choices=known.currencies),
            Parameter("days", _("Days after it (negative: before)"), "whole", default=0, minimum=-90, maximum=1100),
            Parameter("at", _("At this time of the person's day"), "time", default="09:00"),
        ),
    ),
    Kind(
        "match", _("Meets a condition"), _("Looked for once a day among all customers."), "filter",
        (
            Parameter("when", _("Condition"), "condition", is_required=True),
            Parameter("at", _("At this time of the person's day"), "time", default="09:00"),
        ),
    ),
    Kind("list", _("Put in by hand"), _("People chosen by staff or sent by a program."), "list"),
)  # fmt: skip

STEPS: tuple[Kind, ...] = (
    Kind(
        "wait", _("Wait"), _("Some time, and then until a time of the person's day."), "clock",
        (
            *_length("days", "hours", "minutes"),
            _AT,
            Parameter("weekdays", _("Only on"), "choices", choices=_fixed(WEEKDAYS)),
        ),
    ),
    Kind(
        "wait_for", _("Wait for an event"), _("Until it happens, or until time is up."), "hourglass",
        (
            _EVENT,
            _SAME_KEY,
            Parameter("where", _("Only where"), "event_condition", event_of="event"),
            *_length("days", "hours"),
        ),
        ways="fixed", way_codes={"happened": _("It happened"), "timed_out": _("Time is up")},
    ),
    Kind(
        "branch", _("Branch"), _("The first way whose condition holds."), "git-fork", ways="ways",
        way_codes={"otherwise": _("Otherwise")},
    ),
    Kind(
        "split", _("Split by chance"), _("Shares of the people, with a control arm to compare with."), "arrows-split",
        (Parameter("salt", _("Draw anew with"), "text", maximum=40),), ways="arms",
    ),
    Kind(
        "message", _("Message"), _("Sent if consent, quiet hours and caps allow it."), "mail",
        (
            Parameter("template", _("Template"), "choice", is_required=True, choices=known.templates),
            Parameter("purpose", _("Purpose"), "choice", default="marketing", choices=_fixed(PURPOSES)),
            Parameter("channels", _("Channels in order of preference"), "choices", choices=known.channels),
            Parameter(
                "relevant_hours", _("Worth sending for so many hours"), "whole", default=48, minimum=1, maximum=2160
            ),
            Parameter("facts", _("What the template is filled with"), "facts"),
        ),
        is_act=True,
    ),
    Kind(
        "survey", _("Survey"), _("Asked for, waited for, and gone on by its score."), "clipboard-list",
        (
            Parameter("survey", _("Survey"), "choice", is_required=True, choices=known.surveys),
            *_length("days", "hours", days=7),
            Parameter("template", _("Text of the invitation"), "choice", choices=known.templates,
                      hint=_("Empty: the usual one.")),
            Parameter("channels", _("Channels in order of preference"), "choices", choices=known.channels),
            Parameter("low_to", _("Low score: up to"), "whole", minimum=0, maximum=10, hint=_USUAL_BANDS),
            Parameter("high_from", _("High score: from"), "whole", minimum=0, maximum=10, hint=_USUAL_BANDS),
        ),
        ways="fixed",
        way_codes={
            "low": _("Low score"),
            "middle": _("In between"),
            "high": _("High score"),
            "unanswered": _("No answer"),
        },
        is_act=True,
    ),
    Kind(
        "task", _("Task for staff"), _("A call or visit, with a script."), "phone-call",
        (
            Parameter("title", _("What to do"), "name", is_required=True),
            Parameter("kind", _("Kind"), "choice", default="call", choices=known.task_kinds),
            Parameter("team", _("Team"), "choice", choices=known.teams),
            Parameter("to_owner", _("To the customer's owner on our staff, if there is one"), "yes_no", default=True),
            Parameter("script", _("Script"), "choice", choices=known.scripts),
            Parameter("due_hours", _("Due within so many hours"), "whole", default=24, minimum=1, maximum=2160),
            Parameter("priority", _("Priority"), "whole", default=50, minimum=0, maximum=100),
        ),
        is_act=True,
    ),
    Kind(
        "points", _("Points"), _("Given to the person, with an end of their own if you say so."), "coins",
        (
            Parameter("currency", _("Points"), "choice", is_required=True, choices=known.currencies),
            Parameter("amount", _("How many"), "whole", is_required=True, minimum=1, maximum=1_000_000),
            Parameter("expires_days", _("End after so many days"), "whole", minimum=1, maximum=3650),
            Parameter("note", _("Which budget pays"), "text", maximum=120),
            _PROMISED,
        ),
        is_act=True,
    ),
    Kind(
        "coupon", _("Coupon"), _("Of a campaign with codes of its own."), "ticket",
        (
            Parameter("campaign", _("Campaign"), "choice", is_required=True, choices=known.campaigns),
            Parameter("expires_days", _("End after so many days"), "whole", minimum=1, maximum=3650),
            _PROMISED,
        ),
        is_act=True,
    ),
    Kind(
        "tag", _("Tag"), _("Put on the person, or taken off."), "tag",
        (
            Parameter("tag", _("Tag"), "text", is_required=True, maximum=60),
            Parameter("remove", _("Take it off"), "yes_no", default=False),
        ),
        is_act=True,
    ),
    Kind(
        "attribute", _("Attribute"), _("One of the company's own, set to a value."), "pencil",
        (
            Parameter("attribute", _("Attribute"), "choice", is_required=True, choices=known.attributes),
            Parameter("value", _("Value (empty: remove it)"), "value"),
        ),
        is_act=True,
    ),
    Kind(
        "webhook", _("Webhook"), _("Tell another system, signed."), "webhook",
        (Parameter("template", _("Template"), "choice", is_required=True, choices=known.templates),), is_act=True,
    ),
    Kind("start", _("Start a journey"), _("By its own rules of who enters and how often."), "player-play", (_JOURNEY,)),
    Kind("stop", _("Stop a journey"), _("The person leaves it, wherever they are."), "player-stop", (_JOURNEY,)),
    Kind("end", pgettext_lazy("journey", "End"), _("The way ends here."), "flag"),
)  # fmt: skip

STEP_KINDS: Mapping[str, Kind] = {one.code: one for one in STEPS}
ENTRY_KINDS: Mapping[str, Kind] = {one.code: one for one in ENTRIES}
