"""How long a customer took to choose: days from the first visit to the first order, for the loyalty index."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Min

from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.kit import clock
from troth.staff import queries as staff
from troth.value.later import pl

from .attitudes import MeasurementSource, register, schema

SOURCE = "visits"


def register_all() -> None:
    """Register the source, once."""
    register(MeasurementSource(SOURCE, read))


def read(as_of: date) -> pl.DataFrame:
    """Return the days of everybody who visited before the first order, or on its day; who bought first did not choose
    in a visit.
    """
    zone = staff.company().time_zone
    until = clock.day_start(as_of + timedelta(days=1), zone)
    visits = activity.visits().filter(occurred_at__lt=until, owner_id__isnull=False).order_by()
    firsts = list(visits.values_list("owner_id").annotate(first=Min("occurred_at")))
    canonical = customers.canonical_ids({owner for owner, _first in firsts})
    came: dict[UUID, date] = {}
    for owner, first in firsts:
        if (who := canonical.get(owner)) is not None:
            day = clock.business_date(first, zone)
            came[who] = min(day, came.get(who, day))
    rows = [
        (str(owner), "days_to_choose", float((bought - came[owner]).days), SOURCE, bought, 1.0)
        for owner, (bought, _last) in sorted(activity.first_and_last_orders(came, as_of).items())
        if bought >= came[owner]
    ]
    return pl.DataFrame(rows, schema=schema(), orient="row")
