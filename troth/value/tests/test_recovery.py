"""Recovery: worked by hand on a few people, and on a made world whose answer is known."""

from datetime import date, timedelta
from math import inf

import numpy as np
import polars as pl
import pytest
from scipy import stats

from troth.value.errors import TermsError
from troth.value.recovery import RecoveryTerms, rate_change, recovery_return

DAY = date(2026, 3, 1)
AS_OF = date(2026, 12, 31)
TERMS = RecoveryTerms(window_days=100, matches=2, resamples=200)


def orders(*rows: tuple[str, int, float]) -> pl.DataFrame:
    """Return orders by customer, days from the complaint, amount."""
    values = [(name, DAY + timedelta(days=days), amount) for name, days, amount in rows]
    return pl.DataFrame(values, schema=["customer_id", "order_date", "net_amount"], orient="row")


def complaints(*rows: tuple[str, str], day: date = DAY) -> pl.DataFrame:
    return pl.DataFrame(
        [(name, day, outcome) for name, outcome in rows],
        schema={"customer_id": pl.String, "complaint_date": pl.Date, "outcome": pl.String},
        orient="row",
    )


def test_by_hand():
    """Two alike beside each; what lies on the day itself, before the history or after the window does not count."""
    bought = orders(
        ("ann", -10, 100.0), ("ann", 0, 999.0), ("ann", 50, 30.0), ("ann", 101, 999.0),
        ("like1", -10, 100.0), ("like1", 100, 10.0),
        ("like2", -10, 100.0),
        ("far", -300, 9000.0), ("far", 1, 9000.0),
        ("new", 5, 50.0),
    )  # fmt: skip
    found = recovery_return(bought, complaints(("ann", "well"), ("new", "badly")), as_of=AS_OF, terms=TERMS)
    row = found.frame.row(0, named=True)
    assert (row["outcome"], row["people"], row["came_back"], row["control_came_back"]) == ("well", 1, 1.0, 0.5)
    assert (row["spent"], row["control_spent"], row["spent_more"]) == (30.0, 5.0, 25.0)
    assert row["came_back_more"] == 0.5
    assert (row["came_back_low"], row["came_back_high"]) == pytest.approx((0.2065493143772375, 1.0))
    assert found.frame["outcome"].to_list() == ["well", "all"]
    assert (found.without_history, found.too_recent, found.unmatched) == (1, 0, 0)


def test_nobody_alike_is_said_and_not_guessed():
    bought = orders(("ann", -10, 100.0), ("far", -300, 90000.0))
    found = recovery_return(bought, complaints(("ann", "well")), as_of=AS_OF, terms=TERMS)
    assert (found.frame.height, found.unmatched) == (0, 1)
    alone = recovery_return(bought.head(1), complaints(("ann", "well")), as_of=AS_OF, terms=TERMS)
    assert (alone.frame.height, alone.unmatched) == (0, 1)


def test_a_window_that_is_not_over_waits():
    bought = orders(("ann", -10, 100.0), ("like", -10, 100.0))
    last = DAY + timedelta(days=99)
    assert recovery_return(bought, complaints(("ann", "well")), as_of=last, terms=TERMS).too_recent == 1
    over = recovery_return(bought, complaints(("ann", "well")), as_of=last + timedelta(days=1), terms=TERMS)
    assert (over.too_recent, over.frame.height) == (0, 2)


def test_those_who_complained_are_no_controls_even_of_others():
    bought = orders(("ann", -10, 100.0), ("bob", -10, 100.0), ("cy", -10, 100.0), ("bob", 5, 1.0))
    found = recovery_return(bought, complaints(("ann", "never"), ("bob", "well")), as_of=AS_OF, terms=TERMS)
    never = found.frame.filter(pl.col("outcome") == "never").row(0, named=True)
    assert (never["came_back"], never["control_came_back"]) == (0.0, 0.0)


def test_nothing_gives_nothing():
    found = recovery_return(orders().cast({"net_amount": pl.Float64}), complaints(), as_of=AS_OF)
    assert found.frame.height == 0


@pytest.mark.slow
def test_in_a_made_world_the_intervals_hold_the_truth():
    """Of 600 who complained, half handled well and half badly, who come back with 0.8 and 0.3; controls with 0.6."""
    rng = np.random.default_rng(7)
    rows: list[tuple[str, int, float]] = []
    said: list[tuple[str, str]] = []
    for n in range(3000):
        name = f"c{n:04}"
        rows += [(name, -int(rng.integers(1, 300)), float(rng.integers(50, 500))) for _ in range(rng.integers(1, 6))]
        chance = 0.6
        if n < 600:
            said.append((name, "well" if n % 2 else "badly"))
            chance = 0.8 if n % 2 else 0.3
        if rng.random() < chance:
            rows.append((name, int(rng.integers(1, 100)), 100.0))
    found = recovery_return(orders(*rows), complaints(*said), as_of=AS_OF, terms=TERMS).frame
    by = {row["outcome"]: row for row in found.iter_rows(named=True)}
    for outcome, chance in (("well", 0.8), ("badly", 0.3)):
        row = by[outcome]
        assert row["came_back_low"] < chance < row["came_back_high"]
        assert row["came_back_more_low"] < chance - 0.6 < row["came_back_more_high"]
        assert row["spent_more_low"] < (chance - 0.6) * 100 < row["spent_more_high"]


def test_wrong_terms_are_refused():
    with pytest.raises(TermsError):
        RecoveryTerms(window_days=0)
    with pytest.raises(TermsError):
        recovery_return(orders(("a", -1, 1.0)), complaints(("a", "fine")), as_of=AS_OF)
    with pytest.raises(TermsError):
        recovery_return(orders(("a", -1, 1.0)).drop("net_amount"), complaints(), as_of=AS_OF)
    with pytest.raises(TermsError):
        rate_change(before=1, before_exposure=0, after=1, after_exposure=1)


def test_a_change_of_rate_has_an_exact_interval():
    """Against the textbook form by the F distribution."""
    ratio, low, high = rate_change(before=20, before_exposure=1000, after=5, after_exposure=500)
    assert ratio == pytest.approx(0.5)
    f_low = 5 / (21 * stats.f.ppf(0.975, 42, 10)) * 2
    f_high = 6 * stats.f.ppf(0.975, 12, 40) / 20 * 2
    assert (low, high) == pytest.approx((f_low, f_high))
    assert rate_change(before=0, before_exposure=1, after=0, after_exposure=1) == (None, 0.0, inf)
    ratio, low, high = rate_change(before=0, before_exposure=1, after=3, after_exposure=1)
    assert (ratio, high) == (None, inf)
    assert low > 0
    assert rate_change(before=4, before_exposure=1, after=0, after_exposure=1)[:2] == (0.0, 0.0)
