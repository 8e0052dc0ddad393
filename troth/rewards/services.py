"""Writing rewards and coupons. Import as one thing: `from troth.rewards import services as rewards`."""

from .campaign_control import kept_out_of, subject_of
from .campaigns import (
    CampaignFields,
    change_campaign,
    create_campaign,
    end_campaign,
    enlarge_campaign,
    issue_codes,
    pause_campaign,
    scheme_of,
    start_campaign,
)
from .catalogue import (
    PriceFields,
    RewardFields,
    archive_reward,
    change_reward,
    change_stock,
    create_reward,
    offer_reward,
)
from .coupon_posting import post_coupons
from .expiring import expire_coupons, release_timed_out
from .fulfilling import advance_redemption, cancel_redemption, cancel_timed_out
from .gifts import GiftFields, change_gift, create_gift, give_birthday_gifts, start_gift, stop_gift
from .operations import (
    Assign,
    CouponDone,
    NewRedemption,
    Outcome,
    Redeem,
    Redeemed,
    Release,
    Reserve,
    Reverse,
    Revoke,
    use_key,
)
from .redeeming import redeem_rewards
from .segment_coupons import assign_to_segment
from .using import Used, use_codes

__all__ = [
    "Assign",
    "CampaignFields",
    "CouponDone",
    "GiftFields",
    "NewRedemption",
    "Outcome",
    "PriceFields",
    "Redeem",
    "Redeemed",
    "Release",
    "Reserve",
    "Reverse",
    "Revoke",
    "RewardFields",
    "Used",
    "advance_redemption",
    "archive_reward",
    "assign_to_segment",
    "cancel_redemption",
    "cancel_timed_out",
    "change_campaign",
    "change_gift",
    "change_reward",
    "change_stock",
    "create_campaign",
    "create_gift",
    "create_reward",
    "end_campaign",
    "enlarge_campaign",
    "expire_coupons",
    "give_birthday_gifts",
    "issue_codes",
    "kept_out_of",
    "offer_reward",
    "pause_campaign",
    "post_coupons",
    "redeem_rewards",
    "release_timed_out",
    "scheme_of",
    "start_campaign",
    "start_gift",
    "stop_gift",
    "subject_of",
    "use_codes",
    "use_key",
]
