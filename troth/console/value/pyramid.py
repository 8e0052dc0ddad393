"""The pyramid: value bands, how many people, what they bring."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.insights.models import Band

from . import cells, links
from .report import Report


def card(report: Report, *, is_short: bool = False) -> ChartCard:
    """Return the pyramid as a picture and as a table; `is_short` for the overview, with a link to the
    whole.
    """
    rows = report.rows("pyramid")
    people = sum(row["customers"] for row in rows)
    bands = [
        charts.Band(
            label=Band(row["band"]).label,
            people=row["customers"],
            people_share=row["customers_share"],
            revenue_share=row["revenue_share"],
            profit_share=row["profit_share"],
            url=links.people(band=row["band"]),
        )
        for row in rows
    ]
    option = charts.pyramid(bands, people=_("Customers"), revenue=_("Revenue"), profit=_("Profit"))
    return ChartCard(
        id="pyramid",
        title=_("Value pyramid"),
        subtitle=ngettext(
            "%(count)s customer who bought in the last %(days)s days",
            "%(count)s customers who bought in the last %(days)s days",
            people,
        )
        % {"count": formats.count(people), "days": report.run.settings.bands["window_days"]},
        option=option if people else None,
        table=_table(report),
        height="md",
        note=report.margin_note,
        empty=_("Nobody bought in the measured period."),
        url=reverse("value:pyramid") if is_short else "",
        url_label=_("All about the pyramid") if is_short else "",
    )


def _table(report: Report) -> Table:
    columns = [
        Column(_("Band")),
        *cells.numbers(_("Customers"), _("Share of customers"), _("Revenue"), _("Share of revenue")),
        *cells.numbers(_("Profit"), _("Share of profit"), _("Revenue a head"), _("Profit a head")),
    ]
    return Table(columns=columns, rows=[_row(report, row) for row in report.rows("pyramid")])


def _row(report: Report, row: dict[str, Any]) -> list[Cell]:
    url = links.people(band=row["band"])
    return [
        Cell(Band(row["band"]).label, url=url),
        cells.count(row["customers"], url),
        cells.share(row["customers_share"]),
        cells.money(report, row["revenue"]),
        cells.share(row["revenue_share"]),
        cells.money(report, row["profit"]),
        cells.share(row["profit_share"]),
        cells.money(report, row["revenue_per_customer"]),
        cells.money(report, row["profit_per_customer"]),
    ]
