"""What people at a desk ask of the whole ledger: lists of what waits, and sums by month."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, DateTimeField, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.functions import Cast, TruncMonth

from .errors import RequestClosedError
from .models import AdjustmentRequest, Entry, ExpiryChange, Hold, Lot, PointCurrency, PoolMember
from .terms import HoldState, RequestState


@dataclass(frozen=True, slots=True)
class EndingMonth:
    """Points that end in a month, or never (month None), and what they cost in ten-thousandths of `cost_currency`.

    costed: how many of the points have a known cost.
    """

    month: date | None
    points: int
    costed: int
    cost: int
    cost_currency: str


def holds(owner_ids: Collection[UUID] | None = None) -> QuerySet[Hold]:
    """Return open holds, those that time out first: of these records, or of everybody."""
    found = Hold.objects.filter(state=HoldState.OPEN).select_related("currency").order_by("expires_at", "id")
    return found if owner_ids is None else found.filter(owner_id__in=owner_ids)


def adjustment_requests(
    owner_ids: Collection[UUID] | None = None, *, is_waiting: bool = True
) -> QuerySet[AdjustmentRequest]:
    """Return adjustments that wait for a second person, the oldest first; else those decided, the newest first."""
    found = AdjustmentRequest.objects.select_related("currency")
    if owner_ids is not None:
        found = found.filter(owner_id__in=owner_ids)
    if is_waiting:
        return found.filter(state=RequestState.WAITING).order_by("requested_at", "id")
    return found.exclude(state=RequestState.WAITING).order_by("-decided_at", "-id")


def adjustment_request(request_id: UUID) -> AdjustmentRequest:
    """Return a request.

    Raises:
        RequestClosedError: no such request.
    """
    found = AdjustmentRequest.objects.select_related("currency").filter(id=request_id).first()
    if found is None:
        raise RequestClosedError(request_id)
    return found


def expiry_changes(currency: PointCurrency) -> QuerySet[ExpiryChange]:
    """Return what was asked for old points of a currency, the newest first."""
    return ExpiryChange.objects.filter(currency=currency).order_by("-requested_at", "-id")


def pool_members(household_id: UUID) -> QuerySet[PoolMember]:
    """Return who may spend from a household's pools."""
    return PoolMember.objects.filter(owner_id=household_id).select_related("currency").order_by("currency", "id")


def ending(currency: PointCurrency) -> list[EndingMonth]:
    """Return what is open by the month in which it ends, in the currency's zone, the soonest first, "never" last.

    Points that end by inactivity have no month and count as "never".
    """
    zone = ZoneInfo(currency.time_zone)
    open_lots: Any = Lot.objects.filter(currency=currency, is_open=True)
    thousands = F("remaining") * Cast("thousand_cost", BigIntegerField())
    # An end at midnight of the first belongs to the month before: its last day is the last to spend on.
    last = ExpressionWrapper(F("expires_at") - timedelta(microseconds=1), output_field=DateTimeField())
    rows = (
        open_lots.annotate(month=TruncMonth(last, tzinfo=zone))
        .values("month", "cost_currency")
        .annotate(points=Sum("remaining"), thousandths=Sum(thousands))
        .order_by("month", "cost_currency")
    )
    found = [
        EndingMonth(
            month=row["month"].date() if row["month"] else None,
            points=row["points"],
            costed=row["points"] if row["thousandths"] is not None else 0,
            cost=round((row["thousandths"] or 0) / 1000),
            cost_currency=row["cost_currency"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.month is None, one.month or date.min))


def moved_by_month(currency: PointCurrency, since: datetime) -> dict[date, dict[str, int]]:
    """Return month, in the currency's zone → purpose → points that went there; issued is negative, as in entries."""
    zone = ZoneInfo(currency.time_zone)
    entries: Any = Entry.objects.filter(currency=currency, account_id=None, occurred_at__gte=since)
    rows = (
        entries.annotate(month=TruncMonth("occurred_at", tzinfo=zone))
        .values_list("month", "purpose")
        .annotate(sum=Sum("amount"))
        .order_by("month")
    )
    found: dict[date, dict[str, int]] = {}
    for month, purpose, amount in rows:
        found.setdefault(month.date(), {})[purpose] = amount
    return found
