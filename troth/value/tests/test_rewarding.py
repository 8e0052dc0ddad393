"""What points and rewards cost of the value to come: by hand, to the cent."""

from typing import Any

import pytest

from troth import value
from troth.value import TermsError
from troth.value.rewarding import PointCost, net_value, reward_share


def points(**more: Any) -> PointCost:
    told: dict[str, Any] = {
        "currency": "points",
        "issued": 50_000,
        "sold": 50_000,
        "unit_cost": 0.02,
        "redeemed": 30_000,
    }
    return PointCost(**({**told, "expired": 10_000} | more))


def test_the_formula_by_hand() -> None:
    # A point for each unit sold, two hundredths a point, a quarter of the ended points expired: 1 × 0.02 × 0.75.
    one = points()
    assert (one.issue_rate, one.breakage) == (1.0, 0.25)
    assert one.share == pytest.approx(0.015)
    # Gifts of 250 on a revenue of 50,000: half a hundredth more.
    share = reward_share([one], given_away=250, sold=50_000)
    assert share == 0.02
    # A customer expected to spend 1,000 at a margin of 40 %: 400 gross, less 1,000 × 0.02.
    assert net_value(400, margin=0.4, share=share) == pytest.approx(380)
    assert value.net_value is net_value


def test_several_currencies_add_up() -> None:
    stamps = points(currency="stamps", issued=1_000, unit_cost=0.5, redeemed=0, expired=0)
    assert stamps.breakage == 0.0
    assert reward_share([points(), stamps]) == pytest.approx(0.015 + 1_000 / 50_000 * 0.5)


def test_rewards_may_eat_the_whole_value() -> None:
    assert net_value(100, margin=0.1, share=0.15) == pytest.approx(-50)
    assert net_value(-100, margin=-0.1, share=0.1) == pytest.approx(-200)


def test_where_nothing_was_sold_or_more_was_taken_back_points_cost_nothing() -> None:
    assert points(sold=0).share == 0.0
    assert points(sold=-10).share == 0.0
    assert points(issued=-5).share == 0.0
    assert reward_share([], given_away=10, sold=0) == 0.0


@pytest.mark.parametrize(
    ("terms", "field"),
    [({"unit_cost": -0.1}, "unit_cost"), ({"expired": float("nan")}, "expired"), ({"sold": float("inf")}, "sold")],
)
def test_figures_without_sense_are_refused(terms: dict[str, float], field: str) -> None:
    with pytest.raises(TermsError) as refused:
        points(**terms)
    assert refused.value.field == field


def test_no_margin_and_gifts_below_zero_are_refused() -> None:
    with pytest.raises(TermsError, match="margin"):
        net_value(0, margin=0, share=0.1)
    with pytest.raises(TermsError, match="given_away"):
        reward_share([], given_away=-1, sold=10)
