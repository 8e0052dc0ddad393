"""The parts of the loyalty index in words: what each indicator is called, and what a value of it says."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from troth.console import formats
from troth.insights.loyal import Part
from troth.value.loyalty import Group

SHARES = ("full_price_share", "share_of_wallet")
DAYS = ("tenure_days", "days_to_choose")
OF_FIVE = ("intention", "satisfaction", "trust", "preference", "tolerance")


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as the customer's page draws it; note: who told it and when, or why it does not count."""

    label: str
    value: str
    points: str
    ratio: float
    weight: str
    gives: str
    note: str


def names() -> dict[str, str]:
    """Return what each indicator is called, in the order of the catalogue."""
    return {
        "silence_in_gaps": _("Silence"),
        "frequency": _("Repeat purchases"),
        "window_revenue": _("Revenue of the measured period"),
        "categories": _("Categories bought"),
        "tenure_days": _("Time with us"),
        "full_price_share": _("Bought at full price"),
        "share_of_wallet": _("Share of wallet"),
        "days_to_choose": _("Days taken to choose"),
        "referrals": _("Buyers brought"),
        "stayed_after_fault": _("Stayed after a fault"),
        "intention": _("Intention to stay"),
        "satisfaction": _("Satisfaction"),
        "trust": _("Trust"),
        "recommend": _("Recommendation"),
        "preference": _("Preference over others"),
        "tolerance": _("Tolerance of a mistake"),
        "information": _("Things told to us"),
    }


def group_names() -> dict[str, str]:
    """Return the sides of the index."""
    return {
        Group.BEHAVIOUR: _("Behaviour"),
        Group.INTENTION: _("Intention"),
        Group.ATTITUDE: _("Attitude"),
        Group.INFORMATION: _("What they tell us"),
    }


def mean_of(parts: Sequence[Part], group: Group) -> float | None:
    """Return a side's own mean, 0 to 100; None where nothing of it was measured."""
    some = [one for one in parts if one.group == group and one.weight]
    return sum(one.points * one.weight for one in some) / sum(one.weight for one in some) if some else None


def rows(parts: Sequence[Part], currency: str) -> list[PartRow]:
    """Return the parts of one index for its table."""
    called = names()
    return [
        PartRow(
            label=called.get(one.indicator, one.indicator),
            value=_value(one, currency),
            points=formats.count(one.points, 0),
            ratio=one.points / 100,
            weight=formats.count(one.weight, 0 if one.weight == int(one.weight) else 1),
            gives=formats.count(one.contribution, 1),
            note=_note(one),
        )
        for one in parts
    ]


def _value(one: Part, currency: str) -> str:
    if one.indicator == "window_revenue":
        return formats.money_compact(one.value, currency)
    if one.indicator == "stayed_after_fault":
        return _("yes") if one.value else _("no")
    if one.indicator in SHARES:
        return formats.percent(one.value, 0)
    if one.indicator in DAYS:
        return _("%(days)s days") % {"days": formats.count(one.value)}
    scales = {"silence_in_gaps": _("%(value)s usual gaps"), "recommend": _("%(value)s of 10")}
    scales |= dict.fromkeys(OF_FIVE, _("%(value)s of 5"))
    places = 1 if one.indicator in {"silence_in_gaps", *OF_FIVE} else 0
    return scales.get(one.indicator, "%(value)s") % {"value": formats.count(one.value, places)}


def _note(one: Part) -> str:
    if not one.counted:
        return _("Only counts where it lifts the index.")
    sources = {
        "orders": _("from orders"),
        "surveys": _("told in a survey"),
        "asked": _("by what they spend elsewhere, as told"),
        "estimated": _("estimated from what such customers spend"),
        "referrals": _("by whom those brought named"),
        "complaints": _("by what they did after a complaint"),
        "visits": _("from the first visit to the first order"),
    }
    told = sources.get(one.source, one.source)
    if one.source == "orders":
        return told
    return _("%(source)s, %(day)s, %(share)s sure") % {
        "source": told,
        "day": formats.day(one.measured_date),
        "share": formats.percent(one.confidence, 0),
    }
