"""Lifetime value by the plain formula: period by period, without a model."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth import value
from troth.console import charts
from troth.console.components import Cell, ChartCard, Column, Figure, Table

from . import fields
from .answer import Answer, Money

PLACES = range(1, 9)
PARTS = ("own", "referred", "service")

# A design studio's customer over five years.
CASE_OWN = (800, 750, 700, 500, 3200)
CASE_REFERRED = (0, 800, 1550, 3050, 2700)
CASE_SERVICE = (0, 100, 100, 100, 100)
CASE_ACQUISITION = 850


class LifetimeForm(forms.Form):
    """Up to eight periods of one customer; an empty row is none."""

    acquisition = fields.money(gettext_lazy("Cost of winning a customer"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for place in PLACES:
            self.fields |= _period_fields(place)

    def rows(self) -> list[list[BoundField]]:
        """Return the fields of each period."""
        return [[self[f"{part}_{place}"] for part in PARTS] for place in PLACES]

    def clean(self) -> dict[str, Any]:
        """Read the periods up to the last that has a figure."""
        data = super().clean() or self.cleaned_data
        given = [place for place in PLACES if any(data.get(f"{part}_{place}") is not None for part in PARTS)]
        if not given and not self.errors:
            self.add_error("own_1", _("Give at least one period."))
        last = max(given, default=0)
        read = {part: [data.get(f"{part}_{place}") or Decimal(0) for place in range(1, last + 1)] for part in PARTS}
        return data | read


def _period_fields(place: int) -> dict[str, forms.Field]:
    told = {"number": place}
    return {
        f"own_{place}": fields.money(_("Period %(number)s: own purchases") % told, least=None, required=False),
        f"referred_{place}": fields.money(
            _("Period %(number)s: purchases of those referred") % told, least=None, required=False
        ),
        f"service_{place}": fields.money(_("Period %(number)s: cost to serve") % told, required=False),
    }


def example() -> dict[str, str]:
    """Return the design studio's case."""
    given = {"acquisition": str(CASE_ACQUISITION)}
    for place, row in enumerate(zip(CASE_OWN, CASE_REFERRED, CASE_SERVICE, strict=True), start=1):
        given |= {f"{part}_{place}": str(amount) for part, amount in zip(PARTS, row, strict=True)}
    return given


def answer(data: dict[str, Any], money: Money) -> Answer:
    """Return what the figures of a valid form mean."""
    found = value.plain_value(
        own=data["own"],
        referred=data["referred"],
        acquisition_cost=data["acquisition"] or Decimal(0),
        service_costs=data["service"],
    )
    return Answer([_meaning(found, money), *_first(data, money)], _figures(found, money), [_card(found, data, money)])


def _meaning(found: value.PlainValue, money: Money) -> str:
    return _(
        "Brought in %(brought)s, of which %(referred)s by those this customer referred; winning cost %(acquisition)s,"
        " serving %(service)s. That leaves a lifetime value of %(total)s."
    ) % {
        "brought": money.exact(found.brought),
        "referred": money.exact(found.referred),
        "acquisition": money.exact(found.acquisition_cost),
        "service": money.exact(found.service_cost),
        "total": money.exact(found.total),
    }


def _first(data: dict[str, Any], money: Money) -> list[str]:
    """Say what the first period alone looked like where it lost money and the whole did not."""
    first = data["own"][0] - (data["acquisition"] or 0) - data["service"][0]
    if first >= 0 or len(data["own"]) == 1:
        return []
    return [_("The first period alone lost %(loss)s: who stops counting there misses the rest.") % {
        "loss": money.exact(-first)
    }]  # fmt: skip


def _figures(found: value.PlainValue, money: Money) -> list[Figure]:
    return [
        Figure(_("Lifetime value"), money.exact(found.total), icon="diamond"),
        Figure(_("Own purchases"), money.short(found.own), icon="shopping-bag"),
        Figure(_("By those referred"), money.short(found.referred), icon="user-share"),
        Figure(_("Costs"), money.short(found.acquisition_cost + found.service_cost), icon="receipt"),
    ]


def _card(found: value.PlainValue, data: dict[str, Any], money: Money) -> ChartCard:
    steps = [
        (_("By those referred"), float(found.referred)),
        (_("Winning"), -float(found.acquisition_cost)),
        (_("Serving"), -float(found.service_cost)),
    ]
    heads = [_("Period"), _("Own purchases"), _("By those referred"), _("Cost to serve")]
    rows: list[list[Cell | int]] = [
        [place, *(money.cell(amount) for amount in row)]
        for place, row in enumerate(zip(*(data[part] for part in PARTS), strict=True), start=1)
    ]
    return ChartCard(
        id="plain-value",
        title=_("From purchases to lifetime value"),
        subtitle=_("Added up period by period, nothing discounted."),
        option=charts.waterfall(
            (_("Own purchases"), float(found.own)), steps, _("Lifetime value"), axis_format=money.axis
        ),
        table=Table(columns=[Column(head, is_number=True) for head in heads], rows=rows),
    )
