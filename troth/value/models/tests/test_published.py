"""The figures of the papers, to the digits they print."""

import polars as pl
import pytest

from troth.value import models
from troth.value.models.tests.published import data

CDNOW = "cdnow_sample_summary_39w.csv"


def rounded(model, digits=3):
    return [round(figure, digits) for figure in model.params.values()]


def test_bg_nbd_of_cdnow():
    model = models.BetaGeoModel().fit(data(CDNOW), unit="weeks")

    assert rounded(model) == [0.243, 4.414, 0.793, 2.426]
    assert round(model.report.log_likelihood, 1) == -9582.4
    assert model.report.converged
    assert (model.report.customers, model.report.rows) == (2357, 1016)


def test_a_customer_of_the_papers_note_buys_1_226_times_in_39_weeks():
    model = models.BetaGeoModel().fit(data(CDNOW), unit="weeks")
    customer = {"frequency": 2, "recency": 30.43, "T": 38.86}

    found = model.expected_purchases(customer, 39).row(0, named=True)

    assert round(found["expected_purchases"], 3) == 1.226
    assert found["expected_purchases_low"] < 1.226 < found["expected_purchases_high"]


def test_mbg_nbd_of_cdnow():
    model = models.ModifiedBetaGeoModel().fit(data(CDNOW))

    assert rounded(model) == [0.525, 6.183, 0.891, 1.614]
    assert model.report.converged


@pytest.mark.slow
def test_pareto_nbd_of_cdnow():
    model = models.ParetoNBDModel().fit(data(CDNOW))

    r, alpha, s, beta = model.params.values()
    assert [round(r, 3), round(alpha, 3), round(s, 3)] == [0.553, 10.578, 0.606]
    assert beta == pytest.approx(11.669, abs=0.002)
    # The printed figures come from a search that stopped a little early.
    printed = models.ParetoNBDModel.from_params({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669})
    assert model.report.log_likelihood > printed.log_likelihood(data(CDNOW))
    assert round(model.report.log_likelihood, 1) == -9595.0


@pytest.mark.slow
def test_gamma_gamma_of_cdnow():
    model = models.GammaGammaModel().fit(calibration_spend())

    assert rounded(model, 2) == [6.25, 3.74, 15.44]
    assert round(model.report.log_likelihood, 2) == -4055.92


def calibration_spend():
    """Mean repeat spend of the 39 weeks from the purchases themselves, all of one day being one."""
    days = (
        data("cdnow_sample.csv")
        .with_columns(pl.col("date").str.to_date())
        .filter(pl.col("date") <= pl.date(1997, 9, 30))
    )
    bought = days.group_by("customer_id", "date").agg(pl.col("amount").sum()).sort("customer_id", "date")
    repeats = bought.group_by("customer_id").agg(frequency=pl.len() - 1, spent=pl.col("amount").slice(1).sum())
    return repeats.with_columns(monetary_value=pl.col("spent") / pl.max_horizontal("frequency", 1))


def test_spend_of_cdnow_hardly_depends_on_frequency():
    found = models.independence(data(CDNOW))

    assert round(found.pearson, 2) == 0.11
    assert found.is_acceptable
    assert models.fit_spend(data(CDNOW)).reason == "gamma_gamma"


def test_bg_bb_of_the_donors():
    model = models.BetaGeoBetaBinomModel().fit(data("donations_bgbb.csv"))

    assert rounded(model) == [1.204, 0.750, 0.657, 2.783]
    assert round(model.report.log_likelihood, 2) == -33225.58
    assert model.report.rows == 22


def test_donors_of_the_papers_table_give_so_often_in_the_next_five_years():
    model = models.BetaGeoBetaBinomModel().fit(data("donations_bgbb.csv"))
    donors = {"frequency": [0, 6, 4], "recency": [0, 6, 4], "T": [6, 6, 6]}

    found = model.expected_purchases(donors, 5)["expected_purchases"]

    assert [round(figure, 2) for figure in found[:2]] == [0.07, 3.75]


@pytest.mark.parametrize(("cohort", "alpha", "beta"), [("highend", 0.668, 3.806), ("regular", 0.704, 1.182)])
def test_shifted_beta_geometric_of_the_renewals(cohort, alpha, beta):
    model = models.ShiftedBetaGeoModel().fit(data("sbg_cohorts.csv").filter(pl.col("cohort") == cohort))

    assert rounded(model) == [alpha, beta]
    assert model.report.converged


@pytest.mark.slow
def test_all_of_cdnow_is_fitted_as_well_as_by_anyone():
    """Log-likelihoods found before by an independent prototype on the whole file, to 30 September 1997."""
    days = data("cdnow_master.csv").select(
        "customer_id", pl.col("date").str.to_date().alias("order_date"), net_amount="amount"
    )
    until = days.filter(pl.col("order_date") <= pl.date(1997, 9, 30))
    history = until.group_by("customer_id").agg(
        frequency=pl.col("order_date").n_unique() - 1,
        recency=(pl.col("order_date").max() - pl.col("order_date").min()).dt.total_days() / 7,
        T=(pl.date(1997, 9, 30) - pl.col("order_date").min()).dt.total_days() / 7,
    )

    assert round(models.BetaGeoModel().fit(history).report.log_likelihood, 2) == -95368.44
    assert round(models.ParetoNBDModel().fit(history).report.log_likelihood, 2) == -95415.12
