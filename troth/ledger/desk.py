"""What people at a desk ask of the whole ledger: lists of what waits, and sums by month."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Case, Expression, F, IntegerField, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce

from troth.kit import clock

from .errors import RequestUnknownError
from .models import Account, AdjustmentRequest, Entry, ExpiryChange, Hold, Lot, PointCurrency, PoolMember
from .terms import ApprovalState, HoldState, Purpose


@dataclass(frozen=True, slots=True)
class EndingMonth:
    """Points that end in a month, or never (month None), and what they cost in ten-thousandths of `cost_currency`.

    costed: how many of the points have a known cost; pending: how many of them are not usable yet.
    """

    month: date | None
    points: int
    costed: int
    cost: int
    cost_currency: str
    pending: int


def holds(owner_ids: Collection[UUID] | None = None) -> QuerySet[Hold]:
    """Return open holds, those that time out first: of these records, or of everybody."""
    found = Hold.objects.filter(state=HoldState.OPEN).select_related("currency").order_by("expires_at", "id")
    return found if owner_ids is None else found.filter(owner_id__in=owner_ids)


def adjustment_requests(
    owner_ids: Collection[UUID] | None = None, *, is_waiting: bool = True
) -> QuerySet[AdjustmentRequest]:
    """Return adjustments that wait for a second person, the oldest first; else those decided, the newest first."""
    found = all_adjustment_requests(owner_ids)
    if is_waiting:
        return found.filter(state=ApprovalState.WAITING)
    return found.exclude(state=ApprovalState.WAITING).order_by("-decided_at", "-id")


def all_adjustment_requests(owner_ids: Collection[UUID] | None = None) -> QuerySet[AdjustmentRequest]:
    """Return adjustments that needed a second person, decided or not, the oldest first."""
    found = AdjustmentRequest.objects.select_related("currency").order_by("requested_at", "id")
    return found if owner_ids is None else found.filter(owner_id__in=owner_ids)


def adjustment_request(request_id: UUID) -> AdjustmentRequest:
    """Return a request.

    Raises:
        RequestUnknownError: no such request.
    """
    found = AdjustmentRequest.objects.select_related("currency").filter(id=request_id).first()
    if found is None:
        raise RequestUnknownError(request_id)
    return found


def expiry_changes(currency: PointCurrency) -> QuerySet[ExpiryChange]:
    """Return what was asked for old points of a currency, the newest first."""
    return ExpiryChange.objects.filter(currency=currency).order_by("-requested_at", "-id")


def pool_members(household_id: UUID) -> QuerySet[PoolMember]:
    """Return who may spend from a household's pools."""
    return PoolMember.objects.filter(owner_id=household_id).select_related("currency").order_by("currency", "id")


def has_account(owner_id: UUID) -> bool:
    """Tell whether an owner ever had points, of any currency."""
    return Account.objects.filter(owner_id=owner_id).exists()


def currencies_had(owner_ids: Collection[UUID]) -> set[int]:
    """Return the ids of the currencies in which these owners ever had points, spent or ended as they may be."""
    return set(Account.objects.filter(owner_id__in=owner_ids).values_list("currency_id", flat=True))


def ending(currency: PointCurrency, now: datetime) -> list[EndingMonth]:
    """Return what is open by the month in which it ends, in the currency's zone, the soonest first, "never" last.

    Points that end by inactivity have no month and count as "never".
    """
    thousands = F("remaining") * Cast("thousand_cost", BigIntegerField())
    waiting = Q(activates_at__gt=now) | Q(activates_at=None)
    zone = currency.time_zone
    months = _ending_months(Lot.objects.filter(currency=currency, is_open=True), zone)
    # Nearly every lot is read: asked by remaining, it is read in the order it lies in, not by the index of owners.
    lots: Any = Lot.objects.filter(currency=currency, remaining__gt=0)
    rows = (
        lots.annotate(ends=_numbered(months, lambda month: Q(expires_at__lte=_next_start(month, zone))))
        .values("ends", "cost_currency")
        .annotate(
            points=Sum("remaining"), thousandths=Sum(thousands), pending=Coalesce(Sum("remaining", filter=waiting), 0)
        )
        .order_by("ends", "cost_currency")
    )
    found = [
        EndingMonth(
            month=None if row["ends"] is None else _month(row["ends"]),
            points=row["points"],
            costed=row["points"] if row["thousandths"] is not None else 0,
            cost=round((row["thousandths"] or 0) / 1000),
            cost_currency=row["cost_currency"],
            pending=row["pending"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.month is None, one.month or date.min))


def _ending_months(open_lots: QuerySet[Lot], zone: str) -> list[date]:
    """Return the months in which lots end, hopping from end to end of the index: few, however many lots there are."""
    found: list[date] = []
    after = open_lots.filter(expires_at__isnull=False).aggregate(first=Min("expires_at"))["first"]
    while after is not None:
        # An end at midnight of the first belongs to the month before: its last day is the last to spend on.
        found.append(clock.business_date(after - timedelta(microseconds=1), zone).replace(day=1))
        beyond = open_lots.filter(expires_at__gt=_next_start(found[-1], zone))
        after = beyond.aggregate(first=Min("expires_at"))["first"]
    return found


def _next_start(month: date, zone: str) -> datetime:
    return clock.day_start(_month(_number(month) + 1), zone)


def _number(month: date) -> int:
    return month.year * 12 + month.month - 1


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _numbered(months: Sequence[date], limit: Callable[[date], Q]) -> Expression:
    """Return the number of the first of the months within whose limit a row lies; nothing where there is none.

    Comparing is plain SQL; to truncate a moment SQLite calls Python for each row.
    """
    if not months:
        return Value(None, output_field=IntegerField())
    cases = [When(limit(month), then=Value(_number(month))) for month in months]
    return Case(*cases, default=None, output_field=IntegerField())


def moved_by_month(currency: PointCurrency, since: datetime) -> dict[date, dict[str, int]]:
    """Return month, in the currency's zone → purpose → points that went there; issued is negative, as in entries."""
    zone = currency.time_zone
    entries: Any = Entry.objects.filter(
        currency=currency, account_id=None, purpose__in=Purpose.values, occurred_at__gte=since
    )
    # A range of the index for each month: a third of the time it takes to ask of each row which month it lies in.
    by_month = [
        entries.filter(occurred_at__gte=clock.day_start(month, zone), occurred_at__lt=_next_start(month, zone))
        .values_list("purpose")
        .annotate(month=Value(_number(month), output_field=IntegerField()), sum=Sum("amount"))
        for month in _moving_months(entries, zone)
    ]
    found: dict[date, dict[str, int]] = {}
    for purpose, number, amount in by_month[0].union(*by_month[1:], all=True) if by_month else ():
        found.setdefault(_month(number), {})[purpose] = amount
    return dict(sorted(found.items()))


def _moving_months(entries: QuerySet[Entry], zone: str) -> list[date]:
    # Each purpose, and each end of it, by itself: the index gives it, whatever lies between.
    found = [
        entries.filter(purpose=purpose).aggregate(moment=reach("occurred_at"))["moment"]
        for purpose in Purpose.values
        for reach in (Min, Max)
    ]
    moments = [moment for moment in found if moment is not None]
    if not moments:
        return []
    first, last = (_number(clock.business_date(moment, zone)) for moment in (min(moments), max(moments)))
    return [_month(number) for number in range(first, last + 1)]
