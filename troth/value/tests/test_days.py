"""Days of purchase that several reports share, and the profit of a span alone."""

from datetime import timedelta
from decimal import Decimal

import pytest

from troth import value
from troth.value.base import stored_base, window_profits
from troth.value.tests.cases import costs_frame, day, orders_frame, returns_frame

ORDERS = (
    ("a1", "ada", "2024-01-05", "10.10", "10.10", "4.05"),
    ("a2", "ada", "2024-01-05", "20", "0", "0"),
    ("a3", "ada", "2024-03-01", "30.3333", "30", "11.1111"),
    ("b1", "bea", "2024-02-01", "40"),
    ("b2", "bea", "2024-02-20", "50", "20", "8"),
    ("c1", "cleo", "2024-02-10", "60", "60", "70"),
    ("d1", "dora", "2023-01-10", "70"),
)
RETURNS = (
    ("a1", "ada", "2024-01-20", "10.10"),  # whole, but there is another order of the day
    ("b1", "bea", "2024-02-05", "40"),  # whole, before the earlier day
    ("b2", "bea", "2024-03-05", "50"),  # whole, after it
    ("c1", "cleo", "2024-03-06", "15"),  # in part
    ("d1", "dora", "2024-02-11", "70"),  # whole, of one who only gave back within the span
    (None, "dora", "2024-02-12", "1"),
)
EARLIER, LATER = day("2024-02-28"), day("2024-03-31")


def facts(**more):
    return value.Facts(orders_frame(*ORDERS), returns=returns_frame(*RETURNS), **more)


def days_of(given, table):
    return sorted(given.engine.frame(table).iter_rows())


@pytest.mark.slow
def test_a_purchase_given_back_whole_later_on_still_stood_on_the_earlier_day():
    with facts() as given:
        alone = days_of(given, value.purchase_days(given, EARLIER))
        with value.stored_days(given, LATER) as later, value.stored_days(given, EARLIER) as earlier:
            shared, late = days_of(given, earlier), days_of(given, later)

    assert alone == [("ada", day("2024-01-05")), ("bea", day("2024-02-20")), ("cleo", day("2024-02-10"))]
    assert shared == alone
    assert late == [("ada", day("2024-01-05")), ("ada", day("2024-03-01")), ("cleo", day("2024-02-10"))]


@pytest.mark.slow
def test_without_returns_the_earlier_days_are_cut_from_the_later_ones():
    with value.Facts(orders_frame(*ORDERS)) as given:
        alone = days_of(given, value.purchase_days(given, EARLIER))
        with value.stored_days(given, LATER), value.stored_days(given, EARLIER) as earlier:
            assert days_of(given, earlier) == alone
    assert len(alone) == 5


@pytest.mark.slow
def test_who_asks_again_is_given_the_same_days_until_the_block_ends():
    with facts() as given:
        with value.stored_days(given, LATER) as first, value.stored_days(given, LATER) as second:
            assert first is second
        assert given.days == {}


@pytest.mark.slow
def test_figures_are_the_same_within_shared_days_and_without():
    with facts() as given:
        alone = (value.scores(given, as_of=LATER).frame.sort("customer_id"), value.trend(given, as_of=LATER))
        evenings = [EARLIER, LATER, EARLIER - timedelta(days=30)]
        with value.stored_days(given, LATER) as days:
            counted = value.standing(given, days, evenings, value.Rhythm())
            shared = (value.scores(given, as_of=LATER).frame.sort("customer_id"), value.trend(given, as_of=LATER))

    assert [frame.to_dicts() for frame in shared] == [frame.to_dicts() for frame in alone]
    assert sum(counted[LATER].values()) == 2
    assert sum(counted[EARLIER].values()) == 2  # ada and cleo: what bea bought had come back by the end of the days
    assert sum(counted[evenings[2]].values()) == 1


@pytest.mark.slow
def test_profit_of_a_span_is_that_of_the_whole_calculation():
    costs = costs_frame(("bea", "2024-02-02", "3.5"), ("bea", "2023-05-02", "9"), ("eva", "2024-02-02", "1"))
    start, margin = day("2024-02-01"), value.Margin(assumed=Decimal("0.25"))
    with facts(service_costs=costs) as given:
        found = dict(given.engine.frame(window_profits(given, (start, LATER), margin)).iter_rows())
        with stored_base(given, LATER, margin, window_days=(LATER - start).days + 1) as base:
            whole = dict(given.engine.frame(base.select("customer_id", "window_profit")).iter_rows())

    assert found == {who: whole[who] for who in ("ada", "bea", "cleo")}
    assert found["bea"] == Decimal("40") * margin.assumed + 12 + 30 * margin.assumed - 90 * margin.assumed - Decimal(
        "3.5"
    )
