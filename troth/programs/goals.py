"""Challenges and streaks: counters with a goal, and what reaching it gives."""

from typing import TYPE_CHECKING

from .compiled import STREAK_LIMIT, CompiledGoal
from .outcomes import Award, AwardKind, Reason, RuleOutcome
from .periods import ordinal
from .scene import Picked

if TYPE_CHECKING:
    from .evaluation import Run


def pursue(run: "Run", is_order: bool) -> list[RuleOutcome]:
    """Count the order or event towards every goal, award those that it reaches, and say where each stands."""
    return [_pursue(run, goal, is_order) for goal in run.happening.goals]


def _pursue(run: "Run", goal: CompiledGoal, is_order: bool) -> RuleOutcome:
    scene = run.scene
    if not goal.first_day <= scene.local_date.toordinal() <= goal.last_day:
        return RuleOutcome(goal.code, Reason.NOT_VALID)
    if goal.when is not None:
        failure = goal.when(scene)
        if failure is not None:
            return RuleOutcome(goal.code, Reason.CONDITION, 0, failure())
    picked = scene.everything
    if goal.lines is not None:
        counts = goal.lines
        picked = Picked([one for one in picked.lines if counts(one.line)])
    if is_order and picked.amount <= 0:
        return RuleOutcome(goal.code, Reason.NO_LINES)
    times, outcome = _streak(run, goal) if goal.counts == "streak" else _challenge(run, goal, picked)
    if not times:
        return outcome
    if goal.given.kind is AwardKind.BADGE and goal.given.reference in scene.state.badges:
        return RuleOutcome(goal.code, Reason.DONE)
    amount = 1 if goal.given.kind is AwardKind.BADGE else goal.amount * times
    run.awards.append(
        Award(
            rule=goal.code,
            kind=goal.given.kind,
            amount=amount,
            currency=goal.given.currency,
            reference=goal.given.reference,
            unit_cost=goal.unit_cost,
            is_whole=True,
        )
    )
    return RuleOutcome(goal.code, Reason.FIRED, amount, outcome.values)


def _challenge(run: "Run", goal: CompiledGoal, picked: Picked) -> tuple[int, RuleOutcome]:
    """Return how many times the goal is reached and was not rewarded yet, and where the challenge stands.

    What was rewarded is counted by itself: where goods came back that others reached the goal with, these keep the
    reward, and the goal reached anew brings none; where the order that had the reward came back, the next one gets it.
    """
    added = {"times": 1, "amount": picked.amount, "items": picked.quantity}[goal.counts]
    counters, day = run.scene.state.counters, run.scene.local_date
    key, (given_key,) = goal.key(day), goal.given_keys(day)
    run.counters[key] = run.counters.get(key, 0) + added
    after, given = counters.get(key, 0) + added, counters.get(given_key, 0)
    values = {"reached": after, "goal": goal.goal, "counts": goal.counts}
    times = max(0, (after // goal.goal if goal.repeats else int(after >= goal.goal)) - given)
    if times:
        run.counters[given_key] = times
    is_done = not goal.repeats and given > 0
    return times, RuleOutcome(goal.code, Reason.DONE if is_done else Reason.NOT_YET, 0, values)


def _streak(run: "Run", goal: CompiledGoal) -> tuple[int, RuleOutcome]:
    """Return 1 where this makes the row long enough, and how long it is; no day counts for two rewards."""
    counters, day = run.scene.state.counters, run.scene.local_date
    number = ordinal(goal.period, day)
    key = goal.key_of(number)
    run.counters[key] = 1
    length = 1
    while length < STREAK_LIMIT and counters.get(goal.key_of(number - length), 0) > 0:
        length += 1
    values = {"reached": length, "goal": goal.goal, "counts": "streak"}
    given_keys = goal.given_keys(day)
    is_given = any(counters.get(one, 0) > 0 for one in given_keys)
    is_reached = length % goal.goal == 0 if goal.repeats else length == goal.goal
    is_due = is_reached and not is_given and length < STREAK_LIMIT
    if is_due:
        run.counters[given_keys[0]] = 1
    is_done = not goal.repeats and (is_given or length > goal.goal)
    return int(is_due), RuleOutcome(goal.code, Reason.DONE if is_done else Reason.NOT_YET, 0, values)
