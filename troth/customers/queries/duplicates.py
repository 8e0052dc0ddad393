"""Suspected duplicates that wait for a person's decision."""

from uuid import UUID

from django.db.models import Q, QuerySet

from ..errors import DuplicateRefusedError
from ..models import Customer, DuplicateStatus, DuplicateSuggestion
from .people import record_ids


def open_duplicates() -> QuerySet[DuplicateSuggestion]:
    """Return the undecided pairs of two standing customers, the most likely first."""
    merged = Customer.objects.filter(Q(canonical_id__isnull=False) | Q(erased_at__isnull=False)).values("id")
    waiting = DuplicateSuggestion.objects.filter(status=DuplicateStatus.OPEN)
    return waiting.exclude(left_id__in=merged).exclude(right_id__in=merged).order_by("-probability", "id")


def open_duplicates_of(customer_id: UUID) -> QuerySet[DuplicateSuggestion]:
    """Return the undecided pairs that this customer is part of."""
    records = record_ids(customer_id)
    return open_duplicates().filter(Q(left_id__in=records) | Q(right_id__in=records))


def suggestion(suggestion_id: int) -> DuplicateSuggestion:
    """Return one suspected pair.

    Raises:
        DuplicateRefusedError: there is none of this id.
    """
    found = DuplicateSuggestion.objects.filter(id=suggestion_id).first()
    if found is None:
        raise DuplicateRefusedError(f"There is no pair {suggestion_id}.", suggestion=suggestion_id)
    return found
