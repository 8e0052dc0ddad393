"""The control group of a campaign: chance keeps some of those out whom nobody promised a coupon.

A coupon that somebody earned, bought with points, was given for a birthday, as amends or by hand is never withheld:
only what a segment or a journey hands out unasked. See docs/decisions/0033.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from troth.messaging import services as messaging

from .models import CouponCampaign


def subject_of(code: str) -> str:
    """Return by what the draws of a campaign are found."""
    return f"coupon:{code}"


def kept_out(
    campaign: CouponCampaign, customer_ids: Collection[UUID], *, now: datetime, is_noted: bool = True
) -> set[UUID]:
    """Draw for those who would be handed a coupon, and return those who get none; the first draw holds for good.

    is_noted: False for rehearsals, which only foretell and write nothing down.
    """
    return messaging.kept_out(
        subject_of(campaign.code),
        customer_ids,
        percent=campaign.control_percent,
        spares_all=campaign.spares_control_group,
        now=now,
        is_noted=is_noted,
    )


def kept_out_of(code: str, customer_ids: Collection[UUID], *, now: datetime, is_noted: bool = True) -> set[UUID]:
    """Do the same for the campaign of a code; of an unknown campaign nobody is kept out."""
    campaign = CouponCampaign.objects.filter(code=code).first()
    return kept_out(campaign, customer_ids, now=now, is_noted=is_noted) if campaign else set()
