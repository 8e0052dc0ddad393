"""What the calendar is filled from: each source counts by day, and finds the customers behind a number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.kit.clock import day_start

Text = str | Promise
People = QuerySet[Any, Any] | Sequence[UUID]
"""Ids of customers, as a query or listed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Who looks, and in whose days is counted: the company's zone and country, what counts as now and as today."""

    actor: Actor
    zone: str
    country: str
    now: datetime
    today: date

    def moments(self, since: date, until: date) -> tuple[datetime, datetime]:
        """Return the moments at which the first day begins and the last one is over."""
        return day_start(since, self.zone), day_start(until + timedelta(days=1), self.zone)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many customers something means on one day.

    ref: which one of a source's, such as a journey's id or a point currency's code; label: its name, "" for the
    source's own; note: what else is known, such as how many points.
    """

    date: date
    count: int
    ref: str = ""
    label: Text = ""
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing in the calendar.

    count: tallies from one day to another, both included, by set queries. people: ids of the customers behind one
    tally. is_sent: whether something goes out, or is only an occasion.
    """

    code: str
    label: Text
    icon: str
    permission: Permission
    count: Callable[[date, date, Frame], Sequence[Tally]]
    people: Callable[[date, str, Frame], People]
    order: int
    is_sent: bool = False


_sources: dict[str, Source] = {}


def register(*sources: Source) -> None:
    """Add sources; registering the same again changes nothing."""
    _sources.update({source.code: source for source in sources})


def registered() -> list[Source]:
    """Return every source, in the order in which a day shows them."""
    return sorted(_sources.values(), key=lambda one: one.order)


def find(code: str) -> Source | None:
    """Return the source of a code."""
    return _sources.get(code)
