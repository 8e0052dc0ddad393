"""The forms of challenges, streaks and badges."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import choices
from .form import PartForm, Section
from .inputs import Single
from .shared import CODE, LINES, NAME, ON, VALID, WHEN, reward_inputs

CHALLENGE = PartForm(
    ("challenges",),
    _("Challenge"),
    _("New challenge"),
    (
        Section(_("What it is called"), (CODE, NAME)),
        Section(
            _("The goal"),
            (
                Single(path=("goal",), label=pgettext_lazy("part", "Reach"), kind="number"),
                Single(
                    path=("counts",),
                    label=pgettext_lazy("part", "counting"),
                    kind="choice",
                    choices=choices.COUNTS,
                    default="times",
                ),
                Single(
                    path=("period",),
                    label=pgettext_lazy("part", "within"),
                    kind="choice",
                    choices=choices.PERIODS,
                    default="lifetime",
                ),
                Single(path=("repeats",), label=_("Again every time the goal is reached"), kind="bool"),
            ),
        ),
        Section(pgettext_lazy("part", "What it gives"), reward_inputs()),
        Section(pgettext_lazy("part", "What counts"), (ON, WHEN, LINES)),
        Section(pgettext_lazy("part", "Days"), VALID, is_open=False),
    ),
)
STREAK = PartForm(
    ("streaks",),
    _("Streak"),
    _("New streak"),
    (
        Section(_("What it is called"), (CODE, NAME)),
        Section(
            _("The row"),
            (
                Single(path=("length",), label=_("So many in a row"), kind="whole"),
                Single(
                    path=("every",),
                    label=pgettext_lazy("part", "of"),
                    kind="choice",
                    choices=choices.STREAKS,
                    default="week",
                    is_always_written=True,
                ),
                Single(path=("repeats",), label=_("Again for every further row"), kind="bool"),
            ),
        ),
        Section(pgettext_lazy("part", "What it gives"), reward_inputs()),
        Section(pgettext_lazy("part", "What counts"), (ON, WHEN)),
        Section(pgettext_lazy("part", "Days"), VALID, is_open=False),
    ),
)
BADGE = PartForm(
    ("badges",),
    _("Badge"),
    _("New badge"),
    (Section(_("Something to be proud of"), (CODE, NAME), _("A rule, challenge or streak gives it, once.")),),
)
