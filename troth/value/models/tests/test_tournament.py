from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from troth.value.errors import FactsError, TermsError
from troth.value.models import FAMILY, BetaGeoModel, averaged, fit_best

START, DAY = date(2025, 1, 1), date(2026, 6, 30)
LENGTH = (DAY - START).days


def orders(days_of):
    rows = [(f"c{number:05}", START + timedelta(days=int(day))) for number, days in enumerate(days_of) for day in days]
    frame = pl.DataFrame(rows, schema={"customer_id": pl.String, "order_date": pl.Date}, orient="row")
    return frame.unique().with_row_index("order_id").with_columns(
        pl.col("order_id").cast(pl.String), net_amount=pl.lit("10").cast(pl.Decimal(18, 4))
    )  # fmt: skip


def dropouts(customers=1500, seed=4):
    """Made-up customers who buy at rates of their own and stop for good after some purchase."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(customers):
        rate, stop = random.gamma(1.2, 1 / 25), random.beta(1, 4)
        day, days = random.integers(0, 200), []
        while day < LENGTH:
            days.append(day)
            if len(days) > 1 and random.random() < stop:
                break
            day += max(1, round(random.exponential(1 / max(rate, 1e-4))))
        found.append(days)
    return orders(found)


def clockwork(customers=300):
    """Made-up customers who buy every fortnight, or every four weeks, for ever."""
    return orders([range(number % 14, LENGTH, 14 if number % 2 else 28) for number in range(customers)])


@pytest.fixture(scope="module")
def best():
    return fit_best(dropouts(), as_of=DAY, ahead=13, folds=2)


@pytest.mark.slow
def test_a_model_beats_going_on_as_before_where_customers_drop_out(best):
    scores = {row["name"]: row for row in averaged(best.trials).to_dicts()}
    assert best.winner in FAMILY
    assert scores[best.winner]["mae"] < scores["as_before"]["mae"]
    assert 0.8 < scores["bg_nbd"]["calibration"] < 1.2
    assert scores["as_before"]["calibration"] > scores["bg_nbd"]["calibration"]
    assert scores["as_before"]["coverage"] is None
    assert best.why.startswith(best.winner)
    assert best.model.report.customers == dropouts()["customer_id"].n_unique()


@pytest.mark.slow
def test_every_contestant_is_held_against_every_origin(best):
    assert best.trials.height == (len(FAMILY) + 1) * 2
    assert sorted(best.trials["origin"].unique()) == [DAY - timedelta(weeks=26), DAY - timedelta(weeks=13)]
    assert best.tenths.height == best.trials.height * 10
    rising = best.tenths.filter(name="bg_nbd", origin=DAY - timedelta(weeks=13)).sort("tenth")
    assert rising["foretold"].is_sorted()
    assert rising["customers"].sum() == best.trials["customers"].max()


@pytest.mark.slow
def test_the_error_is_that_of_the_purchases_that_came():
    frame = clockwork()
    found = fit_best(frame, as_of=DAY, ahead=4, folds=1, unit="weeks", family={"bg_nbd": BetaGeoModel})
    origin = DAY - timedelta(weeks=4)
    day = pl.col("order_date")
    after = frame.filter(day > origin).group_by("customer_id").len()
    before = frame.filter((day > origin - timedelta(weeks=4)) & (day <= origin)).group_by("customer_id").len()
    joined = frame.select("customer_id").unique().join(after, on="customer_id", how="left").join(
        before, on="customer_id", how="left"
    ).fill_null(0)  # fmt: skip
    error = (joined["len"].cast(pl.Int64) - joined["len_right"].cast(pl.Int64)).abs().mean()  # all came long ago
    assert found.trials.filter(name="as_before")["mae"].item() == pytest.approx(error)


@pytest.mark.slow
def test_where_nothing_changes_the_baseline_wins_and_a_model_is_there_all_the_same():
    found = fit_best(clockwork(), as_of=DAY, ahead=4, folds=2)
    assert (found.winner, found.reason) == ("as_before", "baseline")
    assert found.model.params
    assert "no model beats it" in found.why


@pytest.mark.slow
def test_the_same_facts_give_the_same_outcome(best):
    again = fit_best(dropouts(), as_of=DAY, ahead=13, folds=2)
    assert again.trials.equals(best.trials)
    assert again.why == best.why


@pytest.mark.slow
def test_too_short_a_past_is_refused():
    with pytest.raises(FactsError, match="fewer than 100 customers"):
        fit_best(clockwork(customers=50), as_of=DAY)
    with pytest.raises(FactsError, match="13 weeks before"):
        fit_best(clockwork(), as_of=START + timedelta(days=60))


@pytest.mark.parametrize("settings", [{"ahead": 0}, {"folds": 0}, {"family": {}}, {"level": 1.0}, {"most": 99}])
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(TermsError):
        fit_best(clockwork(customers=1), **settings)


@pytest.mark.slow
def test_a_first_purchase_in_the_span_before_is_no_repeat():
    frame = orders([*[range(0, LENGTH, 7)] * 100, *[[LENGTH - 40]] * 100])
    found = fit_best(frame, as_of=DAY, ahead=4, folds=1, family={"bg_nbd": BetaGeoModel})
    # Of the second hundred nothing came, and going on as before foretells nothing of them.
    assert found.trials.filter(name="as_before").select("mae", "calibration").row(0) == (0, 1)


@pytest.mark.slow
def test_of_many_customers_some_compete_and_the_winner_is_fitted_to_all():
    frame = dropouts(customers=600)
    found = fit_best(frame, as_of=DAY, ahead=13, folds=1, most=300)
    again = fit_best(frame, as_of=DAY, ahead=13, folds=1, most=300)
    assert found.trials["customers"].max() <= 300
    assert found.trials.equals(again.trials)
    assert found.model.report.customers == frame["customer_id"].n_unique()
