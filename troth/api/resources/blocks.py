"""What people settle: blocked addresses of a customer, messages of which nobody knows whether they went."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Path, Router
from pydantic import Field, StringConstraints

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.messaging import queries, services
from troth.messaging.models import ContactState
from troth.messaging.queries import BlockedAddress
from troth.messaging.services import SuppressionReason
from troth.staff import queries as staff

from ..fields import NO_NUL, MomentText, Request, Response, Text40
from ..keys import ApiRequest
from ..operations import reads, writes

router = Router(tags=["Messages"])
P = Permission
SettledText = Literal["sent", "failed", "queued"]
BlockId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class LiftIn(Request):
    """Why an address may be sent to again."""

    note: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)] = Field(
        description="Why, for colleagues."
    )


class BlockedAddressOut(Response):
    """An address that nothing more is sent to."""

    id: int = Field(description="Of the block.")
    kind: Text40 = Field(description="Kind of address: email, phone, wechat_openid.")
    address: str = Field(description="The address; masked for a key without the right to see personal data.")
    reason: SuppressionReason = Field(description="Why nothing more is sent to it.")
    is_objection: bool = Field(
        description="The holder reported a message as spam: only a new consent to offers ends the block."
    )
    blocked_at: MomentText = Field(description="Since when.")
    message_id: UUID | None = Field(description="The message that showed it, or null.")


class SettleIn(Request):
    """What became of a message."""

    state: SettledText = Field(description="It was sent, it failed, or it is to be sent again.")


class SettledOut(Response):
    """A message that is settled."""

    id: UUID = Field(description="Its id.")
    state: ContactState = Field(description="Where it stands now.")


class BlockedAddressList(Response):
    """The blocked addresses of a customer."""

    items: list[BlockedAddressOut] = Field(description="The newest block first.")


@reads(router, "/customers/{customer_id}/blocked-addresses", scope=P.MESSAGES_VIEW, response=BlockedAddressList)
def list_blocked_addresses(request: ApiRequest, customer_id: Path[UUID]) -> BlockedAddressList:
    """List the addresses of a customer that nothing more is sent to."""
    return _blocked(customer_id, request.auth)


@writes(
    router,
    "POST",
    "/customers/{customer_id}/blocked-addresses/{block_id}/lift",
    scope=P.MESSAGES_SEND,
    response=BlockedAddressList,
)
def lift_block(
    request: ApiRequest, customer_id: Path[UUID], block_id: Path[BlockId], lifted: LiftIn
) -> BlockedAddressList:
    """Allow sending to an address again, and list what is still blocked.

    Consents stay as they are. Refused where the holder reported a message as spam and has not agreed to offers since.
    """
    services.lift_suppression(
        block_id=block_id, customer_id=customer_id, note=lifted.note, actor=request.auth, now=request.now
    )
    return _blocked(customer_id, request.auth)


@writes(router, "POST", "/messages/{message_id}/settle", scope=P.MESSAGES_SEND, response=SettledOut)
def settle_message(request: ApiRequest, message_id: Path[UUID], settled: SettleIn) -> SettledOut:
    """Say what became of a message whose hand-over had an unknown outcome.

    Nothing sends it again by itself; `queued` does, under the key that it had.
    """
    row = services.settle(
        contact_id=message_id, as_state=settled.state, actor=request.auth, now=staff.moment(request.now)
    )
    return SettledOut(id=row.id, state=ContactState(row.state))


def _blocked(customer_id: UUID, actor: Actor) -> BlockedAddressList:
    is_open = actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    return BlockedAddressList(items=[_out(one, is_open) for one in queries.blocked_of(customer_id)])


def _out(one: BlockedAddress, is_open: bool) -> BlockedAddressOut:
    return BlockedAddressOut(
        id=one.block.id,
        kind=one.block.address_kind,
        address=one.address if is_open else customers.mask_identity(one.block.address_kind, one.address),
        reason=SuppressionReason(one.block.reason),
        is_objection=one.is_objection,
        blocked_at=one.block.created_at,
        message_id=one.block.contact_id,
    )
