"""How customers buy in a market, by hand: departments from categories, cities from stores, staying by the own gap."""

from datetime import date, timedelta

import polars as pl
import pytest

from troth.value import Facts, markets
from troth.value.terms import Rhythm

DAY = date(2026, 3, 1)
RHYTHM = Rhythm()


def bought(*rows):
    """Rows of customer, days before, category, store: an order of one line each."""
    days = [DAY - timedelta(days=ago) for _who, ago, _what, _where in rows]
    ids = [f"o{place}" for place in range(len(rows))]
    whose = [who for who, *_rest in rows]
    orders = pl.DataFrame(
        {"customer_id": whose, "order_date": days, "net_amount": ["10"] * len(rows), "order_id": ids,
         "store": [where for *_rest, where in rows]}
    ).with_columns(pl.col("net_amount").cast(pl.Decimal(18, 4)))  # fmt: skip
    categories = [what for _who, _ago, what, _where in rows]
    lines = pl.DataFrame({"customer_id": whose, "order_date": days, "category": categories, "order_id": ids})
    return {"orders": orders, "lines": lines}


def regular(who, every, times, until, category, store):
    return [(who, until + every * place, category, store) for place in range(times)]


PEOPLE = pl.DataFrame({"customer_id": ["ann", "bo"]})


def test_each_department_is_left_by_the_gaps_in_it():
    rows = [
        *regular("ann", 10, 12, 2, "Grocery › Milk", "1"),
        *regular("ann", 10, 12, 200, "Meat › Beef", "1"),  # nothing for two hundred days, ten were usual
        *regular("bo", 30, 6, 20, "Grocery", "2"),
        *regular("carl", 5, 9, 1, "Meat › Beef", "2"),  # was not asked for
    ]
    with Facts(**bought(*rows)) as facts:
        found = markets.by_department(facts, PEOPLE, as_of=DAY, rhythm=RHYTHM)
    assert found.rows() == [
        ("ann", "Grocery", 12, 2, True), ("ann", "Meat", 12, 200, False), ("bo", "Grocery", 6, 20, True),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_market_of_stores_counts_days_in_any_of_them():
    rows = [
        ("ann", 40, "Tea", "1"), ("ann", 40, "Tea", "2"), ("ann", 20, "Tea", "2"), ("ann", 5, "Tea", "3"),
        ("bo", 1, "Tea", "9"),
    ]  # fmt: skip
    with Facts(**bought(*rows)) as facts:
        found = markets.by_store(facts, PEOPLE, markets={"1": "North", "2": "North", "3": "South"}, as_of=DAY)
    assert found.select("customer_id", "market", "purchases", "days_since_last_purchase").rows() == [
        ("ann", "North", 2, 20), ("ann", "South", 1, 5),
    ]  # fmt: skip


@pytest.mark.slow
def test_what_was_given_back_whole_or_comes_later_is_no_purchase():
    given = bought(("ann", 10, "Tea", "1"), ("ann", 5, "Tea", "1"), ("ann", -1, "Tea", "1"))
    returns = pl.DataFrame(
        {"customer_id": ["ann"], "return_date": [DAY], "net_amount": ["10"], "order_id": ["o1"]}
    ).with_columns(pl.col("net_amount").cast(pl.Decimal(18, 4)))
    with Facts(**given, returns=returns) as facts:
        goods = markets.by_department(facts, PEOPLE, as_of=DAY)
        stores = markets.by_store(facts, PEOPLE, markets={"1": "North"}, as_of=DAY)
    assert [frame.select("purchases", "days_since_last_purchase").rows() for frame in (goods, stores)] == [
        [(1, 10)]
    ] * 2


@pytest.mark.slow
def test_without_lines_or_stores_there_are_no_such_markets():
    orders = bought(("ann", 10, "Tea", "1"))["orders"]
    with Facts(orders) as facts:
        assert markets.by_department(facts, PEOPLE, as_of=DAY).is_empty()
    with Facts(orders.drop("store")) as facts:
        assert markets.by_store(facts, PEOPLE, markets={"1": "North"}, as_of=DAY).is_empty()
