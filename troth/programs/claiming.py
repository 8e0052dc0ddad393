"""Budgets claimed for a batch of evaluations: whoever comes too late is evaluated again with what is left."""

from collections.abc import Sequence
from dataclasses import replace

from . import claims
from .claims import BudgetKey
from .evaluation import evaluate
from .outcomes import Evaluation
from .seekers import Seeker
from .standings import Standings


def claim(standings: Standings, evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    """Take what the evaluations draw on shared budgets, in the caller's transaction; return the final ones.

    evaluations: parallel to the seekers, whose states are replaced where less was left than they had been told. Call
    it once a transaction: budgets are locked in one order.
    """
    wanted: dict[BudgetKey, int] = {}
    sizes: dict[BudgetKey, int] = {}
    for seeker, evaluation in zip(standings.seekers, evaluations, strict=True):
        for key, amount in evaluation.budgets.items():
            one = BudgetKey(seeker.version.programme_id, key)
            wanted[one] = wanted.get(one, 0) + amount
            sizes[one] = evaluation.budget_sizes[key]
    wanted = {one: amount for one, amount in wanted.items() if amount > 0}
    if not wanted:
        return list(evaluations)
    rest = claims.claim(wanted, sizes)
    found = [
        _granted(standings, index, seeker, evaluation, rest)
        for index, (seeker, evaluation) in enumerate(zip(standings.seekers, evaluations, strict=True))
    ]
    unused = {one: amount for one, amount in rest.items() if amount > 0}
    if unused:
        claims.give_back(unused)
    return found


def _granted(
    standings: Standings, index: int, seeker: Seeker, evaluation: Evaluation, rest: dict[BudgetKey, int]
) -> Evaluation:
    """Return the evaluation, made again where the rest does not cover it, and take its draws off the rest."""
    programme_id = seeker.version.programme_id
    if any(rest.get(BudgetKey(programme_id, key), 0) < amount for key, amount in evaluation.budgets.items()):
        basket, compiled = seeker.basket, seeker.version.compiled
        shared = compiled.shared_sizes(basket.on, basket.local_at.date(), basket.store_id)
        left = {key: rest.get(BudgetKey(programme_id, key), 0) for key in shared}
        standings.states[index] = replace(standings.states[index], left=left)
        evaluation = evaluate(compiled, basket, standings.states[index])
    for key, amount in evaluation.budgets.items():
        if amount:
            rest[BudgetKey(programme_id, key)] -= amount
    return evaluation
