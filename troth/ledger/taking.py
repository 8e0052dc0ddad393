"""Points that go: spending, expiring, adjusting, giving to another."""

from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit.ids import new_id

from . import limits, pools
from .book import AccountState, Book, Group, LotState, Record, portions
from .earning import earned_lot, settle_usable, touch
from .errors import (
    CurrencyClosedError,
    InsufficientPointsError,
    NothingToDoError,
    ShortfallRefusedError,
    TransferRefusedError,
)
from .models import Kind, OwnerKind, Purpose, Shortfall, TransferRule
from .operations import Adjust, Earn, Expire, Spend, Transfer


def spend(book: Book, operation: Spend, record: Record) -> None:
    """Take usable points, those that end soonest first.

    Raises:
        InsufficientPointsError: more than available. PoolRefusedError: see `pools.check_spender`.
    """
    account = record.account
    usable = enough(account.group, operation.amount, operation)
    pools.check_spender(book, account, operation.spender_id, operation.amount, operation.occurred_at)
    book.begin(record)
    record.amount = operation.amount
    record.spender_id = operation.spender_id
    touch(account, operation.occurred_at)
    book.settle(record, usable)
    book.take(record, portions(usable, operation.amount), Purpose.REDEEMED)


def enough(group: Group, amount: int, operation: Spend | Transfer) -> list[LotState]:
    """Return the usable lots if they cover the amount and what is owed; else raise InsufficientPointsError."""
    usable = group.usable_lots(operation.occurred_at)
    available = max(0, sum(lot.free for lot in usable) - group.arrears)
    if amount > available:
        only = group.only()
        raise InsufficientPointsError(amount, only.usable if only and only.is_drawn else available)
    return usable


def expire(book: Book, operation: Expire, record: Record) -> None:
    """Take what has ended, after filling arrears from what was usable: it could have been spent on them.

    Raises:
        NothingToDoError: nothing has ended.
    """
    ended = [lot for lot in record.account.lots if lot.free and _has_ended(lot, operation)]
    if not ended:
        raise NothingToDoError(_("Nothing of this account has expired."))
    book.begin(record)
    book.settle(record, [lot for lot in ended if lot.activates_at is not None])
    wanted = [(lot, lot.free) for lot in ended if lot.free]
    record.amount = sum(amount for _lot, amount in wanted)
    for lot, amount in wanted:
        lot.expired += amount
    book.take(record, wanted, Purpose.EXPIRED)


def _has_ended(lot: LotState, operation: Expire) -> bool:
    end = lot.end()
    return end is not None and end <= operation.occurred_at


def adjust(book: Book, operation: Adjust, record: Record) -> None:
    """Give or take by hand.

    Raises:
        ApprovalNeededError: above the limit without an approved request.
        ShortfallRefusedError: more is taken than is there, and the currency refuses that.
    """
    limits.check_approval(record.account, operation)
    if operation.amount > 0:
        _adjust_up(book, operation, record)
        return
    amount = -operation.amount
    group = record.account.group
    usable = group.usable_lots(operation.occurred_at)
    taken = min(amount, max(0, sum(lot.free for lot in usable) - group.arrears))
    owed, written_off = shortfall(record.account, amount, taken)
    book.begin(record)
    record.amount = operation.amount
    book.settle(record, usable)
    book.take(record, portions(usable, taken), Purpose.ADJUSTED)
    make_up(book, record, owed, written_off, Purpose.ADJUSTED)


def _adjust_up(book: Book, operation: Adjust, record: Record) -> None:
    given = Earn(
        key=operation.key,
        owner=operation.owner,
        currency=operation.currency,
        occurred_at=operation.occurred_at,
        reason=operation.reason,
        amount=operation.amount,
    )
    book.begin(record)
    record.amount = operation.amount
    if record.account.last_activity_at is None:
        touch(record.account, operation.occurred_at)  # points that end by inactivity must count from somewhere
    book.give(record, earned_lot(record.account, given, record), Purpose.ADJUSTED)
    settle_usable(book, record)


