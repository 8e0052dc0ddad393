"""From orders to one row a person: what came after the draw, what was known before; every figure by hand."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from troth import value
from troth.value import TermsError, experiments
from troth.value.tests.cases import facts, orders_frame, returns_frame, row_of

DRAWN = date(2026, 3, 10)
AS_OF = date(2026, 4, 30)


def drawn(*rows: tuple[str, str, date]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["customer_id", "arm", "drawn_date"], orient="row")


@pytest.mark.slow
def test_what_came_after_and_what_was_before() -> None:
    held = facts(
        ("o1", "ann", "2025-02-01", "50"),  # more than a year before: known since, not in the year's revenue
        ("o2", "ann", "2026-03-10", "100"),  # on the day of the draw: before
        ("o3", "ann", "2026-03-11", "80", "80", "30"),
        ("o4", "ann", "2026-04-09", "20"),  # the last of the thirty days
        ("o5", "ann", "2026-04-10", "500"),  # after them
        ("o6", "bo", "2026-01-10", "40"),
        returns=returns_frame(("o3", "ann", "2026-03-20", "10"), ("o6", "bo", "2026-01-11", "15")),
    )
    who = drawn(("ann", "mail", DRAWN), ("bo", "control", DRAWN), ("cy", "control", DRAWN))
    found = experiments.observed(held, who, days=30, as_of=AS_OF, margin=value.Margin(assumed=Decimal("0.5")))
    assert found["customer_id"].to_list() == ["ann", "bo", "cy"]
    ann = row_of(found, "ann")
    assert ann["bought"] is True
    assert ann["revenue"] == 80 + 20 - 10
    assert ann["profit"] == (80 - 30) + 20 * 0.5 - 10 * 0.5
    assert ann["purchases_before"] == 2
    assert ann["revenue_before"] == 100
    assert ann["mean_before"] == 75
    assert (ann["silent_days"], ann["known_days"]) == (0, 402)
    bo = row_of(found, "bo")
    assert (bo["bought"], bo["revenue"], bo["revenue_before"], bo["silent_days"]) == (False, 0, 25, 59)
    cy = row_of(found, "cy")
    assert (cy["bought"], cy["revenue"], cy["profit"], cy["purchases_before"]) == (False, 0, 0, 0)
    assert (cy["mean_before"], cy["silent_days"], cy["known_days"]) == (None, None, None)


@pytest.mark.slow
def test_whose_days_are_not_over_is_left_out_and_so_is_who_was_in_two_groups() -> None:
    held = facts(("o1", "ann", "2026-03-15", "10"))
    who = drawn(
        ("ann", "mail", date(2026, 3, 31)),
        ("late", "mail", date(2026, 4, 1)),
        ("both", "mail", DRAWN),
        ("both", "control", DRAWN),
        ("twice", "control", DRAWN),
        ("twice", "control", date(2026, 4, 20)),
    )
    found = experiments.observed(held, who, days=30, as_of=AS_OF)
    assert found.select("customer_id", "drawn_date").rows() == [("ann", date(2026, 3, 31)), ("twice", DRAWN)]


@pytest.mark.slow
def test_a_merged_customer_counts_once_under_the_record_that_remains() -> None:
    held = value.Facts(
        orders_frame(("o1", "old", "2026-03-12", "30")),
        customers=pl.DataFrame({"customer_id": ["old", "new"], "canonical_id": ["new", "new"]}),
    )
    who = drawn(("old", "mail", DRAWN), ("new", "mail", date(2026, 3, 20)))
    found = experiments.observed(held, who, days=30, as_of=AS_OF)
    assert found.select("customer_id", "drawn_date", "revenue").rows() == [("new", DRAWN, 30.0)]


@pytest.mark.slow
def test_nobody_drawn_is_nobody_found() -> None:
    empty = pl.DataFrame(schema={"customer_id": pl.String, "arm": pl.String, "drawn_date": pl.Date})
    assert experiments.observed(facts(("o1", "ann", "2026-03-15", "10")), empty, days=30, as_of=AS_OF).is_empty()


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, -1, 1.5])
def test_days_without_sense_are_refused(days: int) -> None:
    with pytest.raises(TermsError) as refused:
        experiments.observed(facts(), drawn(("ann", "mail", DRAWN)), days=days, as_of=AS_OF)
    assert refused.value.field == "days"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(TermsError, match="drawn_date"):
        experiments.observed(facts(), pl.DataFrame({"customer_id": ["a"], "arm": ["x"]}), days=1, as_of=AS_OF)
