"""Who may take how much: members of a household's pool, givers in a day, adjusters alone."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from troth.kit import clock

from .book import AccountState, Book, Group, Record
from .errors import ApprovalNeededError, PoolRefusedError, TransferRefusedError
from .groups import groups_of
from .models import (
    AdjustmentRequest,
    Hold,
    HoldState,
    Kind,
    OwnerKind,
    PoolMember,
    PoolPeriod,
    RequestState,
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
        state=RequestState.APPROVED,
    )
    if not approved.exists():
        raise ApprovalNeededError(operation.amount, limit)


def is_member(pool: AccountState, group: Group) -> bool:
    """Tell whether one of the owner's records is a member of the household's pool."""
    members = PoolMember.objects.filter(owner_id=pool.owner.id, currency=pool.currency, member_id__in=group.accounts)
    return members.exists()


def check_spender(book: Book, account: AccountState, spender_id: UUID | None, amount: int, moment: datetime) -> None:
    """Let a member spend from a household's pool within the limit of the period; other owners need no spender.

    Raises:
        PoolRefusedError: nobody is named, no member, one who may not spend, or more than the limit.
    """
    if account.owner.kind != OwnerKind.HOUSEHOLD:
        return
    if spender_id is None:
        raise PoolRefusedError(_("Points of a household's pool are spent by a member. Name the spender."), value=None)
    spenders = groups_of([spender_id])[spender_id]
    member = _rule_of(account, spenders)
    if member is None:
        message = _("This person may not spend from the household's pool. Change the pool's rules first.")
        raise PoolRefusedError(message, value=str(spender_id))
    if member.limit is None:
        return
    start, end = period_of(member.period, moment, account.currency.time_zone)
    left = max(0, member.limit - _spent_by(book, account, spenders, start, end))
    if amount > left:
        message = _("%(amount)d points are asked for; the pool's rules leave this person %(left)d in the period.")
        raise PoolRefusedError(message % {"amount": amount, "left": left}, value=amount, limit=left)


def _rule_of(account: AccountState, spenders: Collection[UUID]) -> PoolMember | None:
    """Return what lets the member spend: of the rules of records that were merged, the one that allows most."""
    found = PoolMember.objects.filter(
        owner_id=account.owner.id, member_id__in=spenders, currency=account.currency, may_spend=True
    )
    return min(found, key=lambda rule: (rule.limit is not None, -(rule.limit or 0), rule.pk), default=None)


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


def _spent_by(book: Book, account: AccountState, spenders: Collection[UUID], start: datetime, end: datetime) -> int:
    """Return what the member spent or holds in the period, less what was reversed of it; this batch's too."""
    stored = Transaction.objects.filter(
        owner_id=account.owner.id,
        currency=account.currency,
        spender_id__in=spenders,
        occurred_at__gte=start,
        occurred_at__lt=end,
    )
    counted = stored.filter(transaction_kind__in=SPENT, part_of_id=None)
    reversed_later = Transaction.objects.filter(owner_id=account.owner.id, reverses_id__in=counted.values("id"))
    open_holds = Hold.objects.filter(
        id__in=stored.filter(transaction_kind=Kind.HOLD).values("id"), owner_id=account.owner.id, state=HoldState.OPEN
    )
    closed = {held.id for held in book.holds.values() if held.is_changed or held.is_new}
    spent = _sum(counted) - _sum(reversed_later) + _sum(open_holds.exclude(id__in=closed))
    for record in book.records.values():
        if record.account is account and record.part_of_id is None and start <= record.occurred_at < end:
            if _is_spent(record, spenders):
                spent += record.amount
            held = book.holds.get(record.id)
            if held is not None and held.spender_id in spenders and held.state == HoldState.OPEN:
                spent += held.amount
    counted_ids = set(counted.values_list("id", flat=True)) | {
        record.id for record in book.records.values() if _is_spent(record, spenders)
    }
    spent -= sum(record.amount for record in book.records.values() if record.reverses_id in counted_ids)
    return spent


def _is_spent(record: Record, spenders: Collection[UUID]) -> bool:
    return record.spender_id in spenders and record.kind in SPENT


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
    given = _sum(stored) + sum(
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


def _sum(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(sum=Sum("amount"))["sum"] or 0)
