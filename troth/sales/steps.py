"""The steps of orders: what each evaluation of an order stored, read and written in sets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.kit import rows
from troth.kit.json_text import json_text
from troth.programs import queries as programs
from troth.programs.judging import condition_name
from troth.programs.outcomes import Award, Evaluation, Reason, RuleOutcome
from troth.programs.state import MemberState

from .models import Cause, OrderEvaluation
from .postings import Posting

MAX_NAMES = 10_000
_FIGURES = ("eligible_amount", "tier_points", "tier_spend", "tier_visits", "orders")
_COLUMNS = (
    "id", "owner_id", "order_id", "programme", "step", "cause", "source_id", "version_id", "occurred_at", "recorded_at",
    "state", "awards", "outcomes", "figures", "postings",
)  # fmt: skip


@dataclass(slots=True)
class Step:
    """One step of an order under one programme, to be written. state: on step 1 only; answer: see `repeating`."""

    owner_id: UUID
    order_id: UUID
    programme: str
    number: int
    cause: Cause
    source_id: UUID
    version_id: UUID
    occurred_at: datetime
    evaluation: Evaluation
    state: MemberState | None
    postings: list[Posting]
    answer: dict[str, Any] | None = None


@dataclass(slots=True)
class Steps:
    """What is known of an order under one programme: its first state, what stands, and all that moved."""

    owner_id: UUID
    order_id: UUID
    programme: str
    number: int
    version_id: UUID
    occurred_at: datetime
    state: MemberState
    evaluation: Evaluation
    postings: list[Posting] = field(default_factory=list)


def of_orders(order_ids: Collection[UUID], owner_ids: Collection[UUID]) -> dict[UUID, list[Steps]]:
    """Return the steps of each order, one entry a programme; orders that were never evaluated are left out."""
    found: dict[tuple[UUID, str], Steps] = {}
    wanted = OrderEvaluation.objects.filter(owner_id__in=owner_ids, order_id__in=order_ids)
    for row in wanted.order_by("order_id", "programme", "step"):
        known = found.get((row.order_id, row.programme))
        if known is None:
            known = found[row.order_id, row.programme] = Steps(
                owner_id=row.owner_id,
                order_id=row.order_id,
                programme=row.programme,
                number=row.step,
                version_id=row.version_id,
                occurred_at=row.occurred_at,
                state=MemberState.from_json(row.state or {}),
                evaluation=evaluation_of(row),
            )
        known.number = row.step
        known.evaluation = evaluation_of(row)
        known.postings += [Posting.from_json(one) for one in row.postings]
    by_order: dict[UUID, list[Steps]] = defaultdict(list)
    for (order_id, _programme), steps in found.items():
        by_order[order_id].append(steps)
    return by_order


def write(steps: Iterable[Step], *, now: datetime) -> None:
    """Store new steps in the caller's transaction."""
    rows.insert(OrderEvaluation, _COLUMNS, [_row(step, now) for step in steps])


def outcomes_of(row: OrderEvaluation) -> tuple[RuleOutcome, ...]:
    """Return why rules did or did not fire, as evaluations say it."""
    conditions = programs.version(row.version_id).compiled.conditions
    *packed, table = row.outcomes
    return tuple(_unpacked(one, table, conditions) for one in packed)


def figures(evaluation: Evaluation) -> dict[str, Any]:
    """Return what tiers, counters and budgets count, as plain JSON values; what is empty is left out."""
    found: dict[str, Any] = {name: value for name in _FIGURES if (value := getattr(evaluation, name))}
    for name in ("counters", "budgets"):
        if value := getattr(evaluation, name):
            found[name] = dict(value)
    return found


def _row(step: Step, now: datetime) -> tuple[Any, ...]:
    evaluation = step.evaluation
    return (
        rows.new_id_text(),
        str(step.owner_id),
        str(step.order_id),
        step.programme,
        step.number,
        str(step.cause),
        step.source_id,
        step.version_id,
        step.occurred_at,
        now,
        None if step.state is None else json_text(step.state.to_json()),
        json_text([award.to_json() for award in evaluation.awards]) if evaluation.awards else "[]",
        json_text(_packed(evaluation.outcomes)),
        json_text(figures(evaluation) | (step.answer or {})),
        json_text([posting.to_json() for posting in step.postings]) if step.postings else "[]",
    )


def _packed(outcomes: Sequence[RuleOutcome]) -> list[Any]:
    """Return each outcome as [rule, reason], with amount and values where there are any; the last entry is a table.

    Twenty rules in every order would be most of what an order takes to store. So a condition that failed is told by its
    short name, for the version holds it, and the value that it found by its place in the table: many rules find the
    same one.
    """
    table: dict[Any, int] = {}
    found: list[Any] = []
    for rule, reason, amount, values in outcomes:
        if not values:
            found.append((rule, reason, amount) if amount else (rule, reason))
            continue
        condition = values.get("condition")
        if condition is None:
            found.append((rule, reason, amount, values))
        elif amount or len(values) != 2 or "value" not in values:
            found.append((rule, reason, amount, {**values, "condition": _name_of(condition)}))
        else:
            value = values["value"]
            key = tuple(value) if isinstance(value, list) else value
            found.append((rule, reason, _name_of(condition), table.setdefault((type(value), key), len(table))))
    found.append([key for _kind, key in table])
    return found


_names: dict[int, tuple[Any, str]] = {}  # by identity: a compiled condition says the same object each time


def _name_of(condition: Mapping[str, Any]) -> str:
    known = _names.get(id(condition))
    if known is not None and known[0] is condition:
        return known[1]
    if len(_names) > MAX_NAMES:
        _names.clear()
    name = condition_name(condition)
    _names[id(condition)] = (condition, name)
    return name


def _unpacked(raw: Sequence[Any], table: Sequence[Any], conditions: Mapping[str, Any]) -> RuleOutcome:
    rule, reason, *rest = raw
    if rest and isinstance(rest[0], str):
        name, place = rest
        return RuleOutcome(rule, Reason(reason), 0, {"condition": conditions.get(name, {}), "value": table[place]})
    amount = rest[0] if rest else 0
    values = rest[1] if len(rest) > 1 else {}
    condition = values.get("condition")
    if isinstance(condition, str):
        values = {**values, "condition": conditions.get(condition, {})}
    return RuleOutcome(rule, Reason(reason), amount, values)


def evaluation_of(row: OrderEvaluation) -> Evaluation:
    """Return what a step found, as it was stored."""
    return Evaluation(
        awards=tuple(Award.from_json(one) for one in row.awards),
        outcomes=outcomes_of(row),
        **{name: row.figures.get(name, 0) for name in _FIGURES},
        counters=row.figures.get("counters", {}),
        budgets=row.figures.get("budgets", {}),
    )
