"""Gradients, what simulated customers bring back, reports, and data at the edge of what can be fitted."""

import warnings

import numpy as np
import polars as pl
import pytest
from scipy.optimize import approx_fprime

from troth.value import models
from troth.value.models.gamma_gamma import GammaGammaLikelihood
from troth.value.models.shifted_beta_geo import ShiftedBetaGeoLikelihood

BUYING = {
    models.BetaGeoModel: {"r": 0.6, "alpha": 8.0, "a": 0.9, "b": 3.0},
    models.ModifiedBetaGeoModel: {"r": 0.9, "alpha": 8.0, "a": 0.7, "b": 3.0},
    models.ParetoNBDModel: {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 20.0},
    models.BetaGeoBetaBinomModel: {"alpha": 1.2, "beta": 0.8, "gamma": 0.7, "delta": 4.0},
}


def history(*rows):
    return pl.DataFrame(rows, schema=["frequency", "recency", "T"], orient="row")


VARIED = history((0, 0, 30), (1, 3, 10), (3, 20, 40), (12, 39, 39), (7, 8, 40), (1, 1, 30), (0, 0, 5), (40, 60, 64))


@pytest.mark.parametrize("kind", BUYING)
def test_the_gradient_is_the_slope_of_the_likelihood(kind):
    point = kind.from_params(BUYING[kind]).point
    likelihood = kind.likelihood(models.histories(VARIED))

    slope = approx_fprime(point, lambda at: likelihood(at)[0], 1e-7)

    assert likelihood(point)[1] == pytest.approx(slope, rel=1e-5, abs=1e-5)


