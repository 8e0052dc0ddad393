"""Undoing what was posted: a spend goes back into its very lots, an earn is taken back from where its points are."""

from datetime import timedelta

from .book import Book, LotState, Past, Record, portions
from .earning import settle_usable
from .errors import AlreadyReversedError, NotReversibleError
from .models import Kind, Purpose
from .operations import Reverse
from .taking import make_up, shortfall

TAKING = {Kind.SPEND: Purpose.REDEEMED, Kind.CAPTURE: Purpose.REDEEMED, Kind.EXPIRE: Purpose.EXPIRED}
"""What is reversed by putting points back, and the side they come from."""

GIVING = {Kind.EARN: Purpose.ISSUED, Kind.ADJUST: Purpose.ADJUSTED}
"""What is reversed by taking points back, and the side they return to."""


def reverse(book: Book, operation: Reverse, record: Record, past: Past) -> None:
    """Undo an operation, whole or in part.

    Raises:
        NotReversibleError: another kind of operation, or an adjustment that took points.
        AlreadyReversedError: more than is left of it.
        ShortfallRefusedError: points of an earn were spent, and the currency refuses to go without them.
    """
    if past.kind not in TAKING and (past.kind not in GIVING or past.amount <= 0):
        raise NotReversibleError(str(Kind(past.kind).label))
    left = past.amount - past.reversed_amount
    amount = left if operation.amount is None else operation.amount
    if not left or amount > left:
        raise AlreadyReversedError(amount or past.amount, left)
    record.amount, record.reverses_id = amount, past.id
    if past.kind in TAKING:
        _put_back(book, record, past)
    else:
        _take_back(book, record, past)
    past.reversed_amount += amount


def _put_back(book: Book, record: Record, past: Past) -> None:
    """Give points back to the lots they came from, the last taken first."""
    book.begin(record)
    purpose, left = TAKING[Kind(past.kind)], record.amount
    for lot, taken, transaction_id in reversed(past.taken):
        amount = min(left, taken - past.given_back.get((lot.id, transaction_id), 0))
        if not amount:
            continue
        left -= amount
        past.given_back[lot.id, transaction_id] = past.given_back.get((lot.id, transaction_id), 0) + amount
        part = book.give_back(record, lot, amount, purpose)
        part.reverses_id = transaction_id
        if past.kind == Kind.EXPIRE:
            lot.expired -= amount
        _give_grace(book, lot, record)
    settle_usable(book, record)


def _give_grace(book: Book, lot: LotState, record: Record) -> None:
    """Let a lot that has ended meanwhile live on for the days of grace, or end now: not in the past."""
    end = lot.end()
    if end is not None and end <= record.occurred_at:
        lot.first_expires_at = lot.first_expires_at or end
        lot.expires_at = record.occurred_at + timedelta(days=lot.account.currency.grace_days)
        book.moved_lots.add(lot.id)
    elif lot.end_for_good(book.now):
        book.moved_lots.add(lot.id)


def _take_back(book: Book, record: Record, past: Past) -> None:
    """Take from the own lot; then what expired of it counts as gone; then other lots; then the currency's policy."""
    own = past.lots[0]
    group, purpose = past.account.group, GIVING[Kind(past.kind)]
    from_own = min(record.amount, own.free)
    expired = min(record.amount - from_own, own.expired - past.expired_before)
    missing = record.amount - from_own - expired
    others: list[LotState] = []
    if past.account.currency.takes_other_lots:
        others = [lot for lot in group.usable_lots(record.occurred_at) if lot is not own]
    from_others = min(missing, max(0, sum(lot.free for lot in others) - group.arrears))
    owed, written_off = shortfall(past.account, missing, from_others)
    book.begin(record)
    record.from_own_lot, record.from_other_lots, record.already_expired = from_own, from_others, expired
    book.take(record, [(own, from_own)], purpose)
    if expired:
        # They left as expired; now they were never issued.
        record.entries.append((None, purpose, own.issuer_id, expired))
        record.entries.append((None, Purpose.EXPIRED, own.issuer_id, -expired))
        past.expired_before += expired
    if from_others:
        book.settle(record, others)
        book.take(record, portions(others, from_others), purpose)
    make_up(book, record, owed, written_off, purpose)
