"""What staff do to people in a journey: put in, take out, try again, move to another version."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.journeys import services
from troth.care.journeys.errors import JourneyRefusedError
from troth.console import formats
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.segments import queries as segments
from troth.staff import queries as staff

from .frame import frame

PUBLISH = Permission.JOURNEYS_PUBLISH


@require_http_methods(["GET", "POST"])
@requires(PUBLISH)
def put_in(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Put the members of a segment in, by the journey's rules; say how many went which way."""
    journey = journeys.journey(journey_id)
    error: TrothError | None = None
    ways: dict[str, int] | None = None
    if request.method == "POST":
        try:
            ways = services.enter(
                actor=request.actor,
                now=staff.moment(utc_now()),
                journey_id=journey_id,
                customer_ids=segments.member_ids(_segment_id(request)),
                key=request.POST.get("key", "").strip()[:120],
            )
        except TrothError as refusal:
            error = refusal
    found = [one for one in segments.segments() if one.is_published]
    sizes = segments.sizes([one.id for one in found], limit=1)
    context = frame(request, journey, "people") | {
        "segments": [(one, sizes[one.id][-1].member_count if sizes.get(one.id) else None) for one in found],
        "chosen": request.POST.get("segment", ""),
        "key": request.POST.get("key", ""),
        "error": error,
        "ways": [(_way(code), number) for code, number in ways.items() if number] if ways is not None else None,
    }
    return render(request, "console/journeys/put_in.html", context, status=422 if error else 200)


@require_POST
@requires(PUBLISH)
def try_again(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Let those who are stuck go on."""
    count = services.try_again(
        actor=request.actor, now=staff.moment(utc_now()), journey_id=journey_id, step=request.POST.get("step", "")
    )
    text = ngettext("%(count)s person tries again.", "%(count)s people try again.", count)
    messages.success(request, text % {"count": formats.count(count)})
    return redirect("journeys:people", journey_id)


@require_POST
@requires(PUBLISH)
def take_out(request: ConsoleRequest, journey_id: UUID, run_id: UUID) -> HttpResponse:
    """Take one person out."""
    run = journeys.run(run_id)
    services.take_out(
        actor=request.actor, now=staff.moment(utc_now()), journey_id=journey_id, customer_ids=[run.owner_id]
    )
    messages.success(request, _("Taken out of the journey."))
    return redirect("journeys:path", journey_id, run_id)


@require_POST
@requires(PUBLISH)
def move(request: ConsoleRequest, journey_id: UUID, number: int) -> HttpResponse:
    """Put everybody who is under way on a version."""
    count = services.move_people(
        actor=request.actor, now=staff.moment(utc_now()), journey_id=journey_id, to_version=number
    )
    text = ngettext("%(count)s person goes on by this version.", "%(count)s people go on by this version.", count)
    messages.success(request, text % {"count": formats.count(count)})
    return redirect("journeys:versions", journey_id)


def _segment_id(request: ConsoleRequest) -> UUID:
    given = request.POST.get("segment", "")
    try:
        return segments.segment(UUID(given)).id
    except ValueError:
        message = _("Choose a segment.")
        raise JourneyRefusedError(message, field="segment", value=given[:40]) from None


def _way(code: str) -> str:
    return {
        "entered": _("Entered"),
        "again": _("Went through before, and may not again"),
        "under_way": _("On the way already"),
        "too_often": _("Entered fifty times within a day already"),
        "audience": _("May not enter by the audience"),
        "automation_refused": _("Refuses automated decisions"),
        "erased": _("Was erased"),
        "unknown": _("Not known"),
    }.get(code, code)
