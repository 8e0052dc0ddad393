"""What losing more customers of one value band costs: the attrition table, on any bands."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth import value
from troth.console import charts, formats
from troth.console.components import ChartCard, Column, Figure, Table

from . import fields
from .answer import Answer, Money, number_cell, share_cell

PLACES = range(1, 7)
PARTS = ("name", "customers", "profit", "churn")

# Five bands of 10,000 customers; profits a head in times of the best one's, and a base loss in the same measure.
CASE_PROFITS = ("1", "0.278", "0.106383", "0.02", "0.008")
CASE_CUSTOMERS = (300, 1000, 2000, 4700, 2000)
CASE_BASE_LOSS = "99.2"


class AttritionForm(forms.Form):
    """Up to six bands, best first; an empty row is none."""

    more = fields.percent(gettext_lazy("More attrition, points"), least=Decimal("0.1"))
    base_loss = fields.money(
        gettext_lazy("Profit lost already"),
        required=False,
        help_text=gettext_lazy("In a year. Left empty, it follows from the churn of each band."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for place in PLACES:
            self.fields |= _band_fields(place)

    def rows(self) -> list[list[BoundField]]:
        """Return the fields of each band."""
        return [[self[f"{part}_{place}"] for part in PARTS] for place in PLACES]

    def clean(self) -> dict[str, Any]:
        """Read the bands: each whole, named once, at least one."""
        data = super().clean() or self.cleaned_data
        bands: list[value.Band] = []
        for place in PLACES:
            if any(data.get(f"{part}_{place}") not in (None, "") for part in PARTS):
                self._read(place, data, bands)
        if not bands and not self.errors:
            self.add_error("name_1", _("Name at least one band."))
        return data | {"bands": bands}

    def _read(self, place: int, data: dict[str, Any], bands: list[value.Band]) -> None:
        given: dict[str, Any] = {part: data.get(f"{part}_{place}") for part in PARTS}
        for part in ("name", "customers", "profit"):
            if given[part] in (None, "") and f"{part}_{place}" not in self.errors:
                self.add_error(f"{part}_{place}", _("Each band needs a name, customers and a profit."))
        if any(f"{part}_{place}" in self.errors for part in PARTS):
            return
        if given["name"] in {band.name for band in bands}:
            self.add_error(f"name_{place}", _("Another band is called %(name)s.") % {"name": given["name"]})
            return
        churn = fields.share(given["churn"] or Decimal(0))
        bands.append(value.Band(given["name"], given["customers"], float(given["profit"]), churn))


def _band_fields(place: int) -> dict[str, forms.Field]:
    return {
        f"name_{place}": forms.CharField(
            label=_("Band %(number)s: name") % {"number": place}, max_length=40, required=False
        ),
        f"customers_{place}": fields.people(_("Band %(number)s: customers") % {"number": place}, required=False),
        f"profit_{place}": fields.money(
            _("Band %(number)s: profit a head") % {"number": place}, least=None, required=False
        ),
        f"churn_{place}": fields.percent(_("Band %(number)s: churn a year, %%") % {"number": place}, required=False),
    }


def example() -> dict[str, str]:
    """Return the worked case: profits a head stand in times of the best band's."""
    names = (_("Diamond"), _("Gold"), _("Silver"), _("Ordinary"), _("New"))
    given = {"more": "5", "base_loss": CASE_BASE_LOSS}
    for place, row in enumerate(zip(names, CASE_CUSTOMERS, CASE_PROFITS, strict=True), start=1):
        name, customers, profit = row
        given |= {f"name_{place}": name, f"customers_{place}": str(customers), f"profit_{place}": profit}
    return given


def answer(data: dict[str, Any], money: Money, *, is_measure: bool = False) -> Answer:
    """Return what the figures of a valid form mean; is_measure: profits are in times of the best band's, no money."""
    base = None if data["base_loss"] is None else float(data["base_loss"])
    rows = value.attrition_table(data["bands"], more_churn=fields.share(data["more"]), base_loss=base).to_dicts()
    worst = max(rows, key=lambda row: row["added_loss"])
    sentences = [_meaning(data, worst)]
    if rows[-1]["customers_per_best"] and len(rows) > 1:
        sentences.append(_equals(rows))
    return Answer(sentences, _figures(rows, worst, money, is_measure), [_card(rows, money, is_measure)])