def shortfall(account: AccountState, amount: int, found: int) -> tuple[int, int]:
    """Return how much of what is missing is owed and how much is written off.

    Raises:
        ShortfallRefusedError: something is missing and the currency refuses that.
    """
    missing = amount - found
    if not missing:
        return 0, 0
    currency = account.currency
    if currency.shortfall == Shortfall.REFUSE:
        raise ShortfallRefusedError(amount, found)
    if currency.shortfall == Shortfall.WRITE_OFF:
        return 0, missing
    if currency.arrears_limit is None:
        return missing, 0
    owed = min(missing, max(0, currency.arrears_limit - account.group.arrears))
    return owed, missing - owed


def make_up(book: Book, record: Record, owed: int, written_off: int, purpose: str) -> None:
    """Owe and write off what the lots did not give; the purpose has its whole amount back."""
    if owed:
        book.owe(record, owed)
    record.written_off = written_off
    if written_off:
        record.entries.append((None, Purpose.WRITTEN_OFF, None, -written_off))
    if owed + written_off:
        record.entries.append((None, purpose, None, owed + written_off))


def transfer(book: Book, operation: Transfer, record: Record) -> None:
    """Give points to another owner: two linked transactions through clearing.

    Raises:
        CurrencyClosedError, TransferRefusedError, PoolRefusedError, InsufficientPointsError
    """
    account = record.account
    target = book.accounts[operation.to.id, account.currency.pk]
    record.spender_id = _check_transfer(book, operation, account, target)
    usable = enough(account.group, operation.amount, operation)
    limits.check_day(book, account, operation.amount, operation.occurred_at)
    book.begin(record)
    record.amount = operation.amount
    touch(account, operation.occurred_at)
    book.settle(record, usable)
    wanted = portions(usable, operation.amount)
    book.take(record, wanted, Purpose.CLEARING)
    received = Record(
        id=new_id(),
        account=target,
        kind=Kind.TRANSFER_IN,
        key=f"part:{record.id}",
        fingerprint="",
        amount=operation.amount,
        reason=record.reason,
        reason_data=record.reason_data,
        occurred_at=record.occurred_at,
        linked_id=record.id,
    )
    record.linked_id = received.id
    book.begin(received)
    touch(target, operation.occurred_at)
    for lot, amount in wanted:
        book.give(received, _received_lot(lot, amount, received), Purpose.CLEARING)
    settle_usable(book, received)


def _received_lot(lot: LotState, amount: int, received: Record) -> LotState:
    """Return the receiver's lot: it ends when the giver's did, and says whose cost it is."""
    return replace(
        lot,
        id=new_id(),
        account=received.account,
        transaction_id=received.id,
        amount=amount,
        remaining=amount,
        held=0,
        activates_at=received.occurred_at,
        from_lot_id=lot.id,
        occurred_at=received.occurred_at,
        expired=0,
        is_new=True,
    )


def _check_transfer(book: Book, operation: Transfer, account: AccountState, target: AccountState) -> UUID | None:
    """Refuse what the currency's rule forbids; return the member whose pool limit it counts towards."""
    currency = account.currency
    if not currency.is_active:
        raise CurrencyClosedError(currency.code)
    if target in account.group.accounts.values():
        raise TransferRefusedError(_("Points cannot be given to their own owner."), field="to")
    if currency.transfer_rule == TransferRule.NONE:
        raise TransferRefusedError(_("Points of this currency cannot be given to others."), field="currency")
    if operation.amount < currency.transfer_minimum:
        message = _("At least %(least)d must be given at once.") % {"least": currency.transfer_minimum}
        raise TransferRefusedError(message, field="amount", value=operation.amount, limit=currency.transfer_minimum)
    if account.owner.kind == OwnerKind.HOUSEHOLD:
        pools.check_spender(book, account, operation.to.id, operation.amount, operation.occurred_at)
        return operation.to.id
    is_to_pool = target.owner.kind == OwnerKind.HOUSEHOLD
    if (is_to_pool or currency.transfer_rule == TransferRule.POOLS) and not (
        is_to_pool and pools.is_member(target, account.group)
    ):
        message = _("Points go only from members of a household to its pool. Make the giver a member of the pool.")
        raise TransferRefusedError(message, field="to", value=str(operation.to.id))
    return None
