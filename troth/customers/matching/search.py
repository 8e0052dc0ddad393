"""Pairs of records that may be one person, with probability and reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .comparisons import COMPARISONS
from .records import PersonRecord, comparison_table

DEFAULT_THRESHOLD = 0.9


@dataclass(frozen=True, slots=True)
class FieldReason:
    """Why one field speaks for or against: its outcome's code, its weight in bits (+1 doubles the odds)."""

    field: str
    code: str
    weight_bits: float


@dataclass(frozen=True, slots=True)
class LikelyPair:
    """Two records that may be one person; left_id < right_id."""

    left_id: str
    right_id: str
    probability: float
    reasons: tuple[FieldReason, ...]


@dataclass(frozen=True, slots=True)
class MatchResult:
    """The pairs, most likely first. is_trained: the weights were learnt from these people, not assumed."""

    pairs: Sequence[LikelyPair]
    is_trained: bool


def find_likely_pairs(
    records: Iterable[PersonRecord], *, threshold: float = DEFAULT_THRESHOLD, memory_limit: str = "2GB"
) -> MatchResult:
    """Return the pairs of records that are one person with at least the given probability (0 to 1).

    Fellegi and Sunter's model (1969) by Splink: expectation maximisation on the records, no labels.
    """
    from .model import score_pairs  # noqa: PLC0415  Splink takes a second to load; few processes need it

    people = comparison_table(records)
    if people.num_rows < 2:
        return MatchResult(pairs=(), is_trained=False)
    scored, is_trained = score_pairs(people, threshold=threshold, memory_limit=memory_limit)
    pairs = sorted((_pair(row) for row in scored), key=lambda pair: (-pair.probability, pair.left_id, pair.right_id))
    return MatchResult(pairs=pairs, is_trained=is_trained)


def _pair(row: dict[str, Any]) -> LikelyPair:
    left, right = sorted((row["unique_id_l"], row["unique_id_r"]))
    return LikelyPair(left, right, row["match_probability"], tuple(_reasons(row)))


def _reasons(row: dict[str, Any]) -> list[FieldReason]:
    return [
        FieldReason(
            field=comparison.name,
            code=comparison.code_of(row[f"gamma_{comparison.name}"]),
            weight_bits=round(row[f"weight_{comparison.name}"], 2),
        )
        for comparison in COMPARISONS
    ]
