"""Covariates: what they do to each customer, held to the papers' formulas, and what cannot be fitted."""

import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from troth.value import models
from troth.value.errors import FactsError, TermsError
from troth.value.models.tests import exact
from troth.value.models.tests.test_exact import HARD, LIKELIHOOD_ERROR, histories, near, scales, shapes, spread
from troth.value.models.tests.test_fitting import EDGES, VARIED

TRUE = {
    models.BetaGeoCovariatesModel: {
        "r": 0.6, "alpha": 8.0, "a": 0.9, "b": 3.0, "buying.web": 0.5, "buying.size": -0.2, "a.web": 0.4, "b.web": -0.3
    },
    models.ParetoNBDCovariatesModel: {
        "r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 20.0, "buying.web": 0.5, "buying.size": -0.2, "leaving.web": 0.6
    },
}  # fmt: skip
KINDS = list(TRUE)
TOLD = VARIED.with_columns(web=pl.Series([0, 1, 1, 0, 1, 0, 0, 1]), size=pl.Series([1.5, 0, 2, -1, 0, 3, 1, 1]))
EXACT = {
    models.BetaGeoCovariatesModel: exact.beta_geo_log_likelihood,
    models.ParetoNBDCovariatesModel: exact.pareto_log_likelihood,
}


def made_up(customers, seed=1):
    random = np.random.default_rng(seed)
    return pl.DataFrame({"web": random.integers(0, 2, customers), "size": random.integers(0, 3, customers)})


def own(kind, params, web, size):
    """A customer's own four parameters, written out."""
    rate = np.exp(-params["buying.web"] * web - params["buying.size"] * size)
    if kind is models.BetaGeoCovariatesModel:
        a, b = (params[name] * np.exp(params[f"{name}.web"] * web) for name in ("a", "b"))
        return params["r"], params["alpha"] * rate, a, b
    return params["r"], params["alpha"] * rate, params["s"], params["beta"] * np.exp(-params["leaving.web"] * web)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_the_slope_of_the_likelihood(kind):
    model = kind.from_params(TRUE[kind])
    likelihood = model._likelihood(model._histories(TOLD))

    slope = approx_fprime(model.point, lambda at: likelihood(at)[0], 1e-7)

    assert likelihood(model.point)[1] == pytest.approx(slope, rel=1e-5, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("history", HARD)
def test_the_likelihood_of_the_hardest_histories(kind, history):
    check(kind, TRUE[kind], history, web=1, size=2.5)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    shapes, scales, shapes, spread(0.01, 100), histories(),
    st.floats(-3, 3), st.floats(-2, 2), st.floats(-2, 2), st.floats(-1, 1),
)  # fmt: skip
@pytest.mark.parametrize("kind", KINDS)
def test_the_likelihood(kind, first, second, third, fourth, history, web, size, of_buying, of_leaving):
    plain = dict(zip(kind.names, (first, second, third, fourth), strict=True))
    given = {name: of_buying if name.startswith("buying") else of_leaving for name in TRUE[kind] if "." in name}
    check(kind, plain | given, history, web, size)


def check(kind, params, history, web, size):
    row = dict(zip(("frequency", "recency", "T"), history, strict=True)) | {"web": web, "size": size}
    model = kind.from_params(params)
    near(model.log_likelihood(row), EXACT[kind](own(kind, params, web, size), *history), LIKELIHOOD_ERROR)
    figures = [model.probability_alive(row, level=None), model.expected_purchases(row, 365.0, level=None)]
    assert all(np.isfinite(frame.item()) for frame in figures)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_customer_is_one_of_the_plain_model_with_his_own_parameters(kind):
    model = kind.from_params(TRUE[kind])
    for row in TOLD.to_dicts():
        parameters = own(kind, TRUE[kind], row["web"], row["size"])
        plain = kind.plain.from_params(dict(zip(kind.names, parameters, strict=True)))
        row_told = {"web": row["web"], "size": row["size"]}
        assert model.log_likelihood(row) == pytest.approx(plain.log_likelihood(row), rel=1e-12)
        assert model.probability_alive(row).row(0) == pytest.approx(plain.probability_alive(row).row(0), rel=1e-12)
        for ahead in (10, [10.0]):
            found, wanted = (one.expected_purchases(row, ahead).row(0) for one in (model, plain))
            assert found == pytest.approx(wanted, rel=1e-9)
        new = model.expected_purchases_new_customer([5, 50], covariates=row_told)
        assert new["expected_purchases"].to_numpy() == pytest.approx(
            plain.expected_purchases_new_customer([5, 50])["expected_purchases"].to_numpy(), rel=1e-9
        )


