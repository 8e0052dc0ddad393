"""Who has not bought yet: the rungs below the first purchase, and the people on them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Tab, Tone
from troth.console.guard import ConsoleRequest, requires
from troth.insights import prospects as insights_prospects
from troth.insights import queries as insights
from troth.insights.models import Rung
from troth.insights.prospect_models import ProspectRung
from troth.insights.prospects import FRAME

from . import cells, links, report, scatter
from .report import Report

PAGE_SIZE = 50
TONES: dict[str, Tone] = {"suspect": "neutral", "prospect": "good", "disqualified_prospect": "warn"}


def reason(code: str) -> str:
    """Return why somebody stands on a rung below the first purchase."""
    return {
        "no_need": _("Does not need what we sell."),
        "not_able_to_pay": _("Cannot pay for it."),
        "needs_and_can_pay": _("Needs it and can pay for it."),
        "need_or_means_not_known": _("Whether they need it and can pay is not known."),
    }.get(code, "")


def below(found: Report, ladder: ChartCard) -> ChartCard:
    """Return the ladder with the rungs below the first purchase in front; as it is where nobody stands there."""
    counts = counted(found)
    if not counts:
        return ladder
    rungs = [rung for rung in ProspectRung if counts[rung]]
    bought = [(row, str(Rung(row["rung"]).label)) for row in found.rows("ladder")]
    labels = [*(str(rung.label) for rung in rungs), *(label for _row, label in bought)]
    numbers = [*(counts[rung] for rung in rungs), *(row["customers"] for row, _label in bought)]
    urls = [*map(page_of, rungs), *(links.people(rung=row["rung"]) for row, _label in bought)]
    none = Cell("–")
    more: list[Sequence[Cell]] = [
        [Cell(rung.label, url=page_of(rung)), cells.count(counts[rung], page_of(rung)), none, none, none]
        for rung in rungs
    ]
    note = _("Suspects and prospects are known and have not bought; shares are of the buyers.")
    return replace(
        ladder,
        option=charts.bars(labels, {_("Customers"): numbers}, horizontal=True, urls=urls),
        table=replace(ladder.table, rows=[*more, *ladder.table.rows]),
        height="md",
        note=f"{ladder.note} {note}",
    )


def counted(found: Report) -> Counter[str]:
    """Return how many stand on each rung below the first purchase."""
    counts: Counter[str] = Counter()
    for row in found.rows(FRAME):
        counts[row["rung"]] += row["customers"]
    return counts


def page_of(rung: str = "") -> str:
    """Return the address of the people on a rung below the first purchase."""
    return reverse("value:prospects") + (f"?rung={rung}" if rung else "")


def of_customer(customer_id: UUID) -> dict[str, Any] | None:
    """Return rung and reason of one who has not bought, by what is told now; None of whoever has."""
    found = insights_prospects.standing_now(customer_id)
    if found is None:
        return None
    rung, code = found
    return {
        "label": ProspectRung(rung).label,
        "tone": TONES[rung],
        "reason": reason(code),
        "is_open": rung == "suspect",
    }


@require_safe
@requires(Permission.INSIGHTS_VIEW, Permission.CUSTOMERS_VIEW)
def page(request: ConsoleRequest) -> HttpResponse:
    """Show who is known and has not bought, rung by rung."""
    loaded = report.load((FRAME,))
    wanted = request.GET.get("rung", "")
    rung = wanted if wanted in ProspectRung.values else ""
    counts = counted(loaded) if loaded else Counter()
    shown = Paginator(insights_prospects.listed(rung), PAGE_SIZE).get_page(request.GET.get("page"))
    names = scatter.names_of([str(one.owner_id) for one in shown], request.actor)
    rows = [
        {
            "name": names.get(str(one.owner_id)) or "–",
            "url": links.customer(one.owner_id),
            "rung": one.get_rung_display(),
            "tone": TONES[one.rung],
            "reason": reason(one.reason),
            "source": one.source or "–",
            "day": one.known_date,
        }
        for one in shown
    ]
    tabs = [Tab(_("All"), page_of(), not rung, formats.count(sum(counts.values())))]
    tabs += [Tab(one.label, page_of(one), one == rung, formats.count(counts[one])) for one in ProspectRung]
    context = {
        "run": insights.latest_run(),
        "report": loaded,
        "tabs": tabs,
        "rows": rows,
        "page": shown,
        "may_edit": request.actor.may(Permission.CUSTOMERS_EDIT),
    }
    return render(request, "console/value/prospects.html", context)
