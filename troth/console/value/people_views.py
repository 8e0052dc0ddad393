"""The people behind a number: a list narrowed by what was measured, said in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tone
from troth.console.guard import ConsoleRequest, requires
from troth.insights import queries as insights
from troth.insights.models import Band, CustomerScore, RfmSegment, Rung, Status
from troth.insights.queries import ACTIVE, SILENT, UNKNOWN, People

from . import links, scatter

PAGE_SIZE = 50
MAX_DAYS = 36_500
GROUPS = (ACTIVE, SILENT, UNKNOWN)
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


@require_safe
@requires(Permission.INSIGHTS_VIEW, Permission.CUSTOMERS_VIEW)
def people(request: ConsoleRequest) -> HttpResponse:
    """Show who stands behind a number, the most revenue first."""
    run = insights.latest_run()
    if run is None:
        return render(request, "console/value/people.html", {"run": None})
    wanted = read(request.GET)
    page = Paginator(insights.people(wanted, as_of=run.as_of_date), PAGE_SIZE).get_page(request.GET.get("page"))
    names = scatter.names_of([str(score.owner_id) for score in page], request.actor)
    rows = [
        Row(
            name=names.get(str(score.owner_id), "–"),
            url=links.customer(score.owner_id),
            score=score,
            band_tone=BAND_TONES.get(score.band, "neutral"),
            status_tone=STATUS_TONES.get(score.status, "neutral"),
        )
        for score in page
    ]
    context = {"run": run, "page": page, "rows": rows, "sentences": sentences(wanted)}
    return render(request, "console/value/people.html", context)


def read(data: QueryDict) -> People:
    """Return what an address asks for; what cannot be read is left out."""
    found = {name: reader(data.get(name, "")) for name, reader in _READERS.items()}
    return People(**{name: given for name, given in found.items() if given})


def sentences(wanted: People) -> list[str]:
    """Return what the list is narrowed to, a phrase each."""
    return [_WORDS[name](given) for name, given in wanted.given().items()]


def _one_of(*allowed: str) -> Callable[[str], str]:
    return lambda text: text if text in allowed else ""


def _number(limit: int) -> Callable[[str], int]:
    def read_number(text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) < 7
        return int(text) if is_number and int(text) <= limit else 0

    return read_number


def _first_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text).replace(day=1)
    except ValueError:
        return None


_READERS: dict[str, Callable[[str], Any]] = {
    "band": _one_of(*Band.values),
    "status": _one_of(*Status.values, *GROUPS[:2]),
    "status_before": _one_of(*Status.values, *GROUPS),
    "rung": _one_of(*Rung.values),
    "rfm_segment": _one_of(*RfmSegment.values),
    "r": _number(5),
    "f": _number(5),
    "m": _number(5),
    "first_month": _first_day,
    "bought_month": _first_day,
    "first_within": _number(MAX_DAYS),
    "bought_within": _number(MAX_DAYS),
}


def _status_words(code: str) -> str:
    groups = {ACTIVE: _("active now"), SILENT: _("sleeping or lost now")}
    return groups.get(code) or _("now: %(status)s") % {"status": Status(code).label}


def _before_words(code: str) -> str:
    groups = {
        ACTIVE: _("active a month before"),
        SILENT: _("sleeping or lost a month before"),
        UNKNOWN: _("not known a month before"),
    }
    return groups.get(code) or _("a month before: %(status)s") % {"status": Status(code).label}


_WORDS: dict[str, Callable[[Any], str]] = {
    "band": lambda code: _("band: %(band)s") % {"band": Band(code).label},
    "status": _status_words,
    "status_before": _before_words,
    "rung": lambda code: _("rung: %(rung)s") % {"rung": Rung(code).label},
    "rfm_segment": lambda code: _("group: %(group)s") % {"group": RfmSegment(code).label},
    "r": lambda score: _("recency score %(score)s") % {"score": score},
    "f": lambda score: _("frequency score %(score)s") % {"score": score},
    "m": lambda score: _("money score %(score)s") % {"score": score},
    "first_month": lambda day: _("first bought in %(month)s") % {"month": formats.month(day)},
    "bought_month": lambda day: _("bought in %(month)s") % {"month": formats.month(day)},
    "first_within": lambda days: _("first bought in the last %(days)s days") % {"days": formats.count(days)},
    "bought_within": lambda days: _("bought in the last %(days)s days") % {"days": formats.count(days)},
}
