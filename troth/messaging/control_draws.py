"""Keeping some out of a thing that is given, by chance, so that what it brings can be seen against them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from troth.customers import queries as customers
from troth.kit import chance

from . import control_gate
from .models import ControlDraw
from .policy_versions import LARGEST_CONTROL, in_force

LARGEST = LARGEST_CONTROL


def kept_out(
    subject: str,
    customer_ids: Collection[UUID],
    *,
    percent: int,
    spares_all: bool,
    now: datetime,
    is_noted: bool = True,
) -> set[UUID]:
    """Draw for those who would get something, and return those of them who get nothing, by chance.

    The first draw holds for good, over all records of a merged customer. percent: kept out of this alone; spares_all:
    whoever the company keeps out of all offers gets none of it either. Both sides are written down, in the caller's
    transaction, unless nobody can be kept out or is_noted is False: rehearsals only foretell.
    """
    found, new = _judged(subject, customer_ids, percent, spares_all, now)
    if is_noted:
        ControlDraw.objects.bulk_create(new, ignore_conflicts=True)
    return found


def _judged(
    subject: str, customer_ids: Collection[UUID], percent: int, spares_all: bool, now: datetime
) -> tuple[set[UUID], list[ControlDraw]]:
    """Return who gets none, and the draws that were made for it."""
    _version, terms = in_force()
    of_all = terms.control_percent if spares_all else 0
    if not customer_ids or not (percent or of_all):
        return set(), []
    groups = customers.record_groups(customer_ids)
    records = {record for group in groups.values() for record in group} | set(customer_ids)
    known = ControlDraw.objects.filter(subject=subject, owner_id__in=records).order_by("-drawn_at", "-id")
    sides = dict(known.values_list("owner_id", "is_kept_out"))
    found, new = set(), []
    for one in dict.fromkeys(customer_ids):
        group = groups.get(one, (one,))
        had = [sides[record] for record in group if record in sides]
        if not had:
            is_of_all = bool(of_all) and control_gate.is_kept_out(group[0], terms, percent=of_all)
            is_out = is_of_all or _is_drawn(subject, group[0], percent)
            sides[group[0]] = is_out
            new.append(_draw(group[0], subject, is_out, is_of_all, percent, now))
            had = [is_out]
        if all(had):  # of two records that were merged later one got it already: that cannot be undone
            found.add(one)
    return found, new


def draws_of(customer_id: UUID) -> QuerySet[ControlDraw]:
    """Return what chance decided about a customer, of all merged records, the newest first."""
    return ControlDraw.objects.filter(owner_id__in=customers.record_ids(customer_id)).order_by("-drawn_at", "-id")


def counts_of(subject: str) -> tuple[int, int]:
    """Return how many were drawn to get something, and how many to get none of it."""
    rows = ControlDraw.objects.filter(subject=subject)
    kept = rows.filter(is_kept_out=True).count()
    return rows.count() - kept, kept


def _is_drawn(subject: str, customer_id: UUID, percent: int) -> bool:
    return chance.place_of("control", subject, customer_id.hex) < percent * chance.PARTS // 100


def _draw(owner_id: UUID, subject: str, is_out: bool, is_of_all: bool, percent: int, now: datetime) -> ControlDraw:
    return ControlDraw(
        owner_id=owner_id, subject=subject, is_kept_out=is_out, is_of_all=is_of_all, percent=percent, drawn_at=now
    )
