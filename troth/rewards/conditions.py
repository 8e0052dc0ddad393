"""What rewards contribute to the condition language: coupons in hand, coupons used, rewards redeemed."""

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from troth.kit.conditions import catalogue, windows
from troth.kit.conditions.fields import (
    LAST_DAYS,
    Aggregate,
    AsOf,
    Choice,
    Facts,
    Field,
    Group,
    Members,
    Rows,
    Rowset,
    ValueType,
)
from troth.kit.conditions.tree import Params

from .models import Coupon, CouponCampaign, CouponState, CouponUse, Redemption, RedemptionState, Reward, UseState

SUBJECT = "customer"
REWARDS = Group("rewards", _("Rewards"), order=46)
COUPONS = Group("coupons", _("Coupons"), order=48)


def _redemptions(as_of: AsOf, params: Params) -> Rowset:
    return Redemption.objects.exclude(state=RedemptionState.CANCELLED).filter(
        windows.moments("occurred_at", as_of, params)
    )


def _redemption_ids(as_of: AsOf, params: Params) -> Rows:
    return Rows(_redemptions(as_of, params), "id")


def _redemption_moments(as_of: AsOf, params: Params) -> Rows:
    return Rows(_redemptions(as_of, params), "occurred_at")


def _redeemed_codes(as_of: AsOf, params: Params) -> Rows:
    return Rows(_redemptions(as_of, params), "reward__code")


def _usable(as_of: AsOf, _params: Params) -> Rows:
    usable = Coupon.objects.filter(state=CouponState.ACTIVE, use_count__lt=F("max_uses")).exclude(
        expires_at__lte=as_of.now
    )
    return Rows(usable, "id")


def _held_campaigns(as_of: AsOf, params: Params) -> Rows:
    return Rows(_usable(as_of, params).queryset, "campaign__code")


def _uses(as_of: AsOf, params: Params) -> Rowset:
    return CouponUse.objects.filter(windows.moments("occurred_at", as_of, params), state=UseState.REDEEMED)


def _use_ids(as_of: AsOf, params: Params) -> Rows:
    return Rows(_uses(as_of, params), "id")


def _used_campaigns(as_of: AsOf, params: Params) -> Rows:
    return Rows(_uses(as_of, params), "campaign__code")


def _reward_choices() -> list[Choice]:
    return [Choice(row.code, str(row)) for row in Reward.objects.order_by("position", "name")]


def _campaign_choices() -> list[Choice]:
    return [Choice(row.code, str(row)) for row in CouponCampaign.objects.order_by("name")]


catalogue.register(
    SUBJECT,
    Field(
        "rewards.redemptions",
        ValueType.COUNT,
        _("Number of redemptions"),
        REWARDS,
        Facts(_redemption_ids, Aggregate.COUNT),
        params=(LAST_DAYS,),
        order=10,
        description=_("Cancelled ones are not counted."),
    ),
    Field(
        "rewards.last_redeemed",
        ValueType.MOMENT,
        _("Last redemption"),
        REWARDS,
        Facts(_redemption_moments, Aggregate.LATEST),
        order=12,
    ),
    Field(
        "rewards.redeemed",
        ValueType.CHOICE_SET,
        _("Rewards redeemed"),
        REWARDS,
        Members(_redeemed_codes),
        choices=_reward_choices,
        params=(LAST_DAYS,),
        order=14,
    ),
    Field(
        "coupons.usable",
        ValueType.COUNT,
        _("Number of usable coupons"),
        COUPONS,
        Facts(_usable, Aggregate.COUNT),
        order=10,
    ),
    Field(
        "coupons.held",
        ValueType.CHOICE_SET,
        _("Usable coupons of campaigns"),
        COUPONS,
        Members(_held_campaigns),
        choices=_campaign_choices,
        order=12,
    ),
    Field(
        "coupons.uses",
        ValueType.COUNT,
        _("Number of coupons redeemed"),
        COUPONS,
        Facts(_use_ids, Aggregate.COUNT),
        params=(LAST_DAYS,),
        order=14,
    ),
    Field(
        "coupons.used",
        ValueType.CHOICE_SET,
        _("Coupons redeemed of campaigns"),
        COUPONS,
        Members(_used_campaigns),
        choices=_campaign_choices,
        params=(LAST_DAYS,),
        order=16,
    ),
)
