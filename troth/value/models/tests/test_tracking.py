from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from troth.value.models import BetaGeoModel, NotFitted, tracking

START, DAY = date(2025, 1, 1), date(2025, 12, 31)
PARAMS = {"r": 0.8, "alpha": 120.0, "a": 0.8, "b": 3.0}


def orders(customers=1500, seed=3):
    """Made-up customers of a BG/NBD of these parameters, a day apart at least, who join over the first half-year."""
    random, rows = np.random.default_rng(seed), []
    for number in range(customers):
        rate, stop = random.gamma(PARAMS["r"], 1 / PARAMS["alpha"]), random.beta(PARAMS["a"], PARAMS["b"])
        at = float(random.integers(0, 180))
        rows.append((number, int(at)))
        while True:
            at += random.exponential(1 / max(rate, 1e-9))
            if at > 364:
                break
            rows.append((number, int(at)))
            if random.random() < stop:
                break
    frame = pl.DataFrame(rows, schema=["customer_id", "day"], orient="row").unique()
    return frame.select(
        pl.col("customer_id").cast(pl.String),
        order_id=pl.int_range(pl.len()).cast(pl.String),
        order_date=pl.lit(START) + pl.duration(days="day"),
        net_amount=pl.lit("5").cast(pl.Decimal(18, 4)),
    )


def model():
    found = BetaGeoModel.from_params(PARAMS)
    found.unit = "days"
    return found


@pytest.mark.slow
def test_what_came_is_every_purchase_but_the_first():
    frame = orders(customers=200)
    found = tracking(frame, model(), as_of=DAY)
    repeats = frame.height - frame["customer_id"].n_unique()
    before = found.row(0, named=True)
    assert found["came_so_far"][-1] == repeats
    assert found["came"].sum() + before["came_so_far"] - before["came"] == repeats
    assert found["week_end"].to_list() == [DAY - timedelta(weeks=back) for back in range(found.height - 1, -1, -1)]


@pytest.mark.slow
def test_the_true_model_tracks_what_came():
    found = tracking(orders(), model(), as_of=DAY)
    last = found.row(-1, named=True)
    # Two purchases of one day are one, which loses a few.
    assert last["expected_so_far"] == pytest.approx(last["came_so_far"], rel=0.07)
    middle = found.row(found.height // 2, named=True)
    assert middle["expected_so_far"] == pytest.approx(middle["came_so_far"], rel=0.1)


def test_a_model_without_a_unit_of_time_is_refused():
    with pytest.raises(NotFitted, match="unit"):
        tracking(orders(customers=5), BetaGeoModel.from_params(PARAMS))
