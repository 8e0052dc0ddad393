"""Intervals hold what they promise: of many simulated companies the right share contains the true figure.

Each company's customers are drawn from known parameters and fitted anew; the intervals say what is known of the
parameters, so the figure that the true ones give must lie inside 80 % of the intervals of 80 %, and 95 % of
those of 95 %.
Within the tolerance of the binomial law: a share that right intervals would miss once in ten thousand series.
"""

from collections import Counter

import polars as pl
import pytest
from scipy.stats import binom

from troth.value import models, net_value

COMPANIES, CUSTOMERS, AGE, OCCASIONS = 120, 1_500, 39, 12
LEVELS = (0.80, 0.95)
MISSED = 1e-4
MARGIN, REWARDED = 0.3, 0.04
TRUE = {
    models.BetaGeoModel: {"r": 0.6, "alpha": 8.0, "a": 0.9, "b": 3.0},
    models.ModifiedBetaGeoModel: {"r": 0.6, "alpha": 8.0, "a": 0.9, "b": 3.0},
    models.ParetoNBDModel: {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 20.0},
    models.BetaGeoBetaBinomModel: {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8},
    models.BetaGeoCovariatesModel: {
        "r": 0.6, "alpha": 8.0, "a": 0.9, "b": 3.0, "buying.web": 0.5, "a.web": 0.4, "b.web": -0.3
    },
    models.ParetoNBDCovariatesModel: {
        "r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 20.0, "buying.web": 0.5, "leaving.web": 0.6
    },
}  # fmt: skip
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}
ASKED = pl.DataFrame(
    [
        (0, 0.0, 39.0, 0.0, 1),
        (1, 5.0, 30.0, 22.0, 0),
        (3, 30.0, 38.0, 48.0, 1),
        (8, 36.0, 39.0, 31.0, 0),
        (2, 10.0, 39.0, 75.0, 1),
    ],
    schema=["frequency", "recency", "T", "monetary_value", "web"],
    orient="row",
)
ASKED_OF_OCCASIONS = pl.DataFrame(
    [(0, 0, 12), (1, 3, 12), (5, 12, 12), (9, 11, 12), (2, 4, 10)], schema=["frequency", "recency", "T"], orient="row"
)


def unfitted(kind):
    """A model of this kind that can be fitted, its covariates named."""
    return kind(buying=["web"], leaving=["web"]) if issubclass(kind, models.CovariateModel) else kind()


def company(kind, buying, seed):
    """The customers of a made-up company, as many with the covariate as without."""
    if kind is models.BetaGeoBetaBinomModel:
        return buying.simulate(CUSTOMERS, OCCASIONS, seed=seed)
    if issubclass(kind, models.CovariateModel):
        told = pl.DataFrame({"web": [place % 2 for place in range(CUSTOMERS)]})
        return buying.simulate(CUSTOMERS, AGE, seed=seed, covariates=told)
    return buying.simulate(CUSTOMERS, AGE, seed=seed)


def figures(kind, buying, spend, level):
    """Each figure of the customers asked about: name to its own value, or to its two ends if a level is given."""
    if kind is models.BetaGeoBetaBinomModel:
        asked, ahead, money = ASKED_OF_OCCASIONS, 6, None
    else:
        asked, ahead = ASKED, 26
        money = models.lifetime_value(buying, spend, asked, months=12, margin=MARGIN, level=level)
    told = {
        "expected_purchases": buying.expected_purchases(asked, ahead, level=level),
        "probability_alive": buying.probability_alive(asked, level=level),
    } | ({} if money is None else {"lifetime_value": money})
    columns = {name: [name] if level is None else [f"{name}_low", f"{name}_high"] for name in told}
    found = {name: frame.select(columns[name]).rows() for name, frame in told.items()}
    if money is not None:
        found["net_value"] = [
            tuple(net_value(one, margin=MARGIN, share=REWARDED) for one in row) for row in found["lifetime_value"]
        ]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRUE)
def test_intervals_contain_the_true_figure_as_often_as_they_say(kind):
    spend = models.GammaGammaModel.from_params(SPEND)
    buying = kind.from_params(TRUE[kind])
    buying.unit = "weeks"
    truth = figures(kind, buying, spend, None)
    inside = Counter()
    for seed in range(COMPANIES):
        bought = company(kind, buying, seed)
        paid = spend.simulate(bought["frequency"], seed=seed)
        fitted = unfitted(kind).fit(bought, unit="weeks"), models.GammaGammaModel().fit(paid)
        for level in LEVELS:
            for name, rows in figures(kind, *fitted, level).items():
                for row, ((true,), (low, high)) in enumerate(zip(truth[name], rows, strict=True)):
                    inside[name, row, level] += low <= true <= high

    wrong = {}
    for (name, row, level), count in inside.items():
        if name == "probability_alive" and truth[name][row] == (1,):  # BG/NBD lets nobody leave before a first repeat
            assert count == COMPANIES
            continue
        fewest, most = binom.ppf([MISSED / 2, 1 - MISSED / 2], COMPANIES, level)
        if not fewest <= count <= most:
            wrong[name, row, level] = (count / COMPANIES, fewest / COMPANIES, most / COMPANIES)
    assert len(inside) == len(truth) * 5 * len(LEVELS)
    assert wrong == {}
