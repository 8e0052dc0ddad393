"""The form of the measure settings: people write percent, the settings keep shares."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.console.numbers import DecimalField
from troth.insights.models import MeasureSettings

from . import loyalty_forms

HUNDRED = Decimal(100)
BAND_NAMES = ("diamond", "gold", "silver")
EDGES = range(1, 5)


@dataclass(frozen=True, slots=True)
class Score:
    """One of the three scores of RFM: its setting, its name, and what stands before its four limits."""

    name: str
    label: str | Promise
    hint: str | Promise
    best_first: bool
    is_money: bool = False


SCORES = (
    Score("recency_days", _("Recency"), _("Days since the last purchase, at most"), best_first=True),
    Score("purchases", _("Frequency"), _("Purchases, at least"), best_first=False),
    Score("revenue", _("Money"), _("Revenue, at least"), best_first=False, is_money=True),
)


def _score_fields() -> Iterator[tuple[str, forms.Field]]:
    """Yield a choice for each score, and the limits that count when they are chosen."""
    for score in SCORES:
        ways = [("fifths", _("By fifths: the best 20% get 5")), ("limits", _("By fixed limits"))]
        yield score.name, forms.ChoiceField(label=str(score.label), choices=ways)
        for edge in EDGES:
            # Limits rise; the best score has the lowest of days, the highest of purchases and money.
            points = 6 - edge if score.best_first else 1 + edge
            label = _("For %(points)d") % {"points": points}
            kind: forms.Field = (
                DecimalField(label=label, min_value=0, decimal_places=2, required=False)
                if score.is_money
                else forms.IntegerField(label=label, min_value=0, required=False)
            )
            yield f"{score.name}_{edge}", kind


class MeasureForm(forms.Form):
    """By which rules customers are measured."""

    margin = DecimalField(
        label=_("Assumed margin, %"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=_("Profit in a hundred of revenue, used only for order lines whose cost is not known."),
    )
    measure = forms.ChoiceField(
        label=_("Bands are ranked by"), choices=[("revenue", _("Revenue")), ("profit", _("Profit"))]
    )
    by = forms.ChoiceField(
        label=_("Bands begin at"),
        choices=[("share", _("a share of the customers, in %")), ("amount", _("an amount of money"))],
    )
    diamond = DecimalField(label=_("Diamond"), min_value=0, decimal_places=2)
    gold = DecimalField(label=_("Gold"), min_value=0, decimal_places=2)
    silver = DecimalField(
        label=_("Silver"), min_value=0, decimal_places=2, help_text=_("All below silver are ordinary.")
    )
    window_days = forms.IntegerField(
        label=_("Days that count"), min_value=1, help_text=_("Who bought nothing in these days is inactive.")
    )
    new_days = forms.IntegerField(
        label=_("Days that a customer counts as new"), min_value=0, help_text=_("After the first purchase.")
    )
    sleeping_after = DecimalField(
        label=_("Sleeping after so many usual gaps"),
        min_value=0,
        decimal_places=2,
        help_text=_("The usual gap is the customer's own time between purchases."),
    )
    lost_after = DecimalField(label=_("Lost after so many usual gaps"), min_value=0, decimal_places=2)
    floor_days = forms.IntegerField(
        label=_("Never sleeping before so many days"),
        min_value=0,
        help_text=_("So that a week of holiday of a daily customer is not a loss."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(_score_fields())
        self.fields.update(loyalty_forms.fields())

    def scores(self) -> Iterator[tuple[Score, forms.BoundField, list[forms.BoundField]]]:
        """Yield each score with its choice and its four limits, for the screen."""
        for score in SCORES:
            yield score, self[score.name], [self[f"{score.name}_{edge}"] for edge in EDGES]

    def weights(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield each side of the loyalty index with its weights, for the screen."""
        return loyalty_forms.groups(self)

    def sides(self) -> list[forms.BoundField]:
        """Return where the types of loyalty begin, for the screen."""
        return [self[name] for name in loyalty_forms.SIDES]

    def holds(self) -> list[forms.BoundField]:
        """Return from where on something counts as a hold, for the screen."""
        return [self[name] for name in loyalty_forms.HOLDS]

    def clean(self) -> dict[str, Any]:
        """Check what one value demands of another."""
        data = super().clean() or self.cleaned_data
        sleeping, lost = data.get("sleeping_after"), data.get("lost_after")
        if sleeping is not None and lost is not None and lost <= sleeping:
            self.add_error("lost_after", _("Must be more than the %(gaps)s gaps of sleeping.") % {"gaps": sleeping})
        window, new = data.get("window_days"), data.get("new_days")
        if window is not None and new is not None and new > window:
            self.add_error("new_days", _("Must not be more than the %(days)d days that count.") % {"days": window})
        for score in SCORES:
            edges = self._edges(score)
            if edges is not None and (None in edges or edges != sorted(set(edges))):
                message = _("Fixed limits are four numbers, each larger than the one to its left.")
                self.add_error(score.name, message)
        loyalty_forms.check(self, data)
        return data

    def parts(self, old: MeasureSettings) -> dict[str, Any]:
        """Return the arguments of `insights.change_settings`; what the form does not show stays as it is."""
        data = self.cleaned_data
        scale = HUNDRED if data["by"] == "share" else Decimal(1)
        bands = {name: str(data[name] / scale) for name in BAND_NAMES}
        bands |= {name: data[name] for name in ("by", "measure", "window_days", "new_days")}
        rhythm = {name: str(data[name]) for name in ("sleeping_after", "lost_after")}
        rhythm |= {"floor_days": data["floor_days"]}
        return {
            "assumed_margin": data["margin"] / HUNDRED,
            "bands": {**old.bands, **bands},
            "rhythm": {**old.rhythm, **rhythm},
            "loyalty": loyalty_forms.part(data, old),
            "rfm": {**old.rfm, **{score.name: self._stored_edges(score) for score in SCORES}},
        }

    def _edges(self, score: Score) -> list[Any] | None:
        """Return the four limits as written, None if the score goes by fifths."""
        if self.cleaned_data.get(score.name) != "limits":
            return None
        return [self.cleaned_data.get(f"{score.name}_{edge}") for edge in EDGES]

    def _stored_edges(self, score: Score) -> list[Any] | None:
        edges = self._edges(score)
        return [_plain(edge) for edge in edges] if edges and score.is_money else edges


def shown(stored: MeasureSettings) -> dict[str, Any]:
    """Return the stored settings as the form shows them."""
    scale = HUNDRED if stored.bands["by"] == "share" else Decimal(1)
    bands = {name: _plain(Decimal(stored.bands[name]) * scale) for name in BAND_NAMES}
    rhythm = {name: _plain(Decimal(stored.rhythm[name])) for name in ("sleeping_after", "lost_after")}
    return {
        **stored.bands,
        **stored.rhythm,
        **bands,
        **rhythm,
        **_shown_scores(stored.rfm),
        **loyalty_forms.shown(stored),
        "margin": _plain(stored.assumed_margin * HUNDRED),
    }


def _shown_scores(rfm: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for score in SCORES:
        edges = rfm.get(score.name)
        values[score.name] = "limits" if edges else "fifths"
        values |= {
            f"{score.name}_{edge}": _plain(Decimal(limit)) for edge, limit in zip(EDGES, edges or (), strict=False)
        }
    return values


def _plain(number: Decimal) -> str:
    """Write 3.0000 as 3 and 2.50 as 2.5."""
    return f"{number.normalize():f}"
