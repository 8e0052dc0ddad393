"""Looking while it runs: intervals that hold at every look, so that peeking proves nothing that is not there."""

from __future__ import annotations

from math import log, sqrt

from troth.value.given import number
from troth.value.terms import require


def always_valid(
    difference: float, deviation: float, *, expected: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of a difference that holds at all looks together, at any sample size.

    It is wider than the usual interval, and it may be looked at every day: the chance that it ever leaves out the
    truth is at most 1 − confidence. A difference may be acted on once 0 is outside.

    Args:
        difference: the estimate so far.
        deviation: its standard error so far, in the same unit.
        expected: the size of difference the experiment was planned for; the interval is narrowest around the time at
            which that can be seen. Choose it before the start and keep it.

    Source: mixture sequential probability ratio test, Johari, Pekelis, Walsh 2017, for large samples.

    Raises:
        TermsError: a figure outside its limits.
    """
    difference = number("difference", difference)
    deviation = number("deviation", deviation, "must be a finite number, 0 or more", least=0)
    expected = number("expected", expected, "must be a finite number other than 0")
    require(expected != 0, "expected", expected, "must be a finite number other than 0")
    confidence = number("confidence", confidence, "must lie between 0.5 and 1", least=0.5, below=1)
    if deviation == 0:
        return difference, difference
    times = abs(expected) / deviation  # the size planned for, in standard errors
    require(1e-100 < times < 1e100, "deviation", deviation, f"must be of the size of what was expected, {expected}")
    odds = -log(1 - confidence) + log(1 + times**2) / 2
    half = deviation * sqrt(2 * (1 + 1 / times**2) * odds)
    return difference - half, difference + half
