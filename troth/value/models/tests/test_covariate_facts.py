"""Covariates joined to facts: in the tournament, group by group, and in tracking; what cannot be is refused by name."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from troth.value import FactsError, TermsError, models
from troth.value.models import (
    BetaGeoCovariatesModel,
    BetaGeoModel,
    ParetoNBDCovariatesModel,
    fit_best,
    fit_by,
    tracking,
)

START, DAY = date(2025, 1, 1), date(2025, 12, 31)
PARAMS = {"r": 1.0, "alpha": 20.0, "a": 0.6, "b": 4.0, "buying.club": 1.2, "a.club": 0.0, "b.club": 0.0}


def simulated(customers: int, seed: int = 2) -> pl.DataFrame:
    """Histories of which a half, the club, buys 3.3 times as often."""
    club = np.arange(customers) % 2
    model = BetaGeoCovariatesModel.from_params(PARAMS)
    told = pl.DataFrame({"club": club.astype(float)})
    return model.simulate(customers, 40.0, seed=seed, covariates=told).drop("is_alive")


def orders(customers: int, seed: int = 3) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders of customers who join over the first months, and who of them is in the club, which buys far more."""
    random, rows = np.random.default_rng(seed), []
    for number in range(customers):
        rate = random.gamma(2.0, 1 / 120) * (6.0 if number % 2 else 1.0)
        at = float(random.integers(0, 120))
        while at <= 364:
            rows.append((f"c{number:04}", START + timedelta(days=int(at))))
            at += max(1.0, random.exponential(1 / rate))
    frame = pl.DataFrame(rows, schema=["customer_id", "order_date"], orient="row").unique().with_columns(
        net_amount=pl.lit("5").cast(pl.Decimal(18, 4))
    )  # fmt: skip
    club = pl.DataFrame(
        {"customer_id": [f"c{n:04}" for n in range(customers)], "club": [n % 2 for n in range(customers)]}
    )
    return frame, club


@pytest.mark.slow
def test_each_group_is_fitted_with_its_covariates_as_if_it_were_alone():
    rows = simulated(1200).with_columns(
        store=pl.when(pl.int_range(pl.len()) < 600).then(pl.lit("a")).otherwise(pl.lit("b"))
    )
    alike = rows.head(50).with_columns(store=pl.lit("c"), club=pl.lit(1.0))
    model = BetaGeoCovariatesModel(buying=["club"])
    fits = fit_by(model, pl.concat([rows, alike]), "store", unit="weeks")
    alone = BetaGeoCovariatesModel(buying=["club"]).fit(rows.filter(pl.col("store") == "b"), unit="weeks")
    assert fits.models["b",].params == pytest.approx(alone.params, rel=1e-6)
    assert fits.models["a",].params["buying.club"] == pytest.approx(1.2, abs=0.5)
    assert fits.models["a",].unit == "weeks"
    assert list(fits.refused) == [("c",)]
    assert "club" in str(fits.refused["c",])
    assert model.columns == ("club",)
    with pytest.raises(models.NotFitted):
        model.params  # noqa: B018  what was passed stays as it was made


@pytest.mark.slow
def test_covariates_that_help_win_the_tournament_and_stand_in_the_model():
    frame, club = orders(700)
    best = fit_best(frame, as_of=DAY, unit="weeks", ahead=8, folds=1, covariates=club)
    assert best.winner in ("bg_nbd_covariates", "pareto_nbd_covariates")
    assert best.model.params["buying.club"] > 1.0
    told = {row["name"]: row["mae"] for row in models.averaged(best.trials).to_dicts()}
    assert set(told) == {"bg_nbd", "mbg_nbd", "pareto_nbd", "bg_nbd_covariates", "pareto_nbd_covariates", "as_before"}
    assert told[best.winner] < told["bg_nbd"]
    assert best.model.unit == "weeks"

    tracked = tracking(frame, best.model, as_of=DAY, covariates=club)
    last = tracked.row(-1, named=True)
    assert last["expected_so_far"] == pytest.approx(last["came_so_far"], rel=0.12)


@pytest.mark.slow
def test_what_is_expected_is_that_of_each_kind_of_customer_added_up():
    frame, club = orders(60)
    model = BetaGeoCovariatesModel.from_params(PARAMS)
    model.unit = "days"
    whole = tracking(frame, model, as_of=DAY, covariates=club)
    for kind in (0, 1):
        plain = BetaGeoModel.from_params(
            {name: PARAMS[name] for name in ("r", "a", "b")} | {"alpha": 20.0 * float(np.exp(-1.2 * kind))}
        )
        plain.unit = "days"
        ids = club.filter(pl.col("club") == kind).select("customer_id")
        part = tracking(frame.join(ids, on="customer_id", how="semi"), plain, as_of=DAY)
        whole = whole.join(
            part.select("week_end", pl.col("expected_so_far").alias(f"of_{kind}")), on="week_end", how="left"
        )
    sums = whole.select(pl.sum_horizontal("of_0", "of_1")).to_series().to_list()
    assert whole["expected_so_far"].to_list()[-20:] == pytest.approx(sums[-20:])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda club: club.drop("customer_id"), "customer_id"),
        (lambda club: club.select("customer_id"), "covariates"),
        (lambda club: pl.concat([club, club.head(1)]), "twice"),
        (lambda club: club.with_columns(club=pl.lit("yes")), "not numbers"),
        (lambda club: club.with_columns(club=pl.lit(None, dtype=pl.Float64)), "not finite"),
        (lambda club: club.with_columns(club=pl.lit(float("inf"))), "not finite"),
        (lambda club: club.head(30), "30 customers are missing"),
    ],
)
def test_covariates_that_cannot_be_are_refused_by_name(change, match):
    frame, club = orders(60)
    model = ParetoNBDCovariatesModel.from_params({"r": 0.5, "alpha": 10.0, "s": 0.6, "beta": 12.0, "buying.club": 0.5})
    model.unit = "days"
    with pytest.raises((FactsError, TermsError), match=match):
        tracking(frame, model, as_of=DAY, covariates=change(club))


@pytest.mark.slow
def test_covariates_and_a_model_that_has_them_go_together():
    frame, club = orders(20)
    plain = BetaGeoModel.from_params({"r": 0.5, "alpha": 10.0, "a": 0.8, "b": 3.0})
    plain.unit = "days"
    with pytest.raises(TermsError, match="covariates"):
        tracking(frame, plain, as_of=DAY, covariates=club)
    model = BetaGeoCovariatesModel.from_params(PARAMS)
    model.unit = "days"
    with pytest.raises(TermsError, match="covariates"):
        tracking(frame, model, as_of=DAY)
    with pytest.raises(TermsError, match="every covariate"):
        tracking(frame, model, as_of=DAY, covariates=club.rename({"club": "other"}))
