import csv
import os
from pathlib import Path

import polars as pl
import pytest

from troth import value
from troth.value.tests.cases import (
    D,
    costs_frame,
    day,
    facts,
    lines_frame,
    orders_frame,
    returns_frame,
    row_of,
)

SHARED_DATA = Path(os.environ.get("TROTH_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.mark.slow
def test_the_fields_names_mean_what_the_field_means():
    given = facts(
        ("1", "ann", "2024-01-01", "10"),
        ("2", "ann", "2024-01-01", "5"),  # the same day: one purchase of 15
        ("3", "ann", "2024-01-08", "20"),
        ("4", "ann", "2024-01-29", "40"),
        ("5", "bob", "2024-01-31", "7"),
        ("6", "ann", "2024-02-02", "99"),  # after the day asked for
    )

    frame = value.summary(given, as_of=day("2024-02-01"), unit="weeks")

    ann = row_of(frame, "ann")
    assert (ann["frequency"], ann["purchases"], ann["orders"]) == (2, 3, 4)
    assert (ann["recency"], ann["T"]) == (4.0, 31 / 7)
    assert ann["monetary_value"] == 30.0
    assert ann["days_since_last_purchase"] == 3
    assert (ann["first_purchase_date"], ann["last_purchase_date"]) == (day("2024-01-01"), day("2024-01-29"))
    assert ann["revenue"] == D(75)
    bob = row_of(frame, "bob")
    assert (bob["frequency"], bob["recency"], bob["T"], bob["monetary_value"]) == (0, 0.0, 1 / 7, 0.0)
    assert frame["customer_id"].to_list() == ["ann", "bob"]


@pytest.mark.slow
def test_the_day_asked_for_counts():
    given = facts(("1", "ann", "2024-01-01", "10"), ("2", "ann", "2024-01-05", "10"))

    on_the_day = row_of(value.summary(given, as_of=day("2024-01-05")), "ann")
    the_day_before = row_of(value.summary(given, as_of=day("2024-01-04")), "ann")
    by_default = row_of(value.summary(given), "ann")

    assert (on_the_day["purchases"], on_the_day["T"], on_the_day["days_since_last_purchase"]) == (2, 4.0, 0)
    assert (the_day_before["purchases"], the_day_before["T"]) == (1, 3.0)
    assert by_default == on_the_day


@pytest.mark.slow
def test_silence_is_age_less_recency():
    given = facts(("1", "ann", "2024-01-01", "10"), ("2", "ann", "2024-03-05", "10"))

    ann = row_of(value.summary(given, as_of=day("2024-05-05")), "ann")

    assert ann["days_since_last_purchase"] == ann["T"] - ann["recency"] == 61


@pytest.mark.slow
def test_a_return_takes_its_money_from_its_order():
    given = facts(
        ("1", "ann", "2024-01-01", "10"),
        ("2", "ann", "2024-01-10", "50"),
        ("3", "ann", "2024-01-20", "30"),
        returns=returns_frame(("2", "ann", "2024-01-12", "20")),
    )

    ann = row_of(value.summary(given, as_of=day("2024-01-31")), "ann")

    assert (ann["purchases"], ann["monetary_value"]) == (3, 30.0)
    assert (ann["revenue"], ann["returns"], ann["returned"]) == (D(70), 1, D(20))


@pytest.mark.slow
def test_an_order_given_back_whole_is_no_purchase():
    given = facts(
        ("1", "ann", "2024-01-01", "10"),
        ("2", "ann", "2024-01-10", "50"),
        ("3", "bob", "2024-01-10", "50"),
        returns=returns_frame(
            ("2", "ann", "2024-01-12", "30"),
            ("2", "ann", "2024-01-13", "20"),
            ("3", "bob", "2024-01-12", "50"),
        ),
    )

    before = value.summary(given, as_of=day("2024-01-12"))
    after = value.scores(given, as_of=day("2024-01-31"))

    assert row_of(before, "ann")["purchases"] == 2
    ann = row_of(after.frame, "ann")
    assert (ann["purchases"], ann["last_purchase_date"], ann["revenue"]) == (1, day("2024-01-01"), D(10))
    assert after.frame["customer_id"].to_list() == ["ann"]
    notes = after.notes
    assert (notes.customers, notes.revenue) == (1, D(10))
    assert (notes.without_purchase_customers, notes.without_purchase_revenue) == (1, D(0))


@pytest.mark.slow
def test_a_return_without_an_order_lowers_revenue_only():
    given = facts(
        ("1", "ann", "2024-01-01", "10"),
        ("2", "ann", "2024-01-10", "50"),
        returns=returns_frame((None, "ann", "2024-01-12", "70")),
    )

    ann = row_of(value.summary(given, as_of=day("2024-01-31")), "ann")

    assert (ann["purchases"], ann["monetary_value"], ann["revenue"]) == (2, 50.0, D(-10))


@pytest.mark.slow
def test_profit_comes_from_costs_where_known_and_says_what_is_assumed():
    given = facts(
        ("1", "ann", "2024-01-01", "100", "60", "45"),  # 15 from costs; 40 at 25 % is 10
        ("2", "bob", "2024-01-01", "80", "80", "100"),  # sold at a loss of 20
        service_costs=costs_frame(("ann", "2024-01-02", "3.5"), ("ann", "2024-02-02", "100")),
    )

    result = value.scores(given, as_of=day("2024-01-31"), terms=value.Terms(margin=value.Margin(assumed=D("0.25"))))

    ann, bob = row_of(result.frame, "ann"), row_of(result.frame, "bob")
    assert (ann["profit"], ann["service_cost"], ann["profit_assumed_share"]) == (D("21.5"), D("3.5"), 0.4)
    assert (bob["profit"], bob["profit_assumed_share"]) == (D(-20), 0.0)
    assert (result.notes.profit, result.notes.assumed_share) == (D("1.5"), 40 / 180)


@pytest.mark.slow
def test_money_of_those_who_never_bought_is_in_the_notes():
    given = facts(
        ("1", "ann", "2024-01-01", "100"),
        returns=returns_frame((None, "bob", "2024-01-02", "30")),
        service_costs=costs_frame(("cid", "2024-01-02", "5"), ("dan", "2024-03-01", "5")),
    )

    result = value.scores(given, as_of=day("2024-01-31"), terms=value.Terms(margin=value.Margin(assumed=D("0.5"))))
    notes = result.notes

    assert result.frame["customer_id"].to_list() == ["ann"]
    assert (notes.customers, notes.revenue, notes.profit) == (1, D(100), D(50))
    assert (notes.without_purchase_customers, notes.without_purchase_revenue) == (2, D(-30))
    assert notes.without_purchase_profit == D(-20)
    months = value.trend(given, as_of=day("2024-01-31"), margin=value.Margin(assumed=D("0.5")))
    assert (months["revenue"].item(), months["profit"].item()) == (D(70), D(30))


@pytest.mark.slow
def test_profit_is_exact_to_ten_thousandths():
    given = facts(("1", "ann", "2024-01-01", "0.0005"), ("2", "bob", "2024-01-01", "33.3333"))
    terms = value.Margin(assumed=D("0.3333"))

    frame = value.summary(given, margin=terms)

    assert row_of(frame, "ann")["profit"] == D("0.0002")
    assert row_of(frame, "bob")["profit"] == D("11.1100")
    assert frame.schema["profit"] == frame.schema["revenue"] == pl.Decimal(18, 4)


@pytest.mark.slow
def test_breadth_counts_the_categories_bought():
    given = facts(
        ("1", "ann", "2024-01-01", "10"),
        ("2", "bob", "2024-01-01", "10"),
        lines=lines_frame(
            ("ann", "2024-01-01", "tea"),
            ("ann", "2024-01-01", "tea"),
            ("ann", "2024-01-01", "rice"),
            ("ann", "2024-02-01", "fish"),
        ),
    )

    frame = value.summary(given, as_of=day("2024-01-31"))

    assert row_of(frame, "ann")["categories"] == 2
    assert row_of(frame, "bob")["categories"] == 0


@pytest.mark.parametrize("count", [1, 62, 63, 200, 1000])
@pytest.mark.slow
def test_any_number_of_categories_can_be_counted(count):
    lines = [("ann", "2024-01-01", f"kind {n}") for n in range(count)]
    given = facts(
        ("1", "ann", "2024-01-01", "10"),
        ("2", "bob", "2024-01-01", "10"),
        lines=lines_frame(*lines, *lines[:1], ("bob", "2024-01-01", f"kind {count // 2}")),
    )

    assert value.summary(given)["categories"].to_list() == [count, 1]


@pytest.mark.slow
def test_discounts_are_told_as_a_share_of_full_prices():
    orders = orders_frame(("1", "ann", "2024-01-01", "75"), ("2", "ann", "2024-01-02", "25"))
    orders = orders.with_columns(full_price_amount=pl.Series([D(100), D(100)], dtype=pl.Decimal(18, 4)))

    assert value.summary(orders)["discount_share"].to_list() == [0.5]
    dearer = orders.with_columns(full_price_amount=pl.Series([D(10), D(10)], dtype=pl.Decimal(18, 4)))
    assert value.summary(dearer)["discount_share"].to_list() == [0.0]


@pytest.mark.slow
def test_zero_amounts_are_purchases_and_divide_nothing_by_zero():
    frame = value.summary(facts(("1", "ann", "2024-01-01", "0"), ("2", "ann", "2024-01-02", "0")))

    ann = row_of(frame, "ann")
    assert (ann["frequency"], ann["monetary_value"], ann["discount_share"], ann["profit_assumed_share"]) == (
        1,
        0,
        0,
        0,
    )


@pytest.mark.slow
def test_thirty_nine_weeks_of_cdnow_give_the_published_summary():
    path = SHARED_DATA / "cdnow_sample.csv"
    if not path.exists():
        pytest.skip(f"the CDNOW sample is not there: set TROTH_SHARED_DATA to its folder (looked in {SHARED_DATA})")
    with (SHARED_DATA / "cdnow_sample_summary_39w.csv").open() as file:
        published = [
            (int(r["frequency"]), float(r["recency"]), float(r["T"]), float(r["monetary_value"]))
            for r in csv.DictReader(file)
        ]
    sample = pl.read_csv(path, try_parse_dates=True)
    given = value.Facts(sample, columns={"order_date": "date", "net_amount": "amount"})

    frame = value.summary(given, as_of=day("1997-09-30"), unit="weeks")

    # Published to two decimals, halves rounded either way: so within half a hundredth.
    assert frame["frequency"].to_list() == [row[0] for row in published]
    for column, place in (("recency", 1), ("T", 2), ("monetary_value", 3)):
        differences = [abs(a - row[place]) for a, row in zip(frame[column], published, strict=True)]
        assert max(differences) <= 0.005 + 1e-9
