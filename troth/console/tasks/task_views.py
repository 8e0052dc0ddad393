"""One task: who, what to say, how it went, and the next one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.customers import page as customer_page
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist import services
from troth.worklist.errors import ScriptRefusedError, TaskRefusedError
from troth.worklist.models import Effect, Task, TaskState
from troth.worklist.queries import Kind

from .list_views import present
from .shown import EFFECT_TONES, answer_rows, choice_text, history, shown_tasks, title_of

P = Permission
LANGUAGES = {"en": "English", "zh-hans": "中文"}


@require_safe
@requires(P.TASKS_VIEW)
def detail(request: ConsoleRequest, task_id: UUID) -> HttpResponse:
    """Show a task with everything needed to do it."""
    return _page(request, worklist.task(task_id))


@require_POST
@requires(P.TASKS_VIEW, P.TASKS_WORK)
def take_next(request: ConsoleRequest) -> HttpResponse:
    """Open the actor's most urgent task, taking one of the teams' where none is left."""
    after = request.POST.get("after", "")
    task = services.take_next(
        actor=request.actor, now=staff.moment(utc_now()), after=UUID(after) if _is_uuid(after) else None
    )
    if task is None:
        messages.success(request, _("Nothing is left to do: neither yours nor your teams'."))
        return redirect("tasks:index")
    return redirect("tasks:task", task.id)


@require_POST
@requires(P.TASKS_VIEW, P.TASKS_WORK)
def act(request: ConsoleRequest, task_id: UUID) -> HttpResponse:
    """Take, give back, put off, remind, write a note, cancel or open again."""
    name, given = request.POST.get("act", ""), request.POST
    who: dict[str, Any] = {"actor": request.actor, "now": staff.moment(utc_now())}
    if name == "take":
        services.take(task_id, **who)
    elif name == "release":
        services.release(task_id, **who)
    elif name == "snooze":
        services.snooze(task_id, until=_moment(given.get("at", "")), **who)
        messages.success(request, _("Put off."))
    elif name == "remind":
        services.remind(task_id, at=_moment(given.get("at", "")) if given.get("at") else None, **who)
        messages.success(request, _("The reminder is set."))
    elif name == "comment":
        services.comment(task_id, note=given.get("note", ""), **who)
    elif name == "cancel":
        services.cancel(task_id, **who)
        messages.success(request, _("Cancelled."))
    elif name == "reopen":
        services.reopen(task_id, **who)
    elif name == "assign" and request.actor.may(P.TASKS_ASSIGN):
        member = given.get("assignee", "")
        services.assign([task_id], member_id=UUID(member) if _is_uuid(member) else None, **who)
    else:
        raise Http404
    return redirect("tasks:task", task_id)


@require_POST
@requires(P.TASKS_VIEW, P.TASKS_WORK)
def complete(request: ConsoleRequest, task_id: UUID) -> HttpResponse:
    """Note how it went, and go on with the next task where that was asked for."""
    given = request.POST
    task = worklist.task(task_id)
    kind = worklist.kind_of(task.task_kind)
    now = staff.moment(utc_now())
    try:
        done = services.complete(
            task_id,
            outcome=given.get("outcome", ""),
            note=given.get("note", ""),
            answers={one.code: given.get(f"answer-{one.code}", "") for one in kind.fields},
            again_at=_moment(given["again_at"]) if given.get("again_at") else None,
            actor=request.actor,
            now=now,
        )
    except TaskRefusedError as error:
        return _page(request, task, error=error)
    outcome = kind.outcome(done.outcome)
    messages.success(request, _("Noted: %(outcome)s.") % {"outcome": outcome or done.outcome})
    if given.get("go_on") and worklist.member_of(request.actor):
        after = services.take_next(actor=request.actor, now=now, after=task_id)
        if after is not None:
            return redirect("tasks:task", after.id)
        messages.info(request, _("Nothing is left to do: neither yours nor your teams'."))
        return redirect("tasks:index")
    return redirect("tasks:task", task_id)


def _page(request: ConsoleRequest, task: Task, error: TrothError | None = None) -> HttpResponse:
    now, may = staff.moment(utc_now()), request.actor.may
    kind = worklist.kind_of(task.task_kind)
    member = worklist.member_of(request.actor)
    (row,) = shown_tasks([task], request.actor, now)
    language = request.GET.get("language", "")
    is_open = task.state == TaskState.OPEN
    is_mine = member is not None and task.assignee_id == member.id
    may_work = may(P.TASKS_WORK) and is_open
    context: dict[str, Any] = {
        "row": row,
        "task": task,
        "kind": kind,
        "title": title_of(task, kind, request.actor),
        "script": _script(request, task, language if language in LANGUAGES else ""),
        "languages": LANGUAGES,
        "outcomes": [(number, one, EFFECT_TONES[one.effect]) for number, one in enumerate(kind.outcomes, 1)],
        "fields": _fields(kind, task, request.POST),
        "given": request.POST,
        "answers": answer_rows(task, kind) if may(P.CUSTOMERS_VIEW_PERSONAL) else [],
        "history": history(task, kind, request.actor),
        "error": error,
        "is_open": is_open,
        "is_mine": is_mine,
        "may_work": may_work and (task.assignee_id is None or is_mine),
        "may_take": may_work and member is not None and task.assignee_id is None,
        "may_assign": may(P.TASKS_ASSIGN) and is_open,
        "may_reopen": may(P.TASKS_WORK) and not is_open,
        "people": present() if may(P.TASKS_ASSIGN) else [],
        "member": member,
        "earliest": timezone.localtime(now).strftime("%Y-%m-%dT%H:%M"),
        "again": Effect.AGAIN,
        "now": now,
    }
    if row.customer_id and may(P.CUSTOMERS_VIEW):
        context |= _customer(request, row.customer_id)
    return render(request, "console/tasks/task.html", context, status=422 if error else 200)


def _customer(request: ConsoleRequest, customer_id: UUID) -> dict[str, Any]:
    """Return the customer at a glance, and what else was done for them."""
    shown = customer_page.profile_of(request, customer_id)
    earlier = worklist.of_customer(customer_id)[:6]
    return {
        "profile": shown,
        "score": shown.score,
        "earlier": shown_tasks(earlier, request.actor, staff.moment(utc_now())),
    }


def _script(request: ConsoleRequest, task: Task, language: str) -> dict[str, Any] | None:
    try:
        found = worklist.fill(task, actor=request.actor, now=staff.moment(utc_now()), language=language)
    except ScriptRefusedError as error:
        return {"error": error, "language": language}
    if found is None:
        return None
    shown = "zh-hans" if found.language.startswith("zh") else "en"
    return {"text": found.text, "missing": found.missing, "version": found.version, "language": shown}


def _fields(kind: Kind, task: Task, given: Any) -> list[dict[str, Any]]:
    found = []
    for one in kind.fields:
        value = given.get(f"answer-{one.code}") or task.answers.get(one.code, "")
        choices = [(choice, choice_text(choice)) for choice in one.choices]
        found.append({"field": one, "value": value, "choices": choices})
    return found


def _moment(text: str) -> datetime:
    """Read a moment as the browser writes it, in the company's zone.

    Raises:
        TaskRefusedError: it is none.
    """
    try:
        moment: datetime = forms.DateTimeField().clean(text)
    except forms.ValidationError as error:
        raise TaskRefusedError(_("Choose a day and a time."), field="at", value=text[:40]) from error
    return moment


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
