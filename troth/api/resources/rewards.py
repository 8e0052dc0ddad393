"""The catalogue of rewards, its stock, and redemptions."""

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
from troth.rewards.models import RedemptionState, RewardState
from troth.rewards.services import NewRedemption, Outcome

from ..keys import ApiRequest
from ..operations import Reply, reads, writes, writes_gathered
from ..paging import PagingQuery, page
from . import reward_views as views
from .order_views import References
from .reward_keys import caller_key
from .reward_schemas import (
    AdvanceIn,
    CancelIn,
    CatalogueOut,
    RedemptionIn,
    RedemptionOut,
    RedemptionPage,
    RewardCode,
    RewardIn,
    RewardOut,
    RewardPage,
    StockIn,
    StockOut,
)

router = Router(tags=["Rewards"])


class RewardNarrowing(BaseModel):
    """What a list of rewards is narrowed to."""

    state: RewardState | None = Field(None, description="In this state.")


class RedemptionNarrowing(BaseModel):
    """What a list of redemptions is narrowed to."""

    state: RedemptionState | None = Field(None, description="In this state.")
    customer_id: UUID | None = Field(None, description="Of this customer, all merged records included.")


@reads(router, "/rewards", scope=Permission.REWARDS_VIEW, response=RewardPage)
def list_rewards(
    request: ApiRequest, narrowing: Annotated[RewardNarrowing, Query(...)], paging: PagingQuery
) -> RewardPage:
    """List all rewards, with all prices and the stock."""
    found = queries.rewards()
    if narrowing.state is not None:
        found = found.filter(state=narrowing.state)
    rows, cursor = page(found, paging, keys=("code",))
    return RewardPage(items=views.rewards(rows), next_cursor=cursor)


@writes(router, "POST", "/rewards", scope=Permission.REWARDS_EDIT, response=RewardOut, status=201)
def create_reward(request: ApiRequest, reward: RewardIn) -> RewardOut:
    """Make a reward; nobody sees it before it is put on offer."""
    row = services.create_reward(actor=request.auth, now=request.now, fields=views.fields(reward))
    return views.reward(queries.reward(row.code))


@reads(router, "/rewards/{reward}", scope=Permission.REWARDS_VIEW, response=RewardOut)
def get_reward(request: ApiRequest, reward: Path[RewardCode]) -> RewardOut:
    """Get a reward."""
    return views.reward(queries.reward(reward))


@writes(router, "PUT", "/rewards/{reward}", scope=Permission.REWARDS_EDIT, response=RewardOut)
def change_reward(request: ApiRequest, reward: Path[RewardCode], new: RewardIn) -> RewardOut:
    """Change a reward and its prices.

    What was redeemed before keeps what it cost. The stock is changed by itself.
    """
    found = queries.reward(reward)
    row = services.change_reward(actor=request.auth, now=request.now, reward_id=found.id, fields=views.fields(new))
    return views.reward(queries.reward(row.code))


@writes(router, "POST", "/rewards/{reward}/offer", scope=Permission.REWARDS_EDIT, response=RewardOut)
def offer_reward(request: ApiRequest, reward: Path[RewardCode]) -> RewardOut:
    """Put a reward on offer."""
    services.offer_reward(actor=request.auth, now=request.now, reward_id=queries.reward(reward).id)
    return views.reward(queries.reward(reward))


@writes(router, "POST", "/rewards/{reward}/archive", scope=Permission.REWARDS_EDIT, response=RewardOut)
def archive_reward(request: ApiRequest, reward: Path[RewardCode]) -> RewardOut:
    """Take a reward off the catalogue; what was redeemed is still handed over."""
    services.archive_reward(actor=request.auth, now=request.now, reward_id=queries.reward(reward).id)
    return views.reward(queries.reward(reward))


@writes(router, "POST", "/rewards/{reward}/stock", scope=Permission.REWARDS_EDIT, response=StockOut)
def change_stock(request: ApiRequest, reward: Path[RewardCode], change: StockIn) -> StockOut:
    """Add pieces to the stock, or take free ones out."""
    left = services.change_stock(
        actor=request.auth,
        now=request.now,
        reward_id=queries.reward(reward).id,
        change=change.change,
        reason=change.reason,
    )
    return StockOut(left=left)


