"""Points that end on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.ledger import queries as ledger

from .. import source
from ..source import Frame, Source, Tally


def register() -> None:
    """Register the source."""
    source.register(Source("points", _("Points that end"), "hourglass", Permission.POINTS_VIEW, _count, _people, 30))


def _count(since: date, until: date, frame: Frame) -> Sequence[Tally]:
    """Return owners by day and currency; what should have ended before now has, so only what is to come counts."""
    start, end = _to_come(since, until, frame)
    if start >= end:
        return []
    return [Tally(one.date, one.owners, one.currency) for one in ledger.ending_days(start, end, zone=frame.zone)]


def _people(day: date, currency: str, frame: Frame) -> QuerySet[Any, Any]:
    return ledger.ending_owner_ids(currency, *_to_come(day, day, frame)).order_by("owner_id")


def _to_come(since: date, until: date, frame: Frame) -> tuple[datetime, datetime]:
    start, end = frame.moments(since, until)
    return max(start, frame.now), end
