"""Points, in the API's form."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from troth.ledger import queries
from troth.ledger.operations import Posted
from troth.ledger.queries import Balance, Explanation, Line, Link, LotThen, LotView

from ..problems import CursorInvalidError
from .point_schemas import (
    ExplanationOut,
    LinkOut,
    LotOut,
    PointBalanceOut,
    PostedOut,
    StatementLineOut,
    StatementOut,
)


def balance(currency: str, one: Balance) -> PointBalanceOut:
    """Return a balance."""
    return PointBalanceOut(
        currency=currency,
        balance=one.balance,
        available=one.available,
        pending=one.pending,
        held=one.held,
        arrears=one.arrears,
        overdue=one.overdue,
    )


def lot(one: LotView) -> LotOut:
    """Return a lot."""
    return LotOut(
        id=one.id,
        transaction_id=one.transaction_id,
        amount=one.amount,
        remaining=one.remaining,
        held=one.held,
        state=one.state,
        earned_at=one.earned_at,
        activates_at=one.activates_at,
        ends_at=one.ends_at,
        rule=one.rule,
    )


def lot_then(one: LotThen) -> LotOut:
    """Return a lot as it stood at a moment of the past."""
    return LotOut(
        id=one.lot.id,
        transaction_id=one.lot.transaction_id,
        amount=one.lot.amount,
        remaining=one.remaining,
        held=one.held,
        state=one.state,
        earned_at=one.lot.occurred_at,
        activates_at=one.lot.activates_at,
        ends_at=one.ends_at,
        rule=one.lot.rule,
    )


def statement(owner_id: UUID, currency: str, *, limit: int, cursor: str | None) -> StatementOut:
    """Return a page of an owner's statement.

    Raises:
        CurrencyUnknownError: no such currency.
        CursorInvalidError: the cursor does not come from a statement.
    """
    code = queries.currency(currency).code
    before = None if cursor is None else _place(cursor)
    lines = queries.statement(owner_id, code, limit=limit + 1, before=before)
    shown = lines[:limit]
    after = _cursor(shown[-1].occurred_at, shown[-1].transaction_id) if len(lines) > limit else None
    return StatementOut(items=[line(one) for one in shown], next_cursor=after)


def line(one: Line) -> StatementLineOut:
    """Return a line of a statement."""
    return StatementLineOut(
        transaction_id=one.transaction_id,
        kind=one.kind,
        key=one.key,
        reason=one.reason,
        reason_data=dict(one.reason_data or {}),
        moved=one.moved,
        balance=one.balance,
        arrears_made=one.arrears_made,
        written_off=one.written_off,
        occurred_at=one.occurred_at,
        recorded_at=one.recorded_at,
        reverses_id=one.reverses_id,
    )


def explanation(one: Explanation) -> ExplanationOut:
    """Return where the points of a transaction came from and went."""
    return ExplanationOut(
        transaction_id=one.transaction.id,
        kind=one.transaction.transaction_kind,
        amount=one.transaction.amount,
        sources=[_link(link) for link in one.sources],
        uses=[_link(link) for link in one.uses],
        remaining=one.remaining,
        arrears=one.arrears,
    )


def posted(one: Posted) -> PostedOut:
    """Return what an operation did."""
    return PostedOut(
        outcome=str(one.outcome),
        transaction_id=one.transaction_id,
        amount=one.amount,
        balance=one.balance,
        available=one.available,
        arrears=one.arrears,
        arrears_made=one.arrears_made,
        written_off=one.written_off,
        request_id=None,
    )


def waiting(request_id: UUID) -> PostedOut:
    """Return the answer to an adjustment that waits for a second person."""
    return PostedOut(
        outcome="waiting",
        transaction_id=None,
        amount=0,
        balance=0,
        available=0,
        arrears=0,
        arrears_made=0,
        written_off=0,
        request_id=request_id,
    )


def _link(one: Link) -> LinkOut:
    return LinkOut(
        transaction_id=one.other.id,
        kind=one.other.transaction_kind,
        rule=one.rule,
        amount=one.amount,
        occurred_at=one.occurred_at,
        fills_arrears=one.fills_arrears,
    )


def _cursor(moment: datetime, transaction_id: UUID) -> str:
    return urlsafe_b64encode(json.dumps([moment.isoformat(), str(transaction_id)]).encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        moment, transaction_id = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None:
            raise CursorInvalidError
        return found, UUID(transaction_id)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise CursorInvalidError from error