@reads(router, "/customers/{customer_id}/rewards", scope=Permission.REWARDS_VIEW, response=CatalogueOut)
def list_rewards_for_customer(request: ApiRequest, customer_id: Path[UUID]) -> CatalogueOut:
    """List the rewards that a customer may have, at the customer's own prices.

    What is meant for others is not there.
    """
    return CatalogueOut(items=[views.offered(one) for one in queries.offered_to(customer_id, request.now)])


@writes_gathered(
    router,
    "/redemptions",
    scope=Permission.REWARDS_REDEEM,
    item=RedemptionIn,
    response=RedemptionOut,
    other_statuses=(200,),
)
def redeem_reward(items: Sequence[RedemptionIn], *, actor: Actor, now: datetime) -> list[Reply | TrothError]:
    """Redeem a reward.

    Points, stock, limits and a voucher's coupons are taken together or not at all. 201 if it is new, 200 if it was
    redeemed before under the same source and external_id.
    """
    references = References(items)
    outcomes: dict[int, Reply | TrothError] = {}
    wanted: dict[int, NewRedemption] = {}
    for place, item in enumerate(items):
        try:
            wanted[place] = _redemption(item, references, now)
        except TrothError as error:
            outcomes[place] = error
    results = services.redeem_rewards(list(wanted.values()), actor=actor, now=now)
    rows = {row.id: row for row in queries.redemptions().filter(id__in=[one.redemption_id for one in results])}
    for place, result in zip(wanted, results, strict=True):
        if result.redemption_id is None:
            assert result.error is not None, "what is not refused has an id"
            outcomes[place] = result.error
        else:
            status = 201 if result.outcome is Outcome.DONE else 200
            outcomes[place] = Reply(status, views.redemption(rows[result.redemption_id], actor))
    return [outcomes[place] for place in range(len(items))]


@reads(router, "/redemptions", scope=Permission.REWARDS_VIEW, response=RedemptionPage)
def list_redemptions(
    request: ApiRequest, narrowing: Annotated[RedemptionNarrowing, Query(...)], paging: PagingQuery
) -> RedemptionPage:
    """List redemptions."""
    found = queries.redemptions()
    if narrowing.customer_id is not None:
        found = queries.redemptions_of(narrowing.customer_id)
    if narrowing.state is not None:
        found = found.filter(state=narrowing.state)
    rows, cursor = page(found, paging, keys=("-occurred_at", "-id"))
    return RedemptionPage(items=views.redemptions(rows, request.auth), next_cursor=cursor)


@reads(router, "/redemptions/{redemption_id}", scope=Permission.REWARDS_VIEW, response=RedemptionOut)
def get_redemption(request: ApiRequest, redemption_id: Path[UUID]) -> RedemptionOut:
    """Get a redemption."""
    return views.redemption(queries.redemption(redemption_id), request.auth)


@writes(router, "POST", "/redemptions/{redemption_id}/advance", scope=Permission.REWARDS_REDEEM, response=RedemptionOut)
def advance_redemption(request: ApiRequest, redemption_id: Path[UUID], advance: AdvanceIn) -> RedemptionOut:
    """Say that a redemption is prepared, sent or handed over.

    Held points are spent when it is handed over.
    """
    row = services.advance_redemption(
        actor=request.auth, now=request.now, redemption_id=redemption_id, state=RedemptionState(advance.state)
    )
    return views.redemption(row, request.auth)


@writes(router, "POST", "/redemptions/{redemption_id}/cancel", scope=Permission.REWARDS_REDEEM, response=RedemptionOut)
def cancel_redemption(request: ApiRequest, redemption_id: Path[UUID], cancel: CancelIn) -> RedemptionOut:
    """Undo a redemption.

    The points go back into the very lots they came from, with their own end; the pieces go back into stock.
    """
    row = services.cancel_redemption(
        actor=request.auth,
        now=request.now,
        redemption_id=redemption_id,
        reason=cancel.reason,
        is_restocked=cancel.is_restocked,
    )
    return views.redemption(row, request.auth)


def _redemption(item: RedemptionIn, references: References, now: datetime) -> NewRedemption:
    return NewRedemption(
        key=caller_key(item.source, item.external_id),
        customer_id=references.customer(item),
        reward=item.reward,
        occurred_at=item.occurred_at or now,
        quantity=item.quantity,
        option=item.option,
        store_id=references.store(item),
        delivery=item.delivery,
        household_id=item.household_id,
    )
