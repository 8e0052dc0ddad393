"""Call scripts: the list, the editor with its preview on a real customer, publishing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.customers.people import shown_name
from troth.console.formats import is_chinese
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.customers import queries as customers
from troth.customers.models import Customer
from troth.insights import queries as insights
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist import services
from troth.worklist.models import CallScript, Task

from .shown import area_tabs

P = Permission


@require_safe
@requires(P.TASKS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the company's scripts, and ours that it has not changed."""
    own = list(worklist.scripts())
    codes = {script.code for script in own}
    used: dict[str, list[str]] = {}
    for kind in worklist.all_kinds():
        used.setdefault(kind.script, []).append(str(kind))
    context = {
        "tabs": area_tabs(request, "scripts"),
        "own": [(script, ", ".join(used.get(script.code, []))) for script in own],
        "ours": [(one, ", ".join(used.get(one.code, []))) for one in worklist.OUR_SCRIPTS if one.code not in codes],
        "may_edit": request.actor.may(P.TASKS_ASSIGN),
    }
    return render(request, "console/tasks/scripts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.TASKS_VIEW)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Write a script, or read it where one may not write."""
    script = worklist.script_or_none(code) if code else None
    if script is not None and script.archived_at is not None:
        script = None
    starter = worklist.starter(code)
    if code and script is None and starter is None:
        raise Http404
    may_edit = request.actor.may(P.TASKS_ASSIGN)
    if (request.method == "POST" and not may_edit) or (not code and not may_edit):
        raise Http404
    values, error = _values(script, code), None
    if request.method == "POST":
        values |= {name: request.POST.get(name, "") for name in ("name", "name_zh", "body", "body_zh")}
        revision = request.POST.get("revision", "")
        try:
            saved = services.save_script(
                code=code or request.POST.get("code", ""),
                name=values["name"],
                name_zh=values["name_zh"],
                body=values["body"],
                body_zh=values["body_zh"],
                expected_revision=whole(revision),
                actor=request.actor,
                now=staff.moment(utc_now()),
            )
        except TrothError as refused:
            error = refused
        else:
            messages.success(request, _("The draft is saved. Agents read it once it is published."))
            return redirect("tasks:script", saved.code)
    context = {
        "script": script,
        "code": code,
        "title": (values["name_zh"] if is_chinese() else "") or values["name"],
        "values": values,
        "error": error,
        "is_ours": script is None and bool(code),
        "facts": worklist.FACTS.items(),
        "people": _people(request),
        "versions": list(script.versions.order_by("-number")[:20]) if script else [],
        "may_edit": may_edit,
    }
    return render(request, "console/tasks/script.html", context, status=422 if error else 200)


@require_POST
@requires(P.TASKS_VIEW)
def preview(request: ConsoleRequest) -> HttpResponse:
    """Fill the text in for the customer chosen, and say what it asks for that nobody knows."""
    language = "zh-hans" if request.POST.get("language") == "zh-hans" else "en"
    source = request.POST.get("body_zh" if language == "zh-hans" else "body", "")
    customer = _customer(request.POST.get("customer", ""))
    context: dict[str, Any] = {"language": language}
    task = Task(title=_("What the task is"), facts={})
    try:
        context["filled"] = worklist.fill_text(
            source, customer=customer, task=task, language=language, actor=request.actor, now=staff.moment(utc_now())
        )
        context["unknown"] = worklist.unknown_facts(source)
    except TrothError as error:
        context["error"] = error
    return render(request, "console/tasks/script_preview.html", context)


@require_POST
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def move(request: ConsoleRequest, code: str) -> HttpResponse:
    """Publish a draft, or take a script out of use."""
    now = staff.moment(utc_now())
    if request.POST.get("act") == "publish":
        note = request.POST.get("note", "")
        version = services.publish_script(code, note=note, actor=request.actor, now=now)
        messages.success(request, _("Version %(number)d is what agents read now.") % {"number": version.number})
        return redirect("tasks:script", code)
    if request.POST.get("act") == "archive":
        services.archive_script(code, actor=request.actor, now=now)
        messages.success(request, _("The script is out of use."))
        return redirect("tasks:scripts")
    raise Http404


def _values(script: CallScript | None, code: str) -> dict[str, Any]:
    """Return what the editor begins with: the draft, else the version in force, else ours."""
    if script is None:
        ours = worklist.starter(code)
        texts = (ours.name, ours.name_zh, ours.body, ours.body_zh) if ours else ("", "", "", "")
        return dict(zip(("name", "name_zh", "body", "body_zh"), texts, strict=True)) | {"revision": 0}
    values = {"name": script.name, "name_zh": script.name_zh, "revision": script.revision}
    if script.draft_saved_at is not None:
        return values | {"body": script.draft, "body_zh": script.draft_zh}
    version = script.versions.order_by("-number").first()
    return values | {"body": version.body if version else "", "body_zh": version.body_zh if version else ""}


def _people(request: ConsoleRequest) -> list[tuple[UUID, str]]:
    """Return a few customers to try the text on: those of whom most is known."""
    run = insights.latest_run()
    if run is None or not request.actor.may(P.CUSTOMERS_VIEW):
        return []
    top = insights.people(insights.People(), as_of=run.as_of_date)[:8]
    found = customers.records([score.owner_id for score in top])
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    return [(one.id, shown_name(one, is_open)) for one in found.values()]


def _customer(text: str) -> Customer | None:
    try:
        return customers.customer_or_none(UUID(text))
    except ValueError:
        return None
