"""Whom chance keeps out of what a journey gives, unless members were told that they get it.

Points spare those kept out of all offers; of a coupon the campaign says whom. See docs/decisions/0033.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from troth.messaging import services as messaging
from troth.rewards import services as rewards

from .document import shapes

KIND = "points"


def subject_of(journey: str, step: str) -> str:
    """Return by what the draws of a step that gives points are found."""
    return f"{KIND}:{journey}/{step}"


def kept_out(
    step: shapes.Points | shapes.Coupon,
    journey: str,
    customer_ids: Sequence[UUID],
    *,
    now: datetime,
    is_noted: bool = True,
) -> set[UUID]:
    """Draw for those who would get it, and return those who get none; the first draw holds for good.

    is_noted: False for rehearsals, which only foretell and write nothing down.
    """
    if step.promised:
        return set()
    if isinstance(step, shapes.Coupon):
        return rewards.kept_out_of(step.campaign, customer_ids, now=now, is_noted=is_noted)
    subject = subject_of(journey, step.id)
    return messaging.kept_out(subject, customer_ids, percent=0, spares_all=True, now=now, is_noted=is_noted)