@pytest.mark.parametrize("kind", KINDS)
def test_where_all_covariates_are_0_the_plain_model_speaks(kind):
    nobody = VARIED.with_columns(web=pl.lit(0), size=pl.lit(0.0), profit_per_purchase=pl.lit(7.0))
    model, plain = kind.from_params(TRUE[kind]), kind.plain.from_params({n: TRUE[kind][n] for n in kind.names})
    model.unit = plain.unit = "weeks"

    assert model.log_likelihood(nobody) == pytest.approx(plain.log_likelihood(nobody), rel=1e-12)
    found, wanted = (models.lifetime_value(one, None, nobody, months=6, level=None) for one in (model, plain))
    assert found["lifetime_value"].to_numpy() == pytest.approx(wanted["lifetime_value"].to_numpy(), rel=1e-9)


# lesson: no covariates
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_finds_the_coefficients_that_made_the_customers(kind):
    true = kind.from_params(TRUE[kind])
    made = true.simulate(10_000, 50, seed=7, covariates=made_up(10_000))

    model = kind(buying=["web", "size"], leaving=["web"]).fit(made, unit="weeks")

    assert model.report.converged
    assert model.report.rows < 8_000
    for name, wanted in TRUE[kind].items():
        assert abs(model.params[name] - wanted) < 4 * model.standard_errors[name]
    plain = kind.plain().fit(made)
    assert model.report.log_likelihood > plain.report.log_likelihood + 50
    alive = model.probability_alive(made, level=None)["probability_alive"].mean()
    assert alive == pytest.approx(made["is_alive"].mean(), abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_is_a_maximum_and_equal_rows_are_one(kind):
    made = kind.from_params(TRUE[kind]).simulate(400, 40, seed=3, covariates=made_up(400))
    made = made.with_columns(pl.col("recency").round(1).clip(0.1).replace(0.1, 0.2) * (pl.col("frequency") > 0))

    once = kind(buying=["web", "size"], leaving=["web"]).fit(made)
    thrice = kind(buying=["web", "size"], leaving=["web"]).fit(pl.concat([made] * 3))

    assert once.report.converged
    likelihood = once._likelihood(once._histories(made))
    assert likelihood(once.point)[0] == pytest.approx(once.report.log_likelihood, rel=1e-10)
    assert np.abs(likelihood(once.point)[1]).max() < 0.01
    assert (thrice.report.rows, thrice.report.customers) == (once.report.rows, 1200)
    assert thrice.params == pytest.approx(once.params, rel=1e-3)
    for name, error in once.standard_errors.items():
        assert thrice.standard_errors[name] == pytest.approx(error / 3**0.5, rel=1e-2)


@pytest.mark.slow
def test_the_place_and_size_of_a_covariate_change_nothing_but_its_coefficient():
    kind = models.ParetoNBDCovariatesModel
    made = kind.from_params(TRUE[kind]).simulate(400, 40, seed=3, covariates=made_up(400))
    moved = made.with_columns(size=1000 + 50 * pl.col("size"))

    one, other = (kind(buying=["size"]).fit(frame) for frame in (made, moved))

    assert other.params["buying.size"] == pytest.approx(one.params["buying.size"] / 50, rel=1e-4)
    assert other.standard_errors["buying.size"] == pytest.approx(one.standard_errors["buying.size"] / 50, rel=1e-3)
    assert other.report.log_likelihood == pytest.approx(one.report.log_likelihood, abs=1e-6)


def test_a_large_fit_begins_on_a_sample_and_ends_on_everything(monkeypatch):
    kind = models.BetaGeoCovariatesModel
    made = kind.from_params(TRUE[kind]).simulate(800, 40, seed=3, covariates=made_up(800))
    whole = kind(buying=["web", "size"]).fit(made)
    monkeypatch.setattr("troth.value.models.buying.SAMPLE_FROM", 400)
    monkeypatch.setattr("troth.value.models.buying.SAMPLE_ROWS", 350)

    sampled = kind(buying=["web", "size"]).fit(made)

    assert sampled.report.converged
    assert sampled.report.log_likelihood == pytest.approx(whole.report.log_likelihood, abs=1e-6)


def test_yes_and_no_are_numbers():
    kind = models.BetaGeoCovariatesModel
    made = kind.from_params(TRUE[kind]).simulate(400, 40, seed=3, covariates=made_up(400))
    said = made.with_columns(web=pl.col("web") == 1)

    assert kind(buying=["web"]).fit(said).params == kind(buying=["web"]).fit(made).params


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pl.Series("web", [0, 1, None, 0, 1, 0, 0, 1]), "None in row 2"),
        (pl.Series("web", [0.0, 1, 1, 0, float("inf"), 0, 0, 1]), "inf in row 4"),
        (pl.Series("web", [0.0, 1, 1, 0, 1, 0, float("nan"), 1]), "nan in row 6"),
        (pl.Series("web", list("abcdefgh")), "holds String, not numbers"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_covariate_that_is_no_number_is_refused_by_name_and_row(kind, column, said):
    model, bad = kind(buying=["web"]), TOLD.with_columns(column)
    with pytest.raises(FactsError, match=f"web.*{said}"):
        model.fit(bad)
    with pytest.raises(FactsError, match=f"web.*{said}"):
        kind.from_params(TRUE[kind]).probability_alive(bad)
    with pytest.raises(models.NotFitted):
        assert model.params


@pytest.mark.parametrize("kind", KINDS)
def test_covariates_that_tell_nothing_are_refused_by_name(kind):
    twice = TOLD.with_columns(one=pl.lit(1), again=3 - 2 * pl.col("size") + pl.col("web"))
    with pytest.raises(TermsError, match=r"covariates: one.*differ between customers"):
        kind(buying=["web", "one"]).fit(twice)
    with pytest.raises(TermsError, match=r"covariates: again.*told by web, size"):
        kind(leaving=["web", "size", "again"]).fit(twice)
    with pytest.raises(FactsError, match="missing"):
        kind(buying=["missing"]).fit(TOLD)


@pytest.mark.parametrize(
    "settings_", [{}, {"buying": "web"}, {"buying": ["web", "web"]}, {"leaving": ["recency"]}, {"buying": ["t"]}]
)
def test_covariates_that_cannot_be_are_refused(settings_):
    with pytest.raises(TermsError):
        models.BetaGeoCovariatesModel(**settings_)


def test_parameters_that_cannot_be_are_refused():
    kind = models.BetaGeoCovariatesModel
    for change in ({"leaving.web": 1.0}, {"buying.web": float("nan")}, {"r": -1.0}, {"a.other": 1.0}):
        with pytest.raises(TermsError):
            kind.from_params(TRUE[kind] | change)


def test_what_needs_covariates_asks_for_them():
    model = models.ParetoNBDCovariatesModel.from_params(TRUE[models.ParetoNBDCovariatesModel])
    with pytest.raises(TermsError, match="web, size"):
        model.expected_purchases_new_customer(10)
    with pytest.raises(TermsError, match="3 rows"):
        model.simulate(5, 10, seed=1, covariates={"web": [1, 0, 1], "size": [0, 0, 0]})
    with pytest.raises(FactsError, match="size"):
        model.simulate(5, 10, seed=1, covariates={"web": 1})


@pytest.mark.slow
@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_data_make_nan(kind, name):
    data = EDGES[name].with_row_index("row").with_columns(web=(pl.col("row") % 2).cast(pl.Float64)).drop("row")
    with np.errstate(divide="raise", invalid="raise", over="raise"), warnings.catch_warnings():
        warnings.simplefilter("ignore", models.NotConverged)
        model = kind(buying=["web"], leaving=["web"]).fit(data, unit="days")
        frames = [model.summary(), model.probability_alive(data), model.expected_purchases(data, 365)]
        far = data.with_columns(web=pl.lit(1e6))  # nobody like that was seen
        frames += [model.probability_alive(far), model.expected_purchases(far, 365, level=None)]
        spendless = data.with_columns(profit_per_purchase=pl.lit(0.0))
        frames.append(models.lifetime_value(model, None, spendless, months=3))
        frames.append(model.bootstrap(data, draws=2, seed=1).summary())
        if name == "new ones" and kind is models.BetaGeoCovariatesModel:
            frames.append(model.profile(data))

    assert np.isfinite(model.report.log_likelihood)
    for frame in frames:
        assert np.isfinite(frame.select(pl.selectors.float()).to_numpy()).all()
