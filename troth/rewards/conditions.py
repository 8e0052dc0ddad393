"""What rewards contribute to the condition language: coupons in hand, coupons used, rewards redeemed."""

from datetime import date, timedelta

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from troth.kit import clock
from troth.kit.conditions import catalogue
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


def _since(rows: Rowset, as_of: AsOf, params: Params) -> Rowset:
    """Return the rows of the window: up to today, from its first day if there is one."""
    found = rows.filter(occurred_at__lt=clock.day_start(as_of.today + timedelta(days=1), as_of.zone))
    days = params.get("days")
    if isinstance(days, int):
        first: date = as_of.today - timedelta(days=days - 1)
        found = found.filter(occurred_at__gte=clock.day_start(first, as_of.zone))
    return found


def _redemptions(as_of: AsOf, params: Params) -> Rowset:
    return _since(Redemption.objects.exclude(state=RedemptionState.CANCELLED), as_of, params)


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
    return _since(CouponUse.objects.filter(state=UseState.REDEEMED), as_of, params)


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
