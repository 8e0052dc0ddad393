"""The risk of leaving in words: the ways of telling it, what is known of a customer, and what speaks for or against."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.console import formats
from troth.console.components import Reason

Figure = Callable[[float], str]


def ways() -> dict[str, str]:
    """Return the contestants by code."""
    return {
        "model": _("Learned from everything known"),
        "own_rhythm": _("Silence against the own rhythm"),
        "alive": _("Chance to be there by the model of buying"),
        "constant": _("Everybody alike"),
    }


def _whole(value: float) -> str:
    return formats.count(round(value))


def _tenths(value: float) -> str:
    return formats.count(value, 1)


def _share(value: float) -> str:
    return formats.percent(value, 1)


SENTENCES: Mapping[str, tuple[Promise, Figure | None]] = {  # without a figure of its own it is money
    "silent_days": (gettext_lazy("Silent for %(value)s days; usual: %(typical)s"), _whole),
    "silence_share": (gettext_lazy("Silent for %(value)s of their own usual gaps; usual: %(typical)s"), _tenths),
    "usual_gap_days": (gettext_lazy("Buys about every %(value)s days; usual: %(typical)s"), _tenths),
    "probability_alive": (
        gettext_lazy("Still there by the model of buying: %(value)s; usual: %(typical)s"),
        lambda value: formats.percent(value, 2),
    ),
    "alive_place": (
        gettext_lazy("More likely to be there than %(value)s of customers, by the model of buying"),
        lambda value: formats.percent(value, 0),
    ),
    "purchases": (gettext_lazy("%(value)s days with a purchase so far; usual: %(typical)s"), _whole),
    "age_days": (gettext_lazy("First bought %(value)s days ago; usual: %(typical)s"), _whole),
    "purchases_91": (gettext_lazy("%(value)s days with a purchase in 91 days; usual: %(typical)s"), _whole),
    "pace": (
        gettext_lazy("Buys %(value)s times as often as in the quarter before; usual: %(typical)s"),
        lambda value: formats.count(value, 2),
    ),
    "mean_purchase": (gettext_lazy("Spends %(value)s a purchase; usual: %(typical)s"), None),
    "spend_91": (gettext_lazy("Spent %(value)s in 91 days; usual: %(typical)s"), None),
    "spend_pace": (
        gettext_lazy("Spends %(value)s times as much as in the quarter before; usual: %(typical)s"),
        lambda value: formats.count(value, 2),
    ),
    "discount_share": (gettext_lazy("%(value)s of the full prices taken off; usual: %(typical)s"), _share),
    "categories": (gettext_lazy("Bought of %(value)s categories; usual: %(typical)s"), _whole),
    "returns_182": (gettext_lazy("%(value)s returns in 182 days; usual: %(typical)s"), _whole),
    "returned_share": (gettext_lazy("Gave back %(value)s of the money spent; usual: %(typical)s"), _share),
}
NAMES: Mapping[str, Promise] = {
    "silent_days": gettext_lazy("Days of silence"),
    "silence_share": gettext_lazy("Silence against the own gap"),
    "usual_gap_days": gettext_lazy("Usual gap in days"),
    "probability_alive": gettext_lazy("Chance to be there"),
    "alive_place": gettext_lazy("Place by the chance to be there"),
    "purchases": gettext_lazy("Days with a purchase"),
    "age_days": gettext_lazy("Days since the first purchase"),
    "purchases_91": gettext_lazy("Purchases in 91 days"),
    "pace": gettext_lazy("Purchases against the quarter before"),
    "mean_purchase": gettext_lazy("Money a purchase"),
    "spend_91": gettext_lazy("Money in 91 days"),
    "spend_pace": gettext_lazy("Money against the quarter before"),
    "discount_share": gettext_lazy("Share of discounts"),
    "categories": gettext_lazy("Categories bought"),
    "returns_182": gettext_lazy("Returns in 182 days"),
    "returned_share": gettext_lazy("Share given back"),
    "visits": gettext_lazy("Visits in 182 days"),
    "points_spent": gettext_lazy("Points spent, times in 182 days"),
    "offers_refused": gettext_lazy("Offers refused, times in 182 days"),
    "messages_received": gettext_lazy("Messages received in 182 days"),
    "messages_opened": gettext_lazy("Messages opened in 182 days"),
    "messages_clicked": gettext_lazy("Messages followed in 182 days"),
    "complaints": gettext_lazy("Complaints in 182 days"),
    "satisfaction": gettext_lazy("Satisfaction, last answer (1–5)"),
    "recommend": gettext_lazy("Recommendation, last answer (0–10)"),
    "effort": gettext_lazy("Effort, last answer (1–7)"),
    "service_requests": gettext_lazy("Requests for service in 182 days"),
    "trainings": gettext_lazy("Trainings attended in 182 days"),
    "rewards_taken": gettext_lazy("Rewards taken in 182 days"),
    "coupons_used": gettext_lazy("Coupons used in 182 days"),
    "score": gettext_lazy("The chance itself"),
}


def name(feature: str) -> str:
    """Return what a feature is called."""
    return str(NAMES.get(feature, feature))


def reasons(told: Sequence[Mapping[str, Any]], currency: str) -> list[Reason]:
    """Return what speaks for leaving and what against it, each with the customer's own figure and the usual one."""
    return [
        Reason(_sentence(one, currency), _("for leaving") if one["points"] > 0 else _("for staying"),
               "bad" if one["points"] > 0 else "good")
        for one in told
    ]  # fmt: skip


def _sentence(one: Mapping[str, Any], currency: str) -> str:
    sentence, figure = SENTENCES.get(one["feature"], (gettext_lazy("%(name)s: %(value)s; usual: %(typical)s"), _tenths))
    shown = figure or (lambda value: formats.money(Decimal(str(round(value, 2))), currency))
    given = {place: _("not known") if one[place] is None else shown(one[place]) for place in ("value", "typical")}
    return str(sentence) % (given | {"name": name(one["feature"])})
