"""Points that come: earns, and pending ones that become usable."""

from datetime import datetime

from django.utils.translation import gettext as _

from troth.kit.ids import new_id
from troth.kit.money import to_stored

from .book import AccountState, Book, LotState, Record
from .ends import end_of
from .errors import CurrencyClosedError, NothingToDoError
from .models import ExpiryKind, Purpose
from .operations import Activate, Earn


def earn(book: Book, operation: Earn, record: Record) -> None:
    """Give a lot; what the owner owes is filled from it as soon as it is usable."""
    account = record.account
    if not account.currency.is_active:
        raise CurrencyClosedError(account.currency.code)
    book.begin(record)
    record.amount = operation.amount
    touch(account, operation.occurred_at)
    book.give(record, earned_lot(account, operation, record), Purpose.ISSUED)
    settle_usable(book, record)


def earned_lot(account: AccountState, operation: Earn, record: Record) -> LotState:
    """Return the lot of an earn with the end it is promised."""
    currency = account.currency
    starts_at = None if operation.awaits_event else operation.activates_at or operation.occurred_at
    kind, count = currency.expiry_kind, currency.expiry_count
    if operation.expiry is not None:
        kind, count = operation.expiry.kind, operation.expiry.count
    expires_at = operation.expires_at
    if expires_at is not None:
        kind, count = ExpiryKind.FIXED, 0
    elif starts_at is not None:
        expires_at = end_of(kind, count, starts_at, currency.time_zone)
    return LotState(
        id=new_id(),
        account=account,
        transaction_id=record.id,
        amount=operation.amount,
        remaining=operation.amount,
        held=0,
        activates_at=starts_at,
        awaits_event=operation.awaits_event,
        awaits_until=operation.awaits_until,
        expires_at=expires_at,
        first_expires_at=None,
        expiry_kind=kind,
        expiry_count=count,
        issuer_id=operation.issuer_id,
        thousand_cost=None if operation.unit_cost is None else to_stored(operation.unit_cost * 1000),
        cost_currency=operation.cost_currency,
        rule=operation.rule,
        programme_version_id=operation.programme_version_id,
        source=operation.source,
        from_lot_id=None,
        occurred_at=operation.occurred_at,
        is_new=True,
    )


def touch(account: AccountState, moment: datetime) -> None:
    """Note that the owner was active: points that end by inactivity live on."""
    if account.last_activity_at is None or moment > account.last_activity_at:
        account.last_activity_at = moment


def settle_usable(book: Book, record: Record) -> None:
    """Fill what the owner owes from what is usable."""
    group = record.account.group
    if group.arrears:
        book.settle(record, group.usable_lots(record.occurred_at))


def activate(book: Book, operation: Activate, record: Record, waiting: list[LotState]) -> None:
    """Make pending lots usable from now on; their end is counted from here.

    Raises:
        NothingToDoError: none of them waits.
    """
    waiting = [lot for lot in waiting if lot.activates_at is None and lot.remaining]
    if not waiting:
        raise NothingToDoError(_("No points wait for this. They may be usable already, or taken back."))
    book.begin(record)
    for lot in waiting:
        lot.activates_at = operation.occurred_at
        if lot.expires_at is None:
            zone = lot.account.currency.time_zone
            lot.expires_at = end_of(lot.expiry_kind, lot.expiry_count, operation.occurred_at, zone)
        record.amount += lot.remaining
        book.changed_lots[lot.id] = lot
        book.moved_lots.add(lot.id)
        book.changed_accounts[lot.account.id] = lot.account
        lot.account.is_reckoned = False
    settle_usable(book, record)
