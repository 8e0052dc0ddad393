"""Reading service requests."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from troth.customers import queries as customers

from ..models import RequestEntry, RequestState, ServiceRequest
from .errors import RequestNotFoundError
from .links import address_of, opened_by, token_of
from .steps import NEEDS, Kind, Step, all_kinds, kinds_by_code, steps_of

__all__ = [
    "NEEDS",
    "Kind",
    "Step",
    "address_of",
    "all_kinds",
    "counts_by_step",
    "entries_of",
    "every",
    "kinds_by_code",
    "of_customer",
    "opened_by",
    "request",
    "requests",
    "steps_of",
    "token_of",
]


def requests(*, state: str = RequestState.OPEN, kind: str = "", step: str = "") -> QuerySet[ServiceRequest]:
    """Return requests: open ones by when they are due, others newest first."""
    rows = ServiceRequest.objects.filter(state=state)
    if kind:
        rows = rows.filter(request_kind=kind)
    if step:
        rows = rows.filter(step=step)
    if state == RequestState.OPEN:
        return rows.order_by(F("due_at").asc(nulls_last=True), "opened_at", "id")
    return rows.order_by("-opened_at", "-id")


def every(*, state: str = "", kind: str = "") -> QuerySet[ServiceRequest]:
    """Return requests in any state, the newest first."""
    rows = ServiceRequest.objects.order_by("-id")
    rows = rows.filter(state=state) if state else rows
    return rows.filter(request_kind=kind) if kind else rows


def request(number: str) -> ServiceRequest:
    """Return one request.

    Raises:
        RequestNotFoundError: no such request.
    """
    found = ServiceRequest.objects.filter(number=number).first()
    if found is None:
        raise RequestNotFoundError(number)
    return found


def entries_of(found: ServiceRequest) -> QuerySet[RequestEntry]:
    """Return what was done with a request, newest first."""
    return RequestEntry.objects.filter(request_id=found.id).order_by("-occurred_at", "-id")


def of_customer(customer_id: UUID) -> QuerySet[ServiceRequest]:
    """Return every request of a customer, under any of their records, newest first."""
    return ServiceRequest.objects.filter(owner_id__in=customers.record_ids(customer_id)).order_by("-opened_at", "-id")


def counts_by_step(now: datetime) -> list[tuple[str, str, int, int]]:
    """Return how many open requests stand at each step: kind, step, how many, how many of them late."""
    rows = ServiceRequest.objects.filter(state=RequestState.OPEN).order_by()
    counted = rows.values("request_kind", "step").annotate(all=Count("id"), late=Count("id", filter=Q(due_at__lt=now)))
    return [(row["request_kind"], row["step"], row["all"], row["late"]) for row in counted]
