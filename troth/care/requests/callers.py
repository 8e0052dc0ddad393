"""Whoever asks for service without being signed in: found by e-mail or phone, else added as a customer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customer_queries
from troth.customers import services as customers
from troth.customers.errors import CustomerRefusedError, IdentityRefusedError
from troth.customers.services import NewIdentity
from troth.customers.visible import visible

from ..models import ServiceRequest
from .errors import RequestRefusedError
from .opening import NewRequest, open_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. email, phone: one of them at least; language: to be answered in."""

    email: str = ""
    phone: str = ""
    name: str = ""
    language: str = ""


@transaction.atomic
def open_for(caller: Caller, *, actor: Actor, now: datetime, **fields: str) -> ServiceRequest:
    """Open a request of somebody who is not signed in; fields: of `NewRequest`, without the customer.

    Raises:
        RequestRefusedError: a field breaks its rule, or there is no way to reach the caller; nobody is added then.
    """
    customer_id = customer_of(caller, actor=actor, now=now)
    return open_request(NewRequest(customer_id=customer_id, **fields), actor=actor, now=now)


def customer_of(caller: Caller, *, actor: Actor, now: datetime) -> UUID:
    """Return the caller's customer record, made now if there is none.

    Raises:
        RequestRefusedError: neither e-mail nor phone, or one that cannot be read.
    """
    pairs = [(kind, value) for kind, value in (("email", caller.email), ("phone", caller.phone)) if value]
    if not pairs:
        text = _("Leave an e-mail address or a phone number, so that we can reach you.")
        raise RequestRefusedError(text, field="email")
    try:
        for kind, value in pairs:
            found = customer_queries.customer_by_identity(kind, value)
            if found is not None and found.erased_at is None:
                return found.id
        made = customers.create_customer(
            actor=actor,
            now=now,
            identities=[NewIdentity(kind, value) for kind, value in pairs],
            on_taken="suggest",
            name=visible(caller.name)[:100],
            language=caller.language,
            source="service",
        )
    except (IdentityRefusedError, CustomerRefusedError) as error:
        raise RequestRefusedError(error.message, **error.fields) from error
    return made.id
