"""Budgets claimed for a batch of evaluations: whoever comes too late is evaluated again with what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from . import claims
from .claims import BudgetKey
from .evaluation import evaluate
from .outcomes import Evaluation
from .seekers import Seeker
from .standings import Standings


def claim(
    standings: Standings, evaluations: Sequence[Evaluation], *, before: Sequence[Evaluation | None] | None = None
) -> list[Evaluation]:
    """Take what the evaluations draw on shared budgets, in the caller's transaction; return the final ones.

    evaluations: parallel to the seekers, whose states are replaced where less was left than they had been told. before:
    what each of them had drawn already, for a correction: only what is more is taken; what is less, `apply` gives back.
    Call it once a transaction: budgets are locked in one order.
    """
    drawn = [one.budgets if one is not None else _NOTHING for one in before or [None] * len(evaluations)]
    wanted: dict[BudgetKey, int] = {}
    sizes: dict[BudgetKey, int] = {}
    for seeker, evaluation, had in zip(standings.seekers, evaluations, drawn, strict=True):
        for key, amount in evaluation.budgets.items():
            one = BudgetKey(seeker.version.programme_id, key)
            wanted[one] = wanted.get(one, 0) + max(amount - had.get(key, 0), 0)
            sizes[one] = evaluation.budget_sizes[key]
    wanted = {one: amount for one, amount in wanted.items() if amount > 0}
    if not wanted:
        return list(evaluations)
    rest = claims.claim(wanted, sizes)
    found = [
        _granted(standings, index, evaluation, had, rest)
        for index, (evaluation, had) in enumerate(zip(evaluations, drawn, strict=True))
    ]
    unused = {one: amount for one, amount in rest.items() if amount > 0}
    if unused:
        claims.give_back(unused)
    return found


_NOTHING: Mapping[str, int] = {}


def _granted(
    standings: Standings, index: int, evaluation: Evaluation, had: Mapping[str, int], rest: dict[BudgetKey, int]
) -> Evaluation:
    """Return the evaluation, made again where the rest does not cover it, and take its draws off the rest."""
    seeker = standings.seekers[index]
    if _more(seeker, evaluation, had, rest):
        basket, compiled = seeker.basket, seeker.version.compiled
        shared = compiled.shared_sizes(basket.on, basket.local_at.date(), basket.store_id)
        left = {key: had.get(key, 0) + rest.get(_key(seeker, key), 0) for key in shared}
        standings.states[index] = replace(standings.states[index], left=left)
        evaluation = evaluate(compiled, basket, standings.states[index])
    for key, amount in evaluation.budgets.items():
        if amount > had.get(key, 0):
            rest[_key(seeker, key)] -= amount - had.get(key, 0)
    return evaluation


def _more(seeker: Seeker, evaluation: Evaluation, had: Mapping[str, int], rest: Mapping[BudgetKey, int]) -> bool:
    """Tell whether an evaluation draws more than it had and is to be had."""
    return any(
        amount - had.get(key, 0) > rest.get(_key(seeker, key), 0)
        for key, amount in evaluation.budgets.items()
        if amount > had.get(key, 0)
    )


def _key(seeker: Seeker, key: str) -> BudgetKey:
    return BudgetKey(seeker.version.programme_id, key)
