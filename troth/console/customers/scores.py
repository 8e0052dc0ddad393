"""The scores beside the customers of these screens."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from troth.insights.models import CustomerScore


def of_many(customer_ids: Iterable[UUID]) -> dict[UUID, CustomerScore]:
    """Return the scores of these customers; who never bought has none."""
    return CustomerScore.objects.in_bulk(list(customer_ids))


def of_one(customer_id: UUID) -> CustomerScore | None:
    """Return the score of one customer."""
    return CustomerScore.objects.filter(owner_id=customer_id).first()


def all_scores() -> QuerySet[CustomerScore]:
    """Return all scores, unordered."""
    return CustomerScore.objects.all()


def owner_ids(
    *, band: str = "", status: str = "", rfm_segment: str = ""
) -> QuerySet[CustomerScore, Any] | None:
    """Return the ids of customers in a band, standing and RFM segment; None if none of them is asked for."""
    wanted = {"band": band, "status": status, "rfm_segment": rfm_segment}
    narrow = {name: value for name, value in wanted.items() if value}
    return CustomerScore.objects.filter(**narrow).values_list("owner_id", flat=True) if narrow else None
