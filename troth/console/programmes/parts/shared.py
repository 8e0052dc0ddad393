"""Inputs that several forms share: codes and names, what has to happen, what is given."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import choices
from .inputs import Column, Condition, Input, Named, Picked, Shown, Single, Table

ORDER = Shown(name="on", values=("order", ""))


def effect(*types: str) -> Shown:
    """Return when an input belongs to these effects."""
    return Shown(name="effect-type", values=types)


CODE = Single(
    path=("code",),
    label=pgettext_lazy("part", "Code"),
    kind="code",
    hint=_("small letters, digits, hyphens; never changes later"),
)
NAME = Named(path=("name",), label=pgettext_lazy("part", "Name"))
ON = Single(
    path=("on",),
    label=_("What has to happen"),
    kind="choice",
    choices=choices.happenings,
    default="order",
    is_wide=True,
)
WHEN = Condition(path=("when",), label=_("Condition"), of="scene")
LINES = Condition(path=("lines",), label=_("Which goods count"), of="lines", shown=ORDER)
VALID = (
    Single(path=("valid", "from"), label=_("First day"), kind="date"),
    Single(path=("valid", "until"), label=_("Last day, included"), kind="date"),
)
CURRENCY = Single(
    path=("effect", "currency"),
    label=_("Point currency"),
    kind="choice",
    choices=choices.currencies,
    shown=effect("points_per_amount", "multiplier", "fixed", "per_item", "stepped"),
)
CAP_COLUMNS = (
    Column(code="limit", label=_("At most"), kind="whole"),
    Column(
        code="unit", label=pgettext_lazy("part", "of what"), kind="choice", choices=choices.LIMITS, default="points"
    ),
    Column(code="per", label=pgettext_lazy("part", "for"), kind="choice", choices=choices.PER, default="member"),
    Column(
        code="period", label=pgettext_lazy("part", "within"), kind="choice", choices=choices.PERIODS, default="lifetime"
    ),
)
COUPON = (
    Single(
        path=("effect", "campaign"),
        label=_("Coupon campaign"),
        kind="choice",
        choices=choices.campaigns,
        shown=effect("coupon"),
    ),
    Single(path=("effect", "count"), label=_("How many coupons"), kind="whole", default="1", shown=effect("coupon")),
)
BADGE_GIVEN = Single(
    path=("effect", "badge"), label=_("Badge"), kind="choice", choices=choices.badges, shown=effect("badge")
)
EFFECT = (
    Single(
        path=("effect", "type"),
        label=_("Gives"),
        kind="choice",
        choices=choices.EFFECTS,
        default="points_per_amount",
        is_always_written=True,
        is_wide=True,
    ),
    Single(
        path=("effect", "points"),
        label=_("How many points"),
        kind="number",
        shown=effect("points_per_amount", "fixed", "per_item", "tier_points"),
    ),
    Single(
        path=("effect", "amount"),
        label=_("for every amount of"),
        kind="number",
        hint=_("for the tier: empty gives them once"),
        shown=effect("points_per_amount", "tier_points"),
    ),
    Single(path=("effect", "factor"), label=_("How many times"), kind="number", shown=effect("multiplier")),
    Single(
        path=("effect", "every"),
        label=_("for every so many pieces"),
        kind="number",
        default="1",
        shown=effect("per_item"),
    ),
    Single(
        path=("effect", "by"),
        label=_("Steps by"),
        kind="choice",
        choices=(("amount", _("the amount spent")), ("items", _("pieces bought"))),
        default="amount",
        shown=effect("stepped"),
    ),
    Table(
        path=("effect", "steps"),
        label=_("Steps, the lowest first"),
        columns=(
            Column(code="from", label=_("From"), kind="number"),
            Column(code="points", label=_("Points"), kind="whole"),
        ),
        add=_("Add a step"),
        shown=effect("stepped"),
    ),
    Single(path=("effect", "stamps"), label=_("How many stamps"), kind="whole", default="1", shown=effect("stamps")),
    Single(
        path=("effect", "currency"),
        label=_("Stamp card"),
        kind="choice",
        choices=choices.all_currencies,
        shown=effect("stamps"),
    ),
    Single(
        path=("effect", "per"),
        label=pgettext_lazy("part", "for"),
        kind="choice",
        choices=(("order", pgettext_lazy("part", "the order")), ("item", _("every piece"))),
        default="order",
        shown=effect("stamps"),
    ),
    *COUPON,
    BADGE_GIVEN,
    Picked(
        path=("effect", "of"),
        label=_("Multiplies the points of"),
        choices=choices.multiplied,
        none=_("none chosen: of every rule that gives points for an amount"),
        shown=effect("multiplier"),
        is_wide=True,
    ),
    Single(
        path=("effect", "rounding", "mode"),
        label=_("Fractions are rounded"),
        kind="choice",
        choices=choices.MODES,
        default="floor",
        shown=effect("points_per_amount", "tier_points"),
    ),
    Single(
        path=("effect", "rounding", "by"),
        label=_("Rounded"),
        kind="choice",
        choices=choices.ROUNDED,
        default="order",
        shown=effect("points_per_amount", "tier_points"),
    ),
    Single(
        path=("effect", "mode"),
        label=_("Fractions are rounded"),
        kind="choice",
        choices=choices.MODES,
        default="floor",
        shown=effect("multiplier"),
    ),
    CURRENCY,
)


def reward_inputs() -> tuple[Input, ...]:
    """Return what a challenge or streak gives: the effects that are given once."""
    kept = {"points": ("fixed", "tier_points"), "campaign": ("coupon",), "count": ("coupon",), "badge": ("badge",)}
    found: list[Input] = [
        Single(
            path=("reward", "type"),
            label=_("Gives"),
            kind="choice",
            choices=choices.REWARDS,
            default="fixed",
            is_always_written=True,
            is_wide=True,
        )
    ]
    for one in (*EFFECT[1:2], *COUPON, BADGE_GIVEN):
        assert isinstance(one, Single)
        types = Shown(name="reward-type", values=kept[str(one.path[1])])
        found.append(
            Single(
                path=("reward", one.path[1]),
                label=one.label,
                kind=one.kind,
                choices=one.choices,
                default=one.default,
                shown=types,
            )
        )
    stamps = Shown(name="reward-type", values=("stamps",))
    found += [
        Single(path=("reward", "stamps"), label=_("How many stamps"), kind="whole", default="1", shown=stamps),
        Single(
            path=("reward", "currency"),
            label=_("Stamp card"),
            kind="choice",
            choices=choices.all_currencies,
            shown=stamps,
        ),
        Single(
            path=("reward", "currency"),
            label=_("Point currency"),
            kind="choice",
            choices=choices.currencies,
            shown=Shown(name="reward-type", values=("fixed",)),
        ),
    ]
    return tuple(found)
