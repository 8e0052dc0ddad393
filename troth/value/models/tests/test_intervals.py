"""Intervals on request: from customers drawn again, and from the profile of the likelihood."""

import warnings

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from troth.value import models
from troth.value.errors import TermsError
from troth.value.models.tests.test_fitting import BUYING, EDGES, VARIED


def made(customers, kind=models.BetaGeoModel, seed=1):
    return kind.from_params(BUYING[kind]).simulate(customers, 40, seed=seed)


def test_the_same_seed_draws_the_same_customers():
    data = made(150)
    model = models.BetaGeoModel().fit(data)

    one, again, other = (model.bootstrap(data, draws=4, seed=seed) for seed in (1, 1, 2))

    assert one.points.shape == (4, 4)
    assert (one.points == again.points).all()
    assert not (one.points == other.points).any()
    assert one.summary()["estimate"].to_list() == list(model.params.values())
    assert (one.summary()["low"] < one.summary()["high"]).all()


# lesson: no interval around the number
def test_any_figure_has_its_interval():
    data = made(150)
    model = models.BetaGeoModel().fit(data)
    drawn = model.bootstrap(data, draws=6, seed=1)

    found = drawn.interval(lambda one: one.expected_purchases(VARIED, 10, level=None)["expected_purchases"])
    single = drawn.interval(lambda one: one.params["r"])

    assert found.columns == ["figure", "figure_low", "figure_high"]
    wanted = model.expected_purchases(VARIED, 10, level=None)["expected_purchases"]
    assert found["figure"].to_list() == wanted.to_list()
    assert (found["figure_low"] < found["figure_high"]).all()
    assert single.row(0) == pytest.approx(drawn.summary().row(0)[1:], rel=1e-12)
    with pytest.raises(TermsError):
        drawn.interval(lambda one: float("nan"))


@pytest.mark.slow
def test_a_draw_where_nobody_came_back_is_drawn_again():
    data = pl.DataFrame({"frequency": [1, 0, 0, 0], "recency": [2.0, 0, 0, 0], "T": [20.0, 20, 20, 20]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", models.NotConverged)
        drawn = models.ParetoNBDModel().fit(data).bootstrap(data, draws=8, seed=2)

    assert drawn.drawn_again > 0
    assert np.isfinite(drawn.summary().select(pl.selectors.float()).to_numpy()).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [models.BetaGeoModel, models.ParetoNBDModel])
def test_the_bootstrap_and_the_delta_method_tell_the_same_of_many_customers(kind):
    data = made(3_000, kind)
    model = kind().fit(data)

    drawn = model.bootstrap(data, draws=100, seed=3)

    assert drawn.not_reached == 0
    assert drawn.points.std(axis=0) == pytest.approx(np.sqrt(np.diag(model.covariance)), rel=0.25)
    by_delta = model.expected_purchases(VARIED, 20)
    by_draws = drawn.interval(lambda one: one.expected_purchases(VARIED, 20, level=None)["expected_purchases"])
    widths = by_delta["expected_purchases_high"] - by_delta["expected_purchases_low"]
    assert (by_draws["figure_high"] - by_draws["figure_low"]).to_numpy() == pytest.approx(widths.to_numpy(), rel=0.35)


@pytest.mark.slow
def test_covariates_can_be_drawn_and_profiled():
    kind = models.ParetoNBDCovariatesModel
    web = pl.DataFrame({"web": np.arange(1_500) % 2})
    true = kind.from_params(BUYING[models.ParetoNBDModel] | {"buying.web": 0.5, "leaving.web": 0.4})
    data = true.simulate(1_500, 40, seed=1, covariates=web)
    model = kind(buying=["web"], leaving=["web"]).fit(data)

    drawn, profile = model.bootstrap(data, draws=60, seed=1), model.profile(data)

    assert drawn.points.std(axis=0) == pytest.approx(np.sqrt(np.diag(model.covariance)), rel=0.4)
    by_delta = model.summary()
    assert profile["low"].to_numpy()[4:] == pytest.approx(by_delta["low"].to_numpy()[4:], abs=0.03)
    assert profile["high"].to_numpy()[4:] == pytest.approx(by_delta["high"].to_numpy()[4:], abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 3])
def test_at_the_ends_of_a_profile_the_likelihood_has_fallen_by_what_chance_allows(place):
    data = made(300)
    model = models.BetaGeoModel().fit(data)
    likelihood = models.BetaGeoModel.likelihood(models.histories(data))

    row = model.profile(data).row(place, named=True)

    for end in (row["low"], row["high"]):

        def fall(rest, end=end):
            return -likelihood(np.insert(rest, place, np.log(end)))[0]

        best = minimize(fall, np.delete(model.point, place), method="BFGS", options={"gtol": 1e-4}).fun
        assert best + model.report.log_likelihood == pytest.approx(1.9207, abs=0.01)
    assert row["low"] < row["estimate"] < row["high"]
    assert not row["is_low_open"]
    assert not row["is_high_open"]


@pytest.mark.slow
@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("kind", [models.BetaGeoModel, models.ParetoNBDModel])
def test_no_data_make_nan(kind, name):
    data = EDGES[name]
    with np.errstate(divide="raise", invalid="raise", over="raise"), warnings.catch_warnings():
        warnings.simplefilter("ignore", models.NotConverged)
        model = kind().fit(data)
        found = model.profile(data)
        drawn = model.bootstrap(data, draws=5, seed=1).summary()

    for frame in (found, drawn):
        assert np.isfinite(frame.select(pl.selectors.float()).to_numpy()).all()
    assert (found["low"] <= found["estimate"] * 1.001).all()
    assert (found["high"] >= found["estimate"] * 0.999).all()
    if model.report.at_limit:
        open_sides = found.filter(pl.col("is_low_open") | pl.col("is_high_open"))["parameter"].to_list()
        assert set(model.report.at_limit) <= set(open_sides)


@pytest.mark.slow
def test_what_cannot_be_asked_is_refused():
    data = made(150)
    model = models.BetaGeoModel().fit(data)
    with pytest.raises(TermsError, match="the model was fitted to"):
        model.profile(made(150, seed=2))
    with pytest.raises(TermsError, match="the model was fitted to"):
        model.bootstrap(VARIED, seed=1)
    for settings in ({"draws": 1}, {"draws": 10**9}):
        with pytest.raises(TermsError, match="draws"):
            model.bootstrap(data, seed=1, **settings)
    with pytest.raises(TermsError, match="level"):
        model.profile(data, level=1.0)
    with pytest.raises(models.NotFitted):
        models.BetaGeoModel.from_params(BUYING[models.BetaGeoModel]).profile(data)
    halves = data.with_columns(customers=pl.lit(0.5))
    with pytest.raises(TermsError, match="whole numbers"):
        models.BetaGeoModel().fit(halves).bootstrap(halves, seed=1)
