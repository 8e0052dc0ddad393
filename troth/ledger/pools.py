"""A household's pool: who may spend from it, and how much in a calendar period."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .book import AccountState, Book, Group, Record
from .errors import PoolRefusedError
from .groups import groups_of
from .limits import period_of, sum_of
from .models import Hold, HoldState, Kind, OwnerKind, PointCurrency, PoolMember, Transaction

SPENT = (Kind.SPEND, Kind.CAPTURE, Kind.TRANSFER_OUT)


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
    member = _rule_of(account.owner.id, account.currency, spenders)
    if member is None:
        message = _("This person may not spend from the household's pool. Change the pool's rules first.")
        raise PoolRefusedError(message, value=str(spender_id))
    if member.limit is None:
        return
    start, end = period_of(member.period, moment, account.currency.time_zone)
    left = max(0, member.limit - _spent_by(book, account, spenders, start, end))
    if amount > left:
        message = ngettext(
            "%(amount)d point is asked for; the pool's rules leave this person %(left)d in the period.",
            "%(amount)d points are asked for; the pool's rules leave this person %(left)d in the period.",
            amount,
        )
        raise PoolRefusedError(message % {"amount": amount, "left": left}, value=amount, limit=left)


def allowance(household_id: UUID, member_id: UUID, currency: PointCurrency, now: datetime) -> int | None:
    """Return how much the pool's rules leave a member in the period that holds the moment; None: all that is there."""
    spenders = groups_of([member_id])[member_id]
    rule = _rule_of(household_id, currency, spenders)
    if rule is None:
        return 0
    if rule.limit is None:
        return None
    start, end = period_of(rule.period, now, currency.time_zone)
    stored = _stored(household_id, currency, spenders, start, end)
    return max(0, rule.limit - _spent_in(stored, household_id, closed=()))


def _rule_of(household_id: UUID, currency: PointCurrency, spenders: Collection[UUID]) -> PoolMember | None:
    """Return what lets the member spend: of the rules of records that were merged, the one that allows most."""
    found = PoolMember.objects.filter(owner_id=household_id, member_id__in=spenders, currency=currency, may_spend=True)
    return min(found, key=lambda rule: (rule.limit is not None, -(rule.limit or 0), rule.pk), default=None)


def _spent_by(book: Book, account: AccountState, spenders: Collection[UUID], start: datetime, end: datetime) -> int:
    """Return what the member spent or holds in the period, less what was reversed of it; this batch's too."""
    stored = _stored(account.owner.id, account.currency, spenders, start, end)
    closed = {held.id for held in book.holds.values() if held.is_changed or held.is_new}
    spent = _spent_in(stored, account.owner.id, closed=closed)
    for record in book.records.values():
        if record.account is account and record.part_of_id is None and start <= record.occurred_at < end:
            if _is_spent(record, spenders):
                spent += record.amount
            held = book.holds.get(record.id)
            if held is not None and held.spender_id in spenders and held.state == HoldState.OPEN:
                spent += held.amount
    counted_ids = set(_counted(stored).values_list("id", flat=True)) | {
        record.id for record in book.records.values() if _is_spent(record, spenders)
    }
    spent -= sum(record.amount for record in book.records.values() if record.reverses_id in counted_ids)
    return spent


def _is_spent(record: Record, spenders: Collection[UUID]) -> bool:
    return record.spender_id in spenders and record.kind in SPENT


def _stored(
    household_id: UUID, currency: PointCurrency, spenders: Collection[UUID], start: datetime, end: datetime
) -> QuerySet[Transaction]:
    """Return what these records did with the pool in a time."""
    return Transaction.objects.filter(
        owner_id=household_id,
        currency=currency,
        spender_id__in=spenders,
        occurred_at__gte=start,
        occurred_at__lt=end,
    )


def _counted(stored: QuerySet[Transaction]) -> QuerySet[Transaction]:
    return stored.filter(transaction_kind__in=SPENT, part_of_id=None)


def _spent_in(stored: QuerySet[Transaction], household_id: UUID, *, closed: Collection[UUID]) -> int:
    """Return what was spent or is held, less what was reversed of it. closed: holds that are open no more."""
    reversed_later: Any = Transaction.objects.filter(
        owner_id=household_id, reverses_id__in=_counted(stored).values("id")
    )
    open_holds = Hold.objects.filter(
        id__in=stored.filter(transaction_kind=Kind.HOLD).values("id"), owner_id=household_id, state=HoldState.OPEN
    )
    return sum_of(_counted(stored)) - sum_of(reversed_later) + sum_of(open_holds.exclude(id__in=closed))
