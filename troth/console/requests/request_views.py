"""Service requests: the list by deadline, one request with its steps, what is done with it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.care.models import RequestEntry, RequestState, ServiceRequest
from troth.care.requests import queries as requests
from troth.care.requests import services
from troth.care.requests.errors import RequestRefusedError
from troth.care.training import queries as training
from troth.console.components import Tab, TimelineItem, Tone
from troth.console.customers import page as customer_page
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import DecimalField
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.staff import queries as staff

P = Permission
PAGE_SIZE = 50
TONES: dict[str, Tone] = {RequestState.OPEN: "brand", RequestState.CLOSED: "good", RequestState.CANCELLED: "neutral"}
CHANNELS = [
    ("phone", gettext_lazy("Phone call")),
    ("wechat", "WeChat"),
    ("store", gettext_lazy("Store")),
    ("email", gettext_lazy("E-mail")),
    ("web", pgettext_lazy("channel", "Web form")),
]
ENTRIES = {
    "opened": (pgettext_lazy("service request", "Came in"), "plus"),
    "moved": (pgettext_lazy("service request", "Went on"), "arrow-right"),
    "scheduled": (pgettext_lazy("service request", "Appointment"), "calendar-event"),
    "told": (pgettext_lazy("service request", "Told the customer"), "message"),
    "noted": (pgettext_lazy("service request", "Note"), "note"),
    "parts": (pgettext_lazy("service request", "Parts"), "package"),
    "confirmed": (pgettext_lazy("service request", "The customer is content"), "mood-smile"),
    "denied": (pgettext_lazy("service request", "The customer is not content"), "mood-sad"),
    "cancelled": (pgettext_lazy("service request", "Cancelled"), "circle-x"),
}
TOLD = {
    "request_received": pgettext_lazy("service request", "we have it"),
    "request_scheduled": pgettext_lazy("service request", "the appointment"),
    "request_done": pgettext_lazy("service request", "it is done; is all well?"),
}
DATE_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class NewRequestForm(forms.Form):
    """What a customer asks for."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of service"))
    title = forms.CharField(label=gettext_lazy("What it is about"), max_length=200)
    product = forms.CharField(label=gettext_lazy("Product"), max_length=120, required=False)
    order_number = forms.CharField(label=gettext_lazy("Order number"), max_length=120, required=False)
    address = forms.CharField(label=gettext_lazy("Where to come"), max_length=300, required=False)
    channel = forms.ChoiceField(label=gettext_lazy("How it came in"), choices=CHANNELS)
    description = forms.CharField(
        label=gettext_lazy("In the customer's words"), max_length=5000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.code, str(kind)) for kind in requests.all_kinds()]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a choice field


class ScheduleForm(forms.Form):
    """An appointment."""

    starts_at = forms.DateTimeField(label=pgettext_lazy("time", "From"), widget=DATE_TIME)
    hours = DecimalField(label=gettext_lazy("Hours"), min_value=0, max_value=12, initial=2)
    technician = forms.UUIDField()


