"""From codes as they are typed to campaigns and coupons, many at once; nothing is locked or stored here."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from . import codes
from .campaigns import scheme_of
from .models import CodeBatch, CouponCampaign, CouponCode


@dataclass(frozen=True, slots=True)
class Found:
    """What a code is. coupon_id: of a unique code that has a row; serial_no: of one that has none yet."""

    code: str
    campaign: CouponCampaign
    coupon_id: UUID | None = None
    serial_no: int | None = None

    @property
    def is_generic(self) -> bool:
        """Tell whether everybody has this code."""
        return self.coupon_id is None and self.serial_no is None


def find(typed: Collection[str]) -> dict[str, Found]:
    """Return what each normalised code is; codes that nobody was given are left out. At most three queries."""
    rows = CouponCode.objects.filter(code__among=typed).select_related("campaign")
    found = {row.code: Found(row.code, row.campaign, coupon_id=row.coupon_id) for row in rows}
    return found | _issued([code for code in typed if code not in found and codes.is_well_formed(code)])


def _issued(typed: Collection[str]) -> dict[str, Found]:
    """Return those of the codes that were handed out without a holder and that nobody has brought yet."""
    if not typed:
        return {}
    prefixes = {code[: codes.PREFIX_LENGTH] for code in typed}
    campaigns = {row.prefix: row for row in CouponCampaign.objects.filter(prefix__in=prefixes)}
    serials: dict[str, tuple[CouponCampaign, int]] = {}
    for code in typed:
        campaign = campaigns.get(code[: codes.PREFIX_LENGTH])
        serial_no = scheme_of(campaign).serial_no(code) if campaign else None
        if campaign is not None and serial_no is not None:
            serials[code] = (campaign, serial_no)
    ranges = _ranges({campaign.id for campaign, _serial_no in serials.values()})
    return {
        code: Found(code, campaign, serial_no=serial_no)
        for code, (campaign, serial_no) in serials.items()
        if _is_within(ranges[campaign.id], serial_no)
    }


def _ranges(campaign_ids: Collection[UUID]) -> dict[UUID, list[tuple[int, int]]]:
    """Return the ranges handed out, as (first, one past the last), in order."""
    found: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for batch in CodeBatch.objects.filter(campaign_id__in=campaign_ids).order_by("campaign_id", "first"):
        found[batch.campaign_id].append((batch.first, batch.first + batch.count))
    return found


def _is_within(ranges: list[tuple[int, int]], serial_no: int) -> bool:
    place = bisect_right(ranges, serial_no, key=lambda one: one[0]) - 1
    return place >= 0 and serial_no < ranges[place][1]
