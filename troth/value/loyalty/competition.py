"""How strong the competition in a market is: entered by who knows it, or estimated from what customers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from troth.value.facts import polars_of
from troth.value.later import pl, special
from troth.value.terms import require

FEWEST_ANSWERS = 10
STRONG_FROM = 0.5
"""From here on a market counts as one of strong competition: half of what is spent in it could be spent elsewhere."""

WORST, BEST = 1.0, 5.0  # the scale of preference


class CompetitionSource(StrEnum):
    """What the competition of a market rests on."""

    ENTERED = "entered"
    WALLET = "wallet"  # what customers say they spend elsewhere
    PREFERENCE = "preference"  # whether they prefer us to the others
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Competition:
    """How strong the competition of one market is, from 0 (nobody else sells there) to 1, and how that is known.

    low, high: interval of 95 % of an estimate; None of an entered level, and where it is not known. answers: how many
    customers it was estimated from.
    """

    market: str
    level: float | None
    low: float | None
    high: float | None
    source: CompetitionSource
    answers: int = 0


def competition(
    customers: Any, *, entered: Mapping[str, float] | None = None, fewest: int = FEWEST_ANSWERS
) -> list[Competition]:
    """Return how strong the competition in each market is.

    Args:
        customers: `market`, and where known `wallet_share` (0 to 1, only of those who were asked) and `preference`
            (1 to 5); null is not known.
        entered: levels of 0 to 1 by market, which count before any estimate.
        fewest: of fewer answers nothing is estimated.

    What was entered counts; else the mean share spent elsewhere (1 − share of wallet) of those who said; else the mean
    of (5 − preference) ÷ 4. The interval is the mean's, by Student's t. Markets in alphabetical order.

    Raises:
        FactsError: `market` is missing. TermsError: a share, an answer or a level outside its limits.
    """
    known = {market: float(level) for market, level in (entered or {}).items()}
    for market, level in known.items():
        require(0 <= level <= 1, f"competition of {market}", level, "must be 0 to 1")
    frame = _rows(customers)
    found = []
    for (market,), rows in sorted(frame.group_by("market"), key=lambda one: one[0]):
        name = str(market)
        if name in known:
            found.append(Competition(name, known[name], None, None, CompetitionSource.ENTERED))
        else:
            found.append(_estimated(name, rows, fewest))
    return found


def _rows(customers: Any) -> pl.DataFrame:
    frame = polars_of(customers, "customers", ("market",))
    for name, low, high in (("wallet_share", 0.0, 1.0), ("preference", WORST, BEST)):
        column = pl.col(name) if name in frame.columns else pl.lit(None)
        frame = frame.with_columns(column.cast(pl.Float64).alias(name))
        outside = frame.filter(~pl.col(name).is_between(low, high))
        require(outside.is_empty(), name, outside[name].to_list()[:1], f"must be {low:g} to {high:g}")
    return frame.filter(pl.col("market").is_not_null()).with_columns(pl.col("market").cast(pl.String))


def _estimated(market: str, rows: pl.DataFrame, fewest: int) -> Competition:
    elsewhere = 1 - rows["wallet_share"].drop_nulls()
    others = (BEST - rows["preference"].drop_nulls()) / (BEST - WORST)
    for source, said in ((CompetitionSource.WALLET, elsewhere), (CompetitionSource.PREFERENCE, others)):
        if said.len() >= max(fewest, 2):
            mean = float(said.mean() or 0.0)  # type: ignore[arg-type]  # a column of numbers has a number as its mean
            give = float(special.stdtrit(said.len() - 1, 0.975)) * float(said.std() or 0.0) / said.len() ** 0.5  # type: ignore[arg-type]  # as above
            return Competition(market, mean, max(mean - give, 0.0), min(mean + give, 1.0), source, said.len())
    return Competition(market, None, None, None, CompetitionSource.UNKNOWN)
