"""Never NaN, and right to nine digits: the models beside the papers' formulas in sixty digits."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from troth.value import models
from troth.value.models.special import log_rising, mean_decay
from troth.value.models.tests import exact

LIKELIHOOD_ERROR = 1e-9
FIGURE_ERROR = 1e-8
some = settings(max_examples=25, deadline=None)


def spread(low, high):
    """Floats even in their logarithm."""
    return st.floats(np.log(low), np.log(high)).map(lambda log: float(np.exp(log)))


shapes = spread(0.01, 30)
scales = spread(0.01, 3000)
counts = st.one_of(st.integers(0, 5), st.integers(0, 200), st.integers(0, 20_000), st.just(20_000))


@st.composite
def histories(draw):
    """frequency, recency, T: up to 20,000 repeats in up to 10,000 days, the last at any moment."""
    x = draw(counts)
    age = draw(st.one_of(spread(0.01, 10_000), st.just(3650.0)))
    share = draw(st.one_of(st.just(1.0), st.floats(1e-9, 1.0), st.floats(0.99, 1.0)))
    return x, age * share if x else 0.0, age


def near(found, wanted, error):
    assert np.isfinite(found)
    assert abs(found - wanted) <= error * abs(wanted)


def row(x, last, age):
    return {"frequency": x, "recency": last, "T": age}


def figures(model, history, ahead):
    alive = model.probability_alive(row(*history), level=None)["probability_alive"][0]
    bought = model.expected_purchases(row(*history), ahead, level=None)["expected_purchases"][0]
    return alive, bought


@pytest.mark.slow
@some
@given(shapes, scales, shapes, spread(0.01, 100), histories())
@example(1.0, 4.0, 1.0, 2.5, (20_000, 3650.0, 3650.0))
@example(0.24, 4.4, 0.79, 2.4, (2_000, 100.0, 3650.0))
@example(0.24, 4.4, 0.79, 2.4, (0, 0.0, 0.01))
def test_the_likelihood_of_bg_nbd(r, alpha, a, b, history):
    params = (r, alpha, a, b)
    for extra, kind in ((0, models.BetaGeoModel), (1, models.ModifiedBetaGeoModel)):
        model = kind.from_params(dict(zip(kind.names, params, strict=True)))
        near(
            model.log_likelihood(row(*history)),
            exact.beta_geo_log_likelihood(params, *history, extra=extra),
            LIKELIHOOD_ERROR,
        )
        alive = model.probability_alive(row(*history), level=None)["probability_alive"][0]
        near(alive + 1e-290, exact.beta_geo_alive(params, *history, extra=extra) + mp.mpf(10) ** -290, FIGURE_ERROR)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    spread(0.05, 10), scales, st.one_of(shapes, st.just(1.0)), spread(0.05, 50),
    st.integers(0, 60), spread(0.1, 3000), st.floats(0.01, 1.0), spread(0.1, 3000),
)  # fmt: skip
def test_the_purchases_expected_by_bg_nbd(r, alpha, a, b, x, age, share, ahead):
    params, history = (r, alpha, a, b), (x, age * share if x else 0.0, age)
    for extra, kind in ((0, models.BetaGeoModel), (1, models.ModifiedBetaGeoModel)):
        model = kind.from_params(dict(zip(kind.names, params, strict=True)))
        wanted = exact.beta_geo_purchases(params, *history, ahead, extra=extra)
        near(figures(model, history, ahead)[1] + 1e-290, wanted + mp.mpf(10) ** -290, FIGURE_ERROR)


@pytest.mark.slow
@some
@given(shapes, scales, st.one_of(shapes, st.just(1.0)), scales, histories(), spread(0.01, 10_000))
@example(0.55, 10.6, 0.61, 11.7, (5_000, 3000.0, 3650.0), 365.0)
@example(0.55, 10.6, 1.0, 10.6, (0, 0.0, 0.001), 365.0)
@pytest.mark.slow
def test_pareto_nbd(r, alpha, s, beta, history, ahead):
    params = (r, alpha, s, beta)
    model = models.ParetoNBDModel.from_params(dict(zip(models.ParetoNBDModel.names, params, strict=True)))
    near(model.log_likelihood(row(*history)), exact.pareto_log_likelihood(params, *history), LIKELIHOOD_ERROR)
    alive, bought = figures(model, history, ahead)
    tiny = mp.mpf(10) ** -290
    near(alive + 1e-290, exact.pareto_alive(params, *history) + tiny, FIGURE_ERROR)
    near(bought + 1e-290, exact.pareto_purchases(params, *history, ahead) + tiny, FIGURE_ERROR)


@pytest.mark.slow
@some
@given(shapes, shapes, shapes, shapes, st.integers(0, 60), st.floats(0, 1), st.floats(0, 1))
def test_bg_bb(alpha, beta, gamma, delta, n, last_share, share):
    last = int(n * last_share)
    x = max(int(last * share), min(last, 1))
    params = (alpha, beta, gamma, delta)
    names = models.BetaGeoBetaBinomModel.names
    model = models.BetaGeoBetaBinomModel.from_params(dict(zip(names, params, strict=True)))
    wanted = exact.beta_geo_beta_binom_log_likelihood(params, x, last, n)
    assert abs(model.log_likelihood(row(x, last, n)) - wanted) <= LIKELIHOOD_ERROR * abs(wanted) + 1e-14


@pytest.mark.slow
@some
@given(shapes, shapes, scales, st.integers(1, 20_000), spread(1e-4, 1e7))
def test_gamma_gamma(p, q, v, x, mean):
    model = models.GammaGammaModel.from_params({"p": p, "q": q, "v": v})
    wanted = exact.gamma_gamma_log_likelihood((p, q, v), x, mean)
    found = model.log_likelihood({"frequency": x, "monetary_value": mean})
    assert abs(found - wanted) <= LIKELIHOOD_ERROR * abs(wanted) + 1e-9


@some
@given(spread(1e-4, 1e6), st.integers(0, 20_000))
def test_the_logarithm_of_a_rising_factorial(z, n):
    with mp.workdps(40):
        wanted = mp.loggamma(mp.mpf(z) + n) - mp.loggamma(mp.mpf(z))
    assert abs(float(log_rising(z, np.array([float(n)]))[0] - wanted)) <= 1e-12 * max(1.0, abs(float(wanted)))


HARD = [(20_000, 3650.0, 3650.0), (2_000, 100.0, 3650.0), (1, 0.5, 3650.0), (0, 0.0, 0.01), (0, 0.0, 3650.0)]


# lesson: fits that diverge or overflow on large frequency or T
@pytest.mark.slow
@pytest.mark.parametrize("history", HARD)
def test_the_hardest_histories(history):
    params = (0.55, 10.6, 0.8, 11.7)
    pareto = models.ParetoNBDModel.from_params(dict(zip(models.ParetoNBDModel.names, params, strict=True)))
    beta = models.BetaGeoModel.from_params(dict(zip(models.BetaGeoModel.names, params, strict=True)))
    near(pareto.log_likelihood(row(*history)), exact.pareto_log_likelihood(params, *history), LIKELIHOOD_ERROR)
    near(beta.log_likelihood(row(*history)), exact.beta_geo_log_likelihood(params, *history), LIKELIHOOD_ERROR)
    for model in (pareto, beta):
        assert np.isfinite(figures(model, history, 365.0)).all()


@pytest.mark.parametrize("z", [-30.0, -1e-9, 0.0, 1e-12, 1e-7, 1.0, 800.0])
def test_the_mean_of_a_decay_has_no_hole_at_0(z):
    with mp.workdps(40):
        wanted = 1.0 if z == 0 else float((1 - mp.exp(-mp.mpf(z))) / mp.mpf(z))
    assert mean_decay(np.array([z]))[0] == pytest.approx(wanted, rel=1e-12)
