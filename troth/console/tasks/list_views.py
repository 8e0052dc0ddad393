"""Lists of tasks: mine, my teams', everybody's, a customer's; a task made by hand; many assigned at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.customers import page as customer_page
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist import services
from troth.worklist.queries import TaskFilter

from .shown import area_tabs, shown_tasks

P = Permission
PAGE_SIZE = 50
STATES = {
    "due": pgettext_lazy("tasks", "To do now"),
    "overdue": pgettext_lazy("tasks", "Late"),
    "later": pgettext_lazy("tasks", "Put off"),
    "done": pgettext_lazy("tasks", "Done"),
    "cancelled": pgettext_lazy("tasks", "Cancelled"),
}


class NewTaskForm(forms.Form):
    """A task made by hand."""

    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of task"))
    due_at = forms.DateTimeField(
        label=gettext_lazy("By when"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Empty: as the kind says."),
    )
    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)
    assignee = forms.ChoiceField(label=pgettext_lazy("task", "Person"), required=False)
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"), min_value=0, max_value=100, required=False,
        help_text=gettext_lazy("0 to 100, the higher the more urgent."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody = ("", _("Nobody in particular"))
        self.fields["kind"].choices = [(kind.code, str(kind)) for kind in worklist.all_kinds()]  # type: ignore[attr-defined]  # a choice field
        self.fields["team"].choices = [("", _("No team")), *((one.code, str(one)) for one in worklist.teams())]  # type: ignore[attr-defined]  # a choice field
        self.fields["assignee"].choices = [nobody, *((str(one.id), one.name) for one in present())]  # type: ignore[attr-defined]  # a choice field


def present() -> list[Any]:
    """Return who works here now."""
    return list(staff.people().filter(left_date=None))


@require_safe
@requires(P.TASKS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show a list of tasks, the urgent first."""
    now = staff.moment(utc_now())
    may_assign = request.actor.may(P.TASKS_ASSIGN)
    whose = request.GET.get("whose", "")
    member = worklist.member_of(request.actor)
    choices = ["mine", "team", "all"] if may_assign else ["mine", "team"]
    if whose not in choices:
        whose = "mine" if member or not may_assign else "all"
    wanted = _wanted(request, whose)
    page = Paginator(worklist.tasks(wanted, actor=request.actor, now=now), PAGE_SIZE).get_page(request.GET.get("page"))
    counts = worklist.counts(request.actor, now)
    context = {
        "tabs": area_tabs(request, "index"),
        "whose": whose,
        "whose_tabs": _whose_tabs(whose, counts, may_assign),
        "wanted": wanted,
        "states": STATES,
        "kinds": worklist.all_kinds(),
        "teams": worklist.teams() if whose == "all" else [],
        "people": present() if may_assign else [],
        "page": page,
        "rows": shown_tasks(page, request.actor, now),
        "counts": counts,
        "member": member,
        "may_link": request.actor.may(P.STAFF_EDIT),
        "may_assign": may_assign,
        "may_work": request.actor.may(P.TASKS_WORK),
        "is_filtered": _is_filtered(wanted),
        "now": now,
    }
    return render(request, "console/tasks/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.TASKS_VIEW, P.TASKS_WORK)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a task by hand, for a customer where one is named."""
    customer_id = _uuid(request.GET.get("customer", "") or request.POST.get("customer", ""))
    form = NewTaskForm(request.POST or None, initial={"kind": "call" if customer_id else "task"})
    key = request.POST.get("key", "")[:120] or f"console:{new_id()}"
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = services.TaskDraft(
            key=key,
            kind=given["kind"],
            title=given["title"],
            customer_id=customer_id,
            team=given["team"],
            assignee_id=_uuid(given["assignee"]),
            due_at=given["due_at"],
            priority=given["priority"],
            source="staff",
        )
        try:
            task_id = services.create_task(draft, actor=request.actor, now=staff.moment(utc_now()))
        except TrothError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The task is made."))
            return redirect("tasks:task", task_id)
    context = {"form": form, "customer_id": customer_id, "key": key}
    return render(request, "console/tasks/new.html", context)


@require_POST
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def assign(request: ConsoleRequest) -> HttpResponse:
    """Give the ticked tasks to somebody, or to nobody in particular."""
    ids = [found for found in map(_uuid, request.POST.getlist("task")[:500]) if found]
    member_id = _uuid(request.POST.get("assignee", ""))
    count = services.assign(ids, member_id=member_id, actor=request.actor, now=staff.moment(utc_now())) if ids else 0
    if count:
        text = ngettext("%(count)d task is assigned.", "%(count)d tasks are assigned.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.warning(request, _("Tick the tasks first."))
    return redirect(f"{reverse('tasks:index')}?whose=all")


@require_safe
@requires(P.TASKS_VIEW)
def reminders(request: ConsoleRequest) -> HttpResponse:
    """Answer with the reminders that are due, for the note at the top of the area's pages."""
    now = staff.moment(utc_now())
    member = worklist.member_of(request.actor)
    rows = shown_tasks(worklist.reminders_due(member, now) if member else [], request.actor, now)
    return render(request, "console/tasks/reminders.html", {"rows": rows, "now": now})


@require_safe
@requires(P.CUSTOMERS_VIEW, P.TASKS_VIEW)
def customer(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show every task about one customer."""
    shown = customer_page.profile_of(request, customer_id)
    now = staff.moment(utc_now())
    page = Paginator(worklist.of_customer(shown.customer.id), PAGE_SIZE).get_page(request.GET.get("page"))
    context = customer_page.context_of(request, shown, "tasks")
    context |= {
        "page": page,
        "rows": shown_tasks(page, request.actor, now),
        "may_make": request.actor.may(P.TASKS_WORK) and shown.customer.erased_at is None,
    }
    return render(request, "console/tasks/customer.html", context)


def _wanted(request: HttpRequest, whose: str) -> TaskFilter:
    state = request.GET.get("state", "due")
    person = request.GET.get("person", "")
    return TaskFilter(
        mine=whose == "mine",
        team="mine" if whose == "team" else request.GET.get("team", "") if whose == "all" else "",
        state=state if state in STATES else "due",
        kind=request.GET.get("kind", ""),
        assignee_id=_uuid(person) if whose == "all" else None,
        is_unassigned=whose == "all" and person == "nobody",
        source=request.GET.get("source", "").replace("\x00", "")[:120],
        done_since=staff.moment(utc_now()) - timedelta(days=90) if state == "done" else None,
    )


def _is_filtered(wanted: TaskFilter) -> bool:
    return wanted.state != "due" or any([wanted.kind, wanted.source, wanted.assignee_id, wanted.is_unassigned])


def _whose_tabs(whose: str, counts: worklist.Counts, may_assign: bool) -> list[Tab]:
    base = reverse("tasks:index")
    tabs = [
        Tab(_("Mine"), f"{base}?whose=mine", whose == "mine", str(counts.due) if counts.due else ""),
        Tab(_("Free in my teams"), f"{base}?whose=team", whose == "team", str(counts.team) if counts.team else ""),
    ]
    return [*tabs, Tab(_("Everybody's"), f"{base}?whose=all", whose == "all")] if may_assign else tabs


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
