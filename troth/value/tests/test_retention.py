from math import inf

import numpy as np
import polars as pl
import pytest

from troth.value import Annuity, retention_gains
from troth.value.errors import FactsError, TermsError


def test_a_steady_customer_is_worth_the_sum_of_a_series():
    customer = Annuity(profit=100, retention=0.8, annual_discount=0.10)
    assert customer.value == pytest.approx(sum(100 * (0.8 / 1.1) ** year for year in range(400)))
    assert customer.cost_of_loss == pytest.approx(customer.value - 100)
    assert customer.expected_years == pytest.approx(5)


def test_when_a_new_customer_has_paid():
    customer = Annuity(profit=100, retention=0.8, annual_discount=0.10)
    two_years = 100 + 100 * 0.8 / 1.1
    assert customer.years_to_pay(two_years) == pytest.approx(2)
    assert customer.years_to_pay(0) == 0
    assert customer.years_to_pay(customer.value) is None
    assert Annuity(100, 0, 0.1).years_to_pay(50) == 0.5
    assert Annuity(100, 0, 0.1).years_to_pay(101) is None
    assert Annuity(-5, 0.9, 0.1).years_to_pay(10) is None
    assert customer.times_to_win(0) is None
    assert customer.times_to_win(customer.value / 5) == pytest.approx(5)


def test_nobody_leaves():
    assert Annuity(100, 1, 0.1).expected_years == inf
    assert Annuity(100, 1, 0.1).value == pytest.approx(1100)
    with pytest.raises(TermsError, match="retention"):
        Annuity(100, 1, 0)


def company(size=1000, retention=0.6, seed=3):
    random = np.random.default_rng(seed)
    stayed = random.random(size) < retention
    return pl.DataFrame({"profit": random.gamma(2, 50, size) + 30 * stayed, "stayed": stayed, "band": "gold"})


def test_the_gain_is_the_difference_of_two_values():
    frame = company()
    (row,) = retention_gains(frame, more=0.05, annual_discount=0.10).to_dicts()
    profit, kept = frame["profit"].mean(), frame["stayed"].mean()
    before, after = (Annuity(profit, one, 0.10).value for one in (kept, kept + 0.05))
    assert row["value"] == pytest.approx(before)
    assert row["gain"] == pytest.approx(after - before)
    assert row["rise"] == pytest.approx(after / before - 1)
    assert row["total_gain"] == pytest.approx(1000 * row["gain"])
    assert row["rise_low"] < row["rise"] < row["rise_high"]


@pytest.mark.slow
def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    truth = Annuity(100 + 30 * 0.6, 0.65, 0.1).value - Annuity(100 + 30 * 0.6, 0.6, 0.1).value
    inside = 0
    for seed in range(400):
        (row,) = retention_gains(company(size=800, seed=seed)).to_dicts()
        inside += row["gain_low"] <= truth <= row["gain_high"]
    assert 0.92 <= inside / 400 <= 0.975


def test_segments_stand_apart_and_few_have_no_interval():
    frame = pl.concat([company(), company(size=20).with_columns(band=pl.lit("tiny"))])
    gold, tiny = retention_gains(frame, by="band").to_dicts()
    assert (gold["segment"], tiny["segment"], tiny["customers"]) == ("gold", "tiny", 20)
    assert tiny["gain_low"] is None
    assert tiny["rise_high"] is None
    assert gold["gain_low"] < gold["gain"]


def test_retention_cannot_pass_all():
    frame = pl.DataFrame({"profit": [10.0] * 40, "stayed": [True] * 39 + [False]})
    (row,) = retention_gains(frame, more=0.5, annual_discount=0.1).to_dicts()
    assert row["gain"] == pytest.approx(Annuity(10, 1, 0.1).value - Annuity(10, 39 / 40, 0.1).value)


def test_no_profit_has_no_rise():
    (row,) = retention_gains(pl.DataFrame({"profit": [0.0] * 40, "stayed": [True, False] * 20})).to_dicts()
    assert (row["gain"], row["rise"], row["rise_low"]) == (0, None, None)


def test_bad_input_is_refused():
    with pytest.raises(FactsError, match="stayed: column is missing"):
        retention_gains(pl.DataFrame({"profit": [1.0]}))
    with pytest.raises(TermsError, match="stayed"):
        retention_gains(pl.DataFrame({"profit": [1.0], "stayed": [None]}, schema_overrides={"stayed": pl.Boolean}))
    with pytest.raises(TermsError, match="one row or more"):
        retention_gains(pl.DataFrame(schema={"profit": pl.Float64, "stayed": pl.Boolean}))
    with pytest.raises(TermsError, match="more"):
        retention_gains(company(), more=0)
