"""What customers get for what was not right, across complaints: what waits for a second person, and the decision.

A key acts for who made it: it approves nothing that this person, or another key of theirs, asked for.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.voice.complaints import queries, services
from troth.voice.models import CaseRemedy, RemedyKind, RemedyState

from ..fields import amount_text
from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from .complaint_schemas import RemedyOut, RemedyPage

router = Router(tags=["Complaints"])
P = Permission


class RemedyNarrowing(BaseModel):
    """What a list of remedies is narrowed to."""

    state: RemedyState | None = Field(None, description="In this state; left out: in any.")
    customer_id: UUID | None = Field(None, description="Of this customer, all merged records included.")


@reads(router, "/complaint-remedies", scope=P.CASES_VIEW, response=RemedyPage)
def list_complaint_remedies(
    request: ApiRequest, narrowing: Annotated[RemedyNarrowing, Query(...)], paging: PagingQuery
) -> RemedyPage:
    """List remedies of all complaints: those that wait for a second person, or those decided."""
    found = queries.remedies()
    if narrowing.state is not None:
        found = found.filter(remedy_state=narrowing.state)
    if narrowing.customer_id is not None:
        found = found.filter(customer_id__in=customers.record_ids(narrowing.customer_id))
    rows, cursor = page(found, paging, keys=("requested_at", "id"))
    return RemedyPage(items=remedies_out(rows, request.auth), next_cursor=cursor)


@reads(router, "/complaint-remedies/{remedy_id}", scope=P.CASES_VIEW, response=RemedyOut)
def get_complaint_remedy(request: ApiRequest, remedy_id: Path[UUID]) -> RemedyOut:
    """Get a remedy: who asked for it, who decided."""
    return remedy_out(queries.remedy(remedy_id), request.auth)


@writes(router, "POST", "/complaint-remedies/{remedy_id}/approve", scope=P.POINTS_APPROVE, response=RemedyOut)
def approve_complaint_remedy(request: ApiRequest, remedy_id: Path[UUID]) -> RemedyOut:
    """Give what somebody else asked for: points move and coupons are handed out now.

    A key acts for who made it: it approves nothing that this person, or another key of theirs, asked for.
    """
    remedy = queries.remedy(remedy_id)
    return remedy_out(services.approve_remedy(actor=request.auth, now=request.now, remedy_id=remedy.id), request.auth)


@writes(router, "POST", "/complaint-remedies/{remedy_id}/decline", scope=P.CASES_WORK, response=RemedyOut)
def decline_complaint_remedy(request: ApiRequest, remedy_id: Path[UUID]) -> RemedyOut:
    """Turn a remedy down; nothing is given.

    A key that did not ask for it itself needs `points.approve` besides.
    """
    remedy = queries.remedy(remedy_id)
    return remedy_out(services.decline_remedy(actor=request.auth, now=request.now, remedy_id=remedy.id), request.auth)


def remedy_out(row: CaseRemedy, actor: Actor) -> RemedyOut:
    """Return a remedy in the API's form."""
    (found,) = remedies_out([row], actor)
    return found


def remedies_out(rows: Sequence[CaseRemedy], actor: Actor) -> list[RemedyOut]:
    """Return remedies in the API's form; notes only to who may see personal data, or decides."""
    may_see_note = actor.may(P.CUSTOMERS_VIEW_PERSONAL) or actor.may(P.POINTS_APPROVE)
    numbers = queries.case_numbers({row.case_id for row in rows})
    return [
        RemedyOut(
            id=row.id,
            complaint=numbers[row.case_id],
            customer_id=row.customer_id,
            kind=RemedyKind(row.remedy_kind),
            state=RemedyState(row.remedy_state),
            points=row.points,
            point_currency=row.point_currency,
            amount=amount_text(row.amount, row.currency),
            currency=row.currency,
            campaign=row.campaign,
            note=row.note if may_see_note else "",
            requested_at=row.requested_at,
            requested_by=row.requested_by,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
        )
        for row in rows
    ]
