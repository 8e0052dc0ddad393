"""Coupons: what codes take off, reserved, redeemed and given back; given to customers; their campaigns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.kit.errors import TrothError
from troth.rewards import queries, services
from troth.rewards.codes import grouped
from troth.rewards.models import CampaignState
from troth.rewards.quoting import quote
from troth.rewards.services import Assign, CouponDone, Outcome, Redeem, Release, Reserve, Reverse, use_key

from ..keys import ApiRequest
from ..operations import Reply, reads, writes, writes_gathered
from ..paging import PagingQuery, page
from . import coupon_views as views
from .coupon_schemas import (
    AssignBatchIn,
    AssignedList,
    AssignIn,
    BasketIn,
    CampaignCode,
    CampaignDetail,
    CampaignIn,
    CampaignPage,
    CodeList,
    CodeOut,
    CouponOut,
    CouponPage,
    CouponText,
    EnlargeIn,
    GiveBackIn,
    GivenBackList,
    IssueIn,
    QuoteList,
    UseList,
)
from .order_views import References
from .reward_keys import caller_key

router = Router(tags=["Coupons"])


class CampaignNarrowing(BaseModel):
    """What a list of campaigns is narrowed to."""

    state: CampaignState | None = Field(None, description="In this state.")


class CouponNarrowing(BaseModel):
    """What a list of coupons is narrowed to."""

    usable: bool = Field(False, description="True: only those that can be used now.")


@reads(router, "/coupons/evaluate", method="POST", scope=Permission.REWARDS_VIEW, response=QuoteList)
def evaluate_coupons(request: ApiRequest, basket: BasketIn) -> QuoteList:
    """Ask what codes would take off an order.

    Nothing is stored. Several codes are used one after the other; each that cannot be used says why.
    """
    customer_id = views.customer_of(basket)
    found = quote(basket.codes, views.basket(basket, customer_id, request.now), customer_id=customer_id)
    items = [views.quote(one, basket.currency) for one in found]
    return QuoteList(items=items, discount=views.total(found, basket.currency))


@writes(router, "POST", "/coupons/reserve", scope=Permission.REWARDS_REDEEM, response=UseList)
def reserve_coupons(request: ApiRequest, basket: BasketIn) -> UseList:
    """Reserve codes for an order that is being made.

    Nobody else can use them until they are redeemed, released, or until the campaign's time is over. The order's
    source and external_id with the code name the use: redeem, release and reverse it by the same.
    """
    return _use(request, Reserve, basket)


@writes(router, "POST", "/coupons/redeem", scope=Permission.REWARDS_REDEEM, response=UseList)
def redeem_coupons(request: ApiRequest, basket: BasketIn) -> UseList:
    """Redeem codes for an order, reserved before or not.

    What was reserved for this order is redeemed also after its end. An order that is recorded with its coupons
    (POST /orders) redeems them itself.
    """
    return _use(request, Redeem, basket)


@writes(router, "POST", "/coupons/release", scope=Permission.REWARDS_REDEEM, response=GivenBackList)
def release_coupons(request: ApiRequest, uses: GiveBackIn) -> GivenBackList:
    """Release codes that were reserved for an order which did not come about."""
    return _give_back(request, Release, uses)


@writes(router, "POST", "/coupons/reverse", scope=Permission.REWARDS_REDEEM, response=GivenBackList)
def reverse_coupons(request: ApiRequest, uses: GiveBackIn) -> GivenBackList:
    """Give back codes that an order had redeemed: it was cancelled.

    Each coupon is usable again until its own end.
    """
    return _give_back(request, Reverse, uses)


@writes(router, "POST", "/coupons/batch", scope=Permission.REWARDS_REDEEM, response=AssignedList)
def assign_coupons(request: ApiRequest, batch: AssignBatchIn) -> AssignedList:
    """Give up to 1,000 coupons to customers.

    Each gets its own result: a refused one is named with its reason and holds up none of the others.
    """
    references = References(batch.coupons)
    outcomes: dict[int, CouponDone] = {}
    wanted: dict[int, Assign] = {}
    for place, item in enumerate(batch.coupons):
        try:
            wanted[place] = _assignment(item, references, request.now)
        except TrothError as error:
            outcomes[place] = CouponDone(Outcome.REFUSED, error=error)
    done = services.post_coupons(list(wanted.values()), actor=request.auth, now=request.now)
    outcomes |= zip(wanted, done, strict=True)
    results = [outcomes[place] for place in range(len(batch.coupons))]
    return AssignedList(results=views.assigned(batch.coupons, results))


@writes_gathered(
    router, "/coupons", scope=Permission.REWARDS_REDEEM, item=AssignIn, response=CouponOut, other_statuses=(200,)
)
def assign_coupon(items: Sequence[AssignIn], *, actor: Actor, now: datetime) -> list[Reply | TrothError]:
    """Give a coupon to a customer.

    201 if it is new, 200 if it was given before under the same source and external_id.
    """
    references = References(items)
    outcomes: dict[int, Reply | TrothError] = {}
    wanted: dict[int, Assign] = {}
    for place, item in enumerate(items):
        try:
            wanted[place] = _assignment(item, references, now)
        except TrothError as error:
            outcomes[place] = error
    results = services.post_coupons(list(wanted.values()), actor=actor, now=now)
    rows = queries.coupons_with(one.coupon_id for one in results if one.coupon_id is not None)
    for place, result in zip(wanted, results, strict=True):
        if result.error is not None or result.coupon_id is None:
            assert result.error is not None, "what is not refused has a coupon"
            outcomes[place] = result.error
        else:
            status = 201 if result.outcome is Outcome.DONE else 200
            outcomes[place] = Reply(status, views.coupon(rows[result.coupon_id]))
    return [outcomes[place] for place in range(len(items))]


@reads(router, "/coupons/codes/{code}", scope=Permission.REWARDS_VIEW, response=CodeOut)
def get_code(request: ApiRequest, code: Path[CouponText]) -> CodeOut:
    """Look up a code, however it is typed."""
    campaign, held = queries.found(code)
    return views.code(code, campaign, held)


@reads(router, "/coupons/{coupon_id}", scope=Permission.REWARDS_VIEW, response=CouponOut)
def get_coupon(request: ApiRequest, coupon_id: Path[UUID]) -> CouponOut:
    """Get a coupon."""
    return views.coupon(queries.coupon(coupon_id))


@writes(router, "POST", "/coupons/{coupon_id}/revoke", scope=Permission.REWARDS_EDIT, response=CouponOut)
def revoke_coupon(request: ApiRequest, coupon_id: Path[UUID]) -> CouponOut:
    """Withdraw a coupon that is neither used nor reserved."""
    operation = services.Revoke(key=str(coupon_id), coupon_id=coupon_id, occurred_at=request.now)
    (result,) = services.post_coupons([operation], actor=request.auth, now=request.now)
    if result.error is not None:
        raise result.error
    return views.coupon(queries.coupon(coupon_id))


@reads(router, "/customers/{customer_id}/coupons", scope=Permission.REWARDS_VIEW, response=CouponPage)
def list_coupons_of_customer(
    request: ApiRequest,
    customer_id: Path[UUID],
    narrowing: Annotated[CouponNarrowing, Query(...)],
    paging: PagingQuery,
) -> CouponPage:
    """List the coupons of a customer."""
    at = request.now
    found = queries.usable_coupons_of(customer_id, at) if narrowing.usable else queries.coupons_of(customer_id)
    rows, cursor = page(found, paging, keys=("-assigned_at", "-id"))
    return CouponPage(items=[views.coupon(row) for row in rows], next_cursor=cursor)


@reads(router, "/campaigns", scope=Permission.REWARDS_VIEW, response=CampaignPage)
def list_campaigns(
    request: ApiRequest, narrowing: Annotated[CampaignNarrowing, Query(...)], paging: PagingQuery
) -> CampaignPage:
    """List the coupon campaigns."""
    found = queries.campaigns()
    if narrowing.state is not None:
        found = found.filter(state=narrowing.state)
    rows, cursor = page(found, paging, keys=("-created_at", "-id"))
    return CampaignPage(items=[views.campaign(row) for row in rows], next_cursor=cursor)


@writes(router, "POST", "/campaigns", scope=Permission.REWARDS_EDIT, response=CampaignDetail, status=201)
def create_campaign(request: ApiRequest, campaign: CampaignIn) -> CampaignDetail:
    """Make a coupon campaign, as a draft."""
    row = services.create_campaign(actor=request.auth, now=request.now, fields=views.fields(campaign))
    return views.campaign_detail(queries.campaign(row.code))


@reads(router, "/campaigns/{campaign}", scope=Permission.REWARDS_VIEW, response=CampaignDetail)
def get_campaign(request: ApiRequest, campaign: Path[CampaignCode]) -> CampaignDetail:
    """Get a coupon campaign with its terms and how it stands."""
    return views.campaign_detail(queries.campaign(campaign))


@writes(router, "POST", "/campaigns/{campaign}/start", scope=Permission.REWARDS_EDIT, response=CampaignDetail)
def start_campaign(request: ApiRequest, campaign: Path[CampaignCode]) -> CampaignDetail:
    """Start a draft, or a paused campaign again.

    From the first start on its terms stay what they are.
    """
    found = queries.campaign(campaign)
    services.start_campaign(actor=request.auth, now=request.now, campaign_id=found.id)
    return views.campaign_detail(queries.campaign(campaign))


@writes(router, "POST", "/campaigns/{campaign}/pause", scope=Permission.REWARDS_EDIT, response=CampaignDetail)
def pause_campaign(request: ApiRequest, campaign: Path[CampaignCode]) -> CampaignDetail:
    """Pause a campaign: none of its coupons is given, reserved or redeemed until it is started again."""
    found = queries.campaign(campaign)
    services.pause_campaign(actor=request.auth, now=request.now, campaign_id=found.id)
    return views.campaign_detail(queries.campaign(campaign))


@writes(router, "POST", "/campaigns/{campaign}/end", scope=Permission.REWARDS_EDIT, response=CampaignDetail)
def end_campaign(request: ApiRequest, campaign: Path[CampaignCode]) -> CampaignDetail:
    """End a campaign: no more coupons are given, the generic code is over.

    Coupons that customers hold keep their promise.
    """
    found = queries.campaign(campaign)
    services.end_campaign(actor=request.auth, now=request.now, campaign_id=found.id)
    return views.campaign_detail(queries.campaign(campaign))


@writes(router, "POST", "/campaigns/{campaign}/enlarge", scope=Permission.REWARDS_EDIT, response=CampaignDetail)
def enlarge_campaign(request: ApiRequest, campaign: Path[CampaignCode], more: EnlargeIn) -> CampaignDetail:
    """Add unique codes, or uses altogether, to a campaign that was started."""
    found = queries.campaign(campaign)
    services.enlarge_campaign(
        actor=request.auth,
        now=request.now,
        campaign_id=found.id,
        more_codes=more.more_codes,
        more_uses=more.more_uses,
    )
    return views.campaign_detail(queries.campaign(campaign))


@writes(router, "POST", "/campaigns/{campaign}/codes", scope=Permission.REWARDS_EDIT, response=CodeList)
def issue_codes(request: ApiRequest, campaign: Path[CampaignCode], issue: IssueIn) -> CodeList:
    """Hand out unique codes without holders, for print or another system.

    Each is good for whoever brings it first. Asked for again under the same batch, the same codes are given.
    """
    found = queries.campaign(campaign)
    services.issue_codes(actor=request.auth, now=request.now, campaign_id=found.id, key=issue.batch, count=issue.count)
    return CodeList(codes=[grouped(code) for code in queries.codes_of(found.id, issue.batch)])


def _use(request: ApiRequest, operation: type[Reserve] | type[Redeem], item: BasketIn) -> UseList:
    customer_id = views.customer_of(item)
    found = services.use_codes(
        operation,
        item.codes,
        views.basket(item, customer_id, request.now),
        customer_id=customer_id,
        source=item.source,
        order_ref=item.external_id,
        actor=request.auth,
        now=request.now,
    )
    taken = [one.quote for one in found if one.done.error is None]
    items = [views.used(one, item.currency) for one in found]
    return UseList(items=items, discount=views.total(taken, item.currency))


def _give_back(request: ApiRequest, operation: type[Release] | type[Reverse], item: GiveBackIn) -> GivenBackList:
    customer_id = views.customer_of(item)
    wanted = [
        operation(key=use_key(item.source, item.external_id, code), customer_id=customer_id, occurred_at=request.now)
        for code in item.codes
    ]
    done = services.post_coupons(wanted, actor=request.auth, now=request.now)
    return GivenBackList(items=[views.given_back(code, one) for code, one in zip(item.codes, done, strict=True)])


def _assignment(item: AssignIn, references: References, now: datetime) -> Assign:
    return Assign(
        key=caller_key(item.source, item.external_id),
        customer_id=references.customer(item),
        campaign=item.campaign,
        occurred_at=now,
        source="api",
        source_id=item.external_id[:80],
        expires_at=item.expires_at,
    )
