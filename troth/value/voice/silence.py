"""Who is silent, and answers weighted so that they stand for everybody who was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from troth.value.facts import polars_of
from troth.value.given import flags, number, people_of, whole
from troth.value.later import pl
from troth.value.terms import require
from troth.value.voice.scores import wilson

__all__ = ["Raked", "rake", "response"]

Z95 = 1.959963984540054
ROUNDS = 100
ENOUGH = 1e-6
MOST_ASKED = 1e15


def response(asked: pl.DataFrame, group: str) -> pl.DataFrame:
    """Return how many of those asked answered, by group.

    Args:
        asked: one row an invitation: `group`'s column and `answered` (true or false).

    Columns: the group's, `asked`, `answered`, `rate` (0 to 1), `low`, `high` (Wilson, 95 %). Invitations of no group
    (null) are a group of their own, and the last. Source: Wilson, JASA 22 (1927).

    Raises:
        FactsError: a column is missing. TermsError: an `answered` that is neither true nor false.
    """
    require(group != "answered", "group", group, "must be another column than answered")
    frame = polars_of(asked, "asked", (group, "answered"))
    frame = frame.with_columns(answered=flags(frame, "answered"))
    if frame.schema[group].is_float():
        frame = frame.with_columns(pl.col(group).fill_nan(None))
    counted = frame.group_by(group).agg(asked=pl.len(), answered=pl.col("answered").sum().cast(pl.Int64))
    rows = [
        {group: name, "asked": count, "answered": said, "rate": said / count}
        | dict(zip(("low", "high"), wilson(said / count, count, Z95), strict=True))
        for name, count, said in counted.rows()
    ]
    schema: dict[str, Any] = {group: frame.schema[group], "asked": pl.Int64, "answered": pl.Int64}
    schema |= dict.fromkeys(("rate", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema=schema).sort(group, nulls_last=True)


@dataclass(frozen=True, slots=True)
class Raked:
    """weights: one for each answer, in their order, 1 on average; is_settled: whether the sums agree with those asked;
    uncovered: levels ("band=gold") of which nobody answered: nobody can stand for them; design_effect: by how much
    the weights widen the variance (Kish); trimmed: how many weights were cut at the limit.
    """

    weights: list[float]
    is_settled: bool
    uncovered: list[str]
    design_effect: float
    trimmed: int


def rake(
    answers: Any, margins: Mapping[str, Mapping[str, float]], *, limit: float = 5.0, rounds: int = ROUNDS
) -> Raked:
    """Weigh answers so that each margin agrees with that of the people asked: raking, iterative proportional fitting
    (Deming and Stephan, Annals of Mathematical Statistics 11, 1940).

    Args:
        answers: one row an answer, a column for each margin. An answer of no level (null), or of one that the margin
            does not name, keeps its weight.
        margins: how many were asked, by column and level. Levels without an answer are left out and named.
        rounds: the most rounds of raking.
        limit: no weight is larger, nor smaller than its reciprocal; 1 is the mean.

    Raises:
        TermsError: a column is missing, a count is below 0, not finite or beyond 10¹⁵, or the limit is not above 1.
    """
    limit = number("limit", limit, "must be a finite number above 1", above=1)
    whole("rounds", rounds)
    answers = people_of(answers, "answers", list(margins))
    for name, counts in margins.items():
        for level, count in counts.items():
            limits = f"must be a number of people, 0 to {MOST_ASKED:g}"
            number(f"{name}={level}", count, limits, least=0, most=MOST_ASKED)
    if answers.is_empty():
        return Raked([], True, [f"{name}={level}" for name, levels in margins.items() for level in levels], 1.0, 0)
    columns = {name: answers[name].cast(pl.String).to_list() for name in margins}
    targets = {name: _shares(levels, set(columns[name])) for name, levels in margins.items()}
    weights, is_settled = _fitted(columns, targets, answers.height, rounds)
    cut = [min(max(weight, 1 / limit), limit) for weight in weights]
    trimmed = sum(1 for before, after in zip(weights, cut, strict=True) if before != after)
    scale = len(cut) / sum(cut)
    even = [weight * scale for weight in cut]
    uncovered = [
        f"{name}={level}" for name, levels in margins.items() for level in sorted(levels) if level not in targets[name]
    ]
    effect = len(even) * sum(weight * weight for weight in even) / sum(even) ** 2
    return Raked(even, is_settled and not trimmed, uncovered, effect, trimmed)


def _shares(levels: Mapping[str, float], answered: set[str]) -> dict[str, float]:
    known = {level: count for level, count in levels.items() if level in answered and count > 0}
    total = sum(known.values())
    return {level: count / total for level, count in known.items()}


def _fitted(
    columns: Mapping[str, Sequence[str]], targets: Mapping[str, Mapping[str, float]], count: int, rounds: int
) -> tuple[list[float], bool]:
    weights = [1.0] * count
    for _round in range(rounds):
        furthest = 0.0
        for name, target in targets.items():
            sums: dict[str, float] = {}
            for level, weight in zip(columns[name], weights, strict=True):
                sums[level] = sums.get(level, 0.0) + weight
            total = sum(sums[level] for level in target if level in sums)
            factors = {level: share * total / sums[level] for level, share in target.items()}
            furthest = max([furthest, *(abs(factor - 1) for factor in factors.values())])
            weights = [weight * factors.get(level, 1.0) for level, weight in zip(columns[name], weights, strict=True)]
        if furthest < ENOUGH:
            return weights, True
    return weights, not targets
