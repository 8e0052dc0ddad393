"""What forms of parts offer to choose from."""

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from troth.events import queries as events
from troth.events.registry import EventType
from troth.ledger import queries as ledger
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.naming import shown
from troth.rewards import queries as rewards

from .inputs import Choices, Surroundings, names_of

PERIODS: Choices = (
    ("lifetime", _("for ever")),
    ("day", _("a day")),
    ("week", _("a week")),
    ("month", _("a month")),
    ("quarter", _("a quarter")),
    ("year", _("a year")),
)
EFFECTS: Choices = (
    ("points_per_amount", _("points for an amount")),
    ("multiplier", _("a multiple of the points")),
    ("fixed", _("a fixed number of points")),
    ("per_item", _("points for every piece")),
    ("stepped", _("points in steps")),
    ("stamps", _("stamps")),
    ("coupon", _("a coupon")),
    ("tier_points", _("points for the tier only")),
    ("badge", _("a badge")),
)
REWARDS: Choices = tuple(one for one in EFFECTS if one[0] in ("fixed", "stamps", "coupon", "tier_points", "badge"))
MODES: Choices = (("floor", pgettext_lazy("part", "down")), ("half_even", _("half to even")))
ROUNDED: Choices = (("order", _("once for the order")), ("line", _("on every line")))
TAKES: Choices = (
    ("all", _("all of them")),
    ("best", _("the best for the member")),
    ("first", _("the first by priority")),
)
PER: Choices = (
    ("member", _("each member")),
    ("order", _("each order")),
    ("store", _("each store")),
)
LIMITS: Choices = (("points", pgettext_lazy("limit", "points")), ("times", pgettext_lazy("limit", "times")))
SIZES: Choices = (("points", pgettext_lazy("limit", "points")), ("money", pgettext_lazy("part", "money")), LIMITS[1])
NTH: Choices = (("every", _("only at every nth such order")), ("at", _("only at the nth such order")))
COUNTS: Choices = (
    ("times", _("orders or happenings")),
    ("amount", _("the amount spent")),
    ("items", _("pieces bought")),
)
WINDOWS: Choices = (
    ("rolling", _("the last so many months")),
    ("calendar", _("the calendar")),
    ("membership_year", _("the member's own year since joining")),
)
CALENDARS: Choices = (
    ("month", pgettext_lazy("part", "month")),
    ("quarter", pgettext_lazy("part", "quarter")),
    ("year", pgettext_lazy("part", "year")),
)
STREAKS: Choices = (
    ("day", pgettext_lazy("part", "day")),
    ("week", pgettext_lazy("part", "week")),
    ("month", pgettext_lazy("part", "month")),
)


def surroundings(document: ProgrammeDocument, zones: tuple[str, ...] = ()) -> Surroundings:
    """Return what the company has made that a form may name."""
    return Surroundings(
        document=document,
        currencies=[(row.code, f"{row} ({row.code})") for row in ledger.currencies()],
        campaigns=[(row.code, f"{row} ({row.code})") for row in rewards.campaigns()[:200]],
        events=_happenings(),
        zones=zones,
    )


def event_types() -> list[EventType]:
    """Return the events that can be of a customer, the company's own among them."""
    return [one for one in events.event_types() if one.on_timeline]


def _happenings() -> Choices:
    """Return the events by what they are called."""
    return sorted(((one.name, f"{one.label} ({one.name})") for one in event_types()), key=lambda one: one[1])


def happenings(around: Surroundings) -> Choices:
    """Return what a rule may be on."""
    return [("order", pgettext_lazy("part", "an order")), *around.events]


def releases(around: Surroundings) -> Choices:
    """Return what pending points may wait for."""
    return [("", pgettext_lazy("part", "nothing")), *around.events]


def currencies(around: Surroundings) -> Choices:
    """Return the point currencies, the programme's own first."""
    return [("", gettext("the programme's own (%(code)s)") % {"code": around.document.points}), *around.currencies]


def all_currencies(around: Surroundings) -> Choices:
    """Return the point currencies."""
    return around.currencies


def campaigns(around: Surroundings) -> Choices:
    """Return the coupon campaigns."""
    return around.campaigns


def badges(around: Surroundings) -> Choices:
    """Return the document's badges."""
    return names_of(around.document.badges, lambda one: shown(one.name))


def rules(around: Surroundings) -> Choices:
    """Return the document's rules."""
    return names_of(around.document.rules, lambda one: shown(one.name))


def multiplied(around: Surroundings) -> Choices:
    """Return the rules whose points can be multiplied."""
    found = [one for one in around.document.rules if not one.group]
    found = [one for one in found if one.effect.type in ("points_per_amount", "per_item")]
    return names_of(found, lambda one: shown(one.name))


def groups(around: Surroundings) -> Choices:
    """Return the document's groups."""
    return [("", _("none: it always counts")), *names_of(around.document.groups, lambda one: one.code)]


def budgets(around: Surroundings) -> Choices:
    """Return the document's budgets."""
    named = names_of(around.document.budgets, lambda one: shown(one.name) if one.name else one.code)
    return [("", pgettext_lazy("budget", "none")), *named]
