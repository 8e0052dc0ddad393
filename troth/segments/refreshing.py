"""Working out who is in a segment now, as sets in the database, and telling who entered and who left."""
# ruff: noqa: S608  -- table names are the models' own; values are parameters

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.conditions import compiling
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.value.later import pl

from . import queries
from .limits import REFRESH_SECONDS, time_limit
from .models import Segment, SegmentMembership, SegmentSize, SegmentVersion

CHUNK = 25_000
_MEMBERS = SegmentMembership._meta.db_table
Report = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a renewal found."""

    version_number: int
    member_count: int
    entered_count: int
    left_count: int


def refresh_members(
    *,
    actor: Actor,
    now: datetime,
    segment_id: UUID,
    report: Report = lambda _done, _total: None,
    guard: Callable[[], None] = lambda: None,
    is_stopped: Callable[[], bool] | None = None,
) -> Refreshed:
    """Bring the stored members up to date.

    Those found by the very first renewal were there before anybody looked: they did not enter. After that
    everybody who comes or goes gets an event. Runs in transactions of 25,000; started again after a crash it
    goes on where it was.

    Args:
        report: called between transactions with changes done and in all; may raise to stop.
        guard: called inside each transaction; raises if another worker has the work.
        is_stopped: asked every second while the database searches.

    Raises:
        SegmentNotFoundError: no such segment.
        ConditionInvalidError: the definition uses a field that no longer exists.
        SegmentTooSlowError: the search took longer than 15 minutes, or was stopped.
    """
    segment = queries.segment(segment_id)
    version = queries.version_in_force(segment)
    if version is None or segment.archived_at is not None:
        return Refreshed(0, 0, 0, 0)
    try:
        with _found(version, now, is_stopped) as table:
            refreshed = _Renewal(segment, version, actor, now, report, guard).apply(table)
    except TrothError as error:
        Segment.objects.filter(id=segment.id).update(refresh_error=str(error)[:300])
        raise
    _note(segment, refreshed, actor, now)
    return refreshed


@contextmanager
def _found(version: SegmentVersion, now: datetime, is_stopped: Callable[[], bool] | None) -> Iterator[str]:
    """Search once, into a temporary table with the ids of all who match.

    The table is made of the search: PostgreSQL shares that out among its processes, as it does no INSERT.
    """
    fields = queries.catalogue()
    condition = queries.condition_of(version.definition, fields)
    query = compiling.members(condition, fields, queries.as_of(now))
    table = f"segment_found_{new_id().hex}"
    try:
        with time_limit(REFRESH_SECONDS, is_stopped=is_stopped), connection.cursor() as cursor:
            made = f"CREATE TEMPORARY TABLE {table} AS SELECT x_id AS id FROM ({query.sql}) f"
            cursor.execute(made, list(query.params))
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE UNIQUE INDEX {table}_id ON {table} (id)")
            cursor.execute(f"ANALYZE {table}")
        yield table
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}_changes")
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


@dataclass(frozen=True, slots=True)
class _Renewal:
    """One renewal under way: for which segment and version, in whose name, and who is told."""

    segment: Segment
    version: SegmentVersion
    actor: Actor
    now: datetime
    report: Report
    guard: Callable[[], None]

    def apply(self, table: str) -> Refreshed:
        """Make the stored members those of the table."""
        count = _number(f"SELECT COUNT(*) FROM {table}", [])
        if self.segment.refreshed_at is None:
            self._fill(table, count)
            return Refreshed(self.version.number, count, 0, 0)
        gone, come = self._compare(table)
        done = 0
        for has_come, event in ((False, "segments.member.left"), (True, "segments.member.entered")):
            for ids in _chunks(table, has_come):
                self._change(table, ids, event)
                self.report(done := done + len(ids), gone + come)
        return Refreshed(self.version.number, count, come, gone)

    def _compare(self, table: str) -> tuple[int, int]:
        """Write down once who went and who came, for the chunks to read; return how many each."""
        key = _stored(self.segment.id)
        gone = f"SELECT m.owner_id, FALSE FROM {_MEMBERS} m WHERE m.segment_id = %s AND NOT EXISTS"
        gone += f" (SELECT 1 FROM {table} f WHERE f.id = m.owner_id)"
        come = f"SELECT f.id, TRUE FROM {table} f WHERE NOT EXISTS"
        come += f" (SELECT 1 FROM {_MEMBERS} m WHERE m.segment_id = %s AND m.owner_id = f.id)"
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE {table}_changes"
                f" (has_come BOOLEAN NOT NULL, id {_id_type()} NOT NULL, PRIMARY KEY (has_come, id))"
            )
            for sql in (gone, come):
                cursor.execute(f"INSERT INTO {table}_changes (id, has_come) {sql}", [key])
            cursor.execute(f"ANALYZE {table}_changes")
        counting = f"SELECT COUNT(*) FROM {table}_changes WHERE has_come = %s"
        return _number(counting, [False]), _number(counting, [True])

    def _fill(self, table: str, count: int) -> None:
        """Store the first members in one statement; what an interrupted first renewal left is replaced."""
        with transaction.atomic():
            self.guard()
            SegmentMembership.objects.filter(segment=self.segment).delete()
            self._enter(f"FROM {table}", [])
            Segment.objects.filter(id=self.segment.id).update(refreshed_at=self.now, member_count=count)

    def _change(self, table: str, ids: list[UUID], event: str) -> None:
        """Take these out of the segment or into it, with their events, in one transaction.

        `ids` are neighbours in the table of changes, so that the first and the last tell them all.
        """
        has_come = event == "segments.member.entered"
        these = f"FROM {table}_changes WHERE has_come = %s AND id BETWEEN %s AND %s"
        params = [has_come, _stored(ids[0]), _stored(ids[-1])]
        with transaction.atomic():
            self.guard()
            if has_come:
                self._enter(these, params)
            else:
                self._leave(these, params)
            events.append_frame(self._told(ids), name=event, actor=self.actor, now=self.now)

    def _enter(self, those: str, params: list[Any]) -> None:
        moment = SegmentMembership._meta.get_field("entered_at").get_db_prep_value(self.now, connection)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {_MEMBERS} (segment_id, owner_id, entered_at) SELECT %s, id, %s {those}",
                [_stored(self.segment.id), moment, *params],
            )

    def _leave(self, those: str, params: list[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {_MEMBERS} WHERE segment_id = %s AND owner_id IN (SELECT id {those})",
                [_stored(self.segment.id), *params],
            )

    def _told(self, ids: list[UUID]) -> pl.DataFrame:
        """Return the events of those who came or went."""
        moment = pl.lit(self.now).dt.convert_time_zone("UTC")
        return pl.DataFrame({"customer_id": [str(one) for one in ids]}).with_columns(
            occurred_at=moment, segment=pl.lit(str(self.segment.id)), version=pl.lit(self.version.number)
        )


def _chunks(table: str, has_come: bool) -> Iterator[list[UUID]]:
    """Yield the ids of those who came, or went, in order, in chunks."""
    after, params = "", [has_come]
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {table}_changes WHERE has_come = %s{after} ORDER BY id LIMIT {CHUNK}", params
            )
            raw = [row[0] for row in cursor.fetchall()]
        if not raw:
            return
        after, params = " AND id > %s", [has_come, raw[-1]]
        yield [one if isinstance(one, UUID) else UUID(one) for one in raw]


def _note(segment: Segment, refreshed: Refreshed, actor: Actor, now: datetime) -> None:
    """Keep the size for the trend, and tell; nothing if the segment was archived meanwhile."""
    with transaction.atomic():
        is_open = Segment.objects.filter(id=segment.id, archived_at__isnull=True).update(
            member_count=refreshed.member_count, refreshed_at=now, refresh_error=""
        )
        if not is_open:
            SegmentMembership.objects.filter(segment=segment).delete()
            return
        last = SegmentSize.objects.filter(segment=segment).order_by("-counted_at").first()
        is_same = last is not None and last.member_count == refreshed.member_count
        if last is None or not is_same or last.counted_at.date() != now.date():
            SegmentSize.objects.create(
                segment=segment,
                version_number=refreshed.version_number,
                member_count=refreshed.member_count,
                entered_count=refreshed.entered_count,
                left_count=refreshed.left_count,
                counted_at=now,
            )
        data = {
            "segment": str(segment.id),
            "version": refreshed.version_number,
            "count": refreshed.member_count,
            "entered": refreshed.entered_count,
            "left": refreshed.left_count,
        }
        events.append("segments.members.refreshed", actor=actor, now=now, data=data)


def _id_type() -> str:
    return str(SegmentMembership._meta.get_field("owner_id").db_type(connection))


def _stored(value: UUID) -> Any:
    return SegmentMembership._meta.get_field("owner_id").get_db_prep_value(value, connection)


def _number(sql: str, params: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.fetchone()[0])
