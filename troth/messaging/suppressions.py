"""Addresses that nothing more is sent to, kept as keyed hashes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, ConsentPurpose
from troth.customers.visible import visible
from troth.events import services as events
from troth.kit import rows

from .channels.registry import all_channels
from .errors import SuppressionKeptError, SuppressionNotFoundError, SuppressionRefusedError
from .models import Contact, Suppression, SuppressionReason
from .reach import reach_of

Address = tuple[str, str]
"""Kind of identity and value."""

MOST_NOTE = 200
_SALT = "troth.messaging.suppression"


@dataclass(frozen=True, slots=True)
class BlockedAddress:
    """A blocked address of a customer. is_objection: the holder's own no, which only a new yes ends."""

    block: Suppression
    address: str
    is_objection: bool


def hash_of(kind: str, address: str) -> str:
    """Return by what a suppressed address is known again, with nobody able to read it back."""
    return salted_hmac(_SALT, f"{kind}:{address.strip().casefold()}", algorithm="sha256").hexdigest()


def suppressed(addresses: Collection[Address]) -> dict[Address, str]:
    """Return the reason for each of the addresses that is suppressed, in one query."""
    if not addresses:
        return {}
    hashes = {hash_of(*address): address for address in addresses}
    found = Suppression.objects.filter(address_hash__among=list(hashes), lifted_at=None)
    return {hashes[hashed]: reason for hashed, reason in found.values_list("address_hash", "reason")}


@transaction.atomic
def suppress(
    *, kind: str, address: str, reason: SuppressionReason, actor: Actor, now: datetime, contact_id: UUID | None = None
) -> None:
    """Send nothing more to an address; of an address that is suppressed already nothing changes."""
    row = (kind, hash_of(kind, address), str(reason), contact_id, now, actor.code)
    columns = ("address_kind", "address_hash", "reason", "contact_id", "created_at", "created_by")
    if suppressed({(kind, address)}):
        return
    rows.insert_missing(Suppression, columns, [row])
    data = {"kind": kind, "reason": str(reason), "contact": str(contact_id or "")}
    events.append("messaging.address.suppressed", actor=actor, now=now, data=data)


def suppress_of(contact: Contact, *, reason: SuppressionReason, actor: Actor, now: datetime) -> None:
    """Send nothing more to the address that a message went to; a channel without addresses has nothing to block."""
    kind = reach_of(contact.channel).address_kind
    if kind and contact.address:
        suppress(kind=kind, address=contact.address, reason=reason, actor=actor, now=now, contact_id=contact.id)


def blocked_of(customer_id: UUID) -> list[BlockedAddress]:
    """Return the customer's addresses that nothing more is sent to, in any record, the newest block first."""
    theirs = customers.identities_of(customer_id).values_list("identity_kind", "value")
    values = {hash_of(kind, value): value for kind, value in theirs}
    found = Suppression.objects.filter(address_hash__among=list(values), lifted_at=None).order_by("-created_at", "-id")
    return [BlockedAddress(one, values[one.address_hash], _is_objection(one, customer_id)) for one in found]


def blocks(*, is_lifted: bool = False) -> QuerySet[Suppression]:
    """Return what blocks an address, or what was lifted."""
    return Suppression.objects.filter(lifted_at__isnull=not is_lifted)


@transaction.atomic
def lift_suppression(*, block_id: int, customer_id: UUID, note: str, actor: Actor, now: datetime) -> Suppression:
    """Allow sending to a customer's address again; lifted once, it stays as it was lifted. note: why.

    Consent is not touched: who said no to offers gets none.

    Raises:
        CustomerNotFoundError: no such customer.
        SuppressionNotFoundError: the customer has no such address, or it is not blocked.
        SuppressionRefusedError: no reason given, or one too long.
        SuppressionKeptError: its holder reported us as spam and has not agreed to offers since.
    """
    hashes = {hash_of(one.identity_kind, one.value) for one in customers.identities_of(customer_id)}
    found = Suppression.objects.select_for_update().filter(id=block_id).first()
    if found is None or found.address_hash not in hashes:
        raise SuppressionNotFoundError(block_id)
    if found.lifted_at is not None:
        return found
    kept = visible(note)
    if not kept or len(kept) > MOST_NOTE:
        raise SuppressionRefusedError(kept, MOST_NOTE)
    if _is_objection(found, customer_id):
        raise SuppressionKeptError
    found.lifted_at, found.lifted_by, found.lifted_for, found.lift_note = now, actor.code, customer_id, kept
    found.save()
    data = {"kind": found.address_kind, "reason": found.reason}
    events.append("messaging.address.released", actor=actor, now=now, customer_id=customer_id, data=data)
    return found


def _is_objection(block: Suppression, customer_id: UUID) -> bool:
    """Tell whether a block is the holder's own no, and no yes to offers by that way has come since."""
    if block.reason != SuppressionReason.COMPLAINT:
        return False
    ways = {one.consent for one in all_channels() if one.identity == block.address_kind} | {ConsentChannel.ANY.value}
    return not any(
        state.is_given and state.act.occurred_at > block.created_at
        for state in customers.consents_of(customer_id)
        if state.purpose == ConsentPurpose.MARKETING and state.channel in ways
    )
