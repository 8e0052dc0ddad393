"""How complaints are handled: deadlines, rules, limits; categories and causes; working calendars."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.kit.errors import TrothError
from troth.voice.calendars import queries as calendar_queries
from troth.voice.calendars import services as calendar_services
from troth.voice.calendars.errors import CalendarRefusedError
from troth.voice.calendars.services import CalendarFields, OwnDay, split_spans
from troth.voice.complaints import queries as complaints
from troth.voice.complaints import services
from troth.voice.complaints.services import CategoryFields
from troth.voice.models import Channel, ClockKind, Severity
from troth.voice.present import present
from troth.voice.surveys import queries as survey_queries

from . import choices
from .policy_form import document_of, form_of

P = Permission
DAYS = [
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_CONFIGURE)
def policy(request: ConsoleRequest) -> HttpResponse:
    """Show and publish deadlines, assignment, escalation and limits."""
    now = present()
    services.ensure_starters(actor=request.actor, now=now)
    problem = None
    if request.method == "POST":
        try:
            version = services.publish_policy(actor=request.actor, now=now, document=document_of(request.POST))
        except TrothError as refusal:
            problem = refusal
        else:
            text = _("Version %(number)d holds for what comes in from now on.") % {"number": version.number}
            messages.success(request, text)
            return redirect("complaints:policy")
    post = request.POST if request.method == "POST" else None
    form = form_of(complaints.policy(), post, survey_queries.surveys())
    context = {
        "tabs": _tabs("policy"),
        "form": form,
        "problem": problem,
        "clock_kinds": ClockKind.choices,
        "severities": Severity.choices,
        "channels": Channel.choices,
        "categories": choices.category_choices(),
        "teams": choices.team_choices(),
        "calendars": calendar_queries.calendars(),
        "versions": complaints.policies()[:10],
    }
    return render(request, "console/complaints/policy.html", context, status=problem.status if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_CONFIGURE)
def categories(request: ConsoleRequest) -> HttpResponse:
    """Show, add and change categories and root causes."""
    now = present()
    services.ensure_starters(actor=request.actor, now=now)
    if request.method == "POST":
        _save_category(request) if request.POST.get("what") == "category" else _save_cause(request)
        messages.success(request, _("Kept."))
        return redirect("complaints:categories")
    rows = complaints.categories(is_active=None)
    context = {
        "tabs": _tabs("categories"),
        "rows": [(row, complaints.named(row), _depth(row)) for row in rows],
        "causes": [(row, complaints.named(row)) for row in complaints.causes(is_active=None)],
        "severities": Severity.choices,
        "teams": choices.team_choices(),
    }
    return render(request, "console/complaints/categories.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_CONFIGURE)
def calendars(request: ConsoleRequest) -> HttpResponse:
    """Show the working calendars, and make another one."""
    services.ensure_starters(actor=request.actor, now=present())
    if request.method == "POST":
        code = request.POST.get("code", "").strip()
        if code in calendar_queries.calendar_codes():
            raise CalendarRefusedError(_("There is a calendar of this code already."), field="code", value=code)
        return redirect("complaints:calendar", code or "new")
    rows = list(calendar_queries.calendars())
    return render(request, "console/complaints/calendars.html", {"tabs": _tabs("calendars"), "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_CONFIGURE)
def calendar(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show and publish the hours of a calendar."""
    problem = None
    if request.method == "POST":
        try:
            fields = _calendar_fields(request, code)
            version = calendar_services.save_calendar(actor=request.actor, now=present(), fields=fields)
        except TrothError as refusal:
            problem = refusal
        else:
            text = _("Version %(number)d holds for what comes in from now on.") % {"number": version.number}
            messages.success(request, text)
            return redirect("complaints:calendar", code)
    context = {"code": code, "problem": problem, **_calendar_form(request, code)}
    return render(request, "console/complaints/calendar.html", context, status=problem.status if problem else 200)


def _tabs(active: str) -> list[Tab]:
    found = {
        "policy": (_("Deadlines & rules"), "complaints:policy"),
        "categories": (_("Categories & causes"), "complaints:categories"),
        "calendars": (_("Working calendars"), "complaints:calendars"),
    }
    return [Tab(label, reverse(name), key == active) for key, (label, name) in found.items()]


