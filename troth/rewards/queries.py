"""Reading rewards and coupons. Import as one thing: `from troth.rewards import queries as rewards`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from troth.customers import queries as customers

from . import slices
from .campaigns import scheme_of
from .errors import CampaignNotFoundError
from .models import CodeBatch, CodeKind, Coupon, CouponCampaign, CouponCode, CouponState, CouponUse, SliceKind, UseState

HOLDING = (UseState.RESERVED, UseState.REDEEMED)


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """How a campaign stands. size, left: codes, or uses in total for generic ones; None is unlimited."""

    size: int | None = None
    left: int | None = None
    issued: int = 0
    assigned: int = 0
    reserved: int = 0
    redeemed: int = 0
    reversed: int = 0


def campaigns() -> QuerySet[CouponCampaign]:
    """Return every campaign, the newest first."""
    return CouponCampaign.objects.order_by("-created_at", "-id")


def campaign(code: str) -> CouponCampaign:
    """Return the campaign of the code.

    Raises:
        CampaignNotFoundError: no such campaign.
    """
    found = CouponCampaign.objects.filter(code=code).first()
    if found is None:
        raise CampaignNotFoundError(code)
    return found


def generic_code(found: CouponCampaign) -> str:
    """Return the one code of a campaign, "" where each coupon has its own."""
    if found.code_kind != CodeKind.GENERIC:
        return ""
    return CouponCode.objects.filter(campaign=found, coupon_id=None).values_list("code", flat=True).first() or ""


def figures(campaign_ids: Iterable[UUID]) -> dict[UUID, CampaignFigures]:
    """Return how campaigns stand, in a handful of queries for any number of them."""
    ids = list(campaign_ids)
    of_codes, of_uses = slices.sizes(ids, SliceKind.CODES), slices.sizes(ids, SliceKind.USES)
    assigned = _counted(Coupon.objects.exclude(source="issued"), ids)
    issued: dict[UUID, int] = {}
    for batch in CodeBatch.objects.filter(campaign_id__in=ids):
        issued[batch.campaign_id] = issued.get(batch.campaign_id, 0) + batch.count
    by_state = {state: _counted(CouponUse.objects.filter(state=state), ids) for state in UseState}
    return {
        one: CampaignFigures(
            *_size_and_left(of_codes.get(one) or of_uses.get(one)),
            issued=issued.get(one, 0),
            assigned=assigned.get(one, 0),
            reserved=by_state[UseState.RESERVED].get(one, 0),
            redeemed=by_state[UseState.REDEEMED].get(one, 0),
            reversed=by_state[UseState.REVERSED].get(one, 0),
        )
        for one in ids
    }


def codes_of(campaign_id: UUID, key: str) -> Iterator[str]:
    """Yield the codes handed out without holders under a key, however many: none of them is stored.

    Raises:
        CampaignNotFoundError: no such campaign.
    """
    found = CouponCampaign.objects.filter(id=campaign_id).first()
    if found is None:
        raise CampaignNotFoundError(campaign_id)
    scheme = scheme_of(found)
    for batch in CodeBatch.objects.filter(campaign=found, operation_key=key).order_by("first"):
        yield from scheme.codes(batch.first, batch.count)


def coupons_of(customer_id: UUID) -> QuerySet[Coupon]:
    """Return the coupons of a customer, over all merged records, the newest first."""
    records = customers.record_ids(customer_id)
    found = Coupon.objects.filter(owner_id__in=records).select_related("campaign")
    return found.order_by("-assigned_at", "-id")


def usable_coupons_of(customer_id: UUID, at: datetime) -> QuerySet[Coupon]:
    """Return the coupons that a customer can use at that moment, those that end soonest first."""
    started = Q(campaign__starts_at=None) | Q(campaign__starts_at__lte=at)
    not_ended = Q(expires_at=None) | Q(expires_at__gt=at)
    found = coupons_of(customer_id).filter(started & not_ended, state=CouponState.ACTIVE, use_count__lt=F("max_uses"))
    return found.filter(campaign__state__in=("active", "ended")).order_by(F("expires_at").asc(nulls_last=True), "id")


def uses_of(customer_id: UUID) -> QuerySet[CouponUse]:
    """Return the uses of coupons by a customer, over all merged records, the newest first."""
    records = customers.record_ids(customer_id)
    found = CouponUse.objects.filter(owner_id__in=records).select_related("campaign")
    return found.order_by("-occurred_at", "-id")


def uses_of_orders(orders: Iterable[tuple[str, str]]) -> list[CouponUse]:
    """Return the uses in force, reserved or redeemed, of orders given as (source, order number)."""
    wanted = set(orders)
    rows = CouponUse.objects.filter(order_ref__in={ref for _source, ref in wanted}, state__in=HOLDING)
    return [row for row in rows.select_related("campaign").order_by("id") if (row.source, row.order_ref) in wanted]


def uses_under(keys: Sequence[str], owner_ids: Sequence[UUID]) -> list[CouponUse]:
    """Return the uses in force under these keys of these records."""
    if not keys:
        return []
    return list(CouponUse.objects.filter(owner_id__in=owner_ids, operation_key__in=keys, state__in=HOLDING))


def _counted(rows: QuerySet[Coupon] | QuerySet[CouponUse], campaign_ids: list[UUID]) -> dict[UUID, int]:
    found = rows.filter(campaign_id__in=campaign_ids).order_by().values_list("campaign_id")
    return dict(found.annotate(number=Count("id")))


def _size_and_left(sizes: tuple[int, int] | None) -> tuple[int | None, int | None]:
    return (None, None) if sizes is None else (sizes[0], sizes[0] - sizes[1])
