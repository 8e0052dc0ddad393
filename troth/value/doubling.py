"""How customers multiply by introductions, and where the chain breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troth.value.given import number, whole
from troth.value.later import pl
from troth.value.terms import require

TINY = 1e-300  # as good as nothing: what is divided by it passes all numbers


@dataclass(frozen=True, slots=True)
class Chain:
    """One link of referral. factor: new customers per customer of the round before; above 1 the chain grows.

    break_even_introductions, break_even_conversion: what either must be, the other as it is, for a factor of 1;
    None where the other is 0. A conversion above 1 cannot be, so above 1 means introductions alone must rise.
    """

    introductions: float
    conversion: float

    def __post_init__(self) -> None:
        """Refuse what no chain can be, however it was made."""
        number("introductions", self.introductions, "must be a finite number, 0 or more", least=0)
        number("conversion", self.conversion, "must be a share of 0 to 1", least=0, most=1)

    @property
    def factor(self) -> float:
        """New customers of a round ÷ those of the round before: above 1 it grows."""
        return self.introductions * self.conversion

    @property
    def break_even_introductions(self) -> float | None:
        """How many introductions a customer make the factor 1; None where nobody buys."""
        return 1 / self.conversion if self.conversion > TINY else None

    @property
    def break_even_conversion(self) -> float | None:
        """Share of the introduced (0 to 1 and above) at which the factor is 1; None without introductions."""
        return 1 / self.introductions if self.introductions > TINY else None


def referral_chain(*, introductions: float, conversion: float) -> Chain:
    """Return the chain in which each customer introduces so many people, and that share of them buys.

    Raises:
        TermsError: introductions below 0 or not finite, conversion outside 0 to 1.
    """
    return Chain(introductions, conversion)


def referral_rounds(chain: Chain, *, start: float = 1.0, rounds: int = 4) -> pl.DataFrame:
    """Who comes in each round if only the newest introduce: `round` (from 0), `introduced`, `new`, `base`.

    `new` are the customers of this round, `base` all until then: with four introductions of which half buy, 1, 2, 4,
    8 new ones make a base of 1, 3, 7, 15. The new ones double; the base only nears it.

    Raises:
        TermsError: start not above 0 or not finite; rounds not 1 to 100; so many that no number holds them.
    """
    start = number("start", start, "must be a finite number above 0", above=0)
    rounds = whole("rounds", rounds, most=100)
    rows: list[dict[str, Any]] = []
    introduced, new, base = 0.0, start, start
    for turn in range(rounds):
        if turn:
            introduced = new * chain.introductions
            new = new * chain.factor
            base += new
        require(base + introduced < float("inf"), "rounds", rounds, f"must be fewer: round {turn} passes all numbers")
        rows.append({"round": turn, "introduced": introduced, "new": new, "base": base})
    return pl.DataFrame(
        rows, schema={"round": pl.Int64, "introduced": pl.Float64, "new": pl.Float64, "base": pl.Float64}
    )
