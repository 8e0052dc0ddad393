"""Events of rewards and coupons."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_CAMPAIGN = {"campaign": "code"}
_COUPON = {"coupon": "id", "campaign": "code"}
_USE = {
    "use": "id",
    "campaign": "code",
    "coupon": "id, empty for a generic code",
    "order": "the order's number as its source writes it",
    "discount": "amount",
    "currency": "ISO code",
}
_REWARD = {"reward": "code"}
_REDEMPTION = {"redemption": "id", "reward": "code", "quantity": "pieces"}

declare(
    EventType("rewards.campaign.created", _("Coupon campaign made"), _CAMPAIGN, icon="ticket", on_timeline=False),
    EventType("rewards.campaign.changed", _("Coupon campaign changed"), _CAMPAIGN, icon="ticket", on_timeline=False),
    EventType("rewards.campaign.started", _("Coupon campaign started"), _CAMPAIGN, icon="ticket", on_timeline=False),
    EventType("rewards.campaign.paused", _("Coupon campaign paused"), _CAMPAIGN, icon="ticket", on_timeline=False),
    EventType("rewards.campaign.ended", _("Coupon campaign ended"), _CAMPAIGN, icon="ticket", on_timeline=False),
    EventType(
        "rewards.campaign.enlarged",
        _("Coupon campaign enlarged"),
        {"campaign": "code", "codes": "more codes", "uses": "more uses in total"},
        icon="ticket",
        on_timeline=False,
    ),
    EventType(
        "rewards.codes.issued",
        _("Coupon codes handed out without holders"),
        {"campaign": "code", "count": "how many"},
        icon="ticket",
        on_timeline=False,
    ),
    EventType(
        "rewards.coupon.assigned",
        _("Coupon received"),
        {**_COUPON, "source": "code", "source_id": "id there", "expires_at": "moment or empty"},
        icon="ticket",
    ),
    EventType("rewards.coupon.reserved", _("Coupon reserved"), _USE, icon="ticket"),
    EventType("rewards.coupon.redeemed", _("Coupon redeemed"), _USE, icon="discount"),
    EventType("rewards.coupon.released", _("Reserved coupon released"), _USE, icon="ticket"),
    EventType("rewards.coupon.reversed", _("Coupon given back"), _USE, icon="ticket"),
    EventType("rewards.coupon.expired", _("Coupon expired"), _COUPON, icon="ticket-off"),
    EventType("rewards.coupon.revoked", _("Coupon withdrawn"), _COUPON, icon="ticket-off"),
    EventType("rewards.reward.created", _("Reward made"), _REWARD, icon="gift", on_timeline=False),
    EventType("rewards.reward.changed", _("Reward changed"), _REWARD, icon="gift", on_timeline=False),
    EventType("rewards.reward.offered", _("Reward put on offer"), _REWARD, icon="gift", on_timeline=False),
    EventType("rewards.reward.archived", _("Reward archived"), _REWARD, icon="archive", on_timeline=False),
    EventType(
        "rewards.stock.changed",
        _("Stock of a reward changed"),
        {"reward": "code", "change": "pieces, negative for fewer", "reason": "code"},
        icon="packages",
        on_timeline=False,
    ),
    EventType(
        "rewards.redemption.requested",
        _("Reward redeemed"),
        {**_REDEMPTION, "points": "in the smallest unit", "currency": "of points", "is_gift": "at no charge"},
        icon="gift",
    ),
    EventType("rewards.redemption.prepared", _("Reward ready"), _REDEMPTION, icon="gift"),
    EventType("rewards.redemption.sent", _("Reward sent"), _REDEMPTION, icon="truck-delivery"),
    EventType("rewards.redemption.fulfilled", _("Reward handed over"), _REDEMPTION, icon="gift"),
    EventType(
        "rewards.redemption.cancelled",
        _("Redemption cancelled"),
        {**_REDEMPTION, "reason": "code", "points": "given back"},
        icon="gift-off",
    ),
    EventType(
        "rewards.birthday.given",
        _("Birthday gift given"),
        {"gift": "code", "coupon": "id or empty", "redemption": "id or empty"},
        icon="cake",
    ),
    EventType("rewards.gift.created", _("Birthday gift set up"), {"gift": "code"}, icon="cake", on_timeline=False),
    EventType("rewards.gift.changed", _("Birthday gift changed"), {"gift": "code"}, icon="cake", on_timeline=False),
    EventType("rewards.gift.started", _("Birthday gift started"), {"gift": "code"}, icon="cake", on_timeline=False),
    EventType("rewards.gift.stopped", _("Birthday gift stopped"), {"gift": "code"}, icon="cake", on_timeline=False),
)