def _save_category(request: ConsoleRequest) -> None:
    post = request.POST
    order = post.get("order", "0")
    fields = CategoryFields(
        code=post.get("code", "").strip(),
        name=post.get("name", ""),
        name_zh=post.get("name_zh", ""),
        parent=post.get("parent", ""),
        severity=post.get("severity", ""),
        team=post.get("team", ""),
        is_public=bool(post.get("is_public")),
        is_active=bool(post.get("is_active")),
        order=int(order) if order.isdecimal() and len(order) < 5 else 0,
    )
    services.save_category(actor=request.actor, now=present(), fields=fields)


def _save_cause(request: ConsoleRequest) -> None:
    post = request.POST
    services.save_cause(
        actor=request.actor,
        now=present(),
        code=post.get("code", "").strip(),
        name=post.get("name", ""),
        name_zh=post.get("name_zh", ""),
        is_active=bool(post.get("is_active")),
    )


def _depth(row: Any) -> int:
    depth, above = 0, row.parent
    while above is not None and depth < 5:
        depth, above = depth + 1, above.parent
    return depth


def _calendar_form(request: ConsoleRequest, code: str) -> dict[str, Any]:
    """Return what the form shows: what was sent, else what is published, else usual hours."""
    newest = next((row for row in calendar_queries.calendars() if row.calendar.code == code), None)
    usual = newest or next(iter(calendar_queries.calendars()), None)
    name, name_zh = (newest.calendar.name, newest.calendar.name_zh) if newest else ("", "")
    empty: dict[str, Any] = {"zone": "", "country": "", "week": [[]] * 7, "makeup": [], "own_days": []}
    document: dict[str, Any] = usual.document if usual else empty
    shown = {
        "name": name,
        "name_zh": name_zh,
        "zone": document["zone"],
        "country": document["country"],
        "makeup": ", ".join(document["makeup"]),
        "holiday": ", ".join(document.get("holiday", [])),
        "own_days": "\n".join(_own_day_text(one) for one in (document["own_days"] if newest else [])),
    }
    week = [", ".join(day) for day in document["week"]]
    if request.method == "POST":
        shown = {key: request.POST.get(key, "") for key in shown}
        week = [request.POST.get(f"day-{n}", "") for n in range(7)]
    return {"shown": shown, "week": list(zip(range(7), DAYS, week, strict=True)), "newest": newest}


def _own_day_text(one: dict[str, Any]) -> str:
    return " ".join(filter(None, [one["date"], ", ".join(one["spans"]) or "-", one["name"]]))


def _calendar_fields(request: ConsoleRequest, code: str) -> CalendarFields:
    post = request.POST
    return CalendarFields(
        code=code,
        name=post.get("name", ""),
        name_zh=post.get("name_zh", ""),
        zone=post.get("zone", "").strip(),
        country=post.get("country", "").strip().upper(),
        week=tuple(split_spans(post.get(f"day-{n}", "")) for n in range(7)),
        makeup=split_spans(post.get("makeup", "")),
        holiday=split_spans(post.get("holiday", "")),
        own_days=tuple(_own_days(post.get("own_days", ""))),
    )


def _own_days(text: str) -> list[OwnDay]:
    """Read one day a line: "2026-12-31 09:00-12:00 Stock-taking"; "-" for a day off."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        day_text, _space, rest = line.partition(" ")
        spans: list[str] = []
        words = rest.replace(",", " ").replace("，", " ").split()
        while words and (words[0][0].isdigit() or words[0] == "-"):
            spans.append(words.pop(0))
        try:
            day = date.fromisoformat(day_text)
        except ValueError as error:
            message = _("“%(line)s”: begin with the day, for example 2026-12-31.") % {"line": line[:40]}
            raise CalendarRefusedError(message, field="own_days") from error
        hours = tuple(span for span in spans if span != "-")
        found.append(OwnDay(day=day, spans=hours, name=" ".join(words)))
    return found
