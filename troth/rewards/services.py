"""Writing rewards and coupons. Import as one thing: `from troth.rewards import services as rewards`."""

from .campaigns import (
    CampaignFields,
    change_campaign,
    create_campaign,
    end_campaign,
    issue_codes,
    pause_campaign,
    scheme_of,
    start_campaign,
)
from .coupon_posting import post_coupons
from .operations import Assign, CouponDone, Outcome, Redeem, Release, Reserve, Reverse, Revoke

__all__ = [
    "Assign",
    "CampaignFields",
    "CouponDone",
    "Outcome",
    "Redeem",
    "Release",
    "Reserve",
    "Reverse",
    "Revoke",
    "change_campaign",
    "create_campaign",
    "end_campaign",
    "issue_codes",
    "pause_campaign",
    "post_coupons",
    "scheme_of",
    "start_campaign",
]
