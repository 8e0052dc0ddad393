"""Who is known and has not bought: the three lowest rungs of the ladder."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.insights import prospects
from troth.insights.errors import ProspectNotFoundError
from troth.insights.prospect_models import Prospect, ProspectRung
from troth.value.loyalty.ladder import ProspectReason

from ..fields import Day, MomentText, Response, Text64
from ..keys import ApiRequest
from ..operations import reads
from ..paging import PagingQuery, page

router = Router(tags=["Scores"])


class ProspectNarrowing(BaseModel):
    """What a list of prospects is narrowed to."""

    rung: ProspectRung | None = Field(None, description="Those on this rung only.")
    source: Text64 = Field("", description="Where the records came from.")
    known_from: Day | None = Field(None, description="Known since this day or later.")
    known_to: Day | None = Field(None, description="Known since this day or earlier.")


class ProspectStandingOut(Response):
    """Where one who has not bought stands, by what is told now."""

    customer_id: UUID = Field(description="The canonical customer.")
    rung: ProspectRung = Field(description="Rung below the first purchase.")
    reason: ProspectReason = Field(description="Why.")


class ProspectOut(ProspectStandingOut):
    """One who has not bought, as the newest analysis found them."""

    as_of_date: date = Field(description="The day that counted as today.")
    computed_at: MomentText = Field(description="When it was computed.")
    source: str = Field(description="Where the record came from.")
    known_date: date = Field(description="Day since when the record is here, in the company's zone.")


class ProspectPage(Response):
    """Some of those who have not bought."""

    items: list[ProspectOut] = Field(description="Whoever is known longest comes last.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


@reads(router, "/prospects", scope=Permission.INSIGHTS_VIEW, response=ProspectPage)
def list_prospects(
    request: ApiRequest, narrowing: Annotated[ProspectNarrowing, Query(...)], paging: PagingQuery
) -> ProspectPage:
    """List who is known and has not bought.

    As of the newest analysis. Whoever has any order, or wants no profile, is left out.
    """
    del request
    found = prospects.listed(narrowing.rung or "")
    if narrowing.source:
        found = found.filter(source=narrowing.source)
    if narrowing.known_from:
        found = found.filter(known_date__gte=narrowing.known_from)
    if narrowing.known_to:
        found = found.filter(known_date__lte=narrowing.known_to)
    rows, cursor = page(found, paging, keys=("-known_date", "owner_id"))
    return ProspectPage(items=[_prospect(row) for row in rows], next_cursor=cursor)


@reads(router, "/customers/{customer_id}/prospect", scope=Permission.INSIGHTS_VIEW, response=ProspectStandingOut)
def get_prospect(request: ApiRequest, customer_id: Path[UUID]) -> ProspectStandingOut:
    """Get on which rung below the first purchase a customer stands.

    By what is told now, not only as of the newest analysis. 404 of whoever has an order or wants no profile.
    """
    del request
    owner = customers.customer(customer_id).id
    found = prospects.standing_now(owner)
    if found is None:
        raise ProspectNotFoundError
    rung, reason = found
    return ProspectStandingOut(customer_id=owner, rung=ProspectRung(rung), reason=ProspectReason(reason))


def _prospect(row: Prospect) -> ProspectOut:
    return ProspectOut(
        customer_id=row.owner_id,
        rung=ProspectRung(row.rung),
        reason=ProspectReason(row.reason),
        as_of_date=row.as_of_date,
        computed_at=row.computed_at,
        source=row.source,
        known_date=row.known_date,
    )
