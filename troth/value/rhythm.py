"""Who is new, back once, active, sleeping or lost: told by each customer's own rhythm of buying."""

from __future__ import annotations

from typing import Any

from troth.value.engine import Engine, Table
from troth.value.later import ibis
from troth.value.terms import Rhythm

# Reasons, as codes; their values stand in the columns of the same row.
OWN, MIXED, COMPANY = "own_rhythm", "mixed_rhythm", "company_rhythm"


def company_gap_days(engine: Engine, bought: Table, rhythm: Rhythm) -> float:
    """The median of the mean gaps of all who came back, to hundredths; the fallback where nobody did."""
    repeaters = bought.filter(bought.purchases > 1)
    gaps = repeaters.span_days.cast("float64") / (repeaters.purchases - 1).cast("float64")
    median = engine.row(repeaters.agg(gap=gaps.median()))["gap"]
    return float(rhythm.fallback_gap_days) if median is None else round(float(median), 2)


def with_status(bought: Table, rhythm: Rhythm, company_gap: float) -> Table:
    """`usual_gap_days`, `sleeping_after_days`, `lost_after_days`, `status`, `status_reason` beside the
    figures.

    Needs `purchases`, `span_days`, `days_since_last_purchase`. The limits are cut to whole days: a customer
    is active as long as the silence is not above `sleeping_after_days`.
    """
    gaps = (bought.purchases - 1).cast("float64")
    weight = float(rhythm.company_gaps)
    gap = (company_gap * weight + bought.span_days.cast("float64")) / (gaps + weight)
    bought = bought.mutate(usual_gap_days=gap.round(2))
    counted = ibis.greatest(bought.usual_gap_days, float(rhythm.floor_days / rhythm.sleeping_after))
    bought = bought.mutate(
        sleeping_after_days=(counted * float(rhythm.sleeping_after)).floor().cast("int64"),
        lost_after_days=(counted * float(rhythm.lost_after)).floor().cast("int64"),
    )
    return bought.mutate(status=status_of(bought, rhythm), status_reason=reason_of(bought, rhythm))


def status_of(bought: Table, rhythm: Rhythm) -> Any:
    silent_days = bought.days_since_last_purchase
    return ibis.cases(
        (silent_days > bought.lost_after_days, "lost"),
        (silent_days > bought.sleeping_after_days, "sleeping"),
        (bought.purchases == 1, "new"),
        (bought.purchases < rhythm.active_from_purchases, "repeat"),
        else_="active",
    )


def reason_of(bought: Table, rhythm: Rhythm) -> Any:
    """Whose gaps weigh more in the usual gap; with no gap of his own, the company's alone."""
    gaps = bought.purchases - 1
    return ibis.cases((gaps == 0, COMPANY), (gaps <= rhythm.company_gaps, MIXED), else_=OWN)
