"""Loyalty and value from plain order facts: frames in, frames out; no Django, nothing else of Troth.

    from troth import value

    lake = value.Lake("lake")                       # or value.Facts(orders=frame), polars, pandas or Arrow
    result = value.scores(lake, as_of=date(2018, 1, 1))
    value.pyramid(result)

Days are business days in the company's zone; facts count up to and including `as_of`. Money is Decimal in
one currency, shares are floats of 0 to 1, and no figure is ever NaN. Models of buying, spend and contracts
stand in `value.models`, who is about to leave in `value.churn`, the loyalty index, types, ladder and
markets in `value.loyalty`, what a customer may buy next in `value.next_product`.
"""

from typing import TYPE_CHECKING

from troth.value.attrition import Band, attrition_table
from troth.value.days import purchase_days, stored_days
from troth.value.delivered import Delivered, delivered_value, value_map
from troth.value.doubling import Chain, referral_chain, referral_rounds
from troth.value.errors import FactsError, Problem, TermsError, ValueFault
from troth.value.facts import Facts
from troth.value.influence import influence
from troth.value.lake import Lake
from troth.value.later import looked_up
from troth.value.months import cohorts, trend
from troth.value.movement import active_waterfall, rungs_on, status_on, steps_of
from troth.value.next_action import Action, ActionRules, Stake, next_actions
from troth.value.people import by_rung, by_status, scatter, top_customers
from troth.value.plain import PlainValue, expected_plain_value, plain_value
from troth.value.pyramid import Concentration, pareto, pyramid
from troth.value.retention import Annuity, retention_gains
from troth.value.rewarding import PointCost, net_value, reward_share
from troth.value.rfm import rfm
from troth.value.scores import Notes, Scores, scores
from troth.value.standing import standing
from troth.value.summary import summary
from troth.value.terms import Bands, Margin, RfmRules, Rhythm, Terms

__all__ = [
    "Action",
    "ActionRules",
    "Annuity",
    "Band",
    "Bands",
    "Chain",
    "Concentration",
    "Delivered",
    "Facts",
    "FactsError",
    "Lake",
    "Margin",
    "Notes",
    "PlainValue",
    "PointCost",
    "Problem",
    "RfmRules",
    "Rhythm",
    "Scores",
    "Stake",
    "Terms",
    "TermsError",
    "ValueFault",
    "active_waterfall",
    "attrition_table",
    "by_rung",
    "by_status",
    "cohorts",
    "delivered_value",
    "expected_plain_value",
    "influence",
    "net_value",
    "next_actions",
    "pareto",
    "plain_value",
    "purchase_days",
    "pyramid",
    "referral_chain",
    "referral_rounds",
    "retention_gains",
    "reward_share",
    "rfm",
    "rungs_on",
    "scatter",
    "scores",
    "standing",
    "status_on",
    "steps_of",
    "stored_days",
    "summary",
    "top_customers",
    "trend",
    "value_map",
]

if TYPE_CHECKING:
    from troth.value import churn as churn
    from troth.value import loyalty as loyalty
    from troth.value import models as models
    from troth.value import next_product as next_product
else:
    # SciPy behind them takes longer to load than the rest.
    __getattr__ = looked_up(__name__, dict.fromkeys(("churn", "loyalty", "models", "next_product"), ()))
