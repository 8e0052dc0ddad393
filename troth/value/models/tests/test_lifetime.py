"""Value to come, spend and contracts, computed a second way."""

import math
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from troth.value import TermsError, models
from troth.value.models.lifetime import MONTH_DAYS

BUYING = {"r": 0.6, "alpha": 8.0, "a": 0.9, "b": 3.0}
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}
COVARIANCE = np.diag([0.01, 0.02, 0.03, 0.04])
PEOPLE = pl.DataFrame(
    {
        "customer_id": ["a", "b", "c"],
        "frequency": [0, 2, 9],
        "recency": [0.0, 20.0, 50.0],
        "T": [30.0, 60.0, 52.0],
        "monetary_value": [0.0, 12.5, 80.0],
        "share": [0.3, 0.5, -0.1],
        "profit_per_purchase": [4.0, 0.0, -2.0],
    }
)


def weekly():
    model = models.BetaGeoModel.from_params(BUYING, covariance=COVARIANCE)
    model.unit = "weeks"
    return model


def test_value_is_the_sum_of_discounted_months():
    buying, spend = weekly(), models.GammaGammaModel.from_params(SPEND)

    found = models.lifetime_value(buying, spend, PEOPLE, months=3, annual_discount=0.21, margin=0.4)

    expected_spend = spend.expected_spend(PEOPLE, level=None)["expected_spend"]
    by_end = [
        buying.expected_purchases(PEOPLE, month * MONTH_DAYS / 7, level=None)["expected_purchases"]
        for month in range(4)
    ]
    wanted = sum(0.4 * expected_spend * (by_end[m] - by_end[m - 1]) * 1.21 ** (-m / 12) for m in (1, 2, 3))
    assert found["lifetime_value"].to_list() == pytest.approx(wanted.to_list(), rel=1e-9)
    assert found["expected_purchases"].to_list() == pytest.approx(by_end[3].to_list(), rel=1e-9)
    assert found["expected_spend"].to_list() == pytest.approx(expected_spend.to_list())
    assert (found["lifetime_value_low"] < found["lifetime_value"]).all()
    assert (found["lifetime_value"] < found["lifetime_value_high"]).all()


def test_months_are_those_of_the_calendar_where_a_day_is_told():
    buying, spend = weekly(), models.GammaGammaModel.from_params(SPEND)
    day = date(2026, 1, 31)

    found = models.lifetime_value(buying, spend, PEOPLE, months=3, annual_discount=0.21, margin=0.4, as_of=day)

    expected_spend = spend.expected_spend(PEOPLE, level=None)["expected_spend"]
    by_end = [  # 28 February, 31 March, 30 April
        buying.expected_purchases(PEOPLE, days / 7, level=None)["expected_purchases"] for days in (0, 28, 59, 89)
    ]
    wanted = sum(0.4 * expected_spend * (by_end[m] - by_end[m - 1]) * 1.21 ** (-m / 12) for m in (1, 2, 3))
    assert found["lifetime_value"].to_list() == pytest.approx(wanted.to_list(), rel=1e-9)
    assert found["expected_purchases"].to_list() == pytest.approx(by_end[3].to_list(), rel=1e-9)


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 3, 1), 12, 365), (date(2027, 3, 1), 12, 366), (date(2028, 2, 29), 12, 365),
        (date(2026, 12, 31), 2, 59), (date(2026, 5, 15), 1, 31),
    ],
)  # fmt: skip
def test_a_year_of_months_ends_on_the_day_a_year_later(day, months, last):
    found = models.month_days(day, months)
    assert (len(found), found[-1]) == (months, last)
    assert found == sorted(found)


def test_a_day_that_is_none_or_too_late_is_refused():
    with pytest.raises(TermsError, match="as_of"):
        models.month_days(datetime(2026, 3, 1, tzinfo=UTC), 1)
    with pytest.raises(TermsError, match="before the year 9999"):
        models.month_days(date(9999, 12, 31), 1)


