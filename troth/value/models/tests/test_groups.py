"""Every group in one call, from frames and straight from a lake."""

from datetime import date

import polars as pl
import pytest

from troth import value
from troth.value import FactsError, TermsError, models

PARAMS = {"north": {"r": 0.5, "alpha": 6.0, "a": 0.8, "b": 3.0}, "south": {"r": 1.5, "alpha": 12.0, "a": 0.5, "b": 4.0}}


def made():
    parts = [
        models.BetaGeoModel.from_params(params).simulate(800, 50, seed=1).with_columns(store=pl.lit(store))
        for store, params in PARAMS.items()
    ]
    nobody = pl.DataFrame({"frequency": [0, 0], "recency": [0.0, 0.0], "T": [5.0, 9.0], "store": ["new", "new"]})
    return pl.concat([*(part.drop("is_alive") for part in parts), nobody], how="vertical_relaxed")


def test_each_group_is_fitted_as_if_it_were_alone():
    rows = made()
    fits = models.fit_by(models.BetaGeoModel, rows, "store", unit="weeks")

    for store in PARAMS:
        alone = models.BetaGeoModel().fit(rows.filter(pl.col("store") == store), unit="weeks")
        assert fits.models[store,].params == pytest.approx(alone.params, rel=1e-6)
        assert fits.models[store,].unit == "weeks"
    assert list(fits.refused) == [("new",)]
    assert fits.refused["new",].problems[0].code == "no_repeats"
    assert fits.frame["store"].to_list() == ["north", "south"]
    assert fits.frame["customers"].to_list() == [800, 800]
    assert fits.frame["converged"].all()


def orders():
    """Thirty customers of two stores, the second buying twice as often; one of them is in no group."""
    rows = []
    for number in range(30):
        step = 20 if number % 2 else 40
        for day in range(number, 200 - (number % 5) * 35, step + number):
            rows.append((f"c{number}", date(2024, 1, 1).toordinal() + day))
    days = [date.fromordinal(day) for _, day in rows]
    frame = pl.DataFrame({"customer_id": [who for who, _ in rows], "order_date": days})
    return frame.with_columns(net_amount=pl.lit(10.0))


def groups():
    return pl.DataFrame(
        {"customer_id": [f"c{n}" for n in range(29)], "store": ["b" if n % 2 else "a" for n in range(29)]}
    )


@pytest.mark.slow
def test_a_lake_hands_out_the_same_histories_as_its_summary():
    facts = value.Facts(orders())

    straight = models.histories_of(facts, as_of=date(2024, 12, 31), unit="weeks").parts[0]
    by_frame = models.histories(value.summary(facts, as_of=date(2024, 12, 31), unit="weeks"))

    assert straight.unit == "weeks"
    assert straight.total == 30
    for name in ("frequency", "recency", "T", "customers"):
        assert getattr(straight, name).tolist() == getattr(by_frame, name).tolist()


@pytest.mark.slow
def test_groups_are_fitted_straight_from_a_lake():
    facts = value.Facts(orders())
    parts = models.histories_of(facts, as_of=date(2024, 12, 31), unit="days", groups=groups(), by=["store"])

    fits = models.fit_by(models.ModifiedBetaGeoModel, parts, "store")

    assert fits.frame["store"].to_list() == ["a", "b"]
    assert fits.frame["customers"].to_list() == [15, 14]


@pytest.mark.slow
def test_groups_that_are_not_told_or_not_there():
    facts = value.Facts(orders())
    with pytest.raises(TermsError, match="goes together with groups="):
        models.histories_of(facts, by=["store"])
    with pytest.raises(FactsError, match="groups: tier: column is missing"):
        models.histories_of(facts, groups=groups(), by=["tier"])
    with pytest.raises(FactsError, match="groups: customer_id: 29 rows repeat an id"):
        models.histories_of(facts, groups=pl.concat([groups()] * 2), by=["store"])
    with pytest.raises(FactsError, match="customers: tier: column is missing"):
        models.fit_by(models.BetaGeoModel, made(), "tier")
