"""Consents that wait for the customer's confirmation (double opt-in)."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Path, Router
from pydantic import Field, StringConstraints

from troth.access.permissions import Permission
from troth.customers.models import ConsentChannel, ConsentPurpose
from troth.messaging import queries, services
from troth.messaging.queries import ConsentRequest

from ..fields import NO_NUL, MomentText, Request, Response, Text40, Text64, example
from ..keys import ApiRequest
from ..operations import reads, writes

router = Router(tags=["Customers"])
P = Permission
AskedState = Literal["asked", "asked_before", "not_sent"]


class ConsentRequestIn(Request):
    """A yes that is to be confirmed."""

    model_config = example(
        {"purpose": "marketing", "channel": "email", "source": "newsletter form", "wording_version": "2026-3"}
    )

    purpose: ConsentPurpose = Field(description="What for.")
    channel: ConsentChannel = Field(ConsentChannel.EMAIL, description="By which way; the link goes the same way.")
    source: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NUL)] = Field(
        description="Where it was said."
    )
    wording_version: Text40 = Field("", description="Version of the words agreed to.")


class AskedOut(Response):
    """What became of asking."""

    state: AskedState = Field(
        description="asked: a message goes out; asked_before: one did within a day; not_sent: none could be sent."
    )
    message_id: UUID | None = Field(description="The message with the link; it says why where it was not sent.")


class WaitingConsentOut(Response):
    """A consent that counts once the customer confirms it."""

    purpose: ConsentPurpose = Field(description="What for.")
    channel: ConsentChannel = Field(description="By which way.")
    source: Text64 = Field(description="Where it was said.")
    wording_version: str = Field(description="Version of the words agreed to.")
    asked_at: MomentText = Field(description="When the customer was asked.")
    expires_at: MomentText = Field(description="When it lapses.")
    message_id: UUID | None = Field(description="The message with the link.")


class WaitingConsents(Response):
    """Consents of a customer that await confirmation."""

    items: list[WaitingConsentOut] = Field(description="The newest first.")


@writes(
    router,
    "POST",
    "/customers/{customer_id}/consent-requests",
    scope=P.CUSTOMERS_EDIT,
    response=AskedOut,
    status=202,
)
def ask_for_consent(request: ApiRequest, customer_id: Path[UUID], wanted: ConsentRequestIn) -> AskedOut:
    """Ask a customer to confirm a consent by a link (double opt-in).

    It counts once the button behind the link is pressed, and lapses after 14 days. At most one message a day goes to an
    address for a purpose.
    """
    done = services.ask_to_confirm(
        customer_id=customer_id,
        purpose=wanted.purpose.value,
        channel=wanted.channel.value,
        source=wanted.source,
        wording=wanted.wording_version,
        actor=request.auth,
        now=request.now,
    )
    if done.request is None:
        return AskedOut(state="not_sent", message_id=done.contact_id)
    return AskedOut(state="asked" if done.is_new else "asked_before", message_id=done.contact_id)


@reads(router, "/customers/{customer_id}/consent-requests", scope=P.CUSTOMERS_VIEW, response=WaitingConsents)
def list_waiting_consents(request: ApiRequest, customer_id: Path[UUID]) -> WaitingConsents:
    """List the consents of a customer that await confirmation."""
    return WaitingConsents(items=[_out(one) for one in queries.waiting_consents(customer_id, request.now)])


def _out(one: ConsentRequest) -> WaitingConsentOut:
    return WaitingConsentOut(
        purpose=ConsentPurpose(one.purpose),
        channel=ConsentChannel(one.channel),
        source=one.source,
        wording_version=one.wording_version,
        asked_at=one.asked_at,
        expires_at=one.expires_at,
        message_id=one.contact_id,
    )
