"""Who stayed after a fault: whether a customer bought again after their last complaint, for the loyalty index."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Max

from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.insights.attitudes import MeasurementSource, schema
from troth.kit import clock
from troth.staff import queries as staff
from troth.value.later import pl

from ..models import Case, CaseState

SOURCE = "complaints"
WAITED_DAYS = 180
"""Whoever bought nothing in so many days after the complaint did not stay; until then that is not known."""


def read(as_of: date) -> pl.DataFrame:
    """Return for each customer who complained whether they bought on a later day (1) or not (0)."""
    complained = _complained(as_of)
    bought = activity.first_and_last_orders(complained.keys(), as_of)
    rows = []
    for owner, day in sorted(complained.items()):
        _first, last = bought.get(owner, (None, None))
        if last is not None and last > day:
            rows.append((str(owner), "stayed_after_fault", 1.0, SOURCE, last, 1.0))
        elif day + timedelta(days=WAITED_DAYS) <= as_of:
            rows.append((str(owner), "stayed_after_fault", 0.0, SOURCE, day + timedelta(days=WAITED_DAYS), 1.0))
    return pl.DataFrame(rows, schema=schema(), orient="row")


def source() -> MeasurementSource:
    """Return what is registered with the analysis."""
    return MeasurementSource(SOURCE, read)


def _complained(as_of: date) -> dict[UUID, date]:
    """The day of each canonical customer's last complaint up to a day, cut in the company's zone."""
    zone = staff.company().time_zone
    until = clock.day_start(as_of + timedelta(days=1), zone)
    cases = Case.objects.filter(customer_id__isnull=False, opened_at__lt=until)
    cases = cases.exclude(state__in=(CaseState.MERGED, CaseState.REJECTED)).order_by()
    rows = list(cases.values_list("customer_id").annotate(last=Max("opened_at")))
    canonical = customers.canonical_ids({owner for owner, _last in rows})
    found: dict[UUID, date] = {}
    for owner, last in rows:
        if (who := canonical.get(owner)) is not None:
            day = clock.business_date(last, zone)
            found[who] = max(day, found.get(who, day))
    return found
