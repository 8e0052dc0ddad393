"""The people behind a number: a list narrowed by what was measured, said in words."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.components import Tone
from troth.console.customers import behind
from troth.console.guard import ConsoleRequest, requires
from troth.insights import queries as insights
from troth.insights.models import CustomerOutlook, CustomerScore
from troth.insights.queries import People

from . import links, scatter
from .report import margin_note

PAGE_SIZE = 50
EXPORTED = ("band", "status", "revenue", "profit", "orders", "last_purchase", "phone", "email")
BAND_TONES: dict[str, Tone] = {"diamond": "info", "gold": "warn", "new": "good"}
STATUS_TONES: dict[str, Tone] = {"new": "good", "repeat": "good", "active": "good", "sleeping": "warn", "lost": "bad"}


@dataclass(frozen=True, slots=True)
class Row:
    """A customer as the list draws it."""

    name: str
    url: str
    score: CustomerScore
    band_tone: Tone
    status_tone: Tone
    outlook: CustomerOutlook | None


OUTLOOK_FIELDS = {
    "quarter", "loyalty_type", "loyalty_hold", "action", "index_from", "index_below", "potential_from",
    "potential_below",
}  # fmt: skip


@require_safe
@requires(Permission.INSIGHTS_VIEW, Permission.CUSTOMERS_VIEW)
def people(request: ConsoleRequest) -> HttpResponse:
    """Show who stands behind a number, the most revenue first; under an action, the most money at stake."""
    run = insights.latest_run()
    if run is None:
        return render(request, "console/value/people.html", {"run": None})
    wanted = behind.read(request.GET)
    page = Paginator(insights.people(wanted, as_of=run.as_of_date), PAGE_SIZE).get_page(request.GET.get("page"))
    names = scatter.names_of([str(score.owner_id) for score in page], request.actor)
    shows_outlook = bool(wanted.given().keys() & OUTLOOK_FIELDS)
    outlooks = insights.outlooks(score.owner_id for score in page) if shows_outlook else {}
    rows = [
        Row(
            name=names.get(str(score.owner_id), "–"),
            url=links.customer(score.owner_id),
            score=score,
            band_tone=BAND_TONES.get(score.band, "neutral"),
            status_tone=STATUS_TONES.get(score.status, "neutral"),
            outlook=outlooks.get(score.owner_id),
        )
        for score in page
    ]
    context = {
        "run": run,
        "page": page,
        "rows": rows,
        "shows_outlook": shows_outlook,
        "sentences": behind.in_words(wanted),
        "margin_note": margin_note(run),
        "segment_query": _query(wanted) if wanted.given() else "",
        "export_query": f"{_query(wanted)}&{urlencode([('columns', name) for name in EXPORTED])}",
        "may_export": request.actor.may(Permission.CUSTOMERS_EXPORT),
        "may_make_segment": request.actor.may(Permission.SEGMENTS_EDIT),
    }
    return render(request, "console/value/people.html", context)


def _query(wanted: People) -> str:
    return urlencode({name: str(given) for name, given in wanted.given().items()})
