"""How often a customer took something in a period: the limits per member, exact when one member asks twice at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit import clock

from . import storing
from .models import LimitPeriod, MemberTally, TallyKind

EVER = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class TallyKey:
    """What is counted: for whom (the canonical record), of what kind and which thing, in the period from which day."""

    customer_id: UUID
    kind: str
    subject_id: UUID
    period_date: date = EVER


class Tallies:
    """The tallies of a batch, locked until its transaction ends; a customer's merged records count together."""

    def __init__(self, keys: Iterable[TallyKey], groups: Mapping[UUID, tuple[UUID, ...]]) -> None:
        """Lock the tallies. groups: all records of each customer by its canonical one."""
        self._rows: dict[TallyKey, list[MemberTally]] = {key: [] for key in keys}
        self._changed: dict[int, MemberTally] = {}
        if not self._rows:
            return
        self._make_missing()
        canonical = {record: owner for owner, records in groups.items() for record in records}
        found = MemberTally.objects.filter(
            owner_id__among=[record for key in self._rows for record in groups[key.customer_id]],
            subject_id__among={key.subject_id for key in self._rows},
            period_date__in={key.period_date for key in self._rows},
        )
        for row in found.order_by("id").select_for_update():
            key = TallyKey(canonical[row.owner_id], row.tally_kind, row.subject_id, row.period_date)
            if key in self._rows:
                self._rows[key].append(row)

    def _make_missing(self) -> None:
        rows = [
            MemberTally(
                owner_id=key.customer_id, tally_kind=key.kind, subject_id=key.subject_id, period_date=key.period_date
            )
            for key in sorted(self._rows)
        ]
        MemberTally.objects.bulk_create(rows, ignore_conflicts=True)

    def count(self, key: TallyKey) -> int:
        """Return how many there are."""
        return sum(row.count for row in self._rows[key])

    def add(self, key: TallyKey, count: int) -> None:
        """Count more, or fewer: what merged records had is taken off theirs."""
        own = next(row for row in self._rows[key] if row.owner_id == key.customer_id)
        for row in (own, *(row for row in self._rows[key] if row is not own)):
            change = max(count, -row.count)
            if change:
                row.count += change
                self._changed[row.pk] = row
                count -= change

    def write(self) -> None:
        """Store what changed."""
        storing.update(MemberTally, list(self._changed.values()), ["count"])


def period_start(period: str, moment: datetime, zone: str) -> date:
    """Return the first day of the period that a moment lies in, by the company's calendar; weeks begin on Monday."""
    day = clock.business_date(moment, zone)
    match LimitPeriod(period):
        case LimitPeriod.DAY:
            return day
        case LimitPeriod.WEEK:
            return day - timedelta(days=day.weekday())
        case LimitPeriod.MONTH:
            return day.replace(day=1)
        case LimitPeriod.YEAR:
            return day.replace(month=1, day=1)
        case LimitPeriod.EVER:
            return EVER


def uses_key(customer_id: UUID, campaign_id: UUID) -> TallyKey:
    """Return the key of a customer's uses of a campaign."""
    return TallyKey(customer_id, TallyKind.USES, campaign_id)


def coupons_key(customer_id: UUID, campaign_id: UUID) -> TallyKey:
    """Return the key of a customer's coupons of a campaign."""
    return TallyKey(customer_id, TallyKind.COUPONS, campaign_id)


def ever() -> str:
    """Return how a limit without a period is said."""
    return _("altogether")
