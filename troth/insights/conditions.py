"""What was measured, as fields of the condition language."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.kit.conditions import catalogue
from troth.kit.conditions.checks import fold
from troth.kit.conditions.expressions import Folded
from troth.kit.conditions.fields import (
    AsOf,
    Choice,
    Field,
    Group,
    Members,
    Param,
    ParamKind,
    Rows,
    Rowset,
    SideTable,
    ValueType,
)
from troth.kit.conditions.tree import Params

from .market_models import CustomerMarket, MarketCorner, about, step_choices
from .models import (
    Band,
    CustomerChurn,
    CustomerOutlook,
    CustomerScore,
    LoyaltyHold,
    LoyaltyKind,
    NextAction,
    Quarter,
    RfmSegment,
    Rung,
    Status,
)
from .prospect_models import Prospect, ProspectRung

SCORES = Group("score", _("Value and scores"), order=30)
OUTLOOK = Group("outlook", _("Loyalty and outlook"), order=31)


def _scores(_as_of: AsOf) -> Rowset:
    return CustomerScore.objects.all()


def _outlooks(_as_of: AsOf) -> Rowset:
    return CustomerOutlook.objects.all()


def _churn(_as_of: AsOf) -> Rowset:
    return CustomerChurn.objects.all()


def _placed(params: Params) -> Rowset:
    found: Rowset = CustomerMarket.objects.all()
    if corners := params.get("corners"):
        found = found.filter(corner__in=corners)
    if isinstance(steps := params.get("satisfactions"), tuple):
        found = found.filter(about(map(str, steps)))
    if markets := params.get("markets"):
        names = [fold(str(one)) for one in markets] if isinstance(markets, tuple) else []
        found = found.annotate(folded=Folded("market")).filter(folded__in=names)
    return found


def _markets(_as_of: AsOf, params: Params) -> Rows:
    return Rows(_placed(params), "market")


def _corners(_as_of: AsOf, params: Params) -> Rows:
    return Rows(_placed(params), "corner")


def _suggest_market(start: str) -> list[str]:
    found: Any = CustomerMarket.objects.filter(market__istartswith=start).order_by("market")
    return list(found.values_list("market", flat=True).distinct()[:20])


CORNERS = [Choice(member.value, member.label) for member in MarketCorner]
IN_CORNERS = Param("corners", ParamKind.CHOICES, _("Where they are"), _("where they are %(value)s"), choices=CORNERS)
SATISFIED = Param(
    "satisfactions",
    ParamKind.CHOICES,
    _("How satisfied there"),
    _("satisfied by %(value)s"),
    choices=[Choice(code, label) for code, label in step_choices()],
)
IN_MARKETS = Param("markets", ParamKind.TEXTS, _("In markets"), _("in %(value)s"), suggest=_suggest_market)


def _prospects(_as_of: AsOf) -> Rowset:
    return Prospect.objects.all()


def _choice(code: str, label: Promise, column: str, kind: type[Band | Status | Rung | RfmSegment]) -> Field:
    choices = [Choice(member.value, member.label) for member in kind]
    source = SideTable(_scores, column)
    return Field(f"score.{code}", ValueType.CHOICE, label, SCORES, source=source, choices=choices)


def _number(code: str, kind: ValueType, label: Promise, column: str) -> Field:
    return Field(f"score.{code}", kind, label, SCORES, source=SideTable(_scores, column))


def _expected(code: str, kind: ValueType, label: Promise, column: str) -> Field:
    return Field(f"outlook.{code}", kind, label, OUTLOOK, source=SideTable(_outlooks, column))


def _named(
    code: str, label: Promise, column: str, kind: type[LoyaltyKind | LoyaltyHold | Quarter | NextAction]
) -> Field:
    choices = [Choice(member.value, member.label) for member in kind]
    source = SideTable(_outlooks, column)
    return Field(f"outlook.{code}", ValueType.CHOICE, label, OUTLOOK, source=source, choices=choices)


catalogue.register(
    "customer",
    _choice("band", _("Value band"), "band", Band),
    _choice("status", _("Life cycle"), "status", Status),
    _choice("status_before", _("Life cycle a month ago"), "status_before", Status),
    _choice("rung", _("Ladder rung"), "rung", Rung),
    Field(
        "prospect.rung",
        ValueType.CHOICE,
        _("Rung before the first purchase"),
        SCORES,
        source=SideTable(_prospects, "rung"),
        choices=[Choice(member.value, member.label) for member in ProspectRung],
    ),
    _choice("rung_before", _("Ladder rung a month ago"), "rung_before", Rung),
    _choice("rfm_segment", _("RFM segment"), "rfm_segment", RfmSegment),
    _number("r", ValueType.COUNT, _("Recency score (1–5)"), "r_score"),
    _number("f", ValueType.COUNT, _("Frequency score (1–5)"), "f_score"),
    _number("m", ValueType.COUNT, _("Money score (1–5)"), "m_score"),
    _number("revenue", ValueType.MONEY, _("Revenue of all time"), "revenue"),
    _number("profit", ValueType.MONEY, _("Profit of all time"), "profit"),
    _number("window_revenue", ValueType.MONEY, _("Revenue of the measured period"), "window_revenue"),
    _number("window_profit", ValueType.MONEY, _("Profit of the measured period"), "window_profit"),
    _number("purchases", ValueType.COUNT, _("Days with a purchase"), "purchases"),
    _number("categories", ValueType.COUNT, _("Categories bought"), "categories"),
    _number("silent_days", ValueType.COUNT, _("Days of silence at the last analysis"), "days_since_last_purchase"),
    _number("usual_gap", ValueType.NUMBER, _("Usual gap in days"), "usual_gap_days"),
    _number("discount_share", ValueType.NUMBER, _("Share of discounts (0–1)"), "discount_share"),
    _expected("alive", ValueType.NUMBER, _("Chance to be still there (0–1)"), "probability_alive"),
    Field(
        "outlook.leaving",
        ValueType.NUMBER,
        _("Chance to leave (0–1)"),
        OUTLOOK,
        source=SideTable(_churn, "probability"),
    ),
    _expected("purchases", ValueType.NUMBER, _("Purchases expected in a year"), "expected_purchases"),
    _expected("potential", ValueType.MONEY, _("Profit expected in a year"), "potential_value"),
    _expected("wallet", ValueType.NUMBER, _("Share of wallet (0–1)"), "wallet_share"),
    _expected("referred", ValueType.COUNT, _("Customers brought"), "referred"),
    _expected("influence", ValueType.MONEY, _("Influence value"), "influence_value"),
    _expected("loyalty", ValueType.NUMBER, _("Loyalty index (0–100)"), "loyalty_index"),
    _named("type", _("Type of loyalty"), "loyalty_type", LoyaltyKind),
    _named("hold", _("What holds the customer"), "loyalty_hold", LoyaltyHold),
    _named("quarter", _("Loyalty against value"), "quarter", Quarter),
    _named("action", _("Next best action"), "action", NextAction),
    _expected("stake", ValueType.MONEY, _("Money at stake"), "stake"),
    Field(
        "outlook.markets",
        ValueType.TEXT_SET,
        _("Markets in which satisfaction is known"),
        OUTLOOK,
        source=Members(_markets),
        suggest=_suggest_market,
        params=(IN_CORNERS, SATISFIED),
    ),
    Field(
        "outlook.corners",
        ValueType.CHOICE_SET,
        _("Satisfied or not, staying or not"),
        OUTLOOK,
        source=Members(_corners),
        choices=CORNERS,
        params=(IN_MARKETS, SATISFIED),
    ),
)
