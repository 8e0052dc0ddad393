"""Who is in which group: decided by a hash, so that every machine and every later day says the same."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from troth.value.given import number
from troth.value.later import special
from troth.value.terms import require

_DRAWS = 2**64
MISMATCH_ALARM = 0.001
"""Chance below which groups as uneven as these are taken to be broken, not unlucky."""


def arm_of(unit: str, *, experiment: str, shares: Mapping[str, int]) -> str:
    """Return the group of a unit (a customer's id, a household's) in an experiment.

    Args:
        shares: group → whole parts, in an order that stays the same; {"control": 1, "mail": 9} keeps a tenth out.

    A unit's group depends on nothing but these; another experiment draws anew and independently. Adding parts at the
    end moves only those who must move.

    Raises:
        TermsError: no experiment, no group, a share that is not a whole number above 0.
    """
    require(bool(experiment), "experiment", experiment, "must have a name")
    require(len(shares) > 0, "shares", dict(shares), "must have at least one group")
    for arm, share in shares.items():
        is_whole = isinstance(share, int) and not isinstance(share, bool) and share > 0
        require(is_whole, f"share of {arm}", share, "must be a whole number above 0")
    digest = blake2b(f"{experiment}\x1f{unit}".encode(), digest_size=8).digest()
    # The place among all parts, exact in whole numbers: no float decides who is a control.
    place = int.from_bytes(digest, "big") * sum(shares.values()) // _DRAWS
    for arm, share in shares.items():
        place -= share
        if place < 0:
            return arm
    raise AssertionError("the shares add up to all places")


def is_share_as_planned(counts: Mapping[str, int], shares: Mapping[str, int]) -> bool:
    """Tell whether the groups' sizes fit the planned shares, by a chi-squared test at one in a thousand.

    Groups that do not (a "sample ratio mismatch") mean that something else than chance decided who was counted, and
    that no result may be believed.

    Raises:
        TermsError: the groups are not those of the shares, a count is below 0, or a share not above 0.
    """
    require(set(counts) == set(shares), "counts", dict(counts), f"must name the groups {', '.join(shares)}")
    for arm, count in counts.items():
        number(f"count of {arm}", count, "must be a finite number, 0 or more", least=0)
        number(f"share of {arm}", shares[arm], "must be a finite number above 0", above=0)
    people, parts = sum(counts.values()), sum(shares.values())
    if not people or len(shares) < 2:
        return True
    expected = [people * share / parts for share in shares.values()]
    observed = [counts[arm] for arm in shares]
    distance = sum((seen - meant) ** 2 / meant for seen, meant in zip(observed, expected, strict=True))
    return float(special.chdtrc(len(shares) - 1, distance)) >= MISMATCH_ALARM
