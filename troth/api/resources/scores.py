"""What the analysis found out about a customer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Path, Router
from pydantic import Field

from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.insights import queries
from troth.insights.market_models import MarketCorner
from troth.insights.models import (
    Band,
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
from troth.staff import queries as staff

from ..fields import AmountText, MomentText, Response, amount_text, number_text
from ..keys import ApiRequest
from ..operations import reads

router = Router(tags=["Scores"])

AMOUNTS = (
    "monetary_value",
    "revenue",
    "profit",
    "service_cost",
    "returned",
    "window_revenue",
    "window_profit",
)
RATIOS = ("profit_assumed_share", "discount_share", "usual_gap_days", "band_place")
PLAIN = (
    "as_of_date",
    "computed_at",
    "orders",
    "purchases",
    "frequency",
    "recency_days",
    "age_days",
    "days_since_last_purchase",
    "first_purchase_date",
    "last_purchase_date",
    "returns",
    "categories",
    "r_score",
    "f_score",
    "m_score",
    "rfm_segment",
    "band",
    "status",
    "sleeping_after_days",
    "lost_after_days",
    "rung",
    "reasons",
)


EXPECTED_AMOUNTS = (
    "made_value",
    "potential_value",
    "potential_low",
    "potential_high",
    "net_value",
    "net_low",
    "net_high",
    "stake",
)
EXPECTED_RATIOS = (
    "probability_alive",
    "alive_low",
    "alive_high",
    "expected_purchases",
    "reward_share",
    "loyalty_index",
    "loyalty_confidence",
    "behaviour",
    "attitude",
    "type_confidence",
)
EXPECTED_PLAIN = ("loyalty_type", "type_is_assumed", "type_reasons", "quarter")
EXPECTED_CODES = ("loyalty_hold", "action", "action_reason", "stake_kind")


class SuggestionOut(Response):
    """A product that a customer may buy next."""

    product: str = Field(description="Its sku, or its category where lines have no sku.")
    name: str = Field(description="Its name.")
    because: str | None = Field(description="Product of the customer's own that speaks most for it; null: most buy it.")


class OutlookOut(Response):
    """What is expected of a customer. What models tell is null where the past is too short for one."""

    purchases_since: int = Field(
        description="Days with a purchase since the analysis; chance, purchases and value already count them."
    )
    probability_alive: str | None = Field(description="0 to 1: chance to be still there.")
    alive_low: str | None = Field(description="Lower end of its interval of 95%.")
    alive_high: str | None = Field(description="Upper end of its interval of 95%.")
    expected_purchases: str | None = Field(description="Days with a purchase expected in the coming year.")
    made_value: AmountText = Field(description="Profit so far.")
    potential_value: AmountText | None = Field(description="Expected profit of the coming year, discounted.")
    potential_low: AmountText | None = Field(description="Lower end of its interval of 95%.")
    potential_high: AmountText | None = Field(description="Upper end of its interval of 95%.")
    net_value: AmountText | None = Field(
        description="The same less what points and rewards cost; null without a model, or where it was not told yet."
    )
    net_low: AmountText | None = Field(description="Lower end of its interval of 95%.")
    net_high: AmountText | None = Field(description="Upper end of its interval of 95%.")
    reward_share: str | None = Field(description="0 to 1: what points and rewards cost of revenue.")
    loyalty_index: str = Field(description="Loyalty index, 0 to 100.")
    loyalty_confidence: str = Field(description="0 to 1: how much of what the index weighs is known.")
    behaviour: str | None = Field(description="Behaviour's side of the index, 0 to 100.")
    attitude: str | None = Field(description="Attitude's side of the index, 0 to 100; null: nobody asked.")
    loyalty_type: LoyaltyKind = Field(description="Type of loyalty.")
    loyalty_hold: LoyaltyHold | None = Field(description="What holds the customer; null: nothing was seen.")
    type_is_assumed: bool = Field(description="The attitude was not asked: the type rests on orders alone.")
    type_confidence: str = Field(description="0 to 1: how sure the type is.")
    type_reasons: list[dict[str, Any]] = Field(description="Why: codes with the values that decided.")
    quarter: Quarter = Field(description="Loyalty against value.")
    action: NextAction | None = Field(description="The one thing to do next; null without a model.")
    action_reason: str | None = Field(description="Why that, as a code.")
    stake: AmountText | None = Field(description="Money at stake in the coming year.")
    stake_kind: str | None = Field(description="`expected` anyhow, or `at_risk` if nothing is done.")


class CustomerMarketOut(Response):
    """A market in which it is known how satisfied the customer is."""

    market: str = Field(description="Its name: a value of the attribute, a city, or a department.")
    satisfaction: str = Field(description="Points of 0 to 100.")
    stayed: bool = Field(description="The silence there is no longer than the customer's usual gap allows.")
    corner: MarketCorner = Field(description="Satisfied or not, staying or not.")


class LeavingReasonOut(Response):
    """What speaks for or against leaving: one theme, by the thing known that says most of it."""

    theme: str = Field(description="What it belongs to: a code.")
    feature: str = Field(description="What is known: a code.")
    value: float | None = Field(description="The customer's figure; null: not known.")
    typical: float | None = Field(description="The usual figure of those learned from.")
    points: float = Field(description="What the theme adds to the log odds; above 0 it speaks for leaving.")


class LeavingOut(Response):
    """How likely the customer is to buy nothing for as long as would be unusual."""

    probability: str = Field(description="0 to 1: chance of no purchase in ahead_days.")
    ahead_days: int = Field(description="Days from as_of_date on: three of the customer's own usual gaps, or less.")
    as_of_date: date = Field(description="The day that counted as today.")
    reasons: list[LeavingReasonOut] = Field(description="Why, the weightiest first.")


class ScoreOut(Response):
    """Everything measured of one customer, over all merged records, as of one day. Ratios are text."""

    customer_id: UUID = Field(description="The canonical customer.")
    as_of_date: date = Field(description="The day that counted as today.")
    computed_at: MomentText = Field(description="When it was computed.")
    currency: str = Field(description="ISO 4217 code of all amounts.")
    orders: int = Field(description="Number of orders.")
    purchases: int = Field(description="Number of days with a purchase.")
    frequency: int = Field(description="Number of repeat purchases.")
    recency_days: int = Field(description="Days from the first to the last purchase.")
    age_days: int = Field(description="Days from the first purchase to as_of_date.")
    days_since_last_purchase: int = Field(description="Days of silence.")
    first_purchase_date: date = Field(description="Day of the first purchase.")
    last_purchase_date: date = Field(description="Day of the last purchase.")
    monetary_value: AmountText = Field(description="Mean amount of the purchases after the first.")
    revenue: AmountText = Field(description="Net of discounts and returns, over all time.")
    profit: AmountText = Field(description="Revenue less the cost of goods and the cost to serve.")
    profit_assumed_share: str = Field(description="0 to 1: share of revenue whose cost was assumed, not known.")
    service_cost: AmountText = Field(description="Cost to serve.")
    returns: int = Field(description="Number of returns.")
    returned: AmountText = Field(description="Money given back.")
    discount_share: str = Field(description="0 to 1: share of the full price taken off.")
    categories: int = Field(description="Number of categories bought from.")
    window_revenue: AmountText = Field(description="Revenue in the window by which bands are drawn.")
    window_profit: AmountText = Field(description="Profit in that window.")
    r_score: int = Field(description="Recency, 1 to 5.")
    f_score: int = Field(description="Frequency, 1 to 5.")
    m_score: int = Field(description="Money, 1 to 5.")
    rfm_segment: RfmSegment = Field(description="Name of the region of recency against frequency and money.")
    band: Band = Field(description="Value band.")
    band_place: str = Field(description="Place among those who bought in the window, 0 the best.")
    status: Status = Field(description="Where in the life cycle, by the customer's own rhythm.")
    usual_gap_days: str = Field(description="Usual days between purchases.")
    sleeping_after_days: int = Field(description="Days of silence after which the customer counts as sleeping.")
    lost_after_days: int = Field(description="Days of silence after which the customer counts as lost.")
    rung: Rung = Field(
        description="Rung of the loyalty ladder; `at_least_repeat_buyer` where the share of wallet is not known."
    )
    reasons: list[dict[str, Any]] = Field(description="Why: codes with the values that decided.")
    outlook: OutlookOut | None = Field(description="What is expected; null before the first analysis that tells it.")
    leaving: LeavingOut | None = Field(description="Risk of leaving; null: lost already, or not told yet.")
    markets: list[CustomerMarketOut] = Field(
        description="Markets in which the customer said how satisfied they are; empty without markets or answers."
    )
    next_products: list[SuggestionOut] = Field(description="What the customer may buy next, the likeliest first.")


@reads(router, "/customers/{customer_id}/scores", scope=Permission.INSIGHTS_VIEW, response=ScoreOut)
def get_scores(request: ApiRequest, customer_id: Path[UUID]) -> ScoreOut:
    """Get what the last analysis found out about a customer.

    404 if the customer has not bought, or not before the last analysis.
    """
    return _score(queries.score(customers.customer(customer_id).id), request.now)


def _score(row: CustomerScore, now: datetime) -> ScoreOut:
    run = queries.latest_run()
    currency = run.currency if run else staff.company().currency
    fields: dict[str, Any] = {name: getattr(row, name) for name in PLAIN}
    fields |= {name: amount_text(getattr(row, name), currency) for name in AMOUNTS}
    fields |= {name: number_text(getattr(row, name)) for name in RATIOS}
    found, days_since = queries.outlook_now(row.owner_id, today=staff.company().today(now))
    outlook = _outlook(found, currency, days_since) if found else None
    products = _next_products(row.owner_id)
    told: dict[str, Any] = {"outlook": outlook, "leaving": _leaving(row.owner_id), "next_products": products}
    told["markets"] = _markets(row.owner_id)
    return ScoreOut(customer_id=row.owner_id, currency=currency, **told, **fields)


def _leaving(customer_id: UUID) -> LeavingOut | None:
    found = queries.churn(customer_id)
    if found is None:
        return None
    return LeavingOut(
        probability=number_text(found.probability),
        ahead_days=found.ahead_days,
        as_of_date=found.as_of_date,
        reasons=[LeavingReasonOut(**one) for one in found.reasons],
    )


def _markets(customer_id: UUID) -> list[CustomerMarketOut]:
    return [
        CustomerMarketOut(
            market=one.market,
            satisfaction=number_text(one.satisfaction),
            stayed=one.stayed,
            corner=MarketCorner(one.corner),
        )
        for one in queries.markets_of(customer_id)
    ]


def _next_products(customer_id: UUID) -> list[SuggestionOut]:
    found = queries.suggestion(customer_id)
    return [
        SuggestionOut(product=one["product"], name=one["name"], because=one["because"] or None)
        for one in (found.products if found else [])
    ]


def _outlook(row: CustomerOutlook, currency: str, days_since: int) -> OutlookOut:
    fields: dict[str, Any] = {name: getattr(row, name) for name in EXPECTED_PLAIN}
    fields |= {name: getattr(row, name) or None for name in EXPECTED_CODES}
    for names, text in ((EXPECTED_AMOUNTS, lambda given: amount_text(given, currency)), (EXPECTED_RATIOS, number_text)):
        for name in names:
            given = getattr(row, name)
            fields[name] = None if given is None else text(given)
    return OutlookOut(purchases_since=days_since, **fields)
