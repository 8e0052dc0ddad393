"""What answers say of the loyalty index's indicators, for the analysis."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Max

from troth.customers import queries as customers
from troth.insights.attitudes import MeasurementSource
from troth.value.later import pl
from troth.value.loyalty.indicators import CATALOGUE

from ..models import AttitudeMeasure, InformationTag
from .scoring import EFFORT

SOURCE = "surveys"
INDICATORS = frozenset(one.code for one in CATALOGUE)
INFORMATION_DAYS = 365
_COLUMNS = ["customer_id", "indicator", "value", "measured_date"]


def read(as_of: date) -> pl.DataFrame:
    """Return every measurement up to and including a day, and how much information each customer gave in a year."""
    rows = [*_measured(as_of), *_information(as_of)]
    canonical = customers.canonical_ids({owner for owner, *_rest in rows})
    kept = [(str(canonical[owner]), *rest) for owner, *rest in rows if owner in canonical]
    schema = dict(zip(_COLUMNS, (pl.String, pl.String, pl.Float64, pl.Date), strict=True))
    frame = pl.DataFrame(kept, schema=schema, orient="row")
    summed = frame.filter(pl.col("indicator") == "information").group_by("customer_id", "indicator")
    merged = summed.agg(pl.col("value").sum(), pl.col("measured_date").max()).select(_COLUMNS)
    whole = pl.concat([frame.filter(pl.col("indicator") != "information"), merged])
    return whole.with_columns(source=pl.lit(SOURCE), confidence=pl.lit(1.0))


def source() -> MeasurementSource:
    """Return what is registered with the analysis."""
    return MeasurementSource(SOURCE, read)


def _measured(as_of: date) -> list[tuple[UUID, str, float, date]]:
    rows = AttitudeMeasure.objects.filter(measured_date__lte=as_of, indicator__in=INDICATORS).exclude(indicator=EFFORT)
    found = rows.values_list("owner_id", "indicator", "value", "measured_date")
    return [(owner, indicator, float(value), day) for owner, indicator, value, day in found.iterator()]


def _information(as_of: date) -> list[tuple[UUID, str, float, date]]:
    """How many things each customer told in the last year; tags say when, answers by the open link nobody."""
    since = as_of - timedelta(days=INFORMATION_DAYS)
    rows = InformationTag.objects.filter(
        is_removed=False, tagged_at__date__gt=since, tagged_at__date__lte=as_of
    )  # days of UTC: a year's count does not turn on an hour
    counted = rows.exclude(owner_id=UUID(int=0)).values("owner_id").annotate(count=Count("id"), last=Max("tagged_at"))
    return [(row["owner_id"], "information", float(row["count"]), row["last"].date()) for row in counted]
