import numpy as np
import polars as pl
import pytest

from troth.value.errors import TermsError
from troth.value.loyalty import corners, satisfaction_curve


def survey(market, chance, *, people=4000, seed=7):
    """Made-up answers on a scale of eleven steps, and whether each stayed."""
    random = np.random.default_rng(seed)
    satisfaction = random.integers(0, 11, people) * 10.0
    stayed = random.random(people) < np.array([chance(one) for one in satisfaction])
    return pl.DataFrame({"market": market, "satisfaction": satisfaction, "stayed": stayed})


def rising(floor, ceiling, steepness, knee):
    return lambda at: floor + (ceiling - floor) / (1 + np.exp(-steepness * (at - knee)))


def test_a_curve_is_found_again():
    open_market = survey("open", rising(0.15, 0.95, 0.15, 80))
    (curve,) = satisfaction_curve(open_market)
    assert not curve.is_flat
    assert curve.knee_low < 80 < curve.knee_high
    assert curve.knee == pytest.approx(80, abs=5)
    assert curve.floor == pytest.approx(0.15, abs=0.05)
    for at in (0, 50, 70, 90, 100):
        assert curve.chance(at) == pytest.approx(rising(0.15, 0.95, 0.15, 80)(at), abs=0.06)


def test_each_market_has_its_own_curve_and_a_protected_one_may_be_flat():
    both = pl.concat([survey("protected", lambda _at: 0.9), survey("open", rising(0.1, 0.9, 0.2, 75))])
    opened, protected = satisfaction_curve(both)
    assert (opened.market, opened.is_flat) == ("open", False)
    assert (protected.market, protected.is_flat, protected.knee) == ("protected", True, None)
    kept = both.filter(market="protected")["stayed"].mean()
    assert protected.chance(5) == protected.chance(95) == pytest.approx(kept)


@pytest.mark.parametrize("stayed", [True, False])
def test_all_alike_is_a_level_line(stayed):
    frame = pl.DataFrame({"market": "m", "satisfaction": [50.0] * 60, "stayed": [stayed] * 60})
    (curve,) = satisfaction_curve(frame)
    assert curve.is_flat
    assert curve.chance(50) == pytest.approx(float(stayed), abs=1e-6)


def test_too_few_customers_are_refused():
    with pytest.raises(TermsError, match="50 customers or more"):
        satisfaction_curve(survey("small", lambda _at: 0.5, people=49))


@pytest.mark.parametrize(("column", "value"), [("satisfaction", 101.0), ("satisfaction", None), ("stayed", None)])
def test_answers_that_cannot_be_are_refused(column, value):
    frame = survey("m", lambda _at: 0.5, people=60)
    bad = frame.with_columns(pl.lit(value, dtype=frame.schema[column]).alias(column))
    with pytest.raises(TermsError, match=column):
        satisfaction_curve(bad)


def test_four_corners():
    frame = pl.DataFrame(
        {
            "customer_id": list("abcd"),
            "market": "m",
            "satisfaction": [75.0, 90.0, 74.9, 10.0],
            "stayed": [True, False, True, False],
        }
    )
    assert corners(frame)["corner"].to_list() == ["advocate", "mercenary", "hostage", "defector"]