def test_who_costs_more_than_he_brings_has_a_negative_value():
    buying, spend = weekly(), models.GammaGammaModel.from_params(SPEND)

    by_share = models.lifetime_value(buying, spend, PEOPLE, margin="share")
    by_profit = models.lifetime_value(buying, None, PEOPLE)

    assert by_share["lifetime_value"][0] > 0 > by_share["lifetime_value_high"][2]
    assert by_share["lifetime_value_low"][2] < by_share["lifetime_value"][2] < by_share["lifetime_value_high"][2]
    assert by_profit.columns[:3] == ["customer_id", "expected_purchases", "profit_per_purchase"]
    assert by_profit["lifetime_value"][1] == 0
    assert by_profit["lifetime_value"][2] < 0 < by_profit["lifetime_value"][0]


def test_without_a_discount_value_is_purchases_times_spend_in_either_unit():
    weeks = weekly()
    days = models.BetaGeoModel.from_params(BUYING | {"alpha": 56.0})
    days.unit = "days"
    in_days = PEOPLE.with_columns(pl.col("recency", "T") * 7)
    spend = models.GammaGammaModel.from_params(SPEND)

    one = models.lifetime_value(weeks, spend, PEOPLE, annual_discount=0.0, level=None)
    other = models.lifetime_value(days, spend, in_days, annual_discount=0.0, level=None)

    product = one["expected_purchases"] * one["expected_spend"]
    assert one["lifetime_value"].to_list() == pytest.approx(product.to_list(), rel=1e-9)
    assert other["lifetime_value"].to_list() == pytest.approx(product.to_list(), rel=1e-9)


def test_a_purchase_updates_one_customer_without_a_refit():
    buying, spend = weekly(), models.GammaGammaModel.from_params(SPEND)
    before = {"frequency": 3, "recency": 20.0, "T": 50.0, "monetary_value": 30.0}
    after = {"frequency": 4, "recency": 50.0, "T": 50.0, "monetary_value": 32.0}

    values = [models.lifetime_value(buying, spend, one)["lifetime_value"][0] for one in (before, after)]

    assert values[1] > values[0]


def test_months_need_a_unit_of_time():
    spend = models.GammaGammaModel.from_params(SPEND)
    with pytest.raises(TermsError, match="was not told"):
        models.lifetime_value(models.BetaGeoModel.from_params(BUYING), spend, PEOPLE)
    donors = models.BetaGeoBetaBinomModel.from_params({"alpha": 1, "beta": 1, "gamma": 1, "delta": 1})
    with pytest.raises(TermsError, match="counts occasions"):
        models.lifetime_value(donors, spend, {"frequency": 1, "recency": 1, "T": 2, "monetary_value": 3.0})
    with pytest.raises(TermsError, match="annual_discount"):
        models.lifetime_value(weekly(), spend, PEOPLE, annual_discount=-1.0)


def test_expected_spend_moves_from_the_company_to_the_customer():
    model = models.GammaGammaModel.from_params(SPEND)
    found = model.expected_spend({"frequency": [0, 1, 100], "monetary_value": [0.0, 60.0, 60.0]}, level=None)

    assert model.mean_spend == pytest.approx(6 * 15 / 3)
    assert found["expected_spend"].to_list() == pytest.approx([30.0, 6 * 75 / 9, 6 * 6015 / 603])


def test_an_infinite_mean_is_refused_and_the_robust_model_taken():
    wild = models.GammaGammaModel.from_params({"p": 2.0, "q": 0.9, "v": 10.0})
    with pytest.raises(models.NoMeanSpend, match="RobustSpendModel"):
        _ = wild.mean_spend
    made = wild.simulate(np.arange(3_000) % 6 + 1, seed=1)

    chosen = models.fit_spend(made)

    assert chosen.reason == "infinite_mean"
    assert isinstance(chosen.model, models.RobustSpendModel)
    assert np.isfinite(chosen.model.expected_spend(made).to_numpy()).all()


