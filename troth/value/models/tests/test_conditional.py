from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from troth.value import Facts, models
from troth.value.errors import FactsError, TermsError
from troth.value.models.tests.test_tracking import DAY, START, model, orders

END = START + timedelta(days=250)


def facts(*days):
    """Orders of several customers, each a list of days after the first of the year."""
    rows = [(str(number), START + timedelta(days=day)) for number, own in enumerate(days) for day in own]
    frame = pl.DataFrame(rows, schema=["customer_id", "order_date"], orient="row")
    return frame.with_columns(
        order_id=pl.int_range(pl.len()).cast(pl.String), net_amount=pl.lit("5").cast(pl.Decimal(18, 4))
    )


@pytest.mark.slow
def test_each_row_holds_those_who_had_come_back_so_often():
    given = facts([0, 260], [10], [0, 100, 251, 260, 300], [0, 50, 60, 70], [255, 300])

    found = models.conditional_expectation(given, model(), calibration_end=END, as_of=DAY, most=2)

    assert found["repeats"].to_list() == [0, 1, 2]
    assert found["customers"].to_list() == [2, 1, 1]
    assert found["came"].to_list() == [0.5, 3.0, 0.0]
    histories = pl.DataFrame({"frequency": [0, 0, 1, 3], "recency": [0, 0, 100, 70], "T": [250, 240, 250, 250]})
    each = model().expected_purchases(histories, (DAY - END).days, level=None)["expected_purchases"]
    assert found["expected"].to_numpy() == pytest.approx([each[:2].mean(), each[2], each[3]], rel=1e-12)
    assert found["expected_low"].to_list() == found["expected"].to_list()  # parameters that are given are exact


@pytest.mark.slow
def test_weeks_are_weeks():
    in_weeks = models.BetaGeoModel.from_params(model().params | {"alpha": model().params["alpha"] / 7})
    in_weeks.unit = "weeks"
    given = facts([0, 260], [0, 100])

    by_day, by_week = (
        models.conditional_expectation(given, one, calibration_end=END, as_of=DAY) for one in (model(), in_weeks)
    )

    assert by_week["expected"].to_numpy() == pytest.approx(by_day["expected"].to_numpy(), rel=1e-9)


@pytest.mark.slow
def test_a_model_fitted_to_the_past_foretells_them_all():
    given = orders()
    past = models.histories_of(Facts(given), as_of=END, unit="days").parts[0]
    fitted = models.BetaGeoModel().fit(past)

    found = models.conditional_expectation(given, fitted, calibration_end=END, as_of=DAY, most=4)

    assert found["customers"].sum() == int(past.total)
    total = (found["customers"] * found["came"]).sum()
    assert (found["customers"] * found["expected"]).sum() == pytest.approx(total, rel=0.12)
    assert found["expected"].is_sorted()
    assert np.corrcoef(found["expected"], found["came"])[0, 1] > 0.95
    assert (found["expected_low"] < found["expected"]).all()
    assert (found["expected"] < found["expected_high"]).all()


@pytest.mark.slow
def test_what_cannot_be_asked_is_refused():
    given = facts([0, 260], [10])
    with pytest.raises(TermsError, match="calibration_end"):
        models.conditional_expectation(given, model(), calibration_end=DAY, as_of=DAY)
    with pytest.raises(TermsError, match="most"):
        models.conditional_expectation(given, model(), calibration_end=END, as_of=DAY, most=0)
    with pytest.raises(FactsError, match="none up to"):
        models.conditional_expectation(given, model(), calibration_end=date(2024, 1, 1), as_of=DAY)
    other = models.BetaGeoModel.from_params(model().params)
    with pytest.raises(models.NotFitted, match="unit"):
        models.conditional_expectation(given, other, calibration_end=END, as_of=DAY)
