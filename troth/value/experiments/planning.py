"""How many people an experiment takes, and what it can see: for the comparison of two means at a fixed end."""

from __future__ import annotations

from math import ceil, isfinite, sqrt
from typing import Any

from troth.value.given import number, whole
from troth.value.later import special
from troth.value.terms import require

TOO_SMALL = "is too small beside the spread: no number of people shows it"


def people_needed(
    *, deviation: float, difference: float, control_share: float = 0.5, power: float = 0.8, confidence: float = 0.95
) -> int:
    """Return how many people, both groups together, see a difference of means with the given chance.

    Args:
        deviation: standard deviation of the outcome between people, in its unit.
        difference: the smallest difference worth seeing, in the same unit, whichever sign.
        control_share: the part of all people that is left out, between 0 and 1.
        power: the chance to see the difference if it is there.
        confidence: one less the chance of seeing one that is not there, both sides together.

    Raises:
        TermsError: a figure outside its limits.
    """
    spread = number("deviation", deviation, "must be a finite number above 0", above=0) * _per_root(control_share)
    seen = abs(number("difference", difference, "must be a finite number other than 0"))
    require(seen > 0, "difference", difference, "must be a finite number other than 0")
    return _people(_quantiles(power, confidence) * spread, seen)


def people_needed_for_rate(
    *, rate: float, difference: float, control_share: float = 0.5, power: float = 0.8, confidence: float = 0.95
) -> int:
    """Return the same for a share of people (visits, purchases): `rate` without, `rate + difference` with the offer.

    Each group has the spread of its own rate. Source: Fleiss, Statistical Methods for Rates and Proportions, without
    the correction for continuity.

    Raises:
        TermsError: a figure outside its limits.
    """
    rate = number("rate", rate, "must lie between 0 and 1", above=0, below=1)
    difference = number("difference", difference)
    require(0 < rate + difference < 1, "difference", difference, f"must leave {rate} + it between 0 and 1")
    require(difference != 0, "difference", difference, "must not be 0")
    control_share, power, confidence = _checked(control_share, power, confidence)
    treated = rate + difference
    pooled = control_share * rate + (1 - control_share) * treated
    by_chance = sqrt(pooled * (1 - pooled) * (1 / control_share + 1 / (1 - control_share)))
    if_true = sqrt(rate * (1 - rate) / control_share + treated * (1 - treated) / (1 - control_share))
    beyond = special.ndtri((1 + confidence) / 2) * by_chance + special.ndtri(power) * if_true
    return _people(float(beyond), abs(difference))


def detectable(
    *, people: int, deviation: float, control_share: float = 0.5, power: float = 0.8, confidence: float = 0.95
) -> float:
    """Return the smallest difference of means that so many people, both groups together, see with the given chance.

    Raises:
        TermsError: a figure outside its limits.
    """
    whole("people", people, least=2)
    number("deviation", deviation, "must be a finite number above 0", above=0)
    found = _quantiles(power, confidence) * float(deviation) * _per_root(control_share) / sqrt(people)
    require(isfinite(found), "deviation", deviation, "is too large: no difference can be seen")
    return found


def _people(spread: float, difference: float) -> int:
    """How many people bring a spread down to a difference; two at least, for there are two groups."""
    ratio = spread / difference if difference * 1e300 > spread else float("inf")
    require(ratio < 1e150, "difference", difference, TOO_SMALL)
    return max(ceil(ratio**2), 2)


def _quantiles(power: float, confidence: float) -> float:
    _share, power, confidence = _checked(0.5, power, confidence)
    return float(special.ndtri((1 + confidence) / 2) + special.ndtri(power))


def _per_root(control_share: float) -> float:
    share, _power, _confidence = _checked(control_share, 0.8, 0.95)
    return sqrt(1 / share + 1 / (1 - share))


def _checked(control_share: Any, power: Any, confidence: Any) -> tuple[float, float, float]:
    """The three as floats: nearer to 0 or 1 than a millionth of a millionth nothing can be computed with them."""
    most = 1 - 1e-12
    return (
        number("control_share", control_share, "must lie between 0 and 1", least=1e-12, most=most),
        number("power", power, "must lie between 0.5 and 1", least=0.5, most=most),
        number("confidence", confidence, "must lie between 0.5 and 1", least=0.5, most=most),
    )
