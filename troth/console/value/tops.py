"""The customers who bring most."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.console.components import Tab, Tone
from troth.insights.models import Band, Status

from . import links, scatter
from .people_views import BAND_TONES, STATUS_TONES
from .report import Report


@dataclass(frozen=True, slots=True)
class TopRow:
    """One of the best customers, as the list draws it."""

    place: int
    name: str
    url: str
    amount: str
    share: float
    purchases: int
    last_purchase_date: date
    band: str
    band_tone: Tone
    status: str
    status_tone: Tone


def tabs(measure: str) -> list[Tab]:
    """Return the two measures to rank by."""
    url = reverse("value:best")
    return [
        Tab(_("By revenue"), url, measure == "revenue"),
        Tab(_("By profit"), f"{url}?by=profit", measure == "profit"),
    ]


def rows(report: Report, measure: str, actor: Actor) -> list[TopRow]:
    """Return the best customers with their names, as the actor may see them."""
    found = report.rows(f"top_{measure}")
    names = scatter.names_of([row["customer_id"] for row in found], actor)
    return [_row(report, row, measure, names) for row in found]


def _row(report: Report, row: dict[str, Any], measure: str, names: dict[str, str]) -> TopRow:
    return TopRow(
        place=row["place"],
        name=names.get(row["customer_id"], "–"),
        url=links.customer(row["customer_id"]),
        amount=report.money(row[measure]),
        share=row["share"],
        purchases=row["purchases"],
        last_purchase_date=date.fromisoformat(row["last_purchase_date"]),
        band=str(Band(row["band"]).label),
        band_tone=BAND_TONES.get(row["band"], "neutral"),
        status=str(Status(row["status"]).label),
        status_tone=STATUS_TONES.get(row["status"], "neutral"),
    )
