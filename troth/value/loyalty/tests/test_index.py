from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from troth.value.errors import FactsError, TermsError
from troth.value.loyalty import CATALOGUE, Group, Indicator, from_scores, indicator_of, loyalty_index, weighted

DAY = date(2026, 6, 30)


def measured(*rows, day=DAY, confidence=1.0):
    columns = ["customer_id", "indicator", "value"]
    frame = pl.DataFrame([row[:3] for row in rows], schema=columns, orient="row")
    return frame.with_columns(
        pl.col("value").cast(pl.Float64),
        source=pl.lit("survey"),
        measured_date=pl.lit(day),
        confidence=pl.lit(confidence),
    )


def row(index, customer):
    (found,) = index.frame.filter(customer_id=customer).to_dicts()
    return found


@pytest.mark.parametrize(
    ("code", "value", "points"),
    [
        ("silence_in_gaps", 0.2, 100), ("silence_in_gaps", 2, 75), ("silence_in_gaps", 3, 50),
        ("silence_in_gaps", 4.5, 25), ("silence_in_gaps", 9, 0),
        ("satisfaction", 1, 0), ("satisfaction", 4, 75), ("satisfaction", 5, 100),
        ("recommend", 7, 70), ("referrals", 0, 0), ("referrals", 2, 50 + 50 / 3), ("referrals", 40, 100),
        ("tenure_days", 730, 62.5), ("days_to_choose", 15, 50), ("information", 3, 70),
    ],
)  # fmt: skip
def test_points_lie_on_straight_lines_between_the_anchors(code, value, points):
    index = loyalty_index(measured(("a", code, value)), as_of=DAY)
    assert index.parts["points"].to_list() == [pytest.approx(points)]


def test_without_anchors_the_place_among_all_counts_and_ties_stand_in_the_middle():
    index = loyalty_index(
        measured(*[(name, "window_revenue", value) for name, value in zip("abcd", (10, 20, 20, 90), strict=True)]),
        as_of=DAY,
    )
    points = dict(index.parts.select("customer_id", "points").iter_rows())
    assert points == {"a": 12.5, "b": 50, "c": 50, "d": 87.5}


def test_the_index_is_the_weighted_mean_of_what_was_measured():
    # satisfaction 4 of 5: 75 points, weight 2; tolerance 2 of 5: 25 points, weight 1.
    index = loyalty_index(measured(("a", "satisfaction", 4), ("a", "tolerance", 2)), as_of=DAY)
    found = row(index, "a")
    assert found["loyalty_index"] == pytest.approx((2 * 75 + 25) / 3)
    assert found["attitude"] == found["loyalty_index"]
    assert found["behaviour"] is None
    assert index.parts["contribution"].sum() == pytest.approx(found["loyalty_index"])


def test_what_is_missing_lowers_the_confidence_never_the_score():
    few = loyalty_index(measured(("a", "satisfaction", 4)), as_of=DAY)
    more = loyalty_index(measured(("a", "satisfaction", 4), ("a", "recommend", 7.5)), as_of=DAY)
    assert row(few, "a")["loyalty_index"] == row(more, "a")["loyalty_index"] == 75
    whole = sum(one.weight for one in CATALOGUE)
    assert row(few, "a")["confidence"] == pytest.approx(2 / whole)
    assert row(more, "a")["confidence"] == pytest.approx(4 / whole)
    attitude = sum(one.weight for one in CATALOGUE if one.group == Group.ATTITUDE)
    assert row(more, "a")["attitude_confidence"] == pytest.approx(4 / attitude)
    assert row(more, "a")["behaviour_confidence"] == 0


def test_an_old_answer_keeps_its_points_and_loses_trust_by_its_half_life():
    index = loyalty_index(measured(("a", "satisfaction", 5), day=date(2025, 6, 30)), as_of=DAY)
    assert index.parts.select("points", "confidence").row(0) == (100, 0.5)


def test_the_newest_measurement_counts_and_none_from_after_the_day():
    index = loyalty_index(
        pl.concat(
            [
                measured(("a", "satisfaction", 1), day=date(2026, 1, 1)),
                measured(("a", "satisfaction", 3), day=date(2026, 6, 1)),
                measured(("a", "satisfaction", 5), day=date(2026, 7, 1)),
            ]
        ),
        as_of=DAY,
    )
    assert index.parts["value"].to_list() == [3]


