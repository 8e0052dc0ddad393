"""What keeping customers is worth, what losing one costs, when winning one has paid."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth import value
from troth.console import charts, formats
from troth.console.components import ChartCard, Column, Figure, Table

from . import fields
from .answer import Answer, Money, share_cell

BELOW = (-10, -5)  # points of retention under the present one that are shown beside it


class RetentionForm(forms.Form):
    """One customer under steady yearly figures."""

    customers = fields.people(gettext_lazy("Customers"), least=1)
    profit = fields.money(gettext_lazy("Profit of a customer and year"), least=Decimal("0.01"))
    retention = fields.percent(
        gettext_lazy("Retention, %"), help_text=gettext_lazy("Of a year's customers, who buy again in the next.")
    )
    more = fields.percent(gettext_lazy("More retention, points"), least=Decimal("0.1"))
    discount = fields.percent(
        gettext_lazy("Discount a year, %"), help_text=gettext_lazy("What money costs you; 10 is usual.")
    )
    acquisition = fields.money(gettext_lazy("Cost of winning a customer"), required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse more than everybody, and a customer for ever whose profit nothing discounts."""
        data = super().clean() or self.cleaned_data
        retention, more, discount = (data.get(name) for name in ("retention", "more", "discount"))
        if retention is None or more is None or discount is None:
            return data
        if retention + more > 100:
            self.add_error("more", _("At most %(points)s: nobody keeps more than 100%%.") % {"points": 100 - retention})
        elif retention + more == 100 and not discount:
            self.add_error("discount", _("Must be above 0 where everybody stays: the value would have no end."))
        return data


def answer(data: dict[str, Any], money: Money) -> Answer:
    """Return what the figures of a valid form mean."""
    now = _annuity(data, data["retention"])
    then = _annuity(data, data["retention"] + data["more"])
    gain = then.value - now.value
    sentences = [_meaning(data, now, gain, money)]
    if data["acquisition"]:
        sentences.append(_break_even(now, float(data["acquisition"]), money))
    return Answer(sentences, _figures(data, now, gain, money), [_card(data, money)])


def _annuity(data: dict[str, Any], retention: Decimal) -> value.Annuity:
    return value.Annuity(float(data["profit"]), fields.share(retention), fields.share(data["discount"]))


def _meaning(data: dict[str, Any], now: value.Annuity, gain: float, money: Money) -> str:
    return _(
        "A customer is worth %(value)s, this year's profit included; losing one costs %(loss)s. Keeping %(more)s points"
        " more raises the value by %(rise)s: %(gain)s a customer, %(total)s over all %(count)s."
    ) % {
        "value": money.exact(now.value),
        "loss": money.exact(now.cost_of_loss),
        "more": fields.shown(data["more"], 2),
        "rise": formats.percent(gain / now.value),
        "gain": money.exact(gain),
        "total": money.short(gain * data["customers"]),
        "count": formats.count(data["customers"]),
    }


def _break_even(now: value.Annuity, cost: float, money: Money) -> str:
    years = now.years_to_pay(cost)
    if years is None:
        return _("Winning one for %(cost)s never pays: it is more than a customer is worth.") % {
            "cost": money.exact(cost)
        }
    return _("Winning one for %(cost)s has paid after %(years)s years; at most %(value)s may be spent.") % {
        "cost": money.exact(cost),
        "years": formats.count(years, 1),
        "value": money.exact(now.value),
    }


def _figures(data: dict[str, Any], now: value.Annuity, gain: float, money: Money) -> list[Figure]:
    years = now.expected_years
    return [
        Figure(_("Value of a customer"), money.short(now.value), icon="user-star"),
        Figure(_("Cost of losing one"), money.short(now.cost_of_loss), icon="user-minus"),
        Figure(
            _("Expected years"),
            _("no end") if years == float("inf") else formats.count(years, 1),
            icon="hourglass",
            help=_("How many years a customer stays, this one included: 1 ÷ (1 − retention)."),
        ),
        Figure(
            _("What more retention earns"),
            money.short(gain * data["customers"]),
            note=formats.change(gain / now.value),
            icon="trending-up",
        ),
    ]


def _levels(data: dict[str, Any]) -> list[tuple[Decimal, value.Annuity]]:
    """Return some levels of retention, the present one and the wished one among them."""
    steps = [Decimal(step) for step in BELOW] + [Decimal(0), data["more"], 2 * data["more"]]
    levels = (data["retention"] + step for step in steps)
    most = 100 if data["discount"] else Decimal("99.9")
    return [(level, _annuity(data, level)) for level in levels if 0 <= level <= most]


def _card(data: dict[str, Any], money: Money) -> ChartCard:
    levels = _levels(data)
    labels = [f"{fields.shown(level, 1)}%" for level, _worth in levels]
    worth = [round(found.value, 2) for _level, found in levels]
    name = _("Value of a customer")
    heads = [_("Value of a customer"), _("Cost of losing one"), _("Against now")]
    base = _annuity(data, data["retention"]).value
    rows = [
        [
            share_cell(fields.share(level)),
            money.cell(found.value),
            money.cell(found.cost_of_loss),
            share_cell(found.value / base - 1),
        ]
        for level, found in levels
    ]
    return ChartCard(
        id="retention-levels",
        title=_("What a customer is worth at each retention"),
        subtitle=_("The nearer to 100%, the steeper: the last points are worth most."),
        option=charts.bars(labels, {name: worth}, axis_format=money.axis, value_format=money.tip),
        table=Table(columns=[Column(head, is_number=True) for head in [_("Retention"), *heads]], rows=rows),
    )
