"""Reading segments: their definitions, who would be in them, who is."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.kit.conditions import catalogue as conditions
from troth.kit.conditions import compiling, evaluating
from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.evaluating import Verdict
from troth.kit.conditions.fields import AsOf
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import Condition, comparisons
from troth.kit.conditions.wording import Words
from troth.staff import queries as staff

from .errors import SegmentNotFoundError
from .limits import PREVIEW_SECONDS, time_limit
from .models import Segment, SegmentMembership, SegmentSize, SegmentVersion

SAMPLE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """How many would be in, a few of them, and how long it took."""

    count: int
    sample_ids: tuple[UUID, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What publishing a definition would change: members now and then, who would come, who would go."""

    now: int
    then: int
    entering: int
    leaving: int


def catalogue(actor: Actor | None = None) -> Catalogue:
    """Return the fields that segments may use, as they are now.

    actor: who asks something new. Who may not see personal data may not ask by them; what stands in a published
    segment is shown and renewed with all fields, so leave it out there.
    """
    fields = conditions.catalogue("customer")
    needed = Permission.CUSTOMERS_VIEW_PERSONAL
    if actor is None or actor.may(needed):
        return fields
    return fields.withholding_personal(f"“{needed.label}” ({needed.value})")


def as_of(now: datetime, *, scope: Iterable[UUID] | None = None) -> AsOf:
    """Return the company's day, zone and currency at `now`; scope: customer records to look at, None for all.

    Raises:
        CompanyMissingError: nothing was set up yet.
    """
    company = staff.company()
    records = None if scope is None else frozenset(scope)
    return AsOf(now, company.today(now), company.time_zone, company.currency, records)


def condition_of(definition: Any, fields: Catalogue) -> Condition:
    """Return the tree of a stored definition.

    Raises:
        ConditionInvalidError: it uses a field that no longer exists.
    """
    return read(definition, fields, is_stored=True)


def words(fields: Catalogue) -> Words:
    """Return what says conditions in the language in force and the company's currency."""
    company = staff.company_or_none()
    return Words(fields, company.currency if company else "")


def segment(segment_id: UUID) -> Segment:
    """Return one segment, archived or not.

    Raises:
        SegmentNotFoundError: no such segment.
    """
    found = Segment.objects.select_related("owner").filter(id=segment_id).first()
    if found is None:
        raise SegmentNotFoundError(segment_id)
    return found


def segments(*, is_archived: bool = False) -> QuerySet[Segment]:
    """Return the segments in use, or the archived ones, by name."""
    return Segment.objects.filter(archived_at__isnull=not is_archived).select_related("owner").order_by("name", "id")


def versions(segment_id: UUID) -> QuerySet[SegmentVersion]:
    """Return the published versions, newest first."""
    return SegmentVersion.objects.filter(segment_id=segment_id).order_by("-number")


def version_in_force(found: Segment) -> SegmentVersion | None:
    """Return the version that decides who is in the segment, None before the first was published."""
    return versions(found.id).filter(number=found.version_number).first()


def preview(condition: Condition, fields: Catalogue, when: AsOf, *, seconds: float = PREVIEW_SECONDS) -> Preview:
    """Count live who matches, with a stable random sample, in one query.

    Raises:
        SegmentTooSlowError: it took longer than allowed.
    """
    started = time.monotonic()
    query = compiling.members(condition, fields, when)
    # The last digits of a UUIDv7 are random: sorted by them, the sample is drawn from all and stays the same.
    tail = "RIGHT(CAST(x_id AS TEXT), 12)" if connection.vendor == "postgresql" else "SUBSTR(x_id, 21)"
    sql = (
        f"WITH found AS MATERIALIZED ({query.sql}) SELECT x_id, (SELECT COUNT(*) FROM found)"  # noqa: S608  compiled
        f" FROM found ORDER BY {tail} LIMIT {SAMPLE_SIZE}"
    )
    with time_limit(seconds), connection.cursor() as cursor:
        cursor.execute(sql, list(query.params))
        rows = cursor.fetchall()
    ids = tuple(row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in rows)
    return Preview(rows[0][1] if rows else 0, ids, time.monotonic() - started)


