"""Visits planned and done, how stores stand, planning new ones."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console import charts, formats
from troth.console.complaints.choices import people, staff_id
from troth.console.components import Cell, ChartCard, Column, Tab, Table
from troth.console.guard import ConsoleRequest, requires
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.voice.models import StoreVisit, VisitKind, VisitState
from troth.voice.present import present
from troth.voice.visits import queries as visits
from troth.voice.visits import services
from troth.voice.visits.errors import VisitRefusedError
from troth.voice.visits.services import NewVisit

P = Permission
PAGE_SIZE = 40
LINES = 6


@require_safe
@requires(P.VISITS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show visits: what is planned, soonest first, or what was found, newest first."""
    view = "done" if request.GET.get("view") == "done" else "planned"
    found = visits.visits().filter(state=VisitState.DONE if view == "done" else VisitState.PLANNED)
    kind, store = request.GET.get("kind", ""), request.GET.get("store", "")
    if kind in VisitKind.values:
        found = found.filter(visit_kind=kind)
    if store:
        found = found.filter(store__code=store)
    since, item = _day(request.GET.get("since", "")), request.GET.get("item", "")
    if since and view == "done":
        found = found.filter(visited_date__gte=since)
    if item:
        found = found.filter(id__in=visits.marked(item).values("visit_id"))
    order = ("-visited_date", "-id") if view == "done" else ("planned_date", "id")
    page = Paginator(found.order_by(*order), PAGE_SIZE).get_page(request.GET.get("page"))
    names = {row.id: row.name for row in staff.people()}
    context = {
        "tabs": tabs(view),
        "view": view,
        "page": page,
        "rows": [row_of(one, names) for one in page],
        "kinds": VisitKind.choices,
        "stores": staff.stores(),
        "wanted": {"kind": kind, "store": store},
        "may_edit": request.actor.may(P.VISITS_EDIT),
        "today": _today(),
    }
    return render(request, "console/visits/index.html", context)


@require_safe
@requires(P.VISITS_VIEW)
def stores(request: ConsoleRequest) -> HttpResponse:
    """Show how each store scored over the year, and what visits lost most at."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in VisitKind.values else VisitKind.MYSTERY.value
    today = _today()
    since = today - timedelta(days=365)
    scores = visits.store_scores(since, today, visit_kind=kind)
    names = {row.id: row.name for row in staff.stores()}
    codes = {row.id: row.code for row in staff.stores()}
    done = visits.visits().filter(state=VisitState.DONE, visit_kind=kind, visited_date__range=(since, today))
    ids = list(done.order_by("-visited_date").values_list("id", flat=True)[:2000])
    behind = {"view": "done", "kind": kind, "since": since.isoformat()}
    weakest = [
        (visits.named(item), share, count, _visits_url(behind | {"item": item.key}))
        for item, share, count in visits.weakest_items(ids)
    ]
    context = {
        "tabs": tabs("stores"),
        "kinds": VisitKind.choices,
        "kind": kind,
        "chart": _trend(scores, names, {one: _visits_url(behind | {"store": code}) for one, code in codes.items()}),
        "weakest": weakest,
        "is_empty": not scores,
    }
    return render(request, "console/visits/stores.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.VISITS_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Plan visits: one store, or several at once."""
    services.ensure_checklists(actor=request.actor, now=present())
    problem = None
    if request.method == "POST":
        try:
            rows = services.plan_visits(_planned(request), actor=request.actor, now=present())
        except TrothError as refusal:
            problem = refusal
        else:
            said = ngettext("%(count)d visit is planned.", "%(count)d visits are planned.", len(rows))
            messages.success(request, said % {"count": len(rows)})
            return redirect("visits:index")
    names = ("checklist", "planned_date", "place", "visitor_id", "visitor")
    context = {
        "given": {name: request.POST.get(name, "") for name in names},
        "chosen": request.POST.getlist("stores"),
        "problem": problem,
        "checklists": [(row.code, visits.named(row)) for row in visits.published_checklists()],
        "stores": staff.stores().filter(is_active=True),
        "people": people(),
        "first_day": _today().isoformat(),
    }
    return render(request, "console/visits/new.html", context, status=problem.status if problem else 200)


