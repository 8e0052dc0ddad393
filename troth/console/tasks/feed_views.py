"""A person's tasks as a calendar: the page that makes the secret address, and the address itself."""

from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist import services
from troth.worklist.errors import NoMemberError

from .shown import area_tabs


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TASKS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show whether one's calendar can be read, make a new address, withdraw it. The address is shown once."""
    member = worklist.member_of(request.actor)
    address = ""
    if request.method == "POST":
        if member is None:
            raise NoMemberError
        if request.POST.get("act") == "close":
            services.close_feed(member.id, actor=request.actor, now=staff.moment(utc_now()))
            messages.success(request, _("The address is withdrawn: no calendar can read your tasks any more."))
            return redirect("tasks:calendar")
        secret = services.open_feed(member.id, actor=request.actor, now=staff.moment(utc_now()))
        address = request.build_absolute_uri(reverse("tasks:feed", args=[secret]))
    context = {
        "tabs": area_tabs(request, "calendar"),
        "member": member,
        "may_link": request.actor.may(Permission.STAFF_EDIT),
        "feed": worklist.feed_of(member.id) if member else None,
        "address": address,
        "webcal": f"webcal://{urlsplit(address).netloc}{urlsplit(address).path}" if address else "",
    }
    return render(request, "console/tasks/calendar.html", context)


@never_cache
@require_safe
def read(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer with the calendar that the secret opens: calendars cannot sign in, so the address is the key."""
    now = staff.moment(utc_now())
    member = services.read_feed(secret, now=now)
    if member is None:
        raise Http404
    language = member.user.language if member.user else ""

    def address(task_id: UUID) -> str:
        return request.build_absolute_uri(reverse("tasks:task", args=[task_id]))

    with translation.override(language or translation.get_language()):
        body = worklist.calendar_of(worklist.feed_tasks(member, now), address=address, now=now)
    headers = {"Content-Disposition": 'inline; filename="tasks.ics"', "X-Robots-Tag": "noindex"}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)
