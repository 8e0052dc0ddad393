"""Claims about stored data that must always hold, and how to count what breaks them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Proof:
    """One claim.

    code: "module.claim"; claim: the sentence that holds; count_violations: how many rows break it.
    """

    code: str
    claim: str | Promise
    count_violations: Callable[[], int]
