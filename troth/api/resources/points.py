"""Points: what customers have, what moved and why; spending, holding, correcting, giving."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.kit.errors import TrothError
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.operations import (
    Adjust,
    Capture,
    HoldPoints,
    Operation,
    Owner,
    Posted,
    Reason,
    Release,
    Reverse,
    Spend,
    Transfer,
)

from ..fields import Moment, Text40
from ..keys import ApiRequest
from ..operations import Reply, reads, writes, writes_gathered
from ..paging import PagingQuery
from . import point_views as views
from .order_views import References
from .point_schemas import (
    AdjustIn,
    ExplanationOut,
    HoldIn,
    LotList,
    PointOperationIn,
    PointsOut,
    PostedOut,
    ReverseIn,
    SettleHoldIn,
    SpendIn,
    StatementOut,
    TransferIn,
)

router = Router(tags=["Points"])
Item = TypeVar("Item", bound=PointOperationIn)


class CurrencyChoice(BaseModel):
    """Of which currency."""

    currency: Text40 = Field("points", min_length=1, description="Code of the point currency.")


CurrencyQuery = Annotated[CurrencyChoice, Query(...)]


class PastKind(StrEnum):
    """Which past: what was true at a moment, or what was known then."""

    OCCURRED = "occurred"
    RECORDED = "recorded"


class PastChoice(BaseModel):
    """As of which moment."""

    as_of: Moment | None = Field(None, description="As of this moment; left out: now.")
    by: PastKind = Field(
        PastKind.OCCURRED, description="occurred: what was true then, as is known today; recorded: what was known then."
    )

    def named(self) -> dict[str, Any]:
        """Return the moment as the ledger's queries name it."""
        return {str(self.by): self.as_of}


class LotChoice(CurrencyChoice, PastChoice):
    """Of which currency, as of which moment."""


@reads(router, "/customers/{customer_id}/points", scope=Permission.POINTS_VIEW, response=PointsOut)
def get_points(request: ApiRequest, customer_id: Path[UUID], past: Annotated[PastChoice, Query(...)]) -> PointsOut:
    """Get what a customer has, or had at a moment, in every point currency; merged records together."""
    owner = customers.customer(customer_id).id
    codes = sorted(one.code for one in queries.currencies())
    if past.as_of is None:
        found = [queries.balances([owner], code, now=request.now)[owner] for code in codes]
    else:
        found = [queries.balance_as_of(owner, code, **past.named()) for code in codes]
    return PointsOut(items=[views.balance(code, one) for code, one in zip(codes, found, strict=True)])


@reads(router, "/customers/{customer_id}/points/lots", scope=Permission.POINTS_VIEW, response=LotList)
def list_lots(request: ApiRequest, customer_id: Path[UUID], choice: Annotated[LotChoice, Query(...)]) -> LotList:
    """List a customer's open lots, now or at a moment: what came when, what is left, when it ends."""
    owner = customers.customer(customer_id).id
    currency = queries.currency(choice.currency).code
    if choice.as_of is None:
        return LotList(items=[views.lot(one) for one in queries.lots(owner, currency, now=request.now)])
    return LotList(items=[views.lot_then(one) for one in queries.lots_as_of(owner, currency, **choice.named())])


@reads(router, "/customers/{customer_id}/points/statement", scope=Permission.POINTS_VIEW, response=StatementOut)
def get_statement(
    request: ApiRequest, customer_id: Path[UUID], choice: CurrencyQuery, paging: PagingQuery
) -> StatementOut:
    """Get a customer's statement: every movement with its reason and the balance after it."""
    owner = customers.customer(customer_id).id
    return views.statement(owner, choice.currency, limit=paging.limit, cursor=paging.cursor)


@reads(
    router,
    "/customers/{customer_id}/points/transactions/{transaction_id}",
    scope=Permission.POINTS_VIEW,
    response=ExplanationOut,
)
def explain_transaction(request: ApiRequest, customer_id: Path[UUID], transaction_id: Path[UUID]) -> ExplanationOut:
    """Trace one movement: a debit to the points it took, a credit to what took them."""
    return views.explanation(queries.explain(customers.customer(customer_id).id, transaction_id))


@writes_gathered(router, "/points/spends", scope=Permission.POINTS_SPEND, item=SpendIn, response=PostedOut)
def spend_points(items: Sequence[SpendIn], *, actor: Actor, now: datetime) -> list[Reply | TrothError]:
    """Spend points.

    Never more than are available; those that end soonest go first. With `household_id` they come from the household's
    pool, within what its rules leave the customer named.
    """
    references = References(items)
    return _posted(items, lambda item: Spend(**_spent(item, references, now), amount=item.amount), actor, now)