def row_of(one: StoreVisit, names: dict[Any, str]) -> dict[str, Any]:
    """Return a visit as lists show it."""
    return {
        "visit": one,
        "place": one.store.name if one.store else one.place,
        "visitor": names.get(one.visitor_id, one.visitor) if one.visitor_id else one.visitor,
        "checklist": visits.named(one.version.checklist),
        "score": score_text(one.score_hundredths),
        "tone": score_tone(one),
    }


def score_text(hundredths: int | None) -> str:
    """Return a score of 0 to 100 with as many places as it has."""
    return "" if hundredths is None else f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def score_tone(one: StoreVisit) -> str:
    """Return the colour of a score: what is critical failed is bad whatever the score."""
    if one.score_hundredths is None:
        return "neutral"
    if one.failed_key or one.score_hundredths < 6000:
        return "bad"
    return "good" if one.score_hundredths >= 8500 else "warn"


def tabs(active: str) -> list[Tab]:
    """Return the views of visits."""
    base = reverse("visits:index")
    return [
        Tab(_("Planned"), base, active == "planned"),
        Tab(_("What was found"), f"{base}?view=done", active == "done"),
        Tab(_("Stores"), reverse("visits:stores"), active == "stores"),
        Tab(_("Checklists"), reverse("visits:checklists"), active == "checklists"),
    ]


def _trend(scores: list[visits.StoreScore], names: dict[int, str], urls: dict[int, str]) -> ChartCard:
    shown = scores[:LINES]
    days = sorted({day for one in shown for day, _score in one.scores})
    series: dict[str, list[float | None]] = {}
    for one in shown:
        by_day = dict(one.scores)
        series[names.get(one.store_id, "–")] = [by_day[day] / 100 if day in by_day else None for day in days]
    option = charts.trend([formats.day(day) for day in days], series, from_zero=False) if shown else None
    if option:
        for line in option["series"]:
            line["connectNulls"] = True
    heads = [Column(_("Store")), Column(_("Visits scored"), is_number=True), Column(_("Mean score"), is_number=True)]
    heads += [Column(_("Last score"), is_number=True), Column(_("Against the one before"), is_number=True)]
    rows = [_score_row(one, names, urls.get(one.store_id, "")) for one in scores]
    return ChartCard(
        id="store-scores",
        title=_("Scores of stores, from 0 to 100"),
        subtitle=_("The best six are drawn; all are in the table."),
        option=option,
        table=Table(columns=heads, rows=rows),
        height="lg",
        empty=_("No store was visited in the last twelve months."),
    )


def _score_row(one: visits.StoreScore, names: dict[int, str], url: str) -> list[Cell]:
    change = "–" if one.change is None else f"{one.change:+.2f}"
    last = one.scores[-1][1]
    return [
        Cell(names.get(one.store_id, "–"), url=url),
        Cell(str(one.count), one.count, url),
        Cell(f"{one.mean:.1f}", one.mean),
        Cell(score_text(last), last / 100),
        Cell(change, one.change),
    ]


def _visits_url(query: dict[str, str]) -> str:
    return f"{reverse('visits:index')}?{urlencode(query)}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _planned(request: ConsoleRequest) -> list[NewVisit]:
    post = request.POST
    try:
        day = date.fromisoformat(post.get("planned_date", ""))
    except ValueError as error:
        raise VisitRefusedError(_("Choose the day of the visit."), field="planned_date") from error
    common: dict[str, Any] = {
        "checklist": post.get("checklist", ""),
        "planned_date": day,
        "visitor_id": staff_id(post.get("visitor_id", "")),
        "visitor": post.get("visitor", ""),
    }
    chosen = [NewVisit(store=code, **common) for code in post.getlist("stores") if code]
    if place := post.get("place", "").strip():
        chosen.append(NewVisit(place=place, **common))
    if not chosen:
        raise VisitRefusedError(_("Say which store or place is visited."), field="store")
    return chosen


def _today() -> date:
    return staff.company().today(present())
