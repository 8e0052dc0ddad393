"""Addresses that nothing more is sent to, kept as keyed hashes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit import rows

from .models import Suppression, SuppressionReason

Address = tuple[str, str]
"""Kind of identity and value."""

_SALT = "troth.messaging.suppression"


def hash_of(kind: str, address: str) -> str:
    """Return by what a suppressed address is known again, with nobody able to read it back."""
    return salted_hmac(_SALT, f"{kind}:{address.strip().casefold()}", algorithm="sha256").hexdigest()


def suppressed(addresses: Collection[Address]) -> dict[Address, str]:
    """Return the reason for each of the addresses that is suppressed, in one query."""
    if not addresses:
        return {}
    hashes = {hash_of(*address): address for address in addresses}
    found = Suppression.objects.filter(address_hash__among=list(hashes)).values_list("address_hash", "reason")
    return {hashes[hashed]: reason for hashed, reason in found}


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


@transaction.atomic
def lift_suppression(*, kind: str, address: str, actor: Actor, now: datetime) -> bool:
    """Allow sending to an address again; tell whether it was suppressed."""
    gone, _by_model = Suppression.objects.filter(address_kind=kind, address_hash=hash_of(kind, address)).delete()
    if gone:
        events.append("messaging.address.released", actor=actor, now=now, data={"kind": kind})
    return bool(gone)
