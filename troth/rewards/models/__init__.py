"""What points are redeemed for, coupons, and the counters that keep both exact."""

from .catalogue import (
    FulfilmentKind,
    LimitPeriod,
    PayOn,
    Redemption,
    RedemptionState,
    Reward,
    RewardKind,
    RewardPrice,
    RewardState,
)
from .counters import MemberTally, Slice, SliceKind, TallyKind
from .coupons import (
    Benefit,
    CampaignState,
    CodeBatch,
    CodeKind,
    Coupon,
    CouponCampaign,
    CouponCode,
    CouponState,
    CouponUse,
    DiscountedGoods,
    UseState,
)
from .gifts import BirthdayGift, GiftIssue

__all__ = [
    "Benefit",
    "BirthdayGift",
    "CampaignState",
    "CodeBatch",
    "CodeKind",
    "Coupon",
    "CouponCampaign",
    "CouponCode",
    "CouponState",
    "CouponUse",
    "DiscountedGoods",
    "FulfilmentKind",
    "GiftIssue",
    "LimitPeriod",
    "MemberTally",
    "PayOn",
    "Redemption",
    "RedemptionState",
    "Reward",
    "RewardKind",
    "RewardPrice",
    "RewardState",
    "Slice",
    "SliceKind",
    "TallyKind",
    "UseState",
]