def test_spend_that_grows_with_frequency_is_noticed():
    x = np.arange(400) % 20 + 1
    made = pl.DataFrame({"frequency": x, "monetary_value": x * 10.0 + np.arange(400) % 7})

    chosen = models.fit_spend(made)

    assert chosen.independence.spearman > 0.9
    assert chosen.reason == "spend_depends_on_frequency"


# lesson: NaN for customers with one purchase
def test_credibility_draws_a_single_purchase_to_the_mean_and_keeps_many():
    made = models.GammaGammaModel.from_params(SPEND).simulate(np.arange(20_000) % 10 + 1, seed=3)
    model = models.RobustSpendModel().fit(made)

    found = model.expected_spend({"frequency": [0, 1, 50], "monetary_value": [0.0, 60.0, 60.0]})["expected_spend"]

    assert found[0] == pytest.approx(made["monetary_value"].mean(), rel=0.02)
    assert found[0] < found[1] < found[2] < 60
    assert found[2] > 58


@pytest.mark.slow
def test_gamma_gamma_finds_what_made_the_spend():
    made = models.GammaGammaModel.from_params(SPEND).simulate(np.arange(20_000) % 8, seed=5)
    model = models.GammaGammaModel().fit(made)

    for name, wanted in SPEND.items():
        assert abs(model.params[name] - wanted) < 4 * model.standard_errors[name]


@pytest.mark.parametrize("spends", [[20.0] * 5, [1e-6, 1e9, 5.0], [3.0, 3.0]])
def test_no_spend_makes_nan(spends):
    data = pl.DataFrame({"frequency": [1, 2, 3, 4, 5][: len(spends)], "monetary_value": spends})
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        chosen = models.fit_spend(data)
        found = chosen.model.expected_spend(data)

    assert np.isfinite(found.to_numpy()).all()


def test_retention_of_contracts_grows_as_those_who_leave_easily_leave_first():
    model = models.ShiftedBetaGeoModel.from_params({"alpha": 0.7, "beta": 3.8})
    found = model.survival(3, level=None)

    assert found["retention_rate"].to_list() == pytest.approx([1.0, 3.8 / 4.5, 4.8 / 5.5, 5.8 / 6.5])
    assert found["survival"].to_list() == pytest.approx(np.cumprod(found["retention_rate"]).tolist())


def test_periods_to_come_are_the_sum_of_the_chances_to_be_there():
    model = models.ShiftedBetaGeoModel.from_params({"alpha": 0.7, "beta": 3.8}, covariance=np.diag([0.01, 0.02]))
    people = {"customer_id": ["there", "left"], "recency": [3, 2], "T": [3, 5]}

    found = model.expected_periods(people, 4, discount=0.1)

    chances = [model.probability_active(people, t, level=None)["probability_active"] for t in range(5)]
    wanted = sum(chances[k][0] / 1.1**k for k in (1, 2, 3, 4))
    assert chances[0].to_list() == [1.0, 0.0]
    assert found["expected_periods"][0] == pytest.approx(wanted)
    assert found.row(1) == ("left", 0.0, 0.0, 0.0)
    assert math.isfinite(found["expected_periods_high"][0])


@pytest.mark.parametrize("kind", [models.BetaGeoModel, models.ParetoNBDModel])
def test_purchases_that_have_vanished_are_worth_nothing_for_sure(kind):
    known = dict(zip(kind.names, (0.6, 10.0, 0.8, 3.0), strict=True))
    buying = kind.from_params(known, covariance=np.eye(4) / 100)
    buying.unit = "days"
    gone = {"frequency": 20_000, "recency": 100.0, "T": 3650.0, "profit_per_purchase": 5.0}

    with np.errstate(divide="raise", invalid="raise", over="raise"):
        found = models.lifetime_value(buying, None, gone, months=3)

    assert found.select("lifetime_value", "lifetime_value_low", "lifetime_value_high").row(0) == (0.0, 0.0, 0.0)
