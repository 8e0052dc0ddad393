"""The scores beside the customers of these screens, and the customers behind a number of a report."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from troth.console import formats
from troth.insights import queries as insights
from troth.insights.models import Band, CustomerScore, RfmSegment, Rung, Status
from troth.kit.clock import utc_now

MOST_DAYS = 36_500
_CODES = {
    "band": Band.values,
    "status": [*Status.values, insights.ACTIVE, insights.SILENT],
    "status_before": [*Status.values, insights.ACTIVE, insights.SILENT, insights.UNKNOWN],
    "rung": Rung.values,
    "rfm_segment": RfmSegment.values,
}


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


def read(data: QueryDict) -> insights.People:
    """Return which people an address means; what cannot be read is left out."""
    read_values: dict[str, Any] = {
        field.name: _value(field.name, data.get(field.name, "")) for field in fields(insights.People)
    }
    return insights.People(**{name: value for name, value in read_values.items() if value is not None})


def in_words(wanted: insights.People) -> list[str]:
    """Return what narrows the list beside the filters that have a field of their own."""
    said = {
        "status_before": lambda value: _("before: %(value)s") % {"value": status_label(value)},
        "rung": lambda value: str(Rung(value).label),
        "r": lambda value: _("recency %(value)s of 5") % {"value": value},
        "f": lambda value: _("frequency %(value)s of 5") % {"value": value},
        "m": lambda value: _("money %(value)s of 5") % {"value": value},
        "first_month": lambda value: _("first purchase in %(month)s") % {"month": formats.month(value)},
        "bought_month": lambda value: _("bought in %(month)s") % {"month": formats.month(value)},
        "first_within": lambda value: _("first purchase in the last %(days)s days") % {"days": value},
        "bought_within": lambda value: _("bought in the last %(days)s days") % {"days": value},
    }
    return [said[name](value) for name, value in wanted.given().items() if name in said]


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


def _value(name: str, text: str) -> str | int | date | None:
    if name in _CODES:
        return text if text in _CODES[name] else None
    if name.endswith("_month"):
        return _first_day(text)
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return None
    limit = MOST_DAYS if name.endswith("_within") else 5
    return int(text) if 1 <= int(text) <= limit else None


def _first_day(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None
