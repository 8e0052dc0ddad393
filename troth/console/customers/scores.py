"""The scores beside the customers of these screens."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from troth.insights import queries as insights
from troth.insights.models import CustomerScore, Status
from troth.kit.clock import utc_now


def of_many(customer_ids: Iterable[UUID]) -> dict[UUID, CustomerScore]:
    """Return the scores of these customers; who never bought has none."""
    return insights.scores(customer_ids)


def of_one(customer_id: UUID) -> CustomerScore | None:
    """Return the score of one customer."""
    return insights.scores([customer_id]).get(customer_id)


def all_scores() -> QuerySet[CustomerScore]:
    """Return all scores, unordered."""
    return insights.people(insights.People(), as_of=utc_now().date()).order_by()


def owner_ids(wanted: insights.People) -> QuerySet[CustomerScore, Any] | None:
    """Return the ids of the customers behind a number; None if no number is meant."""
    if not wanted.given():
        return None
    run = insights.latest_run()
    found = insights.people(wanted, as_of=run.as_of_date if run else utc_now().date())
    return found.order_by().values_list("owner_id", flat=True)


def status_label(code: str) -> str:
    """Return the name of a status, or of a group of them."""
    groups = {
        insights.ACTIVE: _("Still buying"),
        insights.SILENT: _("Gone quiet"),
        insights.UNKNOWN: _("Not known yet"),
    }
    return groups.get(code) or str(Status(code).label)


def status_choices() -> list[tuple[str, str]]:
    """Return the statuses and the two groups of them, for a choice."""
    codes = [*Status.values, insights.ACTIVE, insights.SILENT]
    return [(code, status_label(code)) for code in codes]
