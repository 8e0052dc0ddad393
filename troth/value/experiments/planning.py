"""How many people an experiment takes, and what it can see: for the comparison of two means at a fixed end."""

from __future__ import annotations

from math import ceil, sqrt

from scipy import special

from troth.value.terms import require


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
    require(0 < deviation < float("inf"), "deviation", deviation, "must be a finite number above 0")
    is_difference = 0 < abs(difference) < float("inf")
    require(is_difference, "difference", difference, "must be a finite number other than 0")
    spread = deviation * _per_root(control_share)
    return ceil((_quantiles(power, confidence) * spread / abs(difference)) ** 2)


def people_needed_for_rate(
    *, rate: float, difference: float, control_share: float = 0.5, power: float = 0.8, confidence: float = 0.95
) -> int:
    """Return the same for a share of people (visits, purchases): `rate` without, `rate + difference` with the offer.

    Each group has the spread of its own rate. Source: Fleiss, Statistical Methods for Rates and Proportions, without
    the correction for continuity.

    Raises:
        TermsError: a figure outside its limits.
    """
    require(0 < rate < 1, "rate", rate, "must lie between 0 and 1")
    require(0 < rate + difference < 1, "difference", difference, f"must leave {rate} + it between 0 and 1")
    require(difference != 0, "difference", difference, "must not be 0")
    _check(control_share, power, confidence)
    treated = rate + difference
    pooled = control_share * rate + (1 - control_share) * treated
    by_chance = sqrt(pooled * (1 - pooled) * (1 / control_share + 1 / (1 - control_share)))
    if_true = sqrt(rate * (1 - rate) / control_share + treated * (1 - treated) / (1 - control_share))
    beyond = special.ndtri((1 + confidence) / 2) * by_chance + special.ndtri(power) * if_true
    return ceil((float(beyond) / difference) ** 2)


def detectable(
    *, people: int, deviation: float, control_share: float = 0.5, power: float = 0.8, confidence: float = 0.95
) -> float:
    """Return the smallest difference of means that so many people, both groups together, see with the given chance.

    Raises:
        TermsError: a figure outside its limits.
    """
    require(people >= 2, "people", people, "must be at least 2")
    require(0 < deviation < float("inf"), "deviation", deviation, "must be a finite number above 0")
    return _quantiles(power, confidence) * deviation * _per_root(control_share) / sqrt(people)


def _quantiles(power: float, confidence: float) -> float:
    _check(0.5, power, confidence)
    return float(special.ndtri((1 + confidence) / 2) + special.ndtri(power))


def _per_root(control_share: float) -> float:
    _check(control_share, 0.8, 0.95)
    return sqrt(1 / control_share + 1 / (1 - control_share))


def _check(control_share: float, power: float, confidence: float) -> None:
    require(0 < control_share < 1, "control_share", control_share, "must lie between 0 and 1")
    require(0.5 <= power < 1, "power", power, "must lie between 0.5 and 1")
    require(0.5 <= confidence < 1, "confidence", confidence, "must lie between 0.5 and 1")
