"""What modules above know of customers day by day, for the model of who leaves.

A module registers a source in its `apps.ready`; each is asked once after an analysis. The sources say what happened on
which day; what was known on a past evening is counted from that in one place, so that no source can look ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from troth.customers import queries as customers
from troth.kit import clock
from troth.staff import queries as staff
from troth.value.churn import Trace
from troth.value.later import pl

BACK_DAYS = 800  # before the day: as far as the earliest evening and its half-year may reach
CHUNK = 50_000

Row = tuple[UUID, str, date, float]
"""Record, name of the trace, day in the company's zone, amount (1 where only the number counts)."""


@dataclass(frozen=True, slots=True)
class TraceSource:
    """Who knows more. kinds: what becomes of each trace, by name (see `troth.value.churn.Trace`); read: yields what
    happened after one day, up to and including another.
    """

    name: str
    kinds: Mapping[str, Trace] = field(hash=False)
    read: Callable[[date, date], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Known:
    """rows: `customer_id` (canonical, as text), `trace`, `day`, `amount`; kinds: what becomes of each trace."""

    rows: pl.DataFrame
    kinds: dict[str, Trace]


def daily(
    rows: QuerySet[Any], moment: str, trace: str, *, after: date, until: date, owner: str = "owner_id"
) -> Iterator[Row]:
    """Yield how many of these rows each owner has on each day of the company's zone, counted by the database.

    moment: the column that says when; owner: whose it is; rows without either do not count.
    """
    zone = staff.company().time_zone
    start, end = (clock.day_start(day + timedelta(days=1), zone) for day in (after, until))
    within = rows.filter(**{f"{moment}__gte": start, f"{moment}__lt": end, f"{owner}__isnull": False}).order_by()
    counted = within.values(owner, day=TruncDate(moment, tzinfo=ZoneInfo(zone))).annotate(count=Count("pk"))
    for record, day, count in counted.values_list(owner, "day", "count").iterator(chunk_size=CHUNK):
        yield record, trace, day, float(count)


_sources: dict[str, TraceSource] = {}


def register(source: TraceSource) -> None:
    """Add a source; registering the same one again changes nothing.

    Raises:
        ValueError: another source has the name, or knows a trace of the same name.
    """
    if _sources.get(source.name, source) != source:
        raise ValueError(f"a source of traces {source.name!r} is registered already")
    others = {kind for name, one in _sources.items() if name != source.name for kind in one.kinds}
    if taken := others & set(source.kinds):
        raise ValueError(f"traces {sorted(taken)} are registered already")
    _sources[source.name] = source


def known(as_of: date) -> Known:
    """Return what all sources know of the time before and including a day."""
    since = as_of - timedelta(days=BACK_DAYS)
    schema = {"customer_id": pl.String, "trace": pl.Categorical, "day": pl.Date, "amount": pl.Float32}
    parts = [pl.DataFrame(schema=schema)]
    kinds: dict[str, Trace] = {}
    for _name, source in sorted(_sources.items()):
        kinds |= source.kinds
        parts += [part.cast(schema) for part in _parts(source.read(since, as_of))]  # type: ignore[arg-type]  # names of columns to types
    return Known(pl.concat(parts), kinds)


def days_with(names: Collection[str], *, after: date, until: date) -> pl.DataFrame:
    """Return on which days which customers left one of these traces: `customer_id`, `day`; sources that know none of
    them are not asked.
    """
    schema = {"customer_id": pl.String, "day": pl.Date}
    asked = [source for _name, source in sorted(_sources.items()) if not source.kinds.keys().isdisjoint(names)]
    rows = (row for source in asked for row in source.read(after, until) if row[1] in names)
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(list(schema)) for part in _parts(rows))]).unique()


def _parts(rows: Iterable[Row]) -> Iterator[pl.DataFrame]:
    """Rows under the records that count, a part at a time."""
    pending = iter(rows)
    while part := list(islice(pending, CHUNK)):
        canonical: Mapping[UUID, Any] = customers.canonical_ids({row[0] for row in part})
        kept = [(str(canonical[owner]), *rest) for owner, *rest in part if owner in canonical]
        kinds = {"customer_id": pl.String, "trace": pl.String, "day": pl.Date, "amount": pl.Float64}
        yield pl.DataFrame(kept, schema=kinds, orient="row")
