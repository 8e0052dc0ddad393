"""Carrying out a batch: open the book, judge and apply one operation after the other, write it down."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.kit.deadlocks import again_after_deadlock
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.kit.transactions import joining

from . import earning, holding, reversing, taking
from .answers import posted, repeated
from .book import AccountState, Book, Group, HoldState, Past, Record
from .checking import fingerprint_of, problem_of
from .errors import OperationRefusedError, TransactionUnknownError
from .loading import all_currencies, open_book
from .models import Kind
from .operations import (
    Activate,
    Adjust,
    Capture,
    Earn,
    Expire,
    HoldPoints,
    Operation,
    Outcome,
    Posted,
    Release,
    Reverse,
    Spend,
    Transfer,
)
from .past import past_of_record
from .writing import write

KINDS: dict[type[Operation], Kind] = {
    Earn: Kind.EARN,
    Spend: Kind.SPEND,
    HoldPoints: Kind.HOLD,
    Capture: Kind.CAPTURE,
    Release: Kind.RELEASE,
    Expire: Kind.EXPIRE,
    Adjust: Kind.ADJUST,
    Transfer: Kind.TRANSFER_OUT,
    Reverse: Kind.REVERSE,
    Activate: Kind.ACTIVATE,
}


def post_batch(operations: Sequence[Operation], *, actor: Actor, now: datetime) -> list[Posted]:
    """See `services.post`."""
    return again_after_deadlock(lambda: _post_batch(operations, actor, now))


def _post_batch(operations: Sequence[Operation], actor: Actor, now: datetime) -> list[Posted]:
    with joining():
        currencies = all_currencies()
        problems = [problem_of(operation, currencies, now) for operation in operations]
        sound = [one for one, problem in zip(operations, problems, strict=True) if problem is None]
        if not sound:
            return [_refused(one, problem) for one, problem in zip(operations, problems, strict=True) if problem]
        book = open_book(sound, currencies, actor=actor, now=now)
        answers = [
            _refused(one, problem) if problem else _carry_out(book, one)
            for one, problem in zip(operations, problems, strict=True)
        ]
        write(book, actor=actor)
    return answers


def _refused(operation: Operation, error: TrothError) -> Posted:
    return Posted(key=operation.key, outcome=Outcome.REFUSED, error=error)


def _carry_out(book: Book, operation: Operation) -> Posted:
    """Judge and apply one operation; a refusal is raised before anything changes."""
    group = book.groups[operation.owner.id, book.currencies[operation.currency].pk]
    fingerprint = fingerprint_of(operation)
    try:
        for account in group.accounts.values():
            known = book.keys.get((account.id, operation.key))
            if known is not None:
                return repeated(known, operation.key, fingerprint)
        account = _account(group, operation)
        record = Record(
            id=new_id(),
            account=account,
            kind=KINDS[type(operation)],
            key=operation.key,
            fingerprint=fingerprint,
            amount=0,
            reason=operation.reason.code,
            reason_data=operation.reason.data,
            occurred_at=operation.occurred_at,
        )
        _HANDLERS[type(operation)](book, operation, record)
    except TrothError as error:
        return _refused(operation, error)
    _close(book, record)
    return posted(record)


def _account(group: Group, operation: Operation) -> AccountState:
    account = group.accounts[operation.owner.id]
    if account.owner.kind != operation.owner.kind:
        values = {"kind": operation.owner.kind, "known": account.owner.kind}
        message = _("owner %(kind)s: this account belongs to a %(known)s") % values
        raise OperationRefusedError(message, field="owner", value=operation.owner.kind)
    return account


def _close(book: Book, record: Record) -> None:
    """Note the owner's figures after the operation; the receiver's too."""
    _note(book, record)
    for part in record.parts.values():
        part.balance, part.available, part.arrears = record.balance, record.available, record.arrears
    if record.kind == Kind.TRANSFER_OUT and record.linked_id is not None:
        received = book.records[record.linked_id]
        _note(book, received)


def _note(book: Book, record: Record) -> None:
    group = record.account.group
    record.balance, record.available, record.arrears = group.balance, book.available(group), group.arrears


def _reverse(book: Book, operation: Reverse, record: Record) -> None:
    past = _past(book, record.account.group, operation.of)
    record.account = past.account
    reversing.reverse(book, operation, record, past)


def _capture(book: Book, operation: Capture, record: Record) -> None:
    holding.capture(book, operation, record, _held(book, operation.of, record))


def _release(book: Book, operation: Release, record: Record) -> None:
    holding.release(book, operation, record, _held(book, operation.of, record))


def _held(book: Book, of: str | UUID, record: Record) -> HoldState:
    past = _past(book, record.account.group, of)
    held = book.holds.get(past.id)
    if held is None:
        raise holding.not_a_hold(past)
    record.account = held.account
    return held


def _activate(book: Book, operation: Activate, record: Record) -> None:
    if operation.of is not None:
        waiting = _past(book, record.account.group, operation.of).lots
    else:
        accounts = record.account.group.accounts.values()
        waiting = [lot for one in accounts for lot in one.lots if lot.awaits_event == operation.event]
    earning.activate(book, operation, record, waiting)


def _past(book: Book, group: Group, of: str | UUID) -> Past:
    """Return the operation named by its key or transaction id.

    Raises:
        TransactionUnknownError: it is none of this owner's.
    """
    found: UUID | None = of if isinstance(of, UUID) else None
    if isinstance(of, str):
        known = [book.keys[one.id, of] for one in group.accounts.values() if (one.id, of) in book.keys]
        found = known[0].id if known else None
    if found is not None and found not in book.pasts and found in book.records:
        book.pasts[found] = past_of_record(book.records[found])
    past = book.pasts.get(found) if found is not None else None
    if past is None or past.account not in group.accounts.values():
        raise TransactionUnknownError(of)
    return past


_HANDLERS: dict[type[Operation], Callable[[Book, Any, Record], None]] = {
    Earn: earning.earn,
    Spend: taking.spend,
    HoldPoints: holding.hold,
    Capture: _capture,
    Release: _release,
    Expire: taking.expire,
    Adjust: taking.adjust,
    Transfer: taking.transfer,
    Reverse: _reverse,
    Activate: _activate,
}
