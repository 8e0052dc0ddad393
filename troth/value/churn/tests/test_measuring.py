"""The measures, counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.value.churn import calibration, measures, population_stability
from troth.value.churn.boosting import platt
from troth.value.churn.drift import drift_of
from troth.value.churn.measuring import Ranked, auc, calibration_error, wilson

CHANCE = np.array([0.9, 0.8, 0.6, 0.6, 0.3, 0.2, 0.1, 0.1, 0.1, 0.0])
CAME = np.array([1.0, 0, 1, 0, 0, 1, 0, 0, 0, 0])


def test_auc_is_the_share_of_pairs_in_order_ties_half():
    # 0.9 stands above all 7; 0.6 above 5, level with one, below one; 0.2 above 4.
    assert auc(CHANCE, CAME)[0] == pytest.approx((7 + 5.5 + 4) / 21)


def test_the_error_of_auc_is_delongs():
    # Of those who left: 7/7, 5.5/7, 4/7. Of those who stayed, 3 − how many stand above, by thirds.
    above = np.array([7, 5.5, 4]) / 7
    below = np.array([1, 1.5, 2, 3, 3, 3, 3]) / 3
    assert auc(CHANCE, CAME)[1] == pytest.approx(np.sqrt(above.var(ddof=1) / 3 + below.var(ddof=1) / 7))


def test_average_precision_counts_equal_chances_as_one_step_and_lift_cuts_through_them():
    average, lift = Ranked(CHANCE, CAME).average_precision_and_lift()
    # Precision where one who left comes in: 1/1, 2/4, 3/6.
    assert average == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert lift == pytest.approx(1 / 0.3)  # the first of ten left, of all three of ten
    level = Ranked(np.full(10, 0.5), CAME)
    assert level.average_precision_and_lift() == pytest.approx((0.3, 1.0))


def test_draws_with_weight_one_are_the_customers_themselves():
    ranked = Ranked(CHANCE, CAME)
    assert ranked.average_precision_and_lift(np.ones(10)) == ranked.average_precision_and_lift()


def test_calibration_by_tenths_with_wilsons_interval():
    chance = np.repeat([0.1, 0.5], 10)
    came = np.r_[np.zeros(9), 1, np.ones(6), np.zeros(4)]
    tenths = calibration(chance, came)
    assert tenths.select("tenth", "customers", "foretold", "came").rows() == [
        (3, 10, pytest.approx(0.1), 0.1),
        (8, 10, pytest.approx(0.5), 0.6),
    ]
    assert calibration_error(tenths) == pytest.approx(0.05)
    assert wilson(0.1, 10, 1.959964) == pytest.approx((0.0179, 0.4042), abs=1e-4)  # as printed by Wilson's formula


def test_one_row_a_way_with_brier_and_its_interval():
    table = measures({"told": CHANCE, "alike": np.full(10, 0.3)}, CAME)
    told, alike = table.rows(named=True)
    assert (told["way"], told["customers"], told["left"]) == ("told", 10, 3)
    assert told["brier"] == pytest.approx((0.01 + 0.64 + 0.16 + 0.36 + 0.09 + 0.64 + 0.03) / 10)
    assert alike["brier"] == pytest.approx(0.21)
    assert (alike["auc"], alike["lift"], alike["calibration_error"]) == pytest.approx((0.5, 1.0, 0.0))
    for name in ("auc", "average_precision", "brier", "lift"):
        assert table.select((table[f"{name}_low"] <= table[name]).all()).item()
    assert measures({"told": CHANCE}, CAME).rows() == table.head(1).rows(), "the same draws each time"


def test_platt_finds_slope_and_shift_and_never_turns_the_order_around():
    draws = np.random.default_rng(1)
    odds = draws.normal(size=200_000)
    came = (draws.random(200_000) < 1 / (1 + np.exp(-(0.5 * odds - 1)))).astype(float)
    assert platt(odds, came) == pytest.approx((0.5, -1.0), abs=0.02)
    slope, shift = platt(odds, 1 - came)
    assert slope == 0.0
    assert shift == pytest.approx(np.log((1 - came.mean()) / came.mean()), abs=0.001)


def test_platt_takes_what_differs_by_rounding_alone_for_the_same():
    odds, came = np.full(126, -0.3129998804360708), np.arange(126) < 49
    odds[:3] += 6e-17
    slope, shift = platt(odds, came.astype(float))
    told = 1 / (1 + np.exp(-(slope * odds + shift)))
    np.testing.assert_allclose(told, (49 * 50 / 51 + 77 / 79) / 126, atol=1e-6)


@given(st.lists(st.tuples(st.floats(-30, 30), st.booleans()), min_size=2, max_size=30))
def test_platt_always_has_an_end(pairs):
    odds, came = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    slope, shift = platt(odds, came)
    assert slope >= 0
    assert np.isfinite([slope, shift]).all()


def test_stability_index_by_hand():
    before = np.arange(100.0)  # ten to a tenth
    assert population_stability(before, before) == 0.0
    now = np.r_[before[:80], before[80:90], before[80:90]]  # the last tenth stands in the ninth
    expected = 0.1 * np.log(2) + (1e-4 - 0.1) * np.log(1e-4 / 0.1)
    assert population_stability(before, now) == pytest.approx(expected)
    assert population_stability([1.0, float("nan")], [1.0, float("nan")]) == 0.0


def test_drift_names_the_feature_that_shifted_and_no_other():
    draws = np.random.default_rng(2)
    before = {"gap": draws.normal(size=4000), "money": draws.normal(size=4000)}
    now = {"gap": draws.normal(size=4000), "money": draws.normal(0.7, size=4000)}
    found = drift_of(before, now)
    assert found["feature"].to_list() == ["money", "gap"]
    assert found["state"].to_list() == ["shifted", "steady"]
