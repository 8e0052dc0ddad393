"""What ends by itself: coupons after their end, reservations after their time."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from troth.access.actors import Actor
from troth.events import services as events
from troth.events.models import COMPANY_OWNER
from troth.events.services import NewEvent

from . import storing
from .coupon_posting import post_coupons
from .models import Coupon, CouponState, CouponUse, UseState
from .operations import Release

BATCH = 500


def expire_coupons(*, actor: Actor, now: datetime, limit: int = BATCH) -> int:
    """Mark coupons whose end has come and that still had a use, and return how many, at most `limit`.

    A mark only: whether a coupon can be used is judged by the order's moment, also before this has run.
    """
    with transaction.atomic():
        ended = Coupon.objects.filter(state=CouponState.ACTIVE, expires_at__lte=now, use_count__lt=F("max_uses"))
        rows = list(
            ended.select_related("campaign").order_by("id").select_for_update(of=("self",), skip_locked=True)[:limit]
        )
        for row in rows:
            row.state, row.ended_at = CouponState.EXPIRED, row.expires_at
        storing.update(Coupon, rows, ["state", "ended_at"])
        events.append_many([_expired(row) for row in rows], actor=actor, now=now)
    return len(rows)


def release_timed_out(*, actor: Actor, now: datetime, limit: int = BATCH) -> int:
    """Release reserved uses whose time is over, and return how many, at most `limit`."""
    waiting = CouponUse.objects.filter(state=UseState.RESERVED, reserved_until__lte=now)
    rows = list(waiting.order_by("reserved_until", "id")[:limit])
    results = post_coupons([_release(row, now) for row in rows], actor=actor, now=now)
    return sum(1 for result in results if result.error is None)


def _release(row: CouponUse, now: datetime) -> Release:
    customer_id = None if row.owner_id == COMPANY_OWNER else row.owner_id
    return Release(key=row.operation_key, customer_id=customer_id, occurred_at=now)


def _expired(row: Coupon) -> NewEvent:
    customer_id = None if row.owner_id == COMPANY_OWNER else row.owner_id
    data = {"coupon": str(row.id), "campaign": row.campaign.code}
    return NewEvent("rewards.coupon.expired", customer_id, data, occurred_at=row.expires_at)
