"""The address at which a customer sees how a service request stands, and says whether all is well: signed."""

from datetime import datetime

from troth.customers import queries as customers
from troth.messaging import links
from troth.messaging.text_errors import LinkRefusedError

from ..models import ServiceRequest
from .errors import RequestNotFoundError

PURPOSE = "service-request"
PAGE = "portal_service:request"


def token_of(request: ServiceRequest) -> str:
    """Return the signed part of the address."""
    return links.signed(PURPOSE, request.owner_id, data={"n": request.number})


def address_of(request: ServiceRequest) -> str:
    """Return the whole address."""
    return links.address(PAGE, token_of(request))


def opened_by(token: str, *, now: datetime) -> ServiceRequest:
    """Return the request that a token opens.

    Raises:
        LinkRefusedError: it was changed, is none of ours, or the data of whose it was are erased.
        RequestNotFoundError: the request is not there any more.
    """
    opened = links.opened(PURPOSE, token, now=now)
    person = customers.customer_or_none(opened.owner_id)
    if person is None or person.erased_at is not None:
        raise LinkRefusedError
    number = str(opened.data.get("n", ""))
    found = ServiceRequest.objects.filter(number=number, owner_id=opened.owner_id).first()
    if found is None:
        raise RequestNotFoundError(number)
    return found