def test_weights_can_be_changed_and_an_indicator_left_out():
    catalogue = weighted({"satisfaction": 1, "tolerance": 0})
    index = loyalty_index(
        measured(("a", "satisfaction", 4), ("a", "tolerance", 1), ("a", "recommend", 0)), as_of=DAY, catalogue=catalogue
    )
    assert row(index, "a")["loyalty_index"] == pytest.approx(75 / 3)
    assert "tolerance" not in index.parts["indicator"].to_list()


@pytest.mark.parametrize(
    "weights", [{"charm": 1}, {"trust": -1}, {one.code: 0 for one in CATALOGUE}], ids=["unknown", "negative", "none"]
)
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(TermsError):
        weighted(weights)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"indicator": "charm"}, "unknown"),
        ({"value": float("nan")}, "no_value"),
        ({"confidence": 1.5}, "outside"),
        ({"measured_date": None}, "no_date"),
        ({"customer_id": None}, "no_value"),
    ],
)
def test_bad_measurements_are_refused_naming_column_and_row(change, code):
    good = measured(("a", "trust", 5), ("b", "trust", 4))
    ((name, value),) = change.items()
    bad = good.with_row_index("n").with_columns(
        pl.when(pl.col("n") == 1).then(pl.lit(value, dtype=good.schema[name])).otherwise(name).alias(name)
    )
    with pytest.raises(FactsError, match="row 1") as refused:
        loyalty_index(bad, as_of=DAY)
    assert [(one.code, one.column, one.rows) for one in refused.value.problems] == [(code, name, 1)]


def test_a_missing_column_is_named():
    with pytest.raises(FactsError, match="confidence: column is missing"):
        loyalty_index(measured(("a", "trust", 5)).drop("confidence"), as_of=DAY)


def test_nobody_measured_is_nobody_scored():
    index = loyalty_index(measured(), as_of=DAY)
    assert index.frame.is_empty()
    assert index.parts.is_empty()


def test_orders_tell_six_indicators():
    scores = pl.DataFrame(
        {
            "customer_id": ["a"],
            "days_since_last_purchase": [30],
            "usual_gap_days": [20.0],
            "frequency": [4],
            "window_revenue": [250.0],
            "categories": [3],
            "discount_share": [0.25],
            "T": [400],
        }
    )
    expected = {
        "silence_in_gaps": 1.5, "frequency": 4, "window_revenue": 250, "categories": 3, "tenure_days": 400,
        "full_price_share": 0.75,
    }  # fmt: skip
    found = from_scores(scores, as_of=DAY)
    assert dict(found.select("indicator", "value").iter_rows()) == expected
    renamed = from_scores(scores.rename({"T": "age_days"}), as_of=DAY)
    assert_frame_equal(found, renamed)
    assert loyalty_index(found, as_of=DAY).frame["behaviour_confidence"].item() == pytest.approx(9 / 14.5)


@pytest.mark.parametrize("anchors", [((0, 0),), ((1, 0), (1, 100)), ((2, 0), (1, 100)), ((0, -1), (1, 100))])
def test_anchors_must_rise_and_give_points(anchors):
    with pytest.raises(TermsError):
        Indicator(code="x", group=Group.BEHAVIOUR, anchors=anchors)


def test_an_unknown_indicator_is_told_with_the_known_ones():
    assert indicator_of("trust").group == Group.ATTITUDE
    with pytest.raises(TermsError, match="must be one of silence_in_gaps"):
        indicator_of("charm")


def test_what_only_adds_never_lowers_an_index():
    told = measured(
        ("proud", "trust", 5), ("proud", "referrals", 1), ("plain", "trust", 2), ("plain", "referrals", 1),
        ("silent", "trust", 2), ("only", "information", 5),
    )  # fmt: skip
    index = loyalty_index(told, as_of=DAY)
    found = {row["customer_id"]: row for row in index.frame.to_dicts()}
    assert found["proud"]["loyalty_index"] == 100  # one friend brought is 50 points: left out of the mean
    assert found["plain"]["loyalty_index"] == pytest.approx((2 * 25 + 2 * 50) / 4)
    assert found["silent"]["loyalty_index"] == 25
    assert found["only"]["loyalty_index"] == 100  # nothing else is known
    assert found["proud"]["behaviour"] == 50
    assert found["proud"]["confidence"] > found["silent"]["confidence"]
    left = index.parts.filter((pl.col("customer_id") == "proud") & (pl.col("indicator") == "referrals"))
    assert left.select("points", "weight", "counted", "contribution").row(0) == (50, 2, 0, 0)
    sums = index.parts.group_by("customer_id").agg(pl.col("contribution").sum())
    assert all(found[one]["loyalty_index"] == pytest.approx(total) for one, total in sums.iter_rows())
