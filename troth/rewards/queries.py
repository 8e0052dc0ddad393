"""Reading rewards, coupons and birthday gifts. Import as one thing: `from troth.rewards import queries as rewards`."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from troth.customers import queries as customers
from troth.staff import queries as staff

from . import finding, pricing, slices
from .campaigns import scheme_of
from .codes import normalized
from .coming_gifts import ComingGifts
from .errors import (
    CampaignNotFoundError,
    CouponUnknownError,
    GiftNotFoundError,
    RedemptionNotFoundError,
    RewardNotFoundError,
)
from .models import (
    BirthdayGift,
    CodeBatch,
    CodeKind,
    Coupon,
    CouponCampaign,
    CouponCode,
    CouponState,
    CouponUse,
    GiftIssue,
    MemberTally,
    Redemption,
    Reward,
    RewardPrice,
    RewardState,
    SliceKind,
    TallyKind,
    UseState,
)
from .tallies import period_start

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


def known_campaigns(codes: Collection[str]) -> set[str]:
    """Return those of the codes that are campaigns, whatever their state."""
    return set(CouponCampaign.objects.filter(code__in=codes).values_list("code", flat=True))


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


def discount_given(campaign_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Return what the redeemed uses of campaigns took off together, each in its campaign's currency."""
    rows = CouponUse.objects.filter(campaign_id__in=list(campaign_ids), state=UseState.REDEEMED).order_by()
    return dict(rows.values_list("campaign_id").annotate(sum=Sum("discount_amount")))


def uses_of_campaign(campaign_id: UUID) -> QuerySet[CouponUse]:
    """Return the uses of a campaign's coupons, the newest first."""
    return CouponUse.objects.filter(campaign_id=campaign_id).order_by("-occurred_at", "-id")


def uses_of_coupon(coupon_id: UUID) -> QuerySet[CouponUse]:
    """Return the uses of one coupon, the newest first."""
    return CouponUse.objects.filter(coupon_id=coupon_id).order_by("-occurred_at", "-id")


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


def found(typed: str) -> tuple[CouponCampaign, Coupon | None]:
    """Return the campaign of a code, however it was typed, and the coupon where somebody holds it or brought it.

    Raises:
        CouponUnknownError: no coupon has this code.
    """
    code = normalized(typed)
    one = finding.find([code]).get(code)
    if one is None:
        raise CouponUnknownError(typed)
    coupon = coupons_with([one.coupon_id]).get(one.coupon_id) if one.coupon_id is not None else None
    return one.campaign, coupon


def coupon(coupon_id: UUID) -> Coupon:
    """Return a coupon.

    Raises:
        CouponUnknownError: no such coupon.
    """
    row = coupons_with([coupon_id]).get(coupon_id)
    if row is None:
        raise CouponUnknownError(str(coupon_id))
    return row


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


# --- catalogue


@dataclass(frozen=True, slots=True)
class Offered:
    """A reward as one customer sees it. left: pieces in stock, member_left: how many the customer may still take;
    None is unlimited. is_open: whether it can be redeemed at that moment of the week.
    """

    reward: Reward
    prices: tuple[RewardPrice, ...]
    left: int | None
    member_left: int | None
    is_open: bool


def reward(code: str) -> Reward:
    """Return the reward of the code.

    Raises:
        RewardNotFoundError: no such reward.
    """
    found = Reward.objects.select_related("campaign").filter(code=code).first()
    if found is None:
        raise RewardNotFoundError(code)
    return found


def rewards() -> QuerySet[Reward]:
    """Return every reward, in the order in which the catalogue shows them."""
    return Reward.objects.select_related("campaign").order_by("position", "name", "id")


def prices(reward_ids: Iterable[UUID]) -> dict[UUID, list[RewardPrice]]:
    """Return all prices of rewards."""
    rows = RewardPrice.objects.filter(reward_id__in=list(reward_ids)).select_related("segment")
    return pricing.by_reward(list(rows.order_by("option", "points", "id")))


