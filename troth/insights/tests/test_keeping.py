"""Who bought again in the next span: exact figures over two years, halves of a shorter past, nothing from too short."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from troth import value
from troth.insights import keeping
from troth.insights.analysis import STAGES
from troth.insights.tasks import stage_text

AS_OF = date(2026, 3, 1)
MARGIN = value.Margin(assumed=Decimal("0.30"))


def found(*orders):
    """Return the row by column name and the spans, from (customer, days before the last day, amount)."""
    rows = {
        "order_id": [str(number) for number in range(len(orders))],
        "customer_id": [customer for customer, _, _ in orders],
        "order_date": [AS_OF - timedelta(days=days) for _, days, _ in orders],
        "net_amount": [Decimal(amount) for _, _, amount in orders],
    }
    facts = value.Facts(orders=pl.DataFrame(rows))
    with facts.engine.stored(value.purchase_days(facts, AS_OF)) as days:
        made, told = keeping.retention(facts, days, as_of=AS_OF, margin=MARGIN)
    return [dict(zip(keeping.COLUMNS, row, strict=True)) for row in made], told


@pytest.mark.slow
def test_of_two_years_the_customers_of_the_first_are_followed_into_the_second():
    rows, told = found(
        ("ann", 729, "50"), ("ann", 400, "150"), ("ann", 364, "900"),
        ("bob", 365, "100"),
        ("cat", 10, "70"),
    )  # fmt: skip

    assert (told["start"], told["middle"], told["end"]) == (date(2024, 3, 2), date(2025, 3, 1), AS_OF)
    assert (told["span_days"], told["is_compounded"]) == (365, False)
    assert len(rows) == 1
    row = rows[0]
    assert (row["customers"], row["retention"], row["profit"]) == (2, 0.5, 45.0)  # 0.3 × (200 + 100) ÷ 2
    # profit·q·h ÷ ((q − r)(q − r − h)) = 45 × 1.1 × 0.05 ÷ (0.6 × 0.55)
    assert row["gain"] == pytest.approx(7.5)
    assert row["rise"] == pytest.approx(0.05 / 0.55)
    assert row["gain_low"] is None  # two customers tell no interval


@pytest.mark.slow
def test_a_shorter_past_is_cut_in_halves_and_carried_to_a_year():
    rows, told = found(("ann", 199, "60"), ("ann", 5, "60"), ("bob", 150, "60"))

    assert (told["span_days"], told["is_compounded"]) == (100, True)
    row = rows[0]
    assert row["retention"] == pytest.approx(0.5**3.65)
    assert row["profit"] == pytest.approx(18 * 3.65)
    assert row["gain"] is None
    assert row["rise"] is None


@pytest.mark.slow
def test_a_half_of_less_than_sixty_days_tells_nothing():
    rows, told = found(("ann", 118, "60"), ("ann", 5, "60"))

    assert rows == []
    assert told == {"days_needed": 120}


@pytest.mark.parametrize(("days", "span"), [(118, None), (119, 60), (728, 364), (729, 365), (4000, 365)])
def test_spans_are_at_most_a_year(days, span):
    assert keeping.span_days(AS_OF - timedelta(days=days), AS_OF) == span
    assert keeping.span_days(None, AS_OF) is None


def test_every_stage_of_an_analysis_has_words():
    assert all(stage_text(stage, 3) for stage in STAGES)
