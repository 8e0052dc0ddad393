"""Coupons with unique codes as rows: the one place where they come into being."""

from datetime import datetime, timedelta
from uuid import UUID

from troth.events.services import NewEvent
from troth.kit import clock
from troth.kit.ids import new_id

from . import storing
from .campaigns import scheme_of
from .models import Coupon, CouponCampaign, CouponCode


def make_coupon(
    campaign: CouponCampaign,
    serial_no: int,
    *,
    owner_id: UUID,
    key: str,
    source: str,
    source_id: str,
    occurred_at: datetime,
    ends_at: datetime | None = None,
    zone: str,
    now: datetime,
) -> Coupon:
    """Return a coupon that is not stored yet. ends_at: an earlier end than the campaign's own rule, or None."""
    return Coupon(
        id=new_id(),
        owner_id=owner_id,
        campaign=campaign,
        code=scheme_of(campaign).code(serial_no),
        serial_no=serial_no,
        max_uses=campaign.uses_per_coupon,
        operation_key=key,
        source=source,
        source_id=source_id,
        assigned_at=occurred_at,
        expires_at=expiry(campaign, occurred_at, zone, ends_at),
        recorded_at=now,
    )


def expiry(campaign: CouponCampaign, at: datetime, zone: str, ends_at: datetime | None = None) -> datetime | None:
    """Return the earliest of the campaign's end, its usable days in the company's zone, and the given end."""
    ends = [campaign.ends_at, ends_at]
    if campaign.usable_days is not None:
        ends.append(clock.day_start(clock.business_date(at, zone) + timedelta(days=campaign.usable_days), zone))
    return min((moment for moment in ends if moment is not None), default=None)


def store_coupons(coupons: list[Coupon]) -> None:
    """Store new coupons with what finds them by their codes."""
    storing.insert(Coupon, coupons)
    storing.insert(
        CouponCode,
        (CouponCode(code=row.code, campaign=row.campaign, coupon_id=row.id, owner_id=row.owner_id) for row in coupons),
    )


def assigned_event(coupon: Coupon) -> NewEvent:
    """Return the event of a coupon that was handed out."""
    data = {
        "coupon": str(coupon.id),
        "campaign": coupon.campaign.code,
        "source": coupon.source,
        "source_id": coupon.source_id,
        "expires_at": coupon.expires_at.isoformat() if coupon.expires_at else "",
    }
    return NewEvent("rewards.coupon.assigned", coupon.owner_id, data, occurred_at=coupon.assigned_at)
