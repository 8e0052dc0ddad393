"""Points, in the API's form."""

from uuid import UUID

from troth.ledger.operations import Posted
from troth.ledger.queries import Balance, Explanation, Line, Link, LotView

from .point_schemas import ExplanationOut, LinkOut, LotOut, PointBalanceOut, PostedOut, StatementLineOut


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
