"""The month, one day of it, and the people behind one of its numbers."""

import re
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.care.calendar import queries as calendar
from troth.console.customers.people import Faces
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.staff import queries as staff

from . import drawing

PAGE_SIZE = 40
MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
DAY = re.compile(r"(19|20)\d\d-\d\d-\d\d")


@require_safe
@requires(Permission.JOURNEYS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show a month; the arrows bring the next one into the same page."""
    now = utc_now()
    today = staff.company().today(now)
    asked = request.GET.get("month", "")
    first = date(int(asked[:4]), int(asked[5:]), 1) if MONTH.fullmatch(asked) else today.replace(day=1)
    shown = calendar.month(first, actor=request.actor, now=now)
    context = drawing.month(shown, today)
    return render(request, f"console/calendar/{'month' if request.htmx else 'index'}.html", context)


@require_safe
@requires(Permission.JOURNEYS_VIEW)
def day(request: ConsoleRequest, day: str) -> HttpResponse:
    """Show one day, its festivals and every number: beside the month, or as a page of its own."""
    now, wanted = utc_now(), _day(day)
    shown = calendar.day(wanted, actor=request.actor, now=now)
    context = drawing.one_day(shown, staff.company().today(now))
    return render(request, f"console/calendar/{'day_body' if request.htmx else 'day'}.html", context)


@require_safe
@requires(Permission.JOURNEYS_VIEW)
def people(request: ConsoleRequest, day: str, code: str) -> HttpResponse:
    """Show the people behind one number of a day."""
    now, wanted = utc_now(), _day(day)
    found = calendar.entry(code, wanted, request.GET.get("ref", ""), actor=request.actor, now=now)
    if found is None:
        raise Http404
    page = Paginator(calendar.people(found, actor=request.actor, now=now), PAGE_SIZE).get_page(request.GET.get("page"))
    ids = list(page.object_list)
    records = customers.records(ids)
    faces = Faces(request.actor, records)
    rows: list[dict[str, Any]] = [
        {"customer": records[one], "name": faces.name(records[one]), "contact": faces.contact(records[one])}
        if one in records
        else {"customer": None}
        for one in ids
    ]
    context = {"entry": found, "title": drawing.long_day(wanted), "day": wanted, "page": page, "rows": rows}
    return render(request, "console/calendar/people.html", context)


def _day(text: str) -> date:
    """Return the day of an address; what is none is not found."""
    try:
        return date.fromisoformat(text if DAY.fullmatch(text) else "")
    except ValueError:
        raise Http404 from None
