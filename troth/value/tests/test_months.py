import polars as pl
import pytest

from troth import value
from troth.value.tests.cases import D, costs_frame, day, facts, returns_frame

ROWS = (
    ("1", "ann", "2024-01-05", "100", "100", "60"),
    ("2", "ann", "2024-01-20", "50"),
    ("3", "bob", "2024-01-31", "30"),
    ("4", "ann", "2024-03-01", "20"),
    ("5", "cid", "2024-03-15", "10"),
    ("6", "ann", "2024-04-02", "5"),
)


@pytest.fixture
def given():
    return facts(
        *ROWS,
        returns=returns_frame(("2", "ann", "2024-03-02", "10")),
        service_costs=costs_frame(("bob", "2024-03-03", "4")),
    )


@pytest.mark.slow
def test_the_trend_has_a_row_for_every_month(given):
    frame = value.trend(given, as_of=day("2024-04-15"), margin=value.Margin(assumed=D("0.5")))

    assert frame.select("month", "customers", "new_customers", "returning_customers", "orders").rows() == [
        (day("2024-01-01"), 2, 2, 0, 3),
        (day("2024-02-01"), 0, 0, 0, 0),
        (day("2024-03-01"), 2, 1, 1, 2),
    ]
    # January: 40 from costs and half of 80. March: half of 30, less half of 10 given back, less 4.
    assert frame["profit"].to_list() == [D(80), D(0), D(6)]
    assert frame["revenue"].to_list() == [D(180), D(0), D(20)]
    assert frame["returned"].to_list() == [D(0), D(0), D(10)]
    assert frame["returning_revenue"].to_list() == [D(0), D(0), D(10)]
    assert frame["revenue_per_order"].to_list() == [60.0, 0.0, 15.0]
    assert frame["orders_per_customer"].to_list() == [1.5, 0.0, 1.0]
    assert frame["profit_assumed_share"].to_list() == [80 / 180, 0.0, 1.0]


@pytest.mark.slow
def test_an_unfinished_month_is_marked_and_left_out_by_default(given):
    whole = value.trend(given, as_of=day("2024-04-15"), is_complete_only=False)
    assert whole.select("month", "is_complete").rows()[-1] == (day("2024-04-01"), False)
    finished = value.trend(given, as_of=day("2024-04-30"))
    assert finished["month"].to_list()[-1] == day("2024-04-01")


@pytest.mark.slow
def test_the_trend_adds_up_to_the_customers(given):
    months = value.trend(given, as_of=day("2024-04-15"), is_complete_only=False)
    people = value.summary(given, as_of=day("2024-04-15"))
    for column in ("revenue", "profit", "returned"):
        assert months[column].sum() == people[column].sum()
    assert months["new_customers"].sum() == people.height


@pytest.mark.slow
def test_cohorts_tell_who_came_back_and_what_they_brought(given):
    frame = value.cohorts(given, as_of=day("2024-04-15"), margin=value.Margin(assumed=D("0.5")))

    columns = (
        "cohort_month",
        "month_index",
        "cohort_size",
        "customers",
        "retention",
        "revenue",
        "revenue_to_date",
    )
    assert frame.select(columns).rows() == [
        (day("2024-01-01"), 0, 2, 2, 1.0, D(180), D(180)),
        (day("2024-01-01"), 1, 2, 0, 0.0, D(0), D(180)),
        (day("2024-01-01"), 2, 2, 1, 0.5, D(10), D(190)),
        (day("2024-01-01"), 3, 2, 1, 0.5, D(5), D(195)),
        (day("2024-03-01"), 0, 1, 1, 1.0, D(10), D(10)),
        (day("2024-03-01"), 1, 1, 0, 0.0, D(0), D(10)),
    ]
    assert frame["is_complete"].to_list() == [True, True, True, False, True, False]
    assert frame["profit"].sum() == value.summary(given, margin=value.Margin(assumed=D("0.5")))["profit"].sum()


@pytest.mark.slow
def test_months_of_two_days_do_not_mix(given):
    early = value.trend(given, as_of=day("2024-01-31"))
    late = value.trend(given, as_of=day("2024-03-31"))
    assert (early.height, late.height) == (1, 3)
    other = value.trend(given, as_of=day("2024-01-31"), margin=value.Margin(assumed=D(0)))
    assert (early["profit"].item(), other["profit"].item()) == (D(64), D(40))


# The waterfall: a weekly customer in each of the ways.

WEEKS = {
    "stays": ["2024-01-01", "2024-01-08", "2024-01-15", "2024-03-04", "2024-03-11", "2024-03-18"],
    "leaves": ["2024-01-01", "2024-01-08", "2024-01-15"],
    "rests": [
        "2024-01-01",
        "2024-01-08",
        "2024-01-15",
        "2024-01-22",
        "2024-01-29",
        "2024-02-05",
        "2024-02-12",
    ],
    "returns": ["2023-06-05", "2023-06-12", "2023-06-19", "2024-03-18"],
    "comes": ["2024-03-10", "2024-03-17"],
    "passes": ["2024-01-22"],
}


@pytest.mark.slow
def test_the_waterfall_names_every_way():
    rows = [(f"{who} {when}", who, when, "10") for who, days in WEEKS.items() for when in days]
    frame = value.active_waterfall(facts(*rows), start=day("2024-01-17"), end=day("2024-03-20"))

    found = dict(frame.rows())
    assert found == {"start": 3, "new": 1, "won_back": 1, "to_sleeping": -1, "to_lost": -1, "end": 3}
    assert frame["step"].to_list() == ["start", "new", "won_back", "to_sleeping", "to_lost", "end"]
    assert frame["customers"][:5].sum() == found["end"]


def test_a_period_must_have_a_length():
    given = facts(*ROWS)
    with pytest.raises(value.TermsError, match="must be after start"):
        value.active_waterfall(given, start=day("2024-01-31"), end=day("2024-01-31"))


@pytest.mark.slow
def test_the_same_facts_in_another_order_give_the_same(given):
    other = facts(
        *reversed(ROWS),
        returns=returns_frame(("2", "ann", "2024-03-02", "10")),
        service_costs=costs_frame(("bob", "2024-03-03", "4")),
    )
    for report in (value.trend, value.cohorts, value.summary):
        assert report(given).equals(report(other))
    assert isinstance(value.trend(given), pl.DataFrame)
