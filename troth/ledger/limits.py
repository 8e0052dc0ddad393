"""Who may take how much: givers in a day, adjusters alone. Members of a household's pool: see `pools`."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from troth.kit import clock

from .book import AccountState, Book
from .errors import ApprovalNeededError, TransferRefusedError
from .models import (
    AdjustmentRequest,
    ApprovalState,
    Kind,
    PoolPeriod,
    Transaction,
)
from .operations import Adjust

SPENT = (Kind.SPEND, Kind.CAPTURE, Kind.TRANSFER_OUT)


def check_approval(account: AccountState, operation: Adjust) -> None:
    """Let an adjustment pass that is small, or that a second person approved as it stands.

    Raises:
        ApprovalNeededError: above the limit without such a request.
    """
    limit = account.currency.adjust_approval_limit
    if limit is None or abs(operation.amount) <= limit:
        return
    if operation.request_id is None:
        raise ApprovalNeededError(operation.amount, limit)
    approved = AdjustmentRequest.objects.filter(
        id=operation.request_id,
        owner_id=operation.owner.id,
        currency=account.currency,
        amount=operation.amount,
        operation_key=operation.key,
        state=ApprovalState.APPROVED,
    )
    if not approved.exists():
        raise ApprovalNeededError(operation.amount, limit)


def period_of(period: str, moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the first moment of the calendar period that holds the moment, and of the next one."""
    day = clock.business_date(moment, zone)
    if period == PoolPeriod.YEAR:
        first, after = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    elif period == PoolPeriod.MONTH:
        first = day.replace(day=1)
        after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    else:
        first, after = day, day + timedelta(days=1)
    return clock.day_start(first, zone), clock.day_start(after, zone)


def check_day(book: Book, account: AccountState, amount: int, moment: datetime) -> None:
    """Let an owner give within the currency's limit of a day.

    Raises:
        TransferRefusedError: more.
    """
    limit = account.currency.transfer_day_limit
    if limit is None:
        return
    start, end = period_of(PoolPeriod.DAY, moment, account.currency.time_zone)
    stored = Transaction.objects.filter(
        Q(owner_id__in=account.group.accounts),
        currency=account.currency,
        transaction_kind=Kind.TRANSFER_OUT,
        part_of_id=None,
        occurred_at__gte=start,
        occurred_at__lt=end,
    )
    given = sum_of(stored) + sum(
        record.amount
        for record in book.records.values()
        if record.kind == Kind.TRANSFER_OUT
        and record.part_of_id is None
        and record.account in account.group.accounts.values()
        and start <= record.occurred_at < end
    )
    left = max(0, limit - given)
    if amount > left:
        message = _("%(amount)d points are to be given; %(left)d may still be given this day.")
        raise TransferRefusedError(message % {"amount": amount, "left": left}, field="amount", value=amount, limit=left)


def sum_of(rows: QuerySet[Any]) -> int:
    """Return how many points rows are about together."""
    return int(rows.aggregate(sum=Sum("amount"))["sum"] or 0)
