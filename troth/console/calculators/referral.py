"""How customers multiply by introductions, round by round, and what the chain needs to grow."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from troth import value
from troth.console import charts, formats
from troth.console.components import ChartCard, Column, Figure, Table

from . import fields
from .answer import Answer, number_cell

EXAMPLE = {"introductions": "4", "conversion": "50", "start": "1", "rounds": "4"}
"""The doubling case: four introductions each, half of them buy."""

MOST_ROUNDS = 12


class ReferralForm(forms.Form):
    """One link of a chain of referrals, repeated."""

    introductions = fields.number(gettext_lazy("People each new customer introduces"), most=Decimal(1000))
    conversion = fields.percent(gettext_lazy("Of them buy, %"))
    start = fields.people(gettext_lazy("Customers who begin"), least=1, most=10**6)
    rounds = fields.people(
        gettext_lazy("Rounds"), least=2, most=MOST_ROUNDS, help_text=gettext_lazy("The first are those who begin.")
    )


def answer(data: dict[str, Any]) -> Answer:
    """Return what the figures of a valid form mean."""
    conversion = fields.share(data["conversion"])
    chain = value.referral_chain(introductions=float(data["introductions"]), conversion=conversion)
    rows = value.referral_rounds(chain, start=data["start"], rounds=data["rounds"]).to_dicts()
    return Answer([_meaning(chain, rows), _needs(chain)], _figures(chain, rows), [_card(rows)])


def _meaning(chain: value.Chain, rows: list[dict[str, Any]]) -> str:
    told = {
        "factor": fields.shown(chain.factor, 2),
        "new": formats.count(rows[-1]["new"]),
        "base": formats.count(rows[-1]["base"]),
        "rounds": len(rows),
    }
    if chain.factor > 1:
        text = _(
            "Each round brings %(factor)s times the new customers of the one before: the last of %(rounds)s rounds"
            " brings %(new)s, and %(base)s customers there are in all."
        )
    elif chain.factor == 1:
        text = _("Each round brings as many as the one before: after %(rounds)s rounds there are %(base)s customers.")
    else:
        text = _(
            "The chain breaks: each round brings only %(factor)s times the new customers of the one before, and after"
            " %(rounds)s rounds there are %(base)s customers."
        )
    return text % told


def _needs(chain: value.Chain) -> str:
    introductions, conversion = chain.break_even_introductions, chain.break_even_conversion
    if introductions is None or conversion is None:
        return _("Nobody comes this way: without introductions, and without some of them buying, nothing multiplies.")
    if conversion > 1:
        needed = fields.shown(introductions, 1)
        text = ngettext(
            "To grow, each must introduce more than %(count)s person; no conversion alone is enough.",
            "To grow, each must introduce more than %(count)s people; no conversion alone is enough.",
            1 if needed == "1" else 2,
        )
        return text % {"count": needed}
    return _("It grows while each introduces more than %(count)s people, or more than %(share)s of them buy.") % {
        "count": fields.shown(introductions, 1),
        "share": formats.percent(conversion, 0),
    }


def _figures(chain: value.Chain, rows: list[dict[str, Any]]) -> list[Figure]:
    return [
        Figure(
            _("Growth a round"),
            f"× {fields.shown(chain.factor, 2)}",
            icon="git-branch",
            help=_("Introductions × the share of them who buy. Above 1 the chain grows."),
        ),
        Figure(_("New in the last round"), formats.count(rows[-1]["new"]), icon="user-plus"),
        Figure(_("Customers in all"), formats.count(rows[-1]["base"]), icon="users"),
    ]


def _card(rows: list[dict[str, Any]]) -> ChartCard:
    series = {
        _("New customers"): [round(row["new"], 2) for row in rows],
        _("Customers in all"): [round(row["base"], 2) for row in rows],
    }
    heads = [_("Round"), _("Introduced"), _("New customers"), _("Customers in all")]
    return ChartCard(
        id="referral-rounds",
        title=_("Round by round"),
        subtitle=_("It is the new customers who double, not all of them: only the newest introduce."),
        option=charts.bars([str(row["round"] + 1) for row in rows], series, value_format=charts.count(1)),
        table=Table(
            columns=[Column(head, is_number=True) for head in heads],
            rows=[
                [
                    row["round"] + 1,
                    number_cell(row["introduced"], 1),
                    number_cell(row["new"], 1),
                    number_cell(row["base"], 1),
                ]
                for row in rows
            ],
        ),
    )
