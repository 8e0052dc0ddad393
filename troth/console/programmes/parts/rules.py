"""The form of a rule."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import choices, rows
from .form import PartForm, Section
from .inputs import Either, Single, Table
from .shared import CAP_COLUMNS, CODE, EFFECT, LINES, NAME, ON, VALID, WHEN


def _with_nth(part: dict[str, Any]) -> dict[str, Any]:
    """Return a rule without the period of an nth order that it does not ask for."""
    nth = part.get("nth", {})
    return part if "every" in nth or "at" in nth else {key: value for key, value in part.items() if key != "nth"}


RULE = PartForm(
    ("rules",),
    _("Rule"),
    _("New rule"),
    (
        Section(_("What it is called"), (CODE, NAME)),
        Section(pgettext_lazy("part", "What it gives"), EFFECT),
        Section(_("When it counts"), (ON, WHEN)),
        Section(_("Which goods count"), (LINES,), _("Of every order line unless you say otherwise."), is_open=False),
        Section(
            _("How it counts beside other rules"),
            (
                Single(
                    path=("group",),
                    label=_("Group"),
                    kind="choice",
                    choices=choices.groups,
                    hint=_("of one group, rules count as the group says"),
                ),
                Single(
                    path=("priority",),
                    label=_("Priority"),
                    kind="whole",
                    default="0",
                    hint=_("higher comes first"),
                ),
                Single(path=("exclusive",), label=_("Alone: no other rule of a group counts with it"), kind="bool"),
                Single(path=("counts_for_tier",), label=_("Counts for the tier"), kind="bool", default="yes"),
            ),
        ),
        Section(
            _("Limits"),
            (
                Table(
                    path=("caps",),
                    label=_("Caps"),
                    columns=CAP_COLUMNS,
                    add=_("Add a cap"),
                    unpacked=rows.caps_of,
                    packed=rows.caps_to,
                ),
                Single(path=("budget",), label=_("Budget"), kind="choice", choices=choices.budgets),
                Either(
                    path=("nth",),
                    code="nth",
                    label=_("How often"),
                    keys=choices.NTH,
                    none=_("every time"),
                ),
                Single(
                    path=("nth", "period"),
                    label=_("counted within"),
                    kind="choice",
                    choices=choices.PERIODS,
                    default="lifetime",
                ),
            ),
        ),
        Section(
            _("Days, waiting and expiry"),
            (
                *VALID,
                Single(
                    path=("pending", "days"),
                    label=_("Can be spent after days"),
                    kind="whole",
                    hint=_("at once if left empty"),
                ),
                Single(
                    path=("pending", "event"),
                    label=_("or once this has happened"),
                    kind="choice",
                    choices=choices.releases,
                ),
                Single(
                    path=("expires_days",),
                    label=_("Expires after days"),
                    kind="whole",
                    hint=_("as the point currency says if left empty"),
                ),
            ),
            is_open=False,
        ),
    ),
    finish=_with_nth,
)
