"""How customers multiply by introductions, and where the chain breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from troth.value.terms import require


@dataclass(frozen=True, slots=True)
class Chain:
    """One link of referral. factor: new customers per customer of the round before; above 1 the chain grows.

    break_even_introductions, break_even_conversion: what either must be, the other as it is, for a factor of 1;
    None where the other is 0. A conversion above 1 cannot be, so above 1 means introductions alone must rise.
    """

    introductions: float
    conversion: float

    @property
    def factor(self) -> float:
        """New customers of a round ÷ those of the round before: above 1 it grows."""
        return self.introductions * self.conversion

    @property
    def break_even_introductions(self) -> float | None:
        """Introductions a customer at which the factor is 1; None where nobody buys."""
        return 1 / self.conversion if self.conversion > 0 else None

    @property
    def break_even_conversion(self) -> float | None:
        """Share of the introduced (0 to 1 and above) at which the factor is 1; None without introductions."""
        return 1 / self.introductions if self.introductions > 0 else None


def referral_chain(*, introductions: float, conversion: float) -> Chain:
    """Return the chain in which each customer introduces so many people, and that share of them buys.

    Raises:
        TermsError: introductions below 0 or not finite, conversion outside 0 to 1.
    """
    is_number = 0 <= introductions < float("inf")
    require(is_number, "introductions", introductions, "must be a finite number, 0 or more")
    require(0 <= conversion <= 1, "conversion", conversion, "must be a share of 0 to 1")
    return Chain(introductions, conversion)


def referral_rounds(chain: Chain, *, start: float = 1.0, rounds: int = 4) -> pl.DataFrame:
    """Who comes in each round if only the newest introduce: `round` (from 0), `introduced`, `new`, `base`.

    `new` are the customers of this round, `base` all until then: with four introductions of which half buy, 1, 2, 4,
    8 new ones make a base of 1, 3, 7, 15. The new ones double; the base only nears it.

    Raises:
        TermsError: start not above 0 or not finite; rounds not 1 to 100.
    """
    require(0 < start < float("inf"), "start", start, "must be a finite number above 0")
    require(1 <= rounds <= 100, "rounds", rounds, "must be 1 to 100")
    rows: list[dict[str, Any]] = []
    introduced, new, base = 0.0, start, start
    for number in range(rounds):
        if number:
            introduced = new * chain.introductions
            new = new * chain.factor
            base += new
        rows.append({"round": number, "introduced": introduced, "new": new, "base": base})
    return pl.DataFrame(
        rows, schema={"round": pl.Int64, "introduced": pl.Float64, "new": pl.Float64, "base": pl.Float64}
    )