@writes_gathered(router, "/holds", scope=Permission.POINTS_SPEND, item=HoldIn, response=PostedOut)
def hold_points(items: Sequence[HoldIn], *, actor: Actor, now: datetime) -> list[Reply | TrothError]:
    """Set points aside, until they are captured, released, or time runs out."""
    references = References(items)

    def operation(item: HoldIn) -> Operation:
        return HoldPoints(**_spent(item, references, now), amount=item.amount, expires_at=item.expires_at)

    return _posted(items, operation, actor, now)


@writes(router, "POST", "/holds/capture", scope=Permission.POINTS_SPEND, response=PostedOut, status=201)
def capture_hold(request: ApiRequest, settled: SettleHoldIn) -> PostedOut:
    """Spend what a hold set aside, or a part of it; the rest is released."""
    said = _said(settled, References([settled]), request.now)
    return _one(Capture(**said, of=settled.hold, amount=settled.amount), request)


@writes(router, "POST", "/holds/release", scope=Permission.POINTS_SPEND, response=PostedOut, status=201)
def release_hold(request: ApiRequest, settled: SettleHoldIn) -> PostedOut:
    """Give back what a hold set aside."""
    return _one(Release(**_said(settled, References([settled]), request.now), of=settled.hold), request)


@writes(router, "POST", "/points/reversals", scope=Permission.POINTS_SPEND, response=PostedOut, status=201)
def reverse_spend(request: ApiRequest, reversal: ReverseIn) -> PostedOut:
    """Undo a spend or a capture, whole or in part: the points go back to where they came from, with their own end."""
    said = _said(reversal, References([reversal]), request.now)
    return _one(Reverse(**said, of=reversal.of, amount=reversal.amount), request)


@writes(
    router,
    "POST",
    "/adjustments",
    scope=Permission.POINTS_ADJUST,
    response=PostedOut,
    status=201,
    other_statuses=(202,),
)
def adjust_points(request: ApiRequest, adjustment: AdjustIn) -> Reply:
    """Correct by hand.

    201 if it is done; 202 if it is above the currency's limit and waits for a second person: `/adjustment-requests`.
    """
    operation = Adjust(**_said(adjustment, References([adjustment]), request.now), amount=adjustment.amount)
    posted, waiting = ledger.request_adjustment(
        actor=request.auth, now=request.now, operation=operation, note=adjustment.note
    )
    if posted is None:
        assert waiting is not None, "what is not done waits"
        return Reply(202, views.waiting(waiting.id))
    return Reply(201, views.posted(_done(posted)))


@writes(router, "POST", "/transfers", scope=Permission.POINTS_SPEND, response=PostedOut, status=201)
def transfer_points(request: ApiRequest, transfer: TransferIn) -> PostedOut:
    """Give points to another customer, to the household's pool, or out of it, as the currency's rules allow.

    They keep their end.
    """
    references = References([transfer])
    said = _said(transfer, references, request.now)
    if transfer.household_id is not None:
        receiver = Owner("customer", references.customer(transfer))
    elif transfer.to_household_id is not None:
        receiver = Owner("household", transfer.to_household_id)
    else:
        assert transfer.to_customer_id is not None, "the schema asks for one of the three"
        receiver = Owner("customer", customers.customer(transfer.to_customer_id).id)
    return _one(Transfer(**said, to=receiver, amount=transfer.amount), request)


def _said(item: PointOperationIn, references: References, now: datetime) -> dict[str, Any]:
    """Return what every operation says, by name: of the customer, or of the pool of the household that it names.

    Raises:
        ReferenceUnknownError: nobody is recognised by the identity.
    """
    customer_id, household_id = references.customer(item), getattr(item, "household_id", None)
    return {
        "key": item.key,
        "owner": Owner("household", household_id) if household_id else Owner("customer", customer_id),
        "currency": item.currency,
        "occurred_at": item.occurred_at or now,
        "reason": Reason(item.reason),
    }


def _spent(item: SpendIn, references: References, now: datetime) -> dict[str, Any]:
    """Return what a spend or a hold says: also who spends, where it is a household's pool."""
    spender_id = references.customer(item) if item.household_id else None
    return _said(item, references, now) | {"spender_id": spender_id}


def _one(operation: Operation, request: ApiRequest) -> PostedOut:
    (posted,) = ledger.post([operation], actor=request.auth, now=request.now)
    return views.posted(_done(posted))


def _done(posted: Posted) -> Posted:
    if posted.error is not None:
        raise posted.error
    return posted


def _posted(
    items: Sequence[Item], convert: Callable[[Item], Operation], actor: Actor, now: datetime
) -> list[Reply | TrothError]:
    """Post what calls ask for as one batch; one that names nobody is refused by itself."""
    replies: dict[int, Reply | TrothError] = {}
    operations: dict[int, Operation] = {}
    for place, item in enumerate(items):
        try:
            operations[place] = convert(item)
        except TrothError as error:
            replies[place] = error
    done = ledger.post(list(operations.values()), actor=actor, now=now)
    for place, posted in zip(operations, done, strict=True):
        replies[place] = posted.error or Reply(201, views.posted(posted))
    return [replies[place] for place in range(len(items))]
