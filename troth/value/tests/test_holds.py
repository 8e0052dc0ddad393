"""What purchases tell of holds, by hand."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from troth.value import Facts, TermsError, holds

DAY = date(2026, 3, 1)


def facts(*rows):
    """Rows of customer, days ago, store."""
    return Facts(
        pl.DataFrame(
            {
                "customer_id": [who for who, *_rest in rows],
                "order_date": [DAY - timedelta(days=ago) for _who, ago, _where in rows],
                "net_amount": [Decimal(5)] * len(rows),
                "order_id": [str(place) for place in range(len(rows))],
                "store": pl.Series([where for *_rest, where in rows], dtype=pl.String),
            }
        )
    )


def test_the_main_store_is_where_most_days_of_the_window_were():
    rows = [("ann", ago, "1") for ago in (1, 2, 3, 3)] + [("ann", 9, "2"), ("ann", 400, "2"), ("ann", 5, None)]
    rows += [("bo", 1, "2"), ("bo", 2, "2")]  # two days say nothing
    with facts(*rows) as known:
        found = holds.main_store(known, as_of=DAY)
    assert found.rows() == [("ann", "1", 0.75, 4)]


def test_where_there_is_one_store_nobody_chose_it():
    with facts(*[("ann", ago, "1") for ago in range(5)]) as known:
        assert holds.main_store(known, as_of=DAY).is_empty()


def test_incentives_are_counted_on_days_with_a_purchase():
    used = pl.DataFrame(
        {"customer_id": ["ann", "ann", "ann", "bo"], "day": [DAY - timedelta(days=ago) for ago in (1, 2, 7, 1)]}
    )
    rows = [("ann", ago, "1") for ago in (1, 1, 2, 3, 4)] + [("bo", 1, "1"), ("carl", 1, "1")]
    with facts(*rows) as known:
        found = holds.incentives(known, used, as_of=DAY)
    assert found.rows() == [("ann", 0.5)]


def test_a_window_of_no_day_is_refused():
    with facts(("ann", 1, "1")) as known, pytest.raises(TermsError, match="window_days"):
        holds.main_store(known, as_of=DAY, window_days=0)
