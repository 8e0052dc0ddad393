"""Where a customer stands in programmes: tier, what is missing, badges; and tiers granted by hand."""

from datetime import datetime
from uuid import UUID

from ninja import Path, Router

from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.programs import queries as programs
from troth.programs import services
from troth.programs.models import Membership
from troth.programs.services import Standing

from ..keys import ApiRequest
from ..operations import reads, writes
from .membership_schemas import MembershipList, MembershipOut, TierGrantIn
from .programme_schemas import ProgrammeCode
from .sale_schemas import TierOut
from .sale_views import tier as tier_view

router = Router(tags=["Programmes"])


@reads(router, "/customers/{customer_id}/programmes", scope=Permission.PROGRAMS_VIEW, response=MembershipList)
def list_memberships(request: ApiRequest, customer_id: Path[UUID]) -> MembershipList:
    """List the programmes that a customer is a member of: the tier, and what is missing to reach and to keep one."""
    records = customers.record_ids(customer_id)
    found = {row.programme_id: row for row in programs.memberships(records)}
    return MembershipList(items=[_shown(row, records, request.now) for row in found.values()])


@writes(
    router,
    "PUT",
    "/customers/{customer_id}/programmes/{programme}/tier-grant",
    scope=Permission.PROGRAMS_GRANT,
    response=TierOut,
)
def grant_tier(
    request: ApiRequest, customer_id: Path[UUID], programme: Path[ProgrammeCode], grant: TierGrantIn
) -> TierOut:
    """Give a member a tier until a moment, also one matched to a competitor's. It never lowers what was earned."""
    standing = services.grant_tier(
        customer_id=customers.customer(customer_id).id,
        programme_id=programs.programme_by_code(programme).id,
        tier=grant.tier,
        until=grant.until,
        is_match=grant.is_match,
        reason=grant.reason,
        note=grant.note,
        actor=request.auth,
        now=request.now,
    )
    return TierOut.model_validate(tier_view(standing))


@writes(
    router,
    "DELETE",
    "/customers/{customer_id}/programmes/{programme}/tier-grant",
    scope=Permission.PROGRAMS_GRANT,
    response=TierOut,
)
def revoke_tier_grant(request: ApiRequest, customer_id: Path[UUID], programme: Path[ProgrammeCode]) -> TierOut:
    """End a granted tier now; what was earned stays."""
    standing = services.revoke_grant(
        customer_id=customers.customer(customer_id).id,
        programme_id=programs.programme_by_code(programme).id,
        actor=request.auth,
        now=request.now,
    )
    return TierOut.model_validate(tier_view(standing))


def _shown(row: Membership, records: list[UUID], now: datetime) -> MembershipOut:
    standing: Standing | None = programs.standing(row.owner_id, row.programme_id, now)
    granted = programs.grants(row.programme_id, records).filter(ends_at__gt=now, revoked_at=None).first()
    held = [one.badge for one in programs.badges(records) if one.programme_id == row.programme_id]
    return MembershipOut(
        programme=row.programme.code,
        joined_at=row.joined_at,
        tier=None if standing is None else TierOut.model_validate(tier_view(standing)),
        granted_tier=granted.tier if granted else None,
        granted_until=granted.ends_at if granted else None,
        badges=sorted(set(held)),
    )