def test_the_gradient_of_spend_and_of_contracts():
    spend = GammaGammaLikelihood(models.Spending(np.array([1.0, 4, 9]), np.array([20.0, 7, 80]), np.array([3.0, 1, 2])))
    contracts = ShiftedBetaGeoLikelihood(np.array([0.0, 10, 5, 2]), np.array([3.0, 0, 4, 30]))
    for likelihood, point in ((spend, np.array([0.3, 0.9, 2.0])), (contracts, np.array([0.2, 1.1]))):
        slope = approx_fprime(point, lambda at, ask=likelihood: ask(at)[0], 1e-7)
        assert likelihood(point)[1] == pytest.approx(slope, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("kind", BUYING)
@pytest.mark.slow
def test_a_fit_finds_the_parameters_that_made_the_customers(kind):
    made = kind.from_params(BUYING[kind]).simulate(20_000, 50, seed=7)

    model = kind().fit(made)

    assert model.report.converged
    for name, wanted in BUYING[kind].items():
        assert abs(model.params[name] - wanted) < 4 * model.standard_errors[name]
    again = kind().fit(made.select("frequency", "recency", "T").sample(fraction=1, shuffle=True, seed=3))
    assert again.params == pytest.approx(model.params, rel=1e-9)


@pytest.mark.parametrize("kind", BUYING)
def test_what_is_expected_is_what_simulated_customers_do(kind):
    model = kind.from_params(BUYING[kind])

    made = model.simulate(40_000, 40, seed=11)

    new = model.expected_purchases_new_customer(40)["expected_purchases"][0]
    assert made["frequency"].mean() == pytest.approx(new, abs=4 * made["frequency"].std() / 200)
    if kind is not models.BetaGeoBetaBinomModel:  # which asks for the occasion after the last
        alive = model.probability_alive(made, level=None)["probability_alive"].mean()
        assert made["is_alive"].mean() == pytest.approx(alive, abs=0.01)


@pytest.mark.parametrize("kind", BUYING)
def test_what_is_expected_of_the_next_weeks_adds_up_over_all_customers(kind):
    """E[X(60)] = E[X(40)] + E over histories of what is expected of the next 20."""
    model = kind.from_params(BUYING[kind])
    made = model.simulate(40_000, 40, seed=5)

    ahead = model.expected_purchases(made, 20, level=None)["expected_purchases"]
    until = model.expected_purchases_new_customer([40, 60])["expected_purchases"]

    assert ahead.mean() == pytest.approx(until[1] - until[0], abs=4 * ahead.std() / 200)


# lesson: silent wrong units (days, weeks)
@pytest.mark.parametrize("kind", [models.BetaGeoModel, models.ModifiedBetaGeoModel, models.ParetoNBDModel])
def test_the_unit_of_time_changes_nothing_but_the_unit(kind):
    made = kind.from_params(BUYING[kind]).simulate(3_000, 40.0, seed=2)
    in_days = made.with_columns(pl.col("recency", "T") * 7)

    weeks, days = kind().fit(made), kind().fit(in_days)

    assert days.params["alpha"] == pytest.approx(7 * weeks.params["alpha"], rel=1e-5)
    assert days.report.log_likelihood == pytest.approx(
        weeks.report.log_likelihood - made["frequency"].sum() * np.log(7)
    )


def test_equal_rows_are_collapsed_and_counted():
    once = models.BetaGeoModel().fit(VARIED)
    counted = models.BetaGeoModel().fit(VARIED.with_columns(customers=pl.lit(3)))
    thrice = models.BetaGeoModel().fit(pl.concat([VARIED] * 3))

    assert (thrice.report.rows, thrice.report.customers) == (8, 24)
    assert counted.params == thrice.params
    assert thrice.params == pytest.approx(once.params, rel=1e-4)
    assert thrice.report.log_likelihood == pytest.approx(3 * once.report.log_likelihood)


def test_standard_errors_shrink_with_the_root_of_the_number_of_customers():
    made = models.BetaGeoModel.from_params(BUYING[models.BetaGeoModel]).simulate(4_000, 50.0, seed=1)
    one, four = (models.BetaGeoModel().fit(made.with_columns(customers=pl.lit(n))) for n in (1, 4))

    for name, error in one.standard_errors.items():
        assert four.standard_errors[name] == pytest.approx(error / 2, rel=1e-4)


@pytest.mark.slow
def test_nineteen_in_twenty_intervals_hold_the_truth():
    true = models.BetaGeoModel.from_params(BUYING[models.BetaGeoModel])
    customer = {"frequency": 4, "recency": 30.0, "T": 39.0}
    alive, bought = (
        true.probability_alive(customer, level=None).item(), true.expected_purchases(customer, 39, level=None).item()
    )  # fmt: skip
    held = []
    for seed in range(60):
        model = models.BetaGeoModel().fit(true.simulate(1_500, 39.0, seed=seed))
        found = [model.probability_alive(customer), model.expected_purchases(customer, 39)]
        held += [f.row(0)[1] <= truth <= f.row(0)[2] for f, truth in zip(found, (alive, bought), strict=True)]

    assert 0.88 <= np.mean(held) <= 0.99


# lesson: a million customers too slow
def test_a_large_fit_begins_on_a_sample_and_ends_on_everything(monkeypatch):
    made = models.ParetoNBDModel.from_params(BUYING[models.ParetoNBDModel]).simulate(1_500, 60.0, seed=4)
    whole = models.ParetoNBDModel().fit(made)
    monkeypatch.setattr("troth.value.models.buying.SAMPLE_FROM", 500)
    monkeypatch.setattr("troth.value.models.buying.SAMPLE_ROWS", 400)

    sampled = models.ParetoNBDModel().fit(made)

    assert sampled.report.converged
    assert sampled.params == pytest.approx(whole.params, rel=1e-4)
    assert sampled.report.log_likelihood == pytest.approx(whole.report.log_likelihood, abs=1e-6)


EDGES = {
    "all identical": history(*[(2, 10, 20)] * 5),
    "all active": history((5, 20, 20), (4, 20, 20), (6, 19, 19)),
    "two customers": history((1, 2, 20), (0, 0, 20)),
    "huge counts": history((20_000, 3650, 3650), (5, 100, 3650), (0, 0, 3000), (900, 900, 1000)),
    "tiny ages": history((1, 1e-6, 2e-6), (0, 0, 1e-6), (3, 2e-6, 2e-6)),
    "one busy customer": history((300, 39, 39), *[(0, 0, 39)] * 200),
    "new ones": history((1, 1, 1), (0, 0, 0), (0, 0, 1), (2, 2, 2)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("kind", [models.BetaGeoModel, models.ModifiedBetaGeoModel, models.ParetoNBDModel])
def test_no_data_make_nan(kind, name):
    data = EDGES[name]
    with np.errstate(divide="raise", invalid="raise", over="raise"), warnings.catch_warnings():
        warnings.simplefilter("ignore", models.NotConverged)
        model = kind().fit(data, unit="days")
        frames = [model.summary(), model.probability_alive(data), model.expected_purchases(data, 365)]

    assert np.isfinite(model.report.log_likelihood)
    for frame in frames:
        numbers = frame.select(pl.selectors.float()).to_numpy()
        assert np.isfinite(numbers).all()
    assert frames[1].select(pl.all().is_between(0, 1).all()).row(0) == (True, True, True)


@pytest.mark.slow
def test_what_the_data_do_not_tell_is_said():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", models.NotConverged)
        model = models.BetaGeoModel().fit(EDGES["all identical"])

    assert model.report.at_limit or not model.report.converged
    assert "data" in model.report.message
