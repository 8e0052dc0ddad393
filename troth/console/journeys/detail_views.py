"""A journey as it runs: counts at every step, the people, one person's path, versions; pause, resume, stop."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.journeys import services
from troth.care.journeys.document.reading import as_text
from troth.care.journeys.document.shapes import FIXED_LISTS, JourneyDocument, walk
from troth.care.models import Journey, JourneyRun, JourneyState, JourneyVersion, RunState
from troth.console import formats
from troth.console.components import Figure, Tab
from troth.console.customers.people import Faces
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.staff import queries as staff

from . import comparing, outcomes, telling
from .draft import event_of
from .flow import Drawer
from .frame import frame, who
from .names import STEP_KINDS, Names, named

VIEW = Permission.JOURNEYS_VIEW
PUBLISH = Permission.JOURNEYS_PUBLISH
PAGE_SIZE = 40
MOVABLE = 20


@require_safe
@requires(VIEW)
def detail(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Show the version that people enter, with how many are at each step; asked for anew while it runs."""
    journey = journeys.journey(journey_id)
    rows = list(journeys.versions(journey_id))
    chosen = _chosen(rows, request.GET.get("version", ""))
    context = frame(request, journey, "detail")
    if chosen:
        context |= running(journey, chosen) | {"versions": rows, "chosen": chosen}
    context["figures"] = _figures(journey)
    context["is_live"] = journey.state == JourneyState.RUNNING
    template = "live" if request.htmx and chosen else "detail"
    return render(request, f"console/journeys/{template}.html", context)


