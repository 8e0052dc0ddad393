"""A coupon for everybody in a segment: asked for at once, handed out in the background."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.jobs import services as jobs
from troth.jobs.models import Job
from troth.segments import queries as segments

from . import campaign_control
from .coupon_posting import post_coupons
from .errors import CampaignNotFoundError, CampaignStateError
from .models import CampaignState, CodeKind, CouponCampaign
from .operations import Assign, Outcome

ASSIGN = "rewards.assign_segment"
BATCH = 500


def assign_to_segment(*, actor: Actor, now: datetime, campaign_id: UUID, segment_id: UUID) -> Job:
    """Ask that everybody in a segment gets a coupon; who got one so before gets no second one.

    Raises:
        CampaignNotFoundError: no such campaign.
        CampaignStateError: it does not run, or all its coupons have one code.
        SegmentNotFoundError: no such segment.
        JobAlreadyActiveError: the same is being done.
    """
    campaign = CouponCampaign.objects.filter(id=campaign_id).first()
    if campaign is None:
        raise CampaignNotFoundError(campaign_id)
    if campaign.code_kind != CodeKind.UNIQUE or campaign.state != CampaignState.ACTIVE:
        message = _("Coupons are handed out of a running campaign with a code of its own for each.")
        raise CampaignStateError(message, state=campaign.state)
    segment = segments.segment(segment_id)
    payload = {"campaign": str(campaign.id), "segment": str(segment.id)}
    key = f"{campaign.id}:{segment.id}"
    return jobs.enqueue(ASSIGN, actor=actor, now=now, payload=payload, unique_key=key)


@transaction.atomic
def assign_next(
    *, actor: Actor, now: datetime, campaign_id: UUID, segment_id: UUID, after: UUID | None
) -> tuple[UUID | None, dict[str, int]]:
    """Hand coupons to the next members by id, save those whom chance keeps out; return the last one (None at the end),
    and how many got one.
    """
    campaign = CouponCampaign.objects.get(id=campaign_id)
    members = segments.member_ids(segment_id).order_by("owner_id")
    owners = list((members if after is None else members.filter(owner_id__gt=after))[:BATCH])
    if not owners:
        return None, {}
    key = f"segment:{segment_id}:{campaign_id}"
    kept_out = campaign_control.kept_out(campaign, owners, now=now)
    wanted = [
        Assign(key, owner, campaign.code, now, source="segment", source_id=str(segment_id))
        for owner in owners
        if owner not in kept_out
    ]
    counts = {"given": 0, "had": 0, "refused": 0, "kept_out": len(kept_out)}
    names = {Outcome.DONE: "given", Outcome.REPEATED: "had", Outcome.REFUSED: "refused"}
    for done in post_coupons(wanted, actor=actor, now=now):
        counts[names[done.outcome]] += 1
    return owners[-1], counts