@require_safe
@requires(P.CASES_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the requests, those that are due first."""
    now = staff.moment(utc_now())
    state = request.GET.get("state", "open")
    state = state if state in RequestState.values else "open"
    kind, step = request.GET.get("kind", ""), request.GET.get("step", "")
    page = Paginator(requests.requests(state=state, kind=kind, step=step), PAGE_SIZE).get_page(request.GET.get("page"))
    tabs = [Tab(label, f"?state={code}", code == state) for code, label in RequestState.choices]
    context = {
        "page": page,
        "rows": rows_of(page, request, now),
        "tabs": tabs,
        "state": state,
        "kind": kind,
        "kinds": requests.all_kinds(),
        "steps": _steps_waiting(now) if state == RequestState.OPEN else [],
        "may_work": request.actor.may(P.CASES_WORK),
        "may_configure": request.actor.may(P.CASES_CONFIGURE),
        "is_filtered": bool(kind or step),
    }
    return render(request, "console/requests/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_VIEW, P.CASES_WORK, P.CUSTOMERS_VIEW)
def new(request: ConsoleRequest) -> HttpResponse:
    """Open a request for a customer."""
    customer_id = _uuid(request.GET.get("customer", "") or request.POST.get("customer", ""))
    form = NewRequestForm(request.POST or None)
    key = request.POST.get("key", "")[:120] or f"console:{new_id()}"
    if request.method == "POST" and form.is_valid() and customer_id:
        wanted = services.NewRequest(key=key, customer_id=customer_id, **form.cleaned_data)
        try:
            opened = services.open_request(wanted, actor=request.actor, now=staff.moment(utc_now()))
        except TrothError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The request has the number %(number)s.") % {"number": opened.number})
            return redirect("requests:request", opened.number)
    found = customers.find(request.GET["q"], limit=8) if request.GET.get("q") and not customer_id else []
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    who = customers.customer_or_none(customer_id) if customer_id else None
    context = {
        "form": form,
        "key": key,
        "customer_id": customer_id,
        "name": shown_name(who, is_open) if who else "",
        "query": request.GET.get("q", ""),
        "found": [(one.id, shown_name(one, is_open)) for one in found],
    }
    return render(request, "console/requests/new.html", context)


@require_safe
@requires(P.CASES_VIEW)
def detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """Show a request with its steps and everything that was done."""
    row = requests.request(number)
    now, is_open = staff.moment(utc_now()), request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    steps = requests.steps_of(row.steps)
    place = next((place for place, one in enumerate(steps) if one.code == row.step), 0)
    is_working = request.actor.may(P.CASES_WORK) and row.state == RequestState.OPEN
    following = steps[place + 1] if place + 1 < len(steps) else None
    (shown,) = rows_of([row], request, now)
    context: dict[str, Any] = {
        "row": row,
        "shown": shown,
        "is_open": is_open,
        "steps": [(one, number < place, number == place) for number, one in enumerate(steps)],
        "next_step": following if following and following.needs != "confirmation" else None,
        "needs_appointment": bool(following and following.needs == "appointment" and row.appointment_at is None),
        "may_confirm": is_working and place >= len(steps) - 2,
        "earlier": steps[:place],
        "may_work": is_working,
        "people": staff.people().filter(left_date=None),
        "history": _history(row, is_open, may_see_messages=request.actor.may(P.MESSAGES_VIEW)),
        "tone": TONES[row.state],
        "now": now,
        "spare": range(max(2, 4 - len(row.parts))),
    }
    return render(request, "console/requests/request.html", context)


@require_POST
@requires(P.CASES_VIEW, P.CASES_WORK)
def act(request: ConsoleRequest, number: str) -> HttpResponse:
    """Make an appointment, go on, note parts, the customer's word or anything else."""
    given, name = request.POST, request.POST.get("act", "")
    who: dict[str, Any] = {"actor": request.actor, "now": staff.moment(utc_now())}
    if name == "schedule":
        _schedule(request, number, who)
    elif name == "move":
        services.move(number, step=given.get("step", ""), note=given.get("note", ""), **who)
    elif name == "note":
        services.write_note(number, note=given.get("note", ""), **who)
    elif name == "parts":
        services.set_parts(number, parts=_parts(given.getlist("part"), given.getlist("quantity")), **who)
    elif name == "confirm":
        satisfied = given.get("satisfied") == "yes"
        services.confirm(number, satisfied=satisfied, words=given.get("note", ""), **who)
    elif name == "cancel":
        services.cancel(number, note=given.get("note", ""), **who)
    else:
        raise Http404
    return redirect("requests:request", number)


@require_safe
@requires(P.CUSTOMERS_VIEW, P.CASES_VIEW)
def customer(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show the requests of one customer, and the trainings."""
    shown = customer_page.profile_of(request, customer_id)
    found = requests.of_customer(shown.customer.id)[:PAGE_SIZE]
    context = customer_page.context_of(request, shown, "services")
    context |= {
        "rows": rows_of(found, request, staff.moment(utc_now())),
        "seats": training.seats_of_customer(shown.customer.id)[:PAGE_SIZE],
        "may_open": request.actor.may(P.CASES_WORK) and shown.customer.erased_at is None,
    }
    return render(request, "console/requests/customer.html", context)


def rows_of(found: Iterable[ServiceRequest], request: ConsoleRequest, now: datetime) -> list[dict[str, Any]]:
    """Return the rows of a list; a title may name a person, so who may not see names reads the kind instead."""
    rows = list(found)
    kinds = requests.kinds_by_code({row.request_kind for row in rows})
    canonical = customers.canonical_ids({row.owner_id for row in rows})
    people = customers.records(canonical.values())
    members = staff.people().in_bulk({row.technician_id for row in rows if row.technician_id})
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    shown = []
    for row in rows:
        kind = kinds.get(row.request_kind)
        who = people.get(canonical.get(row.owner_id, row.owner_id))
        step = next((one for one in requests.steps_of(row.steps) if one.code == row.step), None)
        member = members.get(row.technician_id) if row.technician_id else None
        shown.append(
            {
                "row": row,
                "kind": kind or row.request_kind,
                "title": row.title if is_open else str(kind or row.request_kind),
                "customer_id": who.id if who else None,
                "customer": shown_name(who, is_open) if who else "",
                "step": step or row.step,
                "technician": member.name if member else "",
                "is_late": row.due_at is not None and row.due_at < now,
                "tone": TONES[row.state],
            }
        )
    return shown


def _steps_waiting(now: datetime) -> list[dict[str, Any]]:
    """Return how many requests stand at each step, for the line above the list."""
    kinds = {kind.code: kind for kind in requests.all_kinds(is_active=None)}
    found = []
    for code, step, count, late in requests.counts_by_step(now):
        kind = kinds.get(code)
        label = next((str(one) for one in kind.steps if one.code == step), step) if kind else step
        found.append({"kind": code, "step": step, "label": f"{kind or code} · {label}", "count": count, "late": late})
    return sorted(found, key=lambda one: (-one["late"], -one["count"], one["label"]))


def _history(row: ServiceRequest, is_open: bool, *, may_see_messages: bool) -> list[TimelineItem]:
    labels = {one.code: str(one) for one in requests.steps_of(row.steps)}
    items = []
    for entry in requests.entries_of(row)[:200]:
        label, icon = ENTRIES.get(entry.code, (entry.code, "circle-dashed"))
        title = f"{label}: {labels.get(entry.step, entry.step)}" if entry.code == "moved" else str(label)
        if entry.code == "told":
            items.append(_told(entry, title, icon, may_see_messages=may_see_messages))
            continue
        items.append(TimelineItem(at=entry.occurred_at, title=title, icon=icon, text=entry.note if is_open else ""))
    return items


def _told(entry: RequestEntry, title: str, icon: str, *, may_see_messages: bool) -> TimelineItem:
    """Return what the customer was told, with a way to the message, which says why it was sent or not."""
    template = str(entry.data.get("template", ""))
    is_withheld = entry.data.get("outcome") == "withheld"
    return TimelineItem(
        at=entry.occurred_at,
        title=f"{title}: {TOLD.get(template, template)}",
        icon=icon,
        text=_("Not sent; the message says why.") if is_withheld else "",
        url=reverse("messages:detail", args=[entry.data["contact"]]) if may_see_messages else "",
        tone="warn" if is_withheld else "neutral",
    )


def _schedule(request: ConsoleRequest, number: str, who: dict[str, Any]) -> None:
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        raise RequestRefusedError(_("Choose a time, its length and a person."), fields=sorted(form.errors))
    given = form.cleaned_data
    ends_at = given["starts_at"] + timedelta(hours=float(given["hours"]))
    services.schedule(number, starts_at=given["starts_at"], ends_at=ends_at, technician_id=given["technician"], **who)
    messages.success(request, _("The appointment is made, and a task of the technician's."))


def _parts(names: list[str], quantities: list[str]) -> list[tuple[str, int]]:
    rows = zip(names[:60], quantities[:60], strict=False)
    return [(name, int(count) if count.isdecimal() and len(count) < 9 else 0) for name, count in rows if name.strip()]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
