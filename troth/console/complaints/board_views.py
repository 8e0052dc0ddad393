"""The board of open complaints, the list of all, and taking one down on the phone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab, Tone
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.staff import queries as staff
from troth.voice.complaints import queries as complaints
from troth.voice.complaints import services
from troth.voice.complaints.services import NewCase
from troth.voice.models import OPEN_STATES, Case, CaseRemedy, CaseState, Channel, Severity, Wish
from troth.voice.present import present

from . import choices, words
from .remedy_words import remedy_text

P = Permission
PAGE_SIZE = 40
COLUMN_SIZE = 30
FILTERS = ("severity", "category", "store", "team")
STAFF_CHANNELS = (Channel.PHONE, Channel.TILL, Channel.SOCIAL, Channel.EMAIL, Channel.OTHER)


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case as a card or row shows it."""

    case: Case
    name: str
    assignee: str
    team: str
    due: str
    due_tone: Tone
    severity_tone: Tone
    state_tone: Tone
    icon: str
    category: str
    is_doubted: bool


@require_safe
@requires(P.CASES_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show open cases by state, or all of them as a list."""
    wanted = request.GET.get("q", "").strip()
    if wanted and (found := _by_number(wanted)):
        return redirect("complaints:case", found)
    view = request.GET.get("view", "board")
    view = view if view in {"board", "mine", "all"} else "board"
    filtered = _filtered(request)
    mine = staff.people().filter(user=request.user).first()
    if view == "mine":
        filtered = filtered.filter(assignee_id=mine.id if mine else None, state__in=OPEN_STATES)
    context = _context(request, view, wanted)
    if view == "all":
        state = request.GET.get("state", "")
        rows = filtered.filter(state=state) if state in CaseState.values else filtered
        page = Paginator(rows.order_by("-opened_at", "-id"), PAGE_SIZE).get_page(request.GET.get("page"))
        context |= {"page": page, "cards": cards(request, list(page)), "states": CaseState.choices, "state": state}
    else:
        context["columns"] = [_column(request, state, filtered) for state in OPEN_STATES]
        context["is_empty"] = not any(count for _state, count, _cards in context["columns"])
    return render(request, "console/complaints/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_WORK)
def new(request: ConsoleRequest) -> HttpResponse:
    """Take a complaint down that somebody told us."""
    given = {name: request.POST.get(name, "") for name in (*_NEW_FIELDS, "key", "customer")}
    problem = None
    if request.method == "POST":
        try:
            case = services.open_case(_new_case(request, given), actor=request.actor, now=present())
        except TrothError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Case %(number)s. Tell the customer this number.") % {"number": case.number})
            return redirect("complaints:case", case.number)
    customer_id = choices.staff_id(given["customer"] or request.GET.get("customer", ""))
    customer = customers.customer_or_none(customer_id) if customer_id else None
    context = {
        "given": given,
        "problem": problem,
        "wrong": problem.fields.get("field", "") if problem else "",
        "key": given["key"] or f"console:{new_id()}",
        "customer": customer,
        "customer_name": _name(request, customer.id) if customer else "",
        "channels": [(one.value, one.label) for one in STAFF_CHANNELS],
        "severities": Severity.choices,
        "wishes": Wish.choices,
        "categories": choices.category_choices(),
        "stores": staff.stores().filter(is_active=True),
    }
    return render(request, "console/complaints/new.html", context, status=problem.status if problem else 200)


@require_safe
@requires(P.CASES_VIEW)
def remedies(request: ConsoleRequest) -> HttpResponse:
    """Show what waits for a second person."""
    page = Paginator(complaints.waiting_remedies(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [_remedy_row(request, one) for one in page]
    context = {"page": page, "rows": rows, "may_approve": request.actor.may(P.POINTS_APPROVE)}
    return render(request, "console/complaints/remedies.html", context)


def cards(request: ConsoleRequest, cases: list[Case]) -> list[CaseCard]:
    """Return cases as cards, with as many queries whatever their number."""
    names = _names(request, cases)
    people = {row.id: row.name for row in staff.people()}
    teams = dict(choices.team_choices())
    paths = complaints.category_paths([case.category for case in cases])
    due = complaints.soonest_due([case.id for case in cases])
    doubted = {entry.case_id for entry in complaints.unproven_words([case.id for case in cases])}
    now = present()
    return [_card(case, names, people, teams, paths, due.get(case.id), now, case.id in doubted) for case in cases]


_NEW_FIELDS = (
    *("channel", "text", "subject", "category", "severity", "wish", "store", "order_ref"),
    *("email", "phone", "name", "is_safety", "is_told"),
)


def _new_case(request: ConsoleRequest, given: dict[str, str]) -> NewCase:
    flags: dict[str, Any] = {name: bool(given[name]) for name in ("is_safety", "is_told")}
    texts: dict[str, Any] = {name: given[name].strip() for name in _NEW_FIELDS if name not in flags}
    return NewCase(key=given["key"], customer_id=choices.staff_id(given["customer"]), **texts, **flags)


def _filtered(request: ConsoleRequest) -> QuerySet[Case]:
    found = complaints.cases().exclude(state=CaseState.MERGED)
    columns = {"severity": "severity", "store": "store__code", "team": "team"}
    for name, column in columns.items():
        if value := request.GET.get(name, ""):
            found = found.filter(**{column: value})
    if category := request.GET.get("category", ""):
        found = found.filter(category_id__in=complaints.with_below(category))
    cause = request.GET.get("cause", "")
    if cause or request.GET.get("since", ""):
        found = found.filter(id__in=complaints.counted(*_span(request), cause=cause).values("id"))
    return found


FIRST, LAST = date(1970, 1, 1), date(2999, 12, 31)


def _span(request: ConsoleRequest) -> tuple[date, date]:
    """Return the days between which the causes that are asked for were counted; all of them without any."""
    since, until = (_day(request.GET.get(name, ""), usual) for name, usual in (("since", FIRST), ("until", LAST)))
    return since, until


def _day(text: str, usual: date) -> date:
    try:
        return min(max(date.fromisoformat(text), FIRST), LAST)
    except ValueError:
        return usual


def _cause_words(code: str) -> str:
    """Return what a cause is called, "" of none."""
    if code == complaints.UNKNOWN:
        return _("Cause not named yet")
    return next((complaints.named(one) for one in complaints.causes(is_active=None) if one.code == code), "")


def _context(request: ConsoleRequest, view: str, wanted: str) -> dict[str, Any]:
    base = reverse("complaints:index")
    tabs = [
        Tab(_("Board"), base, view == "board"),
        Tab(_("Mine"), f"{base}?view=mine", view == "mine"),
        Tab(_("All cases"), f"{base}?view=all", view == "all"),
    ]
    return {
        "tabs": tabs,
        "view": view,
        "wanted": {name: request.GET.get(name, "") for name in FILTERS} | {"q": wanted},
        "cause": _cause_words(request.GET.get("cause", "")),
        "severities": Severity.choices,
        "categories": choices.category_choices(),
        "stores": staff.stores(),
        "teams": choices.team_choices(),
        "waiting_remedies": complaints.waiting_remedies().count(),
        "may_work": request.actor.may(P.CASES_WORK),
        "may_configure": request.actor.may(P.CASES_CONFIGURE),
        "form_url": request.build_absolute_uri(reverse("portal_complaints:form")),
    }


def _column(
    request: ConsoleRequest, state: CaseState, filtered: QuerySet[Case]
) -> tuple[CaseState, int, list[CaseCard]]:
    rows = filtered.filter(state=state)
    shown = list(rows.order_by("opened_at", "id")[:COLUMN_SIZE])
    return state, len(shown) if len(shown) < COLUMN_SIZE else rows.count(), cards(request, shown)


def _card(
    case: Case,
    names: dict[UUID, str],
    people: dict[UUID, str],
    teams: dict[str, str],
    paths: dict[str, str],
    due: datetime | None,
    now: datetime,
    is_doubted: bool,
) -> CaseCard:
    text, tone = words.due_text(due, now) if case.is_open else ("", "neutral")
    return CaseCard(
        case=case,
        name=names.get(case.customer_id, "") if case.customer_id else "",
        assignee=people.get(case.assignee_id, "") if case.assignee_id else "",
        team=teams.get(case.team, case.team),
        due=text,
        due_tone=tone,
        severity_tone=words.SEVERITY_TONES.get(case.severity, "neutral"),
        state_tone=words.state_tone(case),
        icon=words.CHANNEL_ICONS.get(Channel(case.channel), "message"),
        category=paths[case.category.code],
        is_doubted=is_doubted,
    )


def _names(request: ConsoleRequest, cases: list[Case]) -> dict[UUID, str]:
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    found = customers.records(case.customer_id for case in cases if case.customer_id)
    return {customer_id: shown_name(row, is_open) for customer_id, row in found.items()}


def _name(request: ConsoleRequest, customer_id: UUID) -> str:
    found = customers.customer_or_none(customer_id)
    return shown_name(found, request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)) if found else ""


def _by_number(wanted: str) -> str:
    try:
        return complaints.case(wanted).number
    except TrothError:
        return ""


def _remedy_row(request: ConsoleRequest, one: CaseRemedy) -> dict[str, Any]:
    return {
        "remedy": one,
        "text": remedy_text(one),
        "case": complaints.case_by_id(one.case_id),
        "name": _name(request, one.customer_id),
        "is_own": one.requested_by == request.actor.code,
    }
