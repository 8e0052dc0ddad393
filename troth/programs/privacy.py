"""What programmes hand out to a person and what they erase: only notes on granted tiers are personal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from . import queries
from .models import TierGrant, TierMove


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("programs", erase))
    customers.register_export_step(customers.ExportStep("programs", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty the notes on grants; standings and progress stay, they name nobody."""
    TierGrant.objects.filter(owner_id__in=list(customer_ids)).exclude(note="").update(note="")


def export(customer_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return memberships, changes of tier, grants and badges as plain values."""
    owners = list(customer_ids)
    moves = TierMove.objects.filter(owner_id__in=owners).order_by("occurred_at")
    granted = TierGrant.objects.filter(owner_id__in=owners).order_by("granted_at")
    return {
        "memberships": [
            {"programme": str(row.programme), "since": row.joined_at.isoformat(), "tier": row.tier}
            for row in queries.memberships(owners)
        ],
        "tier_changes": [
            {"at": row.occurred_at.isoformat(), "from": row.from_tier, "to": row.to_tier, "reason": row.reason}
            for row in moves
        ],
        "granted_tiers": [
            {"tier": row.tier, "until": row.ends_at.isoformat(), "reason": row.reason, "note": row.note}
            for row in granted
        ],
        "badges": [{"badge": row.badge, "at": row.earned_at.isoformat()} for row in queries.badges(owners)],
    }