def _meaning(data: dict[str, Any], worst: dict[str, Any]) -> str:
    told = {
        "more": fields.shown(data["more"], 2),
        "band": worst["band"],
        "count": _people(worst["added_customers"]),
    }
    if worst["rise_over_base"] is None:
        return (
            _(
                "%(more)s points more attrition hurt most in the band %(band)s: %(count)s customers. By how much the"
                " loss rises is not known while nothing is lost: give the churn, or the profit lost already."
            )
            % told
        )
    told |= {
        "share": formats.percent(worst["share_of_new_loss"]),
        "rise": formats.percent(worst["rise_over_base"]),
    }
    return (
        _(
            "%(more)s points more attrition hurt most in the band %(band)s: %(count)s customers, %(rise)s more profit"
            " lost than now, %(share)s of what is then lost."
        )
        % told
    )


def _people(count: float) -> str:
    """Return a number of customers; of few, a part of one is not hidden."""
    return formats.count(count, 0 if count >= 100 or count == round(count) else 1)


def _equals(rows: list[dict[str, Any]]) -> str:
    last = rows[-1]
    return _("Losing one customer of the band %(best)s costs as much as losing %(count)s of the band %(last)s.") % {
        "best": rows[0]["band"],
        "count": fields.shown(last["customers_per_best"], 1),
        "last": last["band"],
    }


def _figures(rows: list[dict[str, Any]], worst: dict[str, Any], money: Money, is_measure: bool) -> list[Figure]:
    if is_measure:
        return []
    lost = sum(row["base_loss"] or 0 for row in rows)
    return [
        Figure(_("Customers"), formats.count(sum(row["customers"] for row in rows)), icon="users"),
        Figure(_("Profit lost by churn in a year"), money.short(lost), icon="trending-down"),
        Figure(
            _("Added by the worst band"), money.short(worst["added_loss"]), note=worst["band"], icon="alert-triangle"
        ),
    ]


def _card(rows: list[dict[str, Any]], money: Money, is_measure: bool) -> ChartCard:
    series = {
        _("Of what is then lost"): [_points(row["share_of_new_loss"]) for row in rows],
        _("Over the loss now"): [_points(row["rise_over_base"]) for row in rows],
    }
    has_any = any(row["rise_over_base"] is not None for row in rows)
    return ChartCard(
        id="attrition",
        title=_("What more attrition in one band alone adds to the profit lost"),
        subtitle=_("Two readings: added ÷ (loss now + added), and added ÷ loss now. Texts print either."),
        option=charts.bars(
            [row["band"] for row in rows], series, axis_format=charts.percent(), value_format=charts.percent(1)
        )
        if has_any
        else None,
        table=_table(rows, money, is_measure),
        empty=_("Give the churn of the bands, or the profit lost already."),
        note=_("Profits a head stand in times of the best band's: the case tells no amounts.") if is_measure else "",
    )


def _points(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 6)


def _table(rows: list[dict[str, Any]], money: Money, is_measure: bool) -> Table:
    heads = [
        _("Customers"), _("Profit a head"), _("Lost now"), _("Lost besides"), _("Profit lost besides"),
        _("Of what is then lost"), _("Over the loss now"), _("As many as one of the best"),
    ]  # fmt: skip
    return Table(
        columns=[Column(_("Band")), *(Column(head, is_number=True) for head in heads)],
        rows=[
            [
                row["band"],
                number_cell(row["customers"]),
                number_cell(row["profit_per_customer"], 3) if is_measure else money.cell(row["profit_per_customer"]),
                number_cell(row["lost_customers"]),
                number_cell(row["added_customers"]),
                number_cell(row["added_loss"], 1) if is_measure else money.cell(row["added_loss"]),
                share_cell(row["share_of_new_loss"]),
                share_cell(row["rise_over_base"]),
                number_cell(row["customers_per_best"], 1),
            ]
            for row in rows
        ],
    )