@require_safe
@requires(VIEW)
def people(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """List who is in a journey, at one of its steps, stuck, or who has left a step."""
    journey = journeys.journey(journey_id)
    step, show = request.GET.get("step", ""), request.GET.get("show", "here")
    found, show = _wanted(journey_id, step, show, request.GET.get("outcome", ""))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    records = customers.records([one.owner_id for one in rows])
    faces = Faces(request.actor, records)
    labels = _labels(journey)
    context = frame(request, journey, "people") | {
        "rows": [_person(one, records, faces, labels) for one in rows],
        "page": page,
        "step": step,
        "step_label": labels.get(step, step),
        "show": show,
        "outcome": outcomes.word(request.GET.get("outcome", "")),
        "views": _views(step, show),
        "steps": labels.items(),
    }
    return render(request, "console/journeys/people.html", context)


@require_safe
@requires(VIEW)
def path(request: ConsoleRequest, journey_id: UUID, run_id: UUID) -> HttpResponse:
    """Show one person's way through a journey, step by step."""
    run = journeys.run(run_id)
    if run.journey_id != journey_id:
        raise Http404
    document = journeys.document_of(run.version)
    records = customers.records([run.owner_id])
    if run.owner_id not in records:
        raise Http404
    context = frame(request, run.journey, "people") | {
        "run": run,
        "customer": records[run.owner_id],
        "name": Faces(request.actor, records).name(records[run.owner_id]),
        "steps": _path(run, document),
        "end": outcomes.end(run, document),
        "state": outcomes.state(run),
        "entered_by": telling.entry(_plain(run.version)["entry"], Names(event_of(_plain(run.version)))),
    }
    return render(request, "console/journeys/path.html", context)


@require_safe
@requires(VIEW)
def versions(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """List the published versions, each with what it changed, in words."""
    journey = journeys.journey(journey_id)
    rows = list(journeys.versions(journey_id))
    here = {row.number: journeys.people_at(journey_id, version=row.number).count() for row in rows[:MOVABLE]}
    listed = []
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        changes = comparing.changes(_plain(before), _plain(row)) if before else []
        listed.append({"version": row, "by": who(row.published_by), "changes": changes, "is_first": before is None})
        listed[-1]["others"] = sum(here.values()) - here[row.number] if row is rows[0] else 0
    context = frame(request, journey, "versions") | {"rows": listed}
    return render(request, "console/journeys/versions.html", context)


@require_safe
@requires(VIEW)
def version(request: ConsoleRequest, journey_id: UUID, number: int) -> HttpResponse:
    """Show the text of a published version."""
    journey = journeys.journey(journey_id)
    row = journeys.version_row(journey_id, number)
    context = frame(request, journey, "versions") | {"version": row, "by": who(row.published_by)}
    return render(request, "console/journeys/version.html", context)


@require_POST
@requires(PUBLISH)
def pause(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Hold everybody where they are."""
    services.pause(actor=request.actor, now=staff.moment(utc_now()), journey_id=journey_id)
    messages.success(request, _("Paused. Everybody stays where they are; nobody comes in."))
    return redirect("journeys:detail", journey_id)


@require_POST
@requires(PUBLISH)
def resume(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Let it go on."""
    services.resume(actor=request.actor, now=staff.moment(utc_now()), journey_id=journey_id)
    messages.success(request, _("It goes on."))
    return redirect("journeys:detail", journey_id)


@require_POST
@requires(PUBLISH)
def stop(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """End it for good."""
    services.stop(actor=request.actor, now=staff.moment(utc_now()), journey_id=journey_id)
    messages.success(request, _("Stopped. Everybody has left it; what happened stays readable."))
    return redirect("journeys:detail", journey_id)


# --- parts of the pages


def running(journey: Journey, chosen: JourneyVersion) -> dict[str, Any]:
    """Return the flow of a version with the figures of every step."""
    values = _plain(chosen)
    counts = journeys.step_counts(journey.id, version=chosen.number)
    names = Names(event_of(values))
    entered = counts.get(journeys.ENTRY)
    left = counts.get(journeys.LEFT)
    return {
        "flow": Drawer(values, names, (), counts).flow(),
        "entry_text": telling.entry(values.get("entry", {}), names),
        "audience_text": names.condition(values.get("audience")),
        "reentry_text": telling.reentry(values.get("reentry")),
        "goal_text": telling.goal(values["goal"], names) if values.get("goal") else "",
        "exits": [
            {"label": named(one.get("name")), "text": telling.exit_(one, names)} for one in values.get("exits", [])
        ],
        "entered": entered.outcomes.get("entered", 0) if entered else 0,
        "left": [(outcomes.word(reason), count) for reason, count in sorted(left.outcomes.items())] if left else [],
        "reached": counts[journeys.GOAL].passed if journeys.GOAL in counts else 0,
    }


def _chosen(rows: list[JourneyVersion], asked: str) -> JourneyVersion | None:
    return next((row for row in rows if str(row.number) == asked), rows[0] if rows else None)


def _plain(row: JourneyVersion | None) -> dict[str, Any]:
    return dict(row.document) if row else {}


def _figures(journey: Journey) -> list[Figure]:
    found = journeys.totals([journey.id])[journey.id]
    base, left = reverse("journeys:people", args=[journey.id]), found.exited + found.stopped
    figures = [
        Figure(_("Entered"), formats.count(found.entered), url=f"{base}?show=all" if found.entered else ""),
        Figure(_("On the way now"), formats.count(found.active), url=base if found.active else ""),
        Figure(
            _("Reached the goal"),
            formats.count(found.reached),
            note=_share(found.reached, found.entered),
            url=f"{base}?show=goal" if found.reached else "",
        ),
        Figure(
            _("Went through"),
            formats.count(found.finished),
            note=_share(found.finished, found.entered),
            url=f"{base}?show=finished" if found.finished else "",
        ),
        Figure(_("Left early"), formats.count(left), url=f"{base}?show=left" if left else ""),
    ]
    if found.stuck:
        figures.append(Figure(_("Stuck"), formats.count(found.stuck), url=f"{base}?show=stuck", icon="alert-circle"))
    return figures


def _share(part: int, whole: int) -> str:
    return formats.percent(part / whole) if whole else ""


def _labels(journey: Journey) -> dict[str, str]:
    """Return what every step of any version is called, the newest version's word counting."""
    found: dict[str, str] = {}
    for row in journeys.versions(journey.id):
        for step, _at in walk(journeys.document_of(row).steps):
            found.setdefault(step.id, step_label(step))
    return found


def step_label(step: Any) -> str:
    """Return what a step is called."""
    name = named({"en": step.name.en, "zh": step.name.zh}) if step.name else ""
    return name or str(STEP_KINDS[step.type].label)


def _wanted(journey_id: UUID, step: str, show: str, outcome: str) -> tuple[Any, str]:
    """Return the people that a page lists, and which they are."""
    if show == "passed" and step:
        return journeys.passed(journey_id, step, outcome=outcome), show
    if show == "stuck":
        return journeys.people_at(journey_id, step).filter(state=RunState.STUCK), show
    if show == "goal" and not step:
        return journeys.runs_in(journey_id, has_reached=True), show
    if show in _RUNS and not step:
        return journeys.runs_in(journey_id, states=_RUNS[show]), show
    return journeys.people_at(journey_id, step), "here"


_RUNS: dict[str, tuple[str, ...]] = {
    "all": (),
    "finished": (RunState.FINISHED,),
    "left": (RunState.EXITED, RunState.STOPPED),
}


def steps_of(document: JourneyDocument) -> dict[str, Any]:
    """Return the steps of a document by their ids."""
    return {step.id: step for step, _at in walk(document.steps)}


def _views(step: str, show: str) -> list[Tab]:
    shown = [("here", _("There now")), ("stuck", _("Stuck"))]
    if step:
        shown.insert(1, ("passed", _("Have been there")))
    else:
        shown += [("all", _("Entered")), ("goal", _("Reached the goal")), ("finished", _("Went through"))]
        shown.append(("left", _("Left early")))
    suffix = f"&step={step}" if step else ""
    return [Tab(label, f"?show={code}{suffix}", code == show) for code, label in shown]


def _person(row: Any, records: Any, faces: Faces, labels: dict[str, str]) -> dict[str, Any]:
    record = records.get(row.owner_id)
    shown: dict[str, Any] = {
        "customer": record,
        "name": faces.name(record) if record else _("Erased customer"),
        "step": labels.get(row.step, row.step),
        "run_id": row.id if isinstance(row, JourneyRun) else row.run_id,
    }
    if isinstance(row, JourneyRun):
        is_stuck = row.state == RunState.STUCK
        ended = outcomes.word(row.end_reason) if row.ended_at else ""
        since = row.ended_at or row.step_at
        return shown | {"since": since, "due_at": row.due_at, "error": row.error if is_stuck else "", "outcome": ended}
    return shown | {"since": row.left_at, "outcome": outcomes.word(row.outcome)}


def _path(run: JourneyRun, document: JourneyDocument) -> list[dict[str, Any]]:
    steps = steps_of(document)
    raw = by_id(run.version.document.get("steps", []))
    names = Names(event_of(run.version.document))
    shown = []
    for one in journeys.path_of(run):
        step = steps.get(one.step)
        shown.append(
            {
                "label": step_label(step) if step else one.step,
                "text": telling.step(raw.get(one.step, {}), names),
                "icon": STEP_KINDS[step.type].icon if step else "circle-dashed",
                "arrived_at": one.arrived_at,
                "left_at": one.left_at,
                "outcome": outcomes.taken(one.outcome, step) if one.outcome else "",
                "detail": outcomes.detail(one.detail),
                "is_here": one.left_at is None,
            }
        )
    return shown


def by_id(steps: Any) -> dict[str, dict[str, Any]]:
    """Return the plain values of all steps by their ids, in the order in which they are written."""
    found: dict[str, dict[str, Any]] = {}
    for one in steps or []:
        found[one["id"]] = one
        for key in FIXED_LISTS:
            found |= by_id(one.get(key))
        for key in ("ways", "arms"):
            for way in one.get(key) or []:
                found |= by_id(way.get("steps"))
    return found


def written(row: JourneyVersion) -> str:
    """Return a version's text, as people wrote it."""
    return row.text or as_text(row.document)
