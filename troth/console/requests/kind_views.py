"""Kinds of services with their steps."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.care.requests import queries as requests
from troth.care.requests import services
from troth.care.requests.services import Kind, Step
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.voice.calendars import queries as calendars
from troth.worklist import queries as worklist

P = Permission
SPARE = 2
NEEDS = [
    ("", gettext_lazy("nothing")),
    ("appointment", gettext_lazy("an appointment")),
    ("confirmation", gettext_lazy("the customer's word")),
]


@require_safe
@requires(P.CASES_VIEW, P.CASES_CONFIGURE)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the kinds of services."""
    return render(request, "console/requests/kinds.html", {"kinds": requests.all_kinds(is_active=None)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_VIEW, P.CASES_CONFIGURE)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Make a kind, or change its name, team and steps."""
    kind = requests.kinds_by_code([code]).get(code) if code else None
    if code and kind is None:
        raise Http404
    given, error = request.POST, None
    shown = kind or Kind(code="", name="", steps=())
    if request.method == "POST":
        shown = Kind(
            code=code or given.get("code", ""),
            name=given.get("name", ""),
            name_zh=given.get("name_zh", ""),
            team=given.get("team", ""),
            calendar=given.get("calendar", ""),
            is_active=bool(given.get("is_active")),
            steps=_steps(given),
        )
        try:
            saved = services.save_kind(shown, actor=request.actor, now=staff.moment(utc_now()))
        except TrothError as refused:
            error = refused
        else:
            messages.success(request, _("%(kind)s is saved.") % {"kind": saved})
            return redirect("requests:kinds")
    context = {
        "kind": kind,
        "shown": shown,
        "steps": [*shown.steps, *[None] * SPARE],
        "needs": NEEDS,
        "teams": worklist.teams(),
        "calendars": sorted(calendars.calendar_codes()),
        "error": error,
    }
    return render(request, "console/requests/kind.html", context, status=422 if error else 200)


def _steps(given: Any) -> tuple[Step, ...]:
    columns = [given.getlist(f"step-{name}")[:20] for name in ("code", "label", "label_zh", "hours", "needs")]
    return tuple(
        Step(
            code=code.strip(),
            label=label.strip(),
            label_zh=label_zh.strip(),
            hours=int(hours) if hours.isdecimal() and len(hours) < 7 else 0,
            needs=needs,
        )
        for code, label, label_zh, hours, needs in zip(*columns, strict=False)
        if code.strip() or label.strip()
    )