def effect(
    segment_id: UUID, condition: Condition, fields: Catalogue, when: AsOf, *, seconds: float = PREVIEW_SECONDS
) -> Effect:
    """Compare who would match with the stored members.

    Raises:
        SegmentTooSlowError: it took longer than allowed.
    """
    query = compiling.members(condition, fields, when)
    stored = SegmentMembership._meta
    sql = (
        f"SELECT COUNT(*), COUNT(m.owner_id) FROM ({query.sql}) f LEFT JOIN {stored.db_table} m"  # noqa: S608  compiled
        " ON m.owner_id = f.x_id AND m.segment_id = %s"
    )
    key = stored.get_field("owner_id").get_db_prep_value(segment_id, connection)
    with time_limit(seconds), connection.cursor() as cursor:
        cursor.execute(sql, [*query.params, key])
        then, staying = cursor.fetchone()
    now = SegmentMembership.objects.filter(segment_id=segment_id).count()
    return Effect(now, then, then - staying, now - staying)


def matches(condition: Condition, fields: Catalogue, when: AsOf, customer_id: UUID) -> bool:
    """Tell whether one customer, given by any record, would be in now."""
    within = replace(when, scope=frozenset(customers.record_ids(customer_id)))
    query = compiling.members(condition, fields, within)
    with connection.cursor() as cursor:
        cursor.execute(query.sql, list(query.params))
        return cursor.fetchone() is not None


def explain(condition: Condition, fields: Catalogue, when: AsOf, customer_id: UUID) -> Verdict | None:
    """Return why one customer is in or not: the verdict of every part, with the customer's values.

    None for a customer who was erased: segments leave such out.
    """
    within = replace(when, scope=frozenset(customers.record_ids(customer_id)))
    records = compiling.load(comparisons(condition), fields, within)
    for record in records.values():
        return evaluating.judge(condition, record, fields, within)
    return None


def member_ids(segment_id: UUID) -> QuerySet[SegmentMembership, UUID]:
    """Return the ids of the stored members, for narrowing lists: `CustomerFilter(among=member_ids(…))`."""
    return SegmentMembership.objects.filter(segment_id=segment_id).values_list("owner_id", flat=True)


def memberships(segment_id: UUID) -> QuerySet[SegmentMembership]:
    """Return the stored members, those who came last first."""
    return SegmentMembership.objects.filter(segment_id=segment_id).order_by("-entered_at", "owner_id")


def segments_of(customer_id: UUID) -> QuerySet[Segment]:
    """Return the segments in use that the customer is in, by name."""
    mine = SegmentMembership.objects.filter(owner_id__in=customers.record_ids(customer_id))
    return segments().filter(id__in=mine.values("segment_id"))


def segment_ids_of(customer_ids: Iterable[UUID], among: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Return which of the segments each canonical customer is in; customers in none are left out."""
    rows = SegmentMembership.objects.filter(owner_id__in=list(customer_ids), segment_id__in=list(among))
    found: dict[UUID, set[UUID]] = {}
    for owner_id, segment_id in rows.values_list("owner_id", "segment_id"):
        found.setdefault(owner_id, set()).add(segment_id)
    return found


def sizes(segment_ids: Iterable[UUID], *, limit: int = 60) -> dict[UUID, list[SegmentSize]]:
    """Return the sizes of each segment after its latest renewals, oldest first."""
    found: dict[UUID, list[SegmentSize]] = {}
    for segment_id in segment_ids:
        newest = SegmentSize.objects.filter(segment_id=segment_id).order_by("-counted_at")[:limit]
        found[segment_id] = list(newest)[::-1]
    return found
