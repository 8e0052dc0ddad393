"""Whether a coupon can be used: one answer for the question beforehand and for the use itself."""

from datetime import datetime
from uuid import UUID

from troth.events.models import COMPANY_OWNER

from .campaigns import not_in_state
from .errors import (
    CouponExpiredError,
    CouponNotStartedError,
    CouponOfOtherError,
    CouponRevokedError,
    CouponUsedError,
)
from .models import CampaignState, Coupon, CouponCampaign, CouponState


def refuse_unusable(
    code: str, campaign: CouponCampaign, coupon: Coupon | None, *, holder: UUID, customer: UUID | None, at: datetime
) -> None:
    """Refuse a code that cannot be used at that moment by that customer.

    code: as typed; coupon: None for a generic code; holder, customer: canonical records, the company where there is
    none, None for a stranger, who may use whatever paper is brought.

    Raises:
        CampaignStateError, CouponNotStartedError, CouponExpiredError, CouponRevokedError, CouponOfOtherError,
        CouponUsedError
    """
    promised = (CampaignState.ACTIVE,) if coupon is None else (CampaignState.ACTIVE, CampaignState.ENDED)
    if campaign.state not in promised:
        raise not_in_state(campaign)
    if campaign.starts_at is not None and at < campaign.starts_at:
        raise CouponNotStartedError(code, campaign.starts_at)
    expires_at = coupon.expires_at if coupon else campaign.ends_at
    if expires_at is not None and at >= expires_at:
        raise CouponExpiredError(code, expires_at)
    if coupon is None:
        return
    if coupon.state == CouponState.REVOKED:
        raise CouponRevokedError(code)
    if customer is not None and holder not in (customer, COMPANY_OWNER):
        raise CouponOfOtherError(code)
    if coupon.use_count >= coupon.max_uses:
        raise CouponUsedError(code, coupon.max_uses)