def stock(reward_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many pieces of each counted reward are left."""
    return {one: size - taken for one, (size, taken) in slices.sizes(reward_ids, SliceKind.STOCK).items()}


def offered_to(customer_id: UUID | None, at: datetime) -> list[Offered]:
    """Return the rewards that a customer sees, or, without one, those that are for everybody.

    A reward meant for others is not there; one without a price for this customer neither.

    Raises:
        CustomerNotFoundError: no such customer.
    """
    group = tuple(customers.record_ids(customer_id)) if customer_id is not None else ()
    if customer_id is not None:
        canonical = customers.customer(customer_id).id
        group = (canonical, *(one for one in group if one != canonical))
    groups = dict.fromkeys(group, group)
    shown = [row for row in rewards().filter(state=RewardState.ACTIVE) if row.ends_at is None or row.ends_at > at]
    by_reward = prices(row.id for row in shown)
    standing = pricing.STRANGER
    if group:
        standing = pricing.standings(groups, [one for found in by_reward.values() for one in found])[group[0]]
    audiences = pricing.audiences(shown, groups, at)
    left = stock(row.id for row in shown)
    zone = staff.company().time_zone
    found = []
    for row in shown:
        meant, own = audiences[row.id], pricing.prices_for(by_reward.get(row.id, ()), standing)
        if own and (meant is None or (group and group[0] in meant)):
            is_open = pricing.is_within_window(row, at, zone)
            member_left = _member_left(row, group, at, zone)
            found.append(Offered(row, tuple(own), left.get(row.id), member_left, is_open))
    return found


def redemption(redemption_id: UUID) -> Redemption:
    """Return a redemption.

    Raises:
        RedemptionNotFoundError: no such redemption.
    """
    found = Redemption.objects.select_related("reward").filter(id=redemption_id).first()
    if found is None:
        raise RedemptionNotFoundError(redemption_id)
    return found


def redemptions() -> QuerySet[Redemption]:
    """Return every redemption, the newest first."""
    return Redemption.objects.select_related("reward").order_by("-occurred_at", "-id")


def redemptions_of(customer_id: UUID) -> QuerySet[Redemption]:
    """Return the redemptions of a customer, over all merged records, the newest first."""
    return redemptions().filter(owner_id__in=customers.record_ids(customer_id))


def coupons_with(ids: Iterable[UUID]) -> dict[UUID, Coupon]:
    """Return coupons by id."""
    return {row.id: row for row in Coupon.objects.filter(id__in=list(ids)).select_related("campaign")}


def _member_left(row: Reward, group: tuple[UUID, ...], at: datetime, zone: str) -> int | None:
    if row.member_limit is None:
        return None
    start = period_start(row.limit_period, at, zone)
    tallies = MemberTally.objects.filter(
        owner_id__in=group, tally_kind=TallyKind.REDEMPTIONS, subject_id=row.id, period_date=start
    )
    return max(0, row.member_limit - (tallies.aggregate(sum=Sum("count"))["sum"] or 0))


# --- birthday gifts


@dataclass(frozen=True, slots=True)
class GiftFigures:
    """How often a birthday gift was given, and how often it could not be."""

    given: int = 0
    refused: int = 0


def gifts() -> QuerySet[BirthdayGift]:
    """Return every birthday gift, by code."""
    return BirthdayGift.objects.select_related("campaign", "reward").order_by("code")


def gift(code: str) -> BirthdayGift:
    """Return the birthday gift of the code.

    Raises:
        GiftNotFoundError: no such gift.
    """
    found = gifts().filter(code=code).first()
    if found is None:
        raise GiftNotFoundError(code)
    return found


def gift_issues(gift_id: UUID, *, since: datetime, is_refused: bool = False) -> QuerySet[GiftIssue]:
    """Return who was given a gift since a moment, or was refused it, the latest first."""
    found = GiftIssue.objects.filter(gift_id=gift_id, issued_at__gte=since)
    found = found.exclude(refusal="") if is_refused else found.filter(refusal="")
    return found.order_by("-issued_at", "-id")


def gift_figures(gift_ids: Iterable[UUID], *, since: datetime) -> dict[UUID, GiftFigures]:
    """Return how often each gift was given and refused since a moment."""
    issues = GiftIssue.objects.filter(gift_id__in=list(gift_ids), issued_at__gte=since).order_by()
    counted = issues.values_list("gift_id").annotate(
        given=Count("id", filter=Q(refusal="")), refused=Count("id", filter=~Q(refusal=""))
    )
    return {gift_id: GiftFigures(given, refused) for gift_id, given, refused in counted}


def coming_gifts(found: BirthdayGift, now: datetime) -> ComingGifts:
    """Return who would get a gift on the next thirty mornings, as things stand now, in the order of birthdays."""
    return ComingGifts(found, now)
