"""Points set aside: held, captured, released."""

from django.utils.translation import gettext as _

from troth.kit.errors import TrothError

from . import pools
from .book import Book, LotState, Past, Record, portions
from .book import HoldState as Held
from .earning import settle_usable, touch
from .errors import HoldRefusedError, InsufficientPointsError
from .models import HoldState, Purpose
from .operations import Capture, HoldPoints, Release


def hold(book: Book, operation: HoldPoints, record: Record) -> None:
    """Set usable points aside, those that end soonest first.

    Raises:
        InsufficientPointsError: more than available. PoolRefusedError: see `pools.check_spender`.
    """
    group = record.account.group
    usable = group.usable_lots(operation.occurred_at)
    available = max(0, sum(lot.free for lot in usable) - group.arrears)
    if operation.amount > available:
        raise InsufficientPointsError(operation.amount, available)
    pools.check_spender(book, record.account, operation.spender_id, operation.amount, operation.occurred_at)
    book.begin(record)
    record.amount = operation.amount
    record.spender_id = operation.spender_id
    touch(record.account, operation.occurred_at)
    book.settle(record, usable)
    wanted = portions(usable, operation.amount)
    _set_aside(book, wanted, 1)
    book.holds[record.id] = Held(
        id=record.id,
        account=record.account,
        amount=operation.amount,
        state=HoldState.OPEN,
        expires_at=operation.expires_at,
        spender_id=operation.spender_id,
        lots=wanted,
        occurred_at=operation.occurred_at,
        is_new=True,
    )


def capture(book: Book, operation: Capture, record: Record, held: Held) -> None:
    """Spend what was set aside, or a part; release the rest.

    Raises:
        HoldRefusedError: the hold is over, or smaller.
    """
    amount = held.amount if operation.amount is None else operation.amount
    _check_open(held)
    if amount > held.amount:
        message = _("%(amount)d are asked for and the hold is of %(held)d.") % {"amount": amount, "held": held.amount}
        raise HoldRefusedError(message, field="amount", value=amount, limit=held.amount)
    book.begin(record)
    record.amount, record.linked_id, record.spender_id = amount, held.id, held.spender_id
    touch(record.account, operation.occurred_at)
    _set_aside(book, held.lots, -1)
    left, wanted = amount, []
    for lot, portion in held.lots:
        wanted.append((lot, min(left, portion)))
        left -= min(left, portion)
    book.take(record, wanted, Purpose.REDEEMED)
    _close(held, record, HoldState.CAPTURED, amount)
    settle_usable(book, record)


def release(book: Book, operation: Release, record: Record, held: Held) -> None:
    """Give back what was set aside.

    Raises:
        HoldRefusedError: the hold is over.
    """
    _check_open(held)
    book.begin(record)
    record.amount, record.linked_id = held.amount, held.id
    _set_aside(book, held.lots, -1)
    _close(held, record, HoldState.TIMED_OUT if operation.is_timeout else HoldState.RELEASED, 0)
    settle_usable(book, record)


def not_a_hold(past: Past) -> TrothError:
    """Return the refusal of an operation that is no hold."""
    return HoldRefusedError(_("The operation named is not a hold."), field="of", value=str(past.id))


def _check_open(held: Held) -> None:
    if held.state != HoldState.OPEN:
        message = _("The hold is over: %(state)s.") % {"state": HoldState(held.state).label}
        raise HoldRefusedError(message, field="of", value=str(held.id))


def _set_aside(book: Book, wanted: list[tuple[LotState, int]], sign: int) -> None:
    for lot, amount in wanted:
        lot.held += sign * amount
        lot.account.held += sign * amount
        book.changed_lots[lot.id] = lot
        book.changed_accounts[lot.account.id] = lot.account
        lot.account.is_reckoned = False


def _close(held: Held, record: Record, state: HoldState, amount: int) -> None:
    held.state, held.captured_amount = state, amount
    held.closed_by_id, held.closed_at = record.id, record.occurred_at
    held.is_changed = True
