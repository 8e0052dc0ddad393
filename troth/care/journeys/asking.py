"""Conditions judged for many at once: what concerns the event in Python, what concerns the customer by one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from troth.kit.conditions import compiling
from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.evaluating import holds
from troth.kit.conditions.fields import AsOf
from troth.kit.conditions.tree import AllOf, AnyOf, Comparison, Condition, Not, to_json
from troth.kit.json_text import json_text
from troth.segments import queries as segments

from .fields import is_of_event, record_of

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One person to be judged. records: of the customer, the canonical one first; facts: the event's data."""

    records: tuple[UUID, ...]
    facts: Facts


def answers(condition: Condition, people: Sequence[Asked], fields: Catalogue, now: datetime) -> list[bool]:
    """Return for each person whether the condition holds, with one query for each way in which events decide it."""
    when = segments.as_of(now)
    found: list[bool] = [False] * len(people)
    open_: dict[str, tuple[Condition, list[int]]] = {}
    for index, one in enumerate(people):
        rest = residual(condition, one.facts, fields, when)
        if isinstance(rest, bool):
            found[index] = rest
        else:
            open_.setdefault(_name(rest), (rest, []))[1].append(index)
    for rest, indexes in open_.values():
        meant = members(rest, fields, now, {record for index in indexes for record in people[index].records})
        for index in indexes:
            found[index] = people[index].records[0] in meant
    return found


def residual(condition: Condition, facts: Facts, fields: Catalogue, when: AsOf) -> Condition | bool:
    """Return what is left of a condition once the event's data are known: one over the customer, or a verdict."""
    match condition:
        case Comparison():
            if is_of_event(condition.field):
                return holds(condition, record_of(facts), fields, when)
            return condition
        case Not(part):
            rest = residual(part, facts, fields, when)
            return not rest if isinstance(rest, bool) else Not(rest)
        case AllOf(parts):
            return _joined([residual(part, facts, fields, when) for part in parts], decides=False)
        case AnyOf(parts):
            return _joined([residual(part, facts, fields, when) for part in parts], decides=True)


def members(condition: Condition, fields: Catalogue, now: datetime, scope: set[UUID] | None) -> set[UUID]:
    """Return the canonical ids of those among the records (None: of all customers) for whom a condition holds."""
    query = compiling.members(condition, fields, segments.as_of(now, scope=scope))
    with connection.cursor() as cursor:
        cursor.execute(query.sql, list(query.params))
        return {row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in cursor.fetchall()}


def _joined(parts: list[Condition | bool], *, decides: bool) -> Condition | bool:
    """Join parts by "any" (decides: True) or "all" (False); one verdict of that value decides alone."""
    if any(part is decides for part in parts):
        return decides
    rest = tuple(part for part in parts if not isinstance(part, bool))
    if not rest:
        return not decides
    if len(rest) == 1:
        return rest[0]
    return AnyOf(rest) if decides else AllOf(rest)


def _name(condition: Condition) -> str:
    return json_text(to_json(condition))
