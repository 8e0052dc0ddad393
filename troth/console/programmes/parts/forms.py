"""Every part of a programme as a form; those of what stands around the rules."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import choices, rows
from .form import PartForm, Section
from .goals import BADGE, CHALLENGE, STREAK
from .inputs import Column, Condition, Either, Named, Picked, Shown, Single, Table, Text, Texts
from .rules import RULE
from .shared import CODE, NAME

HEAD = PartForm(
    (),
    _("Basics"),
    _("Basics"),
    (
        Section(
            _("What it is called"),
            (
                Single(path=("programme",), label=pgettext_lazy("part", "Code"), kind="code", hint=_("never changes")),
                NAME,
            ),
        ),
        Section(
            _("Money and points"),
            (
                Single(
                    path=("currency",), label=_("Orders in"), hint=_("three letters; orders in others earn nothing")
                ),
                Single(
                    path=("points",),
                    label=_("Points"),
                    kind="choice",
                    choices=choices.all_currencies,
                    default="points",
                ),
                Single(
                    path=("time_zone",),
                    label=_("Time zone"),
                    suggest="zones",
                    hint=_("the company's if left empty"),
                ),
                Table(
                    path=("unit_costs",),
                    label=_("What a point costs the company"),
                    hint=_("budgets in money, liability and rehearsals count with it"),
                    columns=(
                        Column(code="code", label=_("Point currency"), kind="choice", choices=choices.all_currencies),
                        Column(code="cost", label=_("Cost of one"), kind="number"),
                    ),
                    add=_("Add a cost"),
                    unpacked=rows.costs_of,
                    packed=rows.costs_to,
                ),
            ),
        ),
        Section(
            _("Parts of the day"),
            (
                Table(
                    path=("dayparts",),
                    label=_("Parts of the day"),
                    hint=_("for conditions; by the store's clock, may run past midnight"),
                    columns=(
                        Column(code="code", label=pgettext_lazy("part", "Code")),
                        Column(code="from", label=_("From"), kind="time"),
                        Column(code="until", label=_("Until"), kind="time"),
                    ),
                    add=_("Add a part of the day"),
                    unpacked=rows.dayparts_of,
                    packed=rows.dayparts_to,
                ),
            ),
        ),
    ),
    is_list=False,
    keys=("programme", "name", "currency", "points", "time_zone", "unit_costs", "dayparts"),
)
EXCLUDES = PartForm(
    ("excludes",),
    _("What earns nothing"),
    _("What earns nothing"),
    (
        Section(
            _("Parts of the amount"),
            (
                Single(path=("tax",), label=_("Tax"), kind="bool", default="yes"),
                Single(path=("shipping",), label=_("Shipping"), kind="bool", default="yes"),
                Single(path=("gift_cards",), label=_("What gift cards paid"), kind="bool", default="yes"),
                Single(path=("points",), label=_("What points paid"), kind="bool", default="yes"),
            ),
            _("Ticked: it earns nothing."),
        ),
        Section(
            pgettext_lazy("part", "Goods"),
            (
                Texts(path=("categories",), label=_("Categories"), suggest="goods.categories"),
                Texts(path=("brands",), label=_("Brands"), suggest="goods.brands"),
                Texts(path=("skus",), label=_("Articles"), suggest="goods.skus"),
            ),
        ),
        Section(
            _("Goods by a condition"),
            (Condition(path=("lines",), label=_("Which goods earn nothing"), of="lines"),),
        ),
    ),
    is_list=False,
)
GROUP = PartForm(
    ("groups",),
    _("Group"),
    _("New group"),
    (
        Section(
            _("Rules that count together"),
            (
                CODE,
                Single(
                    path=("take",), label=_("Of its rules counts"), kind="choice", choices=choices.TAKES, default="all"
                ),
            ),
            _("Put rules into the group in their own forms."),
        ),
    ),
)
CAP = PartForm(
    ("caps",),
    _("Cap"),
    _("New cap"),
    (
        Section(
            _("A limit over several rules"),
            (
                CODE,
                Either(path=(), code="limit", label=_("At most"), keys=choices.LIMITS),
                Single(
                    path=("per",),
                    label=pgettext_lazy("part", "for"),
                    kind="choice",
                    choices=choices.PER,
                    default="member",
                ),
                Single(
                    path=("period",),
                    label=pgettext_lazy("part", "within"),
                    kind="choice",
                    choices=choices.PERIODS,
                    default="lifetime",
                ),
                Single(path=("currency",), label=_("Point currency"), kind="choice", choices=choices.currencies),
                Picked(
                    path=("rules",),
                    label=_("Over these rules"),
                    choices=choices.rules,
                    none=_("none chosen: over all rules of the currency"),
                    is_wide=True,
                ),
            ),
        ),
    ),
)
BUDGET = PartForm(
    ("budgets",),
    _("Budget"),
    _("New budget"),
    (
        Section(
            _("What rules may give away together"),
            (
                CODE,
                Named(path=("name",), label=pgettext_lazy("part", "Name"), is_needed=False),
                Either(path=(), code="limit", label=_("At most"), keys=choices.SIZES),
                Single(
                    path=("period",),
                    label=pgettext_lazy("part", "within"),
                    kind="choice",
                    choices=choices.PERIODS,
                    default="lifetime",
                ),
                Single(
                    path=("per",),
                    label=_("Of"),
                    kind="choice",
                    choices=(("programme", _("the whole programme")), ("store", _("each store"))),
                    default="programme",
                ),
            ),
            _("Exact, also when many buy at once. Choose it in the forms of the rules that draw on it."),
        ),
    ),
)
LADDER = PartForm(
    ("tiers",),
    _("How tiers are counted and kept"),
    _("How tiers are counted and kept"),
    (
        Section(
            _("Over which time progress counts"),
            (
                Single(
                    path=("window", "type"),
                    label=_("Window"),
                    kind="choice",
                    choices=choices.WINDOWS,
                    default="rolling",
                ),
                Single(
                    path=("window", "months"),
                    label=_("Months"),
                    kind="whole",
                    hint=_("12 if left empty"),
                    shown=Shown(name="window-type", values=("rolling",)),
                ),
                Single(
                    path=("window", "period"),
                    label=_("Calendar"),
                    kind="choice",
                    choices=choices.CALENDARS,
                    default="year",
                    shown=Shown(name="window-type", values=("calendar",)),
                ),
            ),
        ),
        Section(
            _("Review"),
            (
                Single(
                    path=("grace_days",),
                    label=_("Days of grace"),
                    kind="whole",
                    default="0",
                    hint=_("whoever falls short can still keep the tier in them"),
                ),
            ),
            _("A tier rises at once. When its time is over it is reviewed, and falls one step at most."),
        ),
    ),
    is_list=False,
    keys=("window", "grace_days"),
)


def _ways(path: str, label: Text, hint: Text) -> Table:
    return Table(
        path=(path,),
        label=label,
        hint=hint,
        columns=(
            Column(code="spend", label=_("Spend"), kind="number"),
            Column(code="points", label=_("Points"), kind="whole"),
            Column(code="visits", label=_("Visits"), kind="whole"),
        ),
        add=_("Add another way"),
        unpacked=rows.ways_of,
        packed=rows.ways_to,
    )


TIER = PartForm(
    ("tiers", "ladder"),
    _("Tier"),
    _("New tier at the top"),
    (
        Section(_("What it is called"), (CODE, NAME)),
        Section(
            _("What it asks for"),
            (
                _ways("reach", _("To reach it"), _("all of a row; several rows are several ways; none for the lowest")),
                _ways("keep", _("To keep it at the review"), _("as to reach it if left empty")),
            ),
        ),
        Section(
            _("What it brings"),
            (
                Table(
                    path=("benefits",),
                    label=_("Benefits"),
                    columns=(
                        Column(code="en", label=_("Benefit")),
                        Column(code="zh", label=_("in Chinese")),
                    ),
                    add=_("Add a benefit"),
                    unpacked=rows.names_of,
                ),
            ),
        ),
    ),
)
FORMS: Mapping[str, PartForm] = {
    "head": HEAD,
    "excludes": EXCLUDES,
    "rule": RULE,
    "group": GROUP,
    "cap": CAP,
    "budget": BUDGET,
    "challenge": CHALLENGE,
    "streak": STREAK,
    "badge": BADGE,
    "ladder": LADDER,
    "tier": TIER,
}
