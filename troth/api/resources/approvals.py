"""What needs a second person: adjustments above their currency's limit, and letting past orders earn.

A key acts for who made it: it approves nothing that this person, or another key of theirs, asked for.
"""

from typing import Annotated
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.models import AdjustmentRequest, ApprovalState, OwnerKind
from troth.sales import queries as sales
from troth.sales import services as sales_services
from troth.sales.models import HistoryAward, HistoryAwardState

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from .approval_schemas import (
    AdjustmentRequestOut,
    AdjustmentRequestPage,
    HistoryAwardIn,
    HistoryAwardOut,
    HistoryAwardPage,
    HistoryRefusalOut,
)

router = Router(tags=["Approvals"])
P = Permission


class RequestNarrowing(BaseModel):
    """Which requests."""

    state: ApprovalState | None = Field(None, description="In this state; left out: in any.")
    customer_id: UUID | None = Field(None, description="Of this customer, all merged records included.")


@reads(router, "/adjustment-requests", scope=P.POINTS_VIEW, response=AdjustmentRequestPage)
def list_adjustment_requests(
    request: ApiRequest, narrowing: Annotated[RequestNarrowing, Query(...)], paging: PagingQuery
) -> AdjustmentRequestPage:
    """List adjustments that needed a second person: those that wait, or those decided."""
    owners = None if narrowing.customer_id is None else customers.record_ids(narrowing.customer_id)
    found = queries.all_adjustment_requests(owners)
    if narrowing.state is not None:
        found = found.filter(state=narrowing.state)
    rows, cursor = page(found, paging, keys=("requested_at", "id"))
    return AdjustmentRequestPage(items=[_request(row, request.auth) for row in rows], next_cursor=cursor)


@reads(router, "/adjustment-requests/{request_id}", scope=P.POINTS_VIEW, response=AdjustmentRequestOut)
def get_adjustment_request(request: ApiRequest, request_id: Path[UUID]) -> AdjustmentRequestOut:
    """Get an adjustment that needed a second person."""
    return _request(queries.adjustment_request(request_id), request.auth)


@writes(
    router,
    "POST",
    "/adjustment-requests/{request_id}/approve",
    scope=P.POINTS_APPROVE,
    response=AdjustmentRequestOut,
)
def approve_adjustment(request: ApiRequest, request_id: Path[UUID]) -> AdjustmentRequestOut:
    """Approve what somebody else asked for: the points move now, or it waits on if the ledger refuses them.

    A key acts for who made it: it approves nothing that this person, or another key of theirs, asked for.
    """
    ledger.approve_adjustment(actor=request.auth, now=request.now, request_id=request_id)
    return _request(queries.adjustment_request(request_id), request.auth)


@writes(router, "POST", "/adjustment-requests/{request_id}/reject", scope=P.POINTS_VIEW, response=AdjustmentRequestOut)
def reject_adjustment(request: ApiRequest, request_id: Path[UUID]) -> AdjustmentRequestOut:
    """Turn an adjustment down; nothing moves.

    A key that did not ask for it itself needs `points.approve` besides.
    """
    ledger.reject_adjustment(actor=request.auth, now=request.now, request_id=request_id)
    return _request(queries.adjustment_request(request_id), request.auth)


# --- past orders


@reads(router, "/history-awards", scope=P.PROGRAMS_VIEW, response=HistoryAwardPage)
def list_history_awards(request: ApiRequest, paging: PagingQuery) -> HistoryAwardPage:
    """List which past orders were to earn, and what came of it."""
    rows, cursor = page(sales.history_awards(), paging, keys=("-asked_at", "-id"))
    return HistoryAwardPage(items=[_award(row) for row in rows], next_cursor=cursor)


@reads(router, "/history-awards/{award_id}", scope=P.PROGRAMS_VIEW, response=HistoryAwardOut)
def get_history_award(request: ApiRequest, award_id: Path[UUID]) -> HistoryAwardOut:
    """Get how far the award of past orders is, and what it brought."""
    return _award(sales.history_award(award_id))


@writes(router, "POST", "/history-awards", scope=P.PROGRAMS_EDIT, response=HistoryAwardOut, status=201)
def request_history_award(request: ApiRequest, days: HistoryAwardIn) -> HistoryAwardOut:
    """Ask for the orders of some days, which were recorded as history, to earn.

    Nothing is given before somebody else approves it. A rehearsal of the same days says what it would give.
    """
    made = sales_services.request_history_award(
        actor=request.auth, now=request.now, from_date=days.from_date, to_date=days.to_date
    )
    return _award(made)


@writes(router, "POST", "/history-awards/{award_id}/approve", scope=P.PROGRAMS_REVIEW, response=HistoryAwardOut)
def approve_history_award(request: ApiRequest, award_id: Path[UUID]) -> HistoryAwardOut:
    """Let past orders earn for which somebody else asked; it runs in the background.

    A key acts for who made it: it approves nothing that this person, or another key of theirs, asked for.
    """
    return _decided(request, award_id, is_approved=True)


@writes(router, "POST", "/history-awards/{award_id}/decline", scope=P.PROGRAMS_REVIEW, response=HistoryAwardOut)
def decline_history_award(request: ApiRequest, award_id: Path[UUID]) -> HistoryAwardOut:
    """Leave past orders as they are; nothing is given."""
    return _decided(request, award_id, is_approved=False)


@writes(router, "POST", "/history-awards/{award_id}/cancel", scope=P.PROGRAMS_EDIT, response=HistoryAwardOut)
def cancel_history_award(request: ApiRequest, award_id: Path[UUID]) -> HistoryAwardOut:
    """Stop awarding past orders: at once if it waits, after the batch at hand if it runs. What was given stays."""
    found = sales_services.cancel_history_award(actor=request.auth, now=request.now, award_id=award_id)
    return _award(found)


def _decided(request: ApiRequest, award_id: UUID, *, is_approved: bool) -> HistoryAwardOut:
    award = sales_services.decide_history_award(
        actor=request.auth, now=request.now, award_id=award_id, is_approved=is_approved
    )
    return _award(award)


def _request(one: AdjustmentRequest, actor: Actor) -> AdjustmentRequestOut:
    may_see_note = actor.may(P.CUSTOMERS_VIEW_PERSONAL) or actor.may(P.POINTS_APPROVE)
    return AdjustmentRequestOut(
        id=one.id,
        owner_kind=OwnerKind(one.owner_kind),
        owner_id=one.owner_id,
        currency=one.currency.code,
        amount=one.amount,
        key=one.operation_key,
        reason=one.reason,
        note=one.note if may_see_note else "",
        state=ApprovalState(one.state),
        transaction_id=one.transaction_id,
        requested_at=one.requested_at,
        requested_by=one.requested_by,
        decided_at=one.decided_at,
        decided_by=one.decided_by,
    )


def _award(one: HistoryAward) -> HistoryAwardOut:
    return HistoryAwardOut(
        id=one.id,
        from_date=one.from_date,
        to_date=one.to_date,
        state=HistoryAwardState(one.state),
        total=one.total,
        orders=one.orders,
        points=one.points,
        coupons=one.coupons,
        returns=one.returns,
        unjudged=one.unjudged,
        refused=one.refused,
        refusals=[HistoryRefusalOut(**refusal) for refusal in one.refusals],
        seconds=one.seconds,
        error=one.error,
        asked_at=one.asked_at,
        asked_by=one.asked_by,
        decided_at=one.decided_at,
        decided_by=one.decided_by,
        finished_at=one.finished_at,
    )
