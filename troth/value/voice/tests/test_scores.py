"""Scores, intervals, weights: exact figures, and what must hold for any answers."""

from math import isclose, sqrt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth import value
from troth.value.voice import scores
from troth.value.voice.silence import rake, response

Z = 1.959963984540054


def test_nps_is_promoters_less_detractors():
    found = scores.score("nps", [10] * 50 + [8] * 30 + [0] * 20)
    assert (found.count, found.good, found.bad, round(found.value, 10)) == (100, 0.5, 0.2, 0.3)
    assert (round(found.low, 4), round(found.high, 4), found.mean) == (0.1396, 0.4434, 7.4)


def test_when_all_are_promoters_the_interval_has_its_closed_form():
    """Nobody is a detractor: z² = n (1 − Δ) ÷ (1 + Δ), solved for Δ."""
    found = scores.score("nps", [10] * 5)
    assert isclose(found.low, (5 - Z * Z) / (5 + Z * Z), abs_tol=1e-9)
    assert found.high == pytest.approx(1)


def test_csat_and_ces_are_shares_of_good_scores_with_wilsons_interval():
    found = scores.score("csat", [5, 4, 3, 1])
    half = Z / (1 + Z * Z / 4) * sqrt(0.25 / 4 + Z * Z / 64)
    assert (found.value, round(found.low, 9), round(found.high, 9)) == (0.5, round(0.5 - half, 9), round(0.5 + half, 9))
    assert scores.score("ces", [7, 5, 4, 1]).value == 0.5


def test_of_no_answers_nothing_is_known():
    found = scores.score("nps", [])
    assert (found.count, found.value, found.low, found.high, found.mean) == (0, None, None, None, None)


@pytest.mark.parametrize(("given_scores", "weights"), [([11], None), ([-1], None), ([5], [0.0]), ([5], [1.0, 2.0])])
def test_what_cannot_be_counted_is_refused(given_scores, weights):
    with pytest.raises(value.TermsError):
        scores.score("nps", given_scores, weights)


@given(st.lists(st.integers(0, 10), min_size=1, max_size=200))
def test_an_interval_holds_its_value_and_stays_in_range(answers):
    found = scores.score("nps", answers)
    assert -1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1
    assert found.high > found.low


@given(st.lists(st.integers(0, 10), min_size=1, max_size=50))
def test_equal_weights_change_nothing(answers):
    plain, weighed = scores.score("nps", answers), scores.score("nps", answers, [3.0] * len(answers))
    assert isclose(plain.value, weighed.value, abs_tol=1e-12)
    assert isclose(plain.low, weighed.low, abs_tol=1e-9)


def test_groups_stand_by_name():
    frame = pl.DataFrame({"store": ["b", "a", "b", None], "score": [10, 0, 10, 7]})
    found = scores.by_group(frame, "nps", "store")
    assert found.select("store", "count", "value").rows() == [("a", 1, -1.0), ("b", 2, 1.0), (None, 1, 0.0)]


def test_response_by_group():
    asked = pl.DataFrame({"band": ["gold"] * 4 + ["new"] * 2, "answered": [True, True, True, False, False, False]})
    found = response(asked, "band").select("band", "asked", "answered", "rate").rows()
    assert found == [("gold", 4, 3, 0.75), ("new", 2, 0, 0.0)]


def test_raking_gives_each_band_the_weight_of_those_asked():
    answers = pl.DataFrame({"band": ["gold"] * 3 + ["new"]})
    found = rake(answers, {"band": {"gold": 50, "new": 50}})
    assert [round(weight, 6) for weight in found.weights] == [0.666667, 0.666667, 0.666667, 2.0]
    assert (found.is_settled, found.uncovered, found.trimmed) == (True, [], 0)
    assert found.design_effect == pytest.approx(4 / 3)


def test_raking_meets_two_margins_at_once():
    answers = pl.DataFrame({"band": ["g", "g", "g", "n", "n", "n"], "store": ["a", "a", "b", "a", "b", "b"]})
    found = rake(answers, {"band": {"g": 30, "n": 70}, "store": {"a": 40, "b": 60}})
    sums = answers.with_columns(weight=pl.Series(found.weights))
    shares = {row[0]: row[1] / 6 for row in sums.group_by("band").agg(pl.col("weight").sum()).rows()}
    stores = {row[0]: row[1] / 6 for row in sums.group_by("store").agg(pl.col("weight").sum()).rows()}
    assert shares == pytest.approx({"g": 0.3, "n": 0.7}, abs=1e-5)
    assert stores == pytest.approx({"a": 0.4, "b": 0.6}, abs=1e-5)


def test_who_did_not_answer_at_all_is_named_and_heavy_weights_are_cut():
    answers = pl.DataFrame({"band": ["gold"] * 99 + ["new"]})
    found = rake(answers, {"band": {"gold": 10, "new": 90, "silver": 5}})
    assert found.uncovered == ["band=silver"]
    assert found.trimmed == 100
    assert not found.is_settled
    assert max(found.weights) / min(found.weights) == pytest.approx(25)


def test_raking_without_answers_is_empty():
    found = rake(pl.DataFrame(schema={"band": pl.String}), {"band": {"gold": 1}})
    assert (found.weights, found.uncovered) == ([], ["band=gold"])


def test_a_response_rate_has_wilsons_interval():
    asked = pl.DataFrame({"band": ["gold"] * 10, "answered": [True] * 5 + [False] * 5})
    ((low, high),) = response(asked, "band").select("low", "high").rows()
    assert (low, high) == pytest.approx((0.236593, 0.763407), abs=1e-6)
