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

from troth.value import models

COMPANIES, CUSTOMERS, AGE = 120, 1_500, 39
LEVELS = (0.80, 0.95)
MISSED = 1e-4
TRUE = {
    models.BetaGeoModel: {"r": 0.6, "alpha": 8.0, "a": 0.9, "b": 3.0},
    models.ParetoNBDModel: {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 20.0},
}
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}
ASKED = pl.DataFrame(
    [(0, 0.0, 39.0, 0.0), (1, 5.0, 30.0, 22.0), (3, 30.0, 38.0, 48.0), (8, 36.0, 39.0, 31.0), (2, 10.0, 39.0, 75.0)],
    schema=["frequency", "recency", "T", "monetary_value"],
    orient="row",
)


def figures(buying, spend, level):
    """Frames of each figure of the customers asked about, with its interval if a level is given."""
    return {
        "expected_purchases": buying.expected_purchases(ASKED, 26, level=level),
        "probability_alive": buying.probability_alive(ASKED, level=level),
        "lifetime_value": models.lifetime_value(buying, spend, ASKED, months=12, margin=0.3, level=level),
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRUE)
def test_intervals_contain_the_true_figure_as_often_as_they_say(kind):
    buying, spend = kind.from_params(TRUE[kind]), models.GammaGammaModel.from_params(SPEND)
    buying.unit = "weeks"
    truth = {name: found[name].to_list() for name, found in figures(buying, spend, None).items()}
    inside = Counter()
    for company in range(COMPANIES):
        bought = buying.simulate(CUSTOMERS, AGE, seed=company)
        paid = spend.simulate(bought["frequency"], seed=company)
        fitted = kind().fit(bought, unit="weeks"), models.GammaGammaModel().fit(paid)
        for level in LEVELS:
            for name, found in figures(*fitted, level).items():
                ends = found.select(f"{name}_low", f"{name}_high").rows()
                for row, (true, (low, high)) in enumerate(zip(truth[name], ends, strict=True)):
                    inside[name, row, level] += low <= true <= high

    wrong = {}
    for (name, row, level), count in inside.items():
        if name == "probability_alive" and truth[name][row] == 1:  # BG/NBD lets nobody leave before a first repeat
            assert count == COMPANIES
            continue
        fewest, most = binom.ppf([MISSED / 2, 1 - MISSED / 2], COMPANIES, level)
        if not fewest <= count <= most:
            wrong[name, row, level] = (count / COMPANIES, fewest / COMPANIES, most / COMPANIES)
    assert len(inside) == 3 * ASKED.height * len(LEVELS)
    assert wrong == {}
