"""What the last analysis knows of the company, for filling in the calculators and for testing rules of thumb."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from troth.console import formats
from troth.console.value import report as reports
from troth.console.value.report import Report
from troth.insights.models import Band
from troth.staff import queries as staff

from .answer import Money
from .fields import shown

FRAMES = ("pyramid", "pareto", "retention", "value_layers", "potential_curve", "kpis", "influence")
DISCOUNT = "10"
MORE = Decimal(5)
MOST_RETENTION = Decimal("99.9")  # above it nothing is left to gain


@dataclass(frozen=True, slots=True)
class Own:
    """The company's figures; `report` is None before the first analysis."""

    report: Report | None
    money: Money

    @property
    def retention(self) -> dict[str, Any] | None:
        """Return the row of the retention frame: one year's customers and who bought again."""
        rows = self.report.rows("retention") if self.report else []
        return rows[0] if rows else None

    @property
    def spans(self) -> dict[str, Any]:
        """Return the days between which retention was measured."""
        return self.report.facts("retention") if self.report else {}

    @property
    def bands(self) -> list[dict[str, Any]]:
        """Return the pyramid's bands that have anybody in them."""
        return [row for row in self.report.rows("pyramid") if row["customers"]] if self.report else []

    def retention_form(self) -> dict[str, str] | None:
        """Return what the retention calculator begins with."""
        row = self.retention
        if row is None:
            return None
        retention = min(Decimal(shown(row["retention"] * 100, 1)), MOST_RETENTION)
        return {
            "customers": str(row["customers"]),
            "profit": shown(row["profit"], 2),
            "retention": shown(retention, 1),
            "more": shown(min(MORE, 100 - retention), 1),
            "discount": DISCOUNT,
            "acquisition": "",
        }

    def attrition_form(self) -> dict[str, str] | None:
        """Return the company's own bands; the churn of all customers stands in each."""
        if not self.bands:
            return None
        churn = shown((1 - self.retention["retention"]) * 100, 1) if self.retention else ""
        given = {"more": str(MORE), "base_loss": ""}
        for place, row in enumerate(self.bands, start=1):
            given |= {
                f"name_{place}": str(Band(row["band"]).label), f"customers_{place}": str(row["customers"]),
                f"profit_{place}": shown(row["profit_per_customer"], 2), f"churn_{place}": churn,
            }  # fmt: skip
        return given

    @property
    def brought(self) -> dict[str, Any] | None:
        """Return how many were introduced (`links`) and how many of them bought; None where nobody was."""
        facts = self.report.facts("influence") if self.report else {}
        return facts if facts.get("links") else None

    def referral_form(self) -> dict[str, str] | None:
        """Return the company's own chain: introductions for each customer, and the share of those introduced who
        bought.
        """
        if self.brought is None or self.report is None:
            return None
        customers, links = self.report.run.customer_count, self.brought["links"]
        return {
            "introductions": shown(links / customers, 3), "conversion": shown(self.brought["bought"] / links * 100, 1),
            "start": str(customers), "rounds": "4",
        }  # fmt: skip

    def introduced(self) -> str:
        """Return what the own chain was measured on, or what is missing for it."""
        if self.brought is None or self.report is None:
            return _(
                "Your own factor is not known yet: keep the customer attribute “Brought by” (referred_by), and the next"
                " analysis counts."
            )
        text = _(
            "Your own figures: %(links)s people were introduced by your %(customers)s customers, and %(bought)s of"
            " them have bought. Who was introduced and never recorded is not counted, so the conversion is at most"
            " that."
        )
        told = {name: formats.count(self.brought[name]) for name in ("links", "bought")}
        return text % (told | {"customers": formats.count(self.report.run.customer_count)})

    def measured_on(self) -> str:
        """Return on which customers retention was measured, and how."""
        if self.report is None:
            return _("Nothing is known of your company yet: import orders and analyse them.")
        row, spans = self.retention, self.spans
        if row is None:
            return _("Your own retention is not known yet: orders of at least %(days)s days are needed.") % {
                "days": spans.get("days_needed", 120)
            }
        days = {name: formats.day(date.fromisoformat(spans[name])) for name in ("start", "middle", "end")}
        told = {"count": formats.count(row["customers"]), **days}
        if spans["is_compounded"]:
            return (
                _(
                    "Your own figures: %(count)s customers bought from %(start)s to %(middle)s; who bought again until"
                    " %(end)s stayed. Your orders do not go back two years yet, so retention and profit are carried"
                    " to a year."
                )
                % told
            )
        return (
            _(
                "Your own figures: %(count)s customers bought from %(start)s to %(middle)s; who bought again until"
                " %(end)s stayed."
            )
            % told
        )


def load() -> Own:
    """Return what the newest analysis knows."""
    report = reports.load(FRAMES)
    return Own(report, Money(report.run.currency if report else staff.company().currency))
