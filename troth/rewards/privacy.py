"""What rewards erase of a person and hand out to one: where things were sent, and the day of a birthday."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from .models import Coupon, CouponUse, GiftIssue, Redemption


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("rewards", erase))
    customers.register_export_step(customers.ExportStep("rewards", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty addresses and forget birthday gifts; redemptions, coupons and their totals stay, they name nobody."""
    owners = list(customer_ids)
    Redemption.objects.filter(owner_id__in=owners).exclude(delivery="").update(delivery="")
    GiftIssue.objects.filter(owner_id__in=owners).delete()


def export(customer_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return redemptions, coupons with their uses, and birthday gifts as plain values."""
    owners = list(customer_ids)
    redemptions = Redemption.objects.filter(owner_id__in=owners).select_related("reward").order_by("occurred_at", "id")
    coupons = Coupon.objects.filter(owner_id__in=owners).select_related("campaign").order_by("assigned_at", "id")
    uses = CouponUse.objects.filter(owner_id__in=owners).select_related("campaign").order_by("occurred_at", "id")
    gifts = GiftIssue.objects.filter(owner_id__in=owners).select_related("gift").order_by("issued_at", "id")
    return {
        "redemptions": [_redemption(row) for row in redemptions],
        "coupons": [
            {"campaign": row.campaign.code, "code": row.code, "state": row.state, "since": row.assigned_at.isoformat()}
            for row in coupons
        ],
        "coupon_uses": [
            {
                "campaign": row.campaign.code,
                "order": row.order_ref,
                "state": row.state,
                "at": row.occurred_at.isoformat(),
            }
            for row in uses
        ],
        "birthday_gifts": [{"gift": row.gift.code, "birthday": row.birthday_date.isoformat()} for row in gifts],
    }


def _redemption(row: Redemption) -> dict[str, Any]:
    return {
        "reward": row.reward.code,
        "pieces": row.quantity,
        "points": row.points,
        "from_pool": row.household_id is not None,
        "state": row.state,
        "delivery": row.delivery,
        "at": row.occurred_at.isoformat(),
    }
