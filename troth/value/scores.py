"""Everything a customer's row needs, in one go: figures, RFM, band, status, rung, reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from troth.value.base import ratio, stored_base
from troth.value.days import exact
from troth.value.engine import Table
from troth.value.facts import Facts, as_facts
from troth.value.later import ibis, pl
from troth.value.pyramid import with_band
from troth.value.rfm import with_rfm
from troth.value.rhythm import company_gap_days, with_status
from troth.value.summary import SUMMARY, observed_until, portable, summarised
from troth.value.terms import RUNGS, Terms

SCORES = (
    *SUMMARY,
    "window_revenue",
    "window_profit",
    "window_ordered",
    "window_assumed",
    "r_score",
    "f_score",
    "m_score",
    "rfm",
    "rfm_segment",
    "band",
    "band_place",
    "status",
    "usual_gap_days",
    "sleeping_after_days",
    "lost_after_days",
    "rung",
    "reasons",
)


@dataclass(frozen=True, slots=True)
class Notes:
    """What a reader of the figures must know.

    `assumed_share` is the share of the order amounts whose cost is not known and whose profit rests on
    `terms.margin.assumed`. Customers of whom no purchase counts (all given back, or only costs to serve)
    stand in no frame: their number and money are told here (`without_purchase_customers`, `without_purchase_revenue`,
    `without_purchase_profit`), so that frames and books agree; `customers`, `revenue` and `profit` are of the others.
    `company_gap_days` is the rhythm used where a customer has too few gaps of his own.
    """

    as_of: date
    terms: Terms
    currency: str | None
    customers: int
    revenue: Decimal
    profit: Decimal
    assumed_share: float
    company_gap_days: float
    without_purchase_customers: int
    without_purchase_revenue: Decimal
    without_purchase_profit: Decimal


@dataclass(frozen=True, slots=True)
class Scores:
    """`frame`: one row per customer who bought (columns: `SCORES`); `notes`: what holds for all of them."""

    frame: pl.DataFrame
    notes: Notes


def scores(facts: Any, *, as_of: date | None = None, terms: Terms | None = None) -> Scores:
    """Every figure of every customer, in one row each and in no order.

    The columns of `summary`, and: `window_revenue`, `window_profit`, `window_ordered`, `window_assumed`
    (the last `terms.bands.window_days`; of `window_ordered`, the amount whose cost is not known is
    `window_assumed`); `r_score`, `f_score`, `m_score`, `rfm`, `rfm_segment`; `band` (or `inactive`) and
    `band_place`, 0 best to 1; `status` with `usual_gap_days`, `sleeping_after_days`, `lost_after_days`;
    `rung`, as far as orders can tell; `reasons`, a JSON text: a list of objects with `code` and the values
    that decided.

    Raises `FactsError` for facts that cannot be computed with, `TermsError` for an `as_of` that is no day.
    """
    facts = as_facts(facts)
    terms = terms or Terms()
    day = observed_until(facts, as_of)
    with stored_base(facts, day, terms.margin, window_days=terms.bands.window_days) as base:
        bought = summarised(base, day, terms.unit)
        gap = company_gap_days(facts.engine, bought, terms.rhythm)
        with facts.engine.stored(placed(bought, day, terms)) as places:
            frame = facts.engine.frame(portable(scored(bought, places, terms, gap), SCORES))
        return Scores(frame, notes_of(facts, base, day, terms, gap))


def placed(bought: Table, as_of: date, terms: Terms) -> Table:
    """What depends on the place among all others: RFM and band.

    On a narrow table, because an engine carries every column of a row through each of the orderings.
    """
    narrow = with_band(with_rfm(bought.select(*PLACED_BY), terms.rfm), terms.bands, as_of)
    return narrow.select("customer_id", *PLACES)


PLACED_BY = (
    "customer_id",
    "days_since_last_purchase",
    "purchases",
    "revenue",
    "first_purchase_date",
    "last_purchase_date",
    "window_revenue",
    "window_profit",
)
PLACES = ("r_score", "f_score", "m_score", "rfm", "rfm_segment", "band", "band_place", "band_reason")


def scored(bought: Table, places: Table, terms: Terms, company_gap: float) -> Table:
    """The expression behind `scores`, for an engine that writes its result itself."""
    bought = bought.join(places, "customer_id")
    bought = with_status(bought, terms.rhythm, company_gap)
    bought = bought.mutate(
        window_assumed=exact(bought.window_ordered - bought.window_costed), rung=rung_of(bought.purchases)
    )
    return bought.mutate(reasons=reasons_of(bought, terms))


def rung_of(purchases: Any) -> Any:
    """Clients and advocates need share of wallet and referrals; without them the data says "at least"."""
    return (purchases > 1).ifelse(RUNGS[1], RUNGS[0])


def reasons_of(t: Table, terms: Terms) -> Any:
    """The reasons as JSON text, written by the engine: a million rows in a second."""
    status = json_object(
        ("code", "status.", t.status_reason),
        ("silent_days", t.days_since_last_purchase),
        ("usual_gap_days", t.usual_gap_days.cast("decimal(9, 2)")),
        ("gaps", t.frequency),
        ("sleeping_after_days", t.sleeping_after_days),
        ("lost_after_days", t.lost_after_days),
    )
    band = json_object(
        ("code", "band.", t.band_reason),
        ("place", t.band_place.cast("decimal(9, 6)")),
        (f"window_{terms.bands.measure}", t[f"window_{terms.bands.measure}"]),
    )
    rung = json_object(("code", "rung.", t.rung), ("purchases", t.purchases))
    return ibis.literal("[") + status + "," + band + "," + rung + "]"


def json_object(*pairs: Any) -> Any:
    """Codes are quoted and carry their prefix, numbers stand bare; our codes need no escape."""
    text: Any = ibis.literal("{")
    for number, (name, *value) in enumerate(pairs):
        text += f'{"," if number else ""}"{name}":'
        text += '"' + ibis.literal(value[0]) + value[1] + '"' if len(value) == 2 else value[0].cast("string")
    return text + "}"


def notes_of(facts: Facts, base: Table, as_of: date, terms: Terms, gap: float) -> Notes:
    bought = base.purchases.notnull()
    assumed = base.ordered_amount.sum() - base.costed_amount.sum()
    row = facts.engine.row(
        base.agg(
            customers=base.count(where=bought),
            revenue=base.revenue.sum(where=bought).coalesce(Decimal(0)),
            profit=base.profit.sum(where=bought).coalesce(Decimal(0)),
            assumed_share=ratio(assumed, base.ordered_amount.sum()).coalesce(0.0),
            without_purchase_customers=base.count(where=~bought),
            without_purchase_revenue=base.revenue.sum(where=~bought).coalesce(Decimal(0)),
            without_purchase_profit=base.profit.sum(where=~bought).coalesce(Decimal(0)),
        )
    )
    return Notes(as_of=as_of, terms=terms, currency=facts.profile.currency, company_gap_days=gap, **row)
