"""What changed and what stands out, in sentences that lead to the people and to the next step."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.console import formats
from troth.console.components import Tone
from troth.console.value import links
from troth.console.value.concentration import sentence as concentration_sentence
from troth.console.value.movement import step_urls
from troth.console.value.report import Report
from troth.insights.models import Band


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence, the icon before it, and where it leads."""

    text: str
    url: str
    link: str
    icon: str
    tone: Tone = "neutral"


def remarks(report: Report) -> list[Remark]:
    """Return what a manager would want to be told, most pressing first."""
    found = [_at_risk(report), _lost(report), _won(report), _best_band(report), _concentration(report)]
    return [remark for remark in found if remark is not None]


def _at_risk(report: Report) -> Remark | None:
    rows = {row["rfm_segment"]: row for row in report.rows("rfm_segments")}
    row = rows.get("must_not_lose")
    if not row:
        return None
    text = ngettext(
        "%(count)s of the customers who bought most and often has been silent; together they brought %(revenue)s.",
        "%(count)s of the customers who bought most and often have been silent; together they brought %(revenue)s.",
        row["customers"],
    ) % {"count": formats.count(row["customers"]), "revenue": report.money_compact(row["revenue"])}
    url = links.people(rfm_segment="must_not_lose")
    return Remark(text, url, _("Speak to them first"), "alert-triangle", "bad")


def _lost(report: Report) -> Remark | None:
    steps = _steps(report)
    asleep, lost = -steps.get("to_sleeping", 0), -steps.get("to_lost", 0)
    if not asleep and not lost:
        return None
    text = ngettext(
        "In 30 days %(asleep)s active customer fell asleep and %(lost)s were lost.",
        "In 30 days %(asleep)s active customers fell asleep and %(lost)s were lost.",
        asleep,
    ) % {"asleep": formats.count(asleep), "lost": formats.count(lost)}
    return Remark(text, step_urls()["to_sleeping"], _("Who fell asleep"), "trending-down", "warn")


def _won(report: Report) -> Remark | None:
    steps = _steps(report)
    new, back = steps.get("new", 0), steps.get("won_back", 0)
    if not new and not back:
        return None
    is_first = not (steps.get("to_sleeping", 0) or steps.get("to_lost", 0))  # nothing before it names the time
    text = (
        _("In 30 days %(new)s came for the first time and %(back)s came back after a silence.")
        if is_first
        else _("In the same time %(new)s came for the first time and %(back)s came back after a silence.")
    ) % {"new": formats.count(new), "back": formats.count(back)}
    return Remark(text, step_urls()["won_back"], _("Who came back"), "trending-up", "good")


def _best_band(report: Report) -> Remark | None:
    row = next((row for row in report.rows("pyramid") if row["band"] == Band.DIAMOND), None)
    if not row or not row["customers"]:
        return None
    text = _("The %(share)s in the diamond band bring %(revenue)s of revenue and %(profit)s of profit.") % {
        "share": formats.percent(row["customers_share"]),
        "revenue": formats.percent(row["revenue_share"]),
        "profit": formats.percent(row["profit_share"]),
    }
    return Remark(text, links.people(band="diamond"), _("Who they are"), "diamond", "info")


def _concentration(report: Report) -> Remark | None:
    if not report.facts("pareto").get("customers"):
        return None
    return Remark(concentration_sentence(report), reverse("value:concentration"), _("The curve"), "chart-area")


def _steps(report: Report) -> dict[str, Any]:
    return {row["step"]: row["customers"] for row in report.rows("waterfall")}
