"""Teams: who shares a worklist."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist import services

from .list_views import present
from .shown import area_tabs

P = Permission


@require_safe
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the teams."""
    context = {"tabs": area_tabs(request, "teams"), "teams": worklist.teams(is_active=None)}
    return render(request, "console/tasks/teams.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Make a team, or change one."""
    team = worklist.teams(is_active=None).filter(code=code).first() if code else None
    if code and team is None:
        raise Http404
    given, error = request.POST, None
    places = {place.member_id: place.is_lead for place in team.places.all()} if team else {}
    if request.method == "POST":
        members, leads = _ids(given.getlist("member")), _ids(given.getlist("lead"))
        try:
            saved = services.save_team(
                code=code or given.get("code", ""),
                name=given.get("name", ""),
                name_zh=given.get("name_zh", ""),
                is_active=bool(given.get("is_active")),
                members=members,
                leads=leads & members,
                actor=request.actor,
                now=staff.moment(utc_now()),
            )
        except TrothError as refused:
            error, places = refused, {one: one in leads for one in members}
        else:
            messages.success(request, _("%(team)s is saved.") % {"team": saved})
            return redirect("tasks:teams")
    context = {
        "team": team,
        "given": given,
        "error": error,
        "people": [(one, one.id in places, places.get(one.id, False)) for one in present()],
    }
    return render(request, "console/tasks/team.html", context, status=422 if error else 200)


def _ids(texts: list[str]) -> set[UUID]:
    found = set()
    for text in texts[:1000]:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found
