import json
from datetime import timedelta

import polars as pl
import pytest

from troth import value
from troth.value.tests.cases import D, day, facts, row_of


def customers(**columns):
    """A frame of per-customer figures: what a notebook would hand in."""
    count = len(next(iter(columns.values())))
    defaults = {"days_since_last_purchase": [1] * count, "purchases": [1] * count, "revenue": [D(1)] * count}
    return pl.DataFrame({"customer_id": [f"c{n:03}" for n in range(count)], **defaults, **columns})


# Scores of 1 to 5.


@pytest.mark.slow
def test_ten_different_customers_fall_into_fifths():
    frame = value.rfm(
        customers(
            days_since_last_purchase=list(range(10, 20)),
            purchases=list(range(10)),
            revenue=list(range(10, 0, -1)),
        )
    )

    assert frame["r_score"].to_list() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert frame["f_score"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert frame["m_score"].to_list() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert frame["rfm"].to_list()[:2] == [515, 515]


@pytest.mark.slow
def test_a_tie_stands_in_the_middle_of_its_places():
    frame = value.rfm(customers(purchases=[1] * 6 + [2, 3, 4, 5]))

    # The six fill the places 0 to 6 of 10: their middle, 3, lies in the second fifth.
    assert frame["f_score"].to_list() == [2] * 6 + [4, 4, 5, 5]
    assert frame["r_score"].to_list() == frame["m_score"].to_list() == [3] * 10


@pytest.mark.slow
def test_fixed_thresholds_decide_alone():
    rules = value.RfmRules(
        recency_days=(30, 90, 180, 365),
        purchases=(2, 4, 8, 16),
        revenue=(D(10), D("99.9999"), D(1000), D(5000)),
    )
    frame = value.rfm(
        customers(
            days_since_last_purchase=[30, 31, 366],
            purchases=[16, 3, 1],
            revenue=[D("99.9999"), D("99.9998"), D("5000")],
        ),
        rules=rules,
    )

    assert frame.select("r_score", "f_score", "m_score").rows() == [(5, 5, 3), (4, 2, 2), (1, 1, 5)]


@pytest.mark.slow
def test_every_score_has_a_segment():
    grid = [(r, f) for r in range(1, 6) for f in range(1, 6)]
    rules = value.RfmRules(recency_days=(0, 1, 2, 3), purchases=(2, 3, 4, 5), revenue=(D(2), D(3), D(4), D(5)))
    frame = value.rfm(
        customers(
            days_since_last_purchase=[5 - r for r, _ in grid],
            purchases=[f for _, f in grid],
            revenue=[D(f) for _, f in grid],
        ),
        rules=rules,
    )

    # From the least to the most recent, from the least to the most worth.
    assert frame["rfm_segment"].to_list() == [
        *("hibernating", "hibernating", "at_risk", "at_risk", "must_not_lose"),
        *("hibernating", "hibernating", "at_risk", "at_risk", "must_not_lose"),
        *("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
        *("promising", "potential_loyal", "potential_loyal", "loyal", "loyal"),
        *("newcomers", "potential_loyal", "potential_loyal", "champions", "champions"),
    ]


def test_a_missing_column_is_named():
    with pytest.raises(value.FactsError, match="customers: purchases: column is missing"):
        value.rfm(customers(revenue=[D(1)]).drop("purchases"))


def test_values_that_are_none_are_refused():
    frame = customers(revenue=[1.0, float("nan"), None])
    with pytest.raises(
        value.FactsError, match=r"customers: revenue: 2 rows: no value, such as .* \(customer_id .*\): leave"
    ):
        value.rfm(frame)


# Status by one's own rhythm.

WEEKLY = [("ann", f"2024-01-{n:02}") for n in (1, 8, 15, 22, 29)]
MONTHLY = [("bob", f"2024-{n:02}-01") for n in (1, 2, 3, 4, 5)]


def scored(purchases, as_of, **terms):
    rows = [(str(n), customer, when, "10") for n, (customer, when) in enumerate(purchases)]
    return value.scores(facts(*rows), as_of=day(as_of), terms=value.Terms(**terms))


@pytest.mark.slow
def test_the_same_silence_is_sleep_for_one_and_rest_for_another():
    result = scored([*WEEKLY, *MONTHLY], "2024-05-20")

    # Company gap: the median of 7 and 30.25 days.
    assert result.notes.company_gap_days == 18.62
    ann, bob = row_of(result.frame, "ann"), row_of(result.frame, "bob")
    # (2 × 18.62 + 28) ÷ 6 = 10.87; three of them 32.61, six 65.22. (2 × 18.62 + 121) ÷ 6 = 26.37.
    assert (ann["usual_gap_days"], ann["sleeping_after_days"], ann["lost_after_days"]) == (10.87, 32, 65)
    assert (ann["days_since_last_purchase"], ann["status"]) == (112, "lost")
    assert (bob["usual_gap_days"], bob["sleeping_after_days"], bob["lost_after_days"]) == (26.37, 79, 158)
    assert (bob["days_since_last_purchase"], bob["status"]) == (19, "active")


@pytest.mark.slow
def test_limits_are_whole_days_and_still_active():
    # Five weekly customers, silent for 0, 21, 22, 42 and 43 days: sleeping beyond 21, lost beyond 42.
    last_days = ("2024-03-12", "2024-02-20", "2024-02-19", "2024-01-30", "2024-01-29")
    weeks = [(last, str(day(last) - timedelta(weeks=n))) for last in last_days for n in range(5)]
    frame = scored(weeks, "2024-03-12").frame.sort("days_since_last_purchase")

    assert frame["usual_gap_days"].to_list() == [7.0] * 5
    assert frame["sleeping_after_days"].to_list() == [21] * 5
    assert frame["lost_after_days"].to_list() == [42] * 5
    assert frame.select("days_since_last_purchase", "status").rows() == [
        (0, "active"),
        (21, "active"),
        (22, "sleeping"),
        (42, "sleeping"),
        (43, "lost"),
    ]


@pytest.mark.slow
def test_new_repeat_active_go_by_the_number_of_purchases():
    result = scored([*WEEKLY, ("cid", "2024-01-28"), ("dan", "2024-01-20"), ("dan", "2024-01-27")], "2024-01-30")
    found = {row["customer_id"]: (row["status"], row["rung"]) for row in result.frame.to_dicts()}
    assert found == {
        "ann": ("active", "at_least_repeat_buyer"),
        "cid": ("new", "first_time_buyer"),
        "dan": ("repeat", "at_least_repeat_buyer"),
    }


@pytest.mark.slow
def test_one_purchase_goes_by_the_companys_rhythm_and_by_the_fallback_where_there_is_none():
    with_company = row_of(scored([*WEEKLY, ("cid", "2024-01-01")], "2024-01-30").frame, "cid")
    alone = scored([("cid", "2024-01-01")], "2024-01-30")

    assert (with_company["usual_gap_days"], with_company["status"]) == (7.0, "sleeping")
    assert (row_of(alone.frame, "cid")["usual_gap_days"], row_of(alone.frame, "cid")["status"]) == (
        90.0,
        "new",
    )


@pytest.mark.slow
def test_a_daily_customer_may_take_a_holiday():
    daily = [("eve", f"2024-01-{n:02}") for n in range(1, 21)]
    eve = row_of(scored(daily, "2024-02-03").frame, "eve")
    assert (eve["usual_gap_days"], eve["sleeping_after_days"], eve["lost_after_days"]) == (1.0, 14, 28)
    assert eve["status"] == "active"
    assert row_of(scored(daily, "2024-02-04").frame, "eve")["status"] == "sleeping"


@pytest.mark.slow
def test_reasons_are_codes_with_the_values_that_decided():
    frame = scored([*WEEKLY, ("cid", "2024-01-28"), ("dan", "2022-01-01")], "2024-01-30").frame
    reasons = {row["customer_id"]: json.loads(row["reasons"]) for row in frame.to_dicts()}

    assert reasons["ann"] == [
        {
            "code": "status.own_rhythm",
            "silent_days": 1,
            "usual_gap_days": 7.0,
            "gaps": 4,
            "sleeping_after_days": 21,
            "lost_after_days": 42,
        },
        {"code": "band.first_purchase_recent", "place": 1, "window_revenue": 50},
        {"code": "rung.at_least_repeat_buyer", "purchases": 5},
    ]
    assert [reason["code"] for reason in reasons["cid"]] == [
        "status.company_rhythm",
        "band.first_purchase_recent",
        "rung.first_time_buyer",
    ]
    assert reasons["dan"][1] == {"code": "band.no_purchase_in_window", "place": 1, "window_revenue": 0}


# The pyramid.


def old_customers(amounts):
    """One purchase long ago and one of the amount lately, each."""
    rows = [(f"a{n}", f"c{n:05}", "2020-01-01", "0") for n in range(len(amounts))]
    return rows + [(f"b{n}", f"c{n:05}", "2024-06-01", str(amount)) for n, amount in enumerate(amounts)]


@pytest.mark.slow
def test_the_case_of_ten_thousand_falls_into_its_five_bands():
    late = [(f"n{n}", f"n{n:05}", "2024-06-01", "1") for n in range(2000)]
    given = facts(*old_customers(range(2, 8002)), *late)

    frame = value.pyramid(value.scores(given, as_of=day("2024-06-30")))

    assert frame["band"].to_list() == ["diamond", "gold", "silver", "ordinary", "new"]
    assert frame["customers"].to_list() == [300, 1000, 2000, 4700, 2000]
    assert frame["customers_share"].to_list() == pytest.approx([0.03, 0.1, 0.2, 0.47, 0.2])
    # The best three hundred: 8001 down to 7702.
    assert frame["revenue"].to_list()[0] == sum(range(7702, 8002))
    assert frame["profit"].to_list()[4] == D("600.0000")
    assert frame["profit_per_customer"].to_list()[4] == 0.3
    assert frame["profit_assumed_share"].to_list() == [1.0] * 5


@pytest.mark.slow
def test_bands_by_amount_include_their_threshold():
    bands = value.Bands(by="amount", diamond=D(1000), gold=D(500), silver=D("99.9999"))
    given = facts(*old_customers(["1000", "999.9999", "500", "99.9999", "99.9998"]))

    frame = value.scores(given, as_of=day("2024-06-30"), terms=value.Terms(bands=bands)).frame

    assert frame.sort("customer_id")["band"].to_list() == ["diamond", "gold", "gold", "silver", "ordinary"]


@pytest.mark.slow
def test_equal_customers_share_a_band():
    result = value.scores(facts(*old_customers(["5"] * 50)), as_of=day("2024-06-30"))
    assert result.frame["band"].unique().to_list() == ["ordinary"]
    assert result.frame["band_place"].unique().to_list() == [0.5]


@pytest.mark.slow
def test_who_did_not_buy_in_the_window_stands_outside():
    given = facts(*old_customers(["7"]), ("z", "zoe", "2023-06-30", "500"))
    result = value.scores(given, as_of=day("2024-06-30"))

    zoe = row_of(result.frame, "zoe")
    assert (zoe["band"], zoe["window_revenue"], zoe["revenue"]) == ("inactive", D(0), D(500))
    assert value.pyramid(result)["customers"].sum() == 1


@pytest.mark.slow
def test_bands_can_go_by_profit():
    rows = [(f"a{c}", c, "2020-01-01", "0", "0", "0") for c in ("ann", "bob")]
    rows += [("1", "ann", "2024-06-01", "100", "100", "99"), ("2", "bob", "2024-06-01", "50", "50", "10")]
    bands = value.Bands(measure="profit", diamond=D("0.5"), gold=D("0.3"), silver=D("0.1"))

    frame = value.scores(facts(*rows), as_of=day("2024-06-30"), terms=value.Terms(bands=bands)).frame

    assert [row_of(frame, c)["band"] for c in ("ann", "bob")] == ["gold", "diamond"]
    assert row_of(frame, "bob")["window_profit"] == D(40)


# Concentration.


def test_the_curve_of_a_known_distribution():
    found = value.pareto(customers(revenue=[D(80), D(5), D(5), D(5), D(5)]), points=5)

    assert found.curve["customers_share"].to_list() == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert found.curve["revenue_share"].to_list() == pytest.approx([0, 0.8, 0.85, 0.9, 0.95, 1])
    assert (found.top_share, found.customers_for_80) == (0.8, 0.2)
    # Mean absolute difference over twice the mean: 8 × 75 ÷ (25 × 2 × 20).
    assert found.gini == pytest.approx(0.6)


def test_equal_customers_have_no_concentration():
    found = value.pareto(customers(revenue=[D(3)] * 10))
    assert (found.gini, found.top_share, found.customers_for_80) == pytest.approx((0, 0.2, 0.8))


@pytest.mark.slow
def test_who_cost_more_than_he_brought_counts_as_nothing_and_is_told():
    found = value.pareto(customers(revenue=[D(-5), D(10)]))
    assert (found.below_zero, found.curve["revenue_share"].to_list()[-1]) == (1, 1.0)
    nothing = value.pareto(customers(revenue=[D(-5), D(0)]))
    assert (nothing.gini, nothing.top_share, nothing.customers_for_80) == (0, 0, 0)


# People behind the figures.


@pytest.mark.slow
def test_the_best_customers_come_first_and_ties_by_id():
    frame = value.top_customers(customers(revenue=[D(10), D(30), D(30), D(30)]), count=3)
    assert frame.select("place", "customer_id", "share").rows() == [
        (1, "c001", 0.3),
        (2, "c002", 0.3),
        (3, "c003", 0.3),
    ]


@pytest.mark.slow
def test_the_sample_is_the_same_for_the_same_people():
    frame = customers(revenue=[D(n) for n in range(100)])
    sample = value.scatter(frame, points=10)

    assert sample.columns == ["customer_id", "days_since_last_purchase", "revenue", "purchases"]
    assert sample.height == 10
    assert value.scatter(frame.reverse(), points=10).equals(sample)
    more = value.scatter(frame, points=20)["customer_id"]
    assert set(sample["customer_id"]) < set(more)
    assert value.scatter(frame, points=1000).height == 100


@pytest.mark.slow
def test_customers_by_status_and_rung():
    result = scored([*WEEKLY, ("cid", "2024-01-28")], "2024-01-30")
    assert value.by_status(result).rows() == [
        ("new", 1, 0.5, D(10), 10 / 60),
        ("repeat", 0, 0.0, D(0), 0.0),
        ("active", 1, 0.5, D(50), 50 / 60),
        ("sleeping", 0, 0.0, D(0), 0.0),
        ("lost", 0, 0.0, D(0), 0.0),
    ]
    assert value.by_rung(result)["customers"].to_list() == [1, 1]


@pytest.mark.slow
def test_scores_have_one_set_of_types_whatever_the_facts():
    full = scored(WEEKLY, "2024-01-30").frame
    money = [name for name, kind in full.schema.items() if isinstance(kind, pl.Decimal)]
    assert money == [
        "revenue",
        "profit",
        "service_cost",
        "returned",
        "window_revenue",
        "window_profit",
        "window_ordered",
        "window_assumed",
    ]
    assert {full.schema[name] for name in money} == {pl.Decimal(18, 4)}
    assert full.null_count().sum_horizontal().item() == 0
