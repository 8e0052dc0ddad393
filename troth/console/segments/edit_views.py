"""The editor: a new segment, its draft, the live count beside it, and the review before publishing."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console.customers import behind
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.insights.queries import People
from troth.kit.clock import utc_now
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.fields import Suggest
from troth.kit.conditions.reading import read
from troth.kit.conditions.wording import change
from troth.kit.errors import TrothError
from troth.segments import queries as segments
from troth.segments import services
from troth.segments.errors import SegmentTooSlowError
from troth.segments.models import Segment
from troth.segments.starters import Starter, starter, starters
from troth.staff import queries as staff

from . import editor
from .sample import sample_rows

MAX_DEFINITION = 200_000
MAX_SUGGEST = 60
MAX_NAME = 120


@require_http_methods(["GET", "POST"])
@requires(Permission.SEGMENTS_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a segment: from nothing, from a ready-made one, or of the people behind a number of a report."""
    fields = segments.catalogue(request.actor)
    chosen = starter(request.GET.get("start", ""), fields)
    wanted = behind.read(request.GET)
    filled: dict[str, Any] = {"definition": {"all": []}}
    if chosen:
        filled = _from_starter(chosen)
    elif wanted.given():
        filled = _of_people(wanted)
    error: TrothError | None = None
    if request.method == "POST":
        filled = _filled(request)
        try:
            segment = services.create_segment(
                actor=request.actor,
                now=utc_now(),
                name=filled["name"],
                name_zh=filled["name_zh"],
                description=filled["description"],
                owner_id=request.user.id,
                definition=filled["definition"],
            )
            return _after_saving(request, segment)
        except TrothError as refusal:
            error = refusal
    context = _context(request.actor, filled, error) | {
        "starters": [] if chosen or wanted.given() or error else starters(fields),
        "chosen": chosen,
    }
    return render(request, "console/segments/edit.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEGMENTS_EDIT)
def edit(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Change a segment's name and its draft."""
    segment = segments.segment(segment_id)
    version = segments.version_in_force(segment)
    definition = segment.draft or (version.definition if version else {"all": []})
    filled: dict[str, Any] = {
        "name": segment.name,
        "name_zh": segment.name_zh,
        "description": segment.description,
        "definition": definition,
        "revision": segment.revision,
    }
    error: TrothError | None = None
    if request.method == "POST":
        filled = _filled(request)
        try:
            return _after_saving(request, _save(request, segment, filled))
        except TrothError as refusal:
            error = refusal
    context = _context(request.actor, filled, error) | {"segment": segment}
    return render(request, "console/segments/edit.html", context, status=422 if error else 200)


@require_POST
@requires(Permission.SEGMENTS_VIEW)
def preview(request: ConsoleRequest) -> HttpResponse:
    """Answer the editor: the sentence, how many would be in now, ten of them; or what is missing."""
    fields = segments.catalogue(request.actor)
    context: dict[str, Any] = {}
    try:
        condition = read(_definition(request), fields)
        context["sentence"] = segments.words(fields).sentence(condition)
        found = segments.preview(condition, fields, segments.as_of(utc_now()))
        context |= {"found": found, "rows": sample_rows(request.actor, found.sample_ids)}
    except ConditionInvalidError as error:
        context["problems"] = error.problems
        context["paths"] = [one.path for one in error.problems]
    except SegmentTooSlowError as error:
        context["slow"] = str(error)
    return render(request, "console/segments/preview.html", context)


@require_safe
@requires(Permission.SEGMENTS_VIEW)
def suggest(request: ConsoleRequest) -> JsonResponse:
    """Return values of a field, or of one of its params, that begin as typed."""
    fields = segments.catalogue(request.actor)
    code, param_code = request.GET.get("field", ""), request.GET.get("param", "")
    find: Suggest | None = None
    if code in fields:
        field = fields[code]
        params = {param.code: param.suggest for param in field.params}
        find = params.get(param_code) if param_code else field.suggest
    start = request.GET.get("q", "").replace("\x00", "")[:MAX_SUGGEST]
    return JsonResponse({"values": list(find(start)) if find else []})


@require_http_methods(["GET", "POST"])
@requires(Permission.SEGMENTS_EDIT)
def review(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Show what publishing the draft would change, then do it."""
    segment = segments.segment(segment_id)
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        services.publish(
            actor=request.actor,
            now=utc_now(),
            segment_id=segment_id,
            note=request.POST.get("note", ""),
            expected_revision=whole(revision),
        )
        messages.success(request, _("Published. The members are being worked out."))
        return redirect("segments:detail", segment_id)
    if segment.draft is None:
        return redirect("segments:detail", segment_id)
    return render(request, "console/segments/review.html", _review(request.actor, segment))


@require_POST
@requires(Permission.SEGMENTS_EDIT)
def discard(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Throw the draft away."""
    services.discard_draft(actor=request.actor, now=utc_now(), segment_id=segment_id)
    messages.success(request, _("The draft is gone; the published version stays in force."))
    return redirect("segments:detail", segment_id)


def _review(actor: Actor, segment: Segment) -> dict[str, Any]:
    """Return what publishing would change; refused to whoever may not ask by the draft's fields."""
    fields = segments.catalogue()
    words = segments.words(fields)
    draft = segments.condition_of(segment.draft, fields)
    version = segments.version_in_force(segment)
    context: dict[str, Any] = {
        "segment": segment,
        "outline": words.outline(draft),
        "sentence": words.sentence(draft),
    }
    if version:
        try:
            old = segments.condition_of(version.definition, fields)
            context |= {"change": change(old, draft, words), "old_sentence": words.sentence(old)}
        except ConditionInvalidError as error:
            context["old_sentence"] = str(error)
    try:
        allowed = segments.condition_of(segment.draft, segments.catalogue(actor))
        context["effect"] = segments.effect(segment.id, allowed, fields, segments.as_of(utc_now()))
    except ConditionInvalidError as error:
        context["slow"] = str(error)
    except SegmentTooSlowError as error:
        context["slow"] = str(error)
    return context


def _from_starter(chosen: Starter) -> dict[str, Any]:
    """Return the starter's words and definition, its name in both languages."""
    with override("en"):
        name = str(chosen.name)
    with override("zh-hans"):
        name_zh = str(chosen.name)
    return {
        "name": name,
        "name_zh": name_zh,
        "description": str(chosen.purpose),
        "definition": chosen.definition,
    }


def _of_people(wanted: People) -> dict[str, Any]:
    """Return names and definition for the people behind a number."""
    return {
        "name": behind.name_of(wanted, "en")[:MAX_NAME],
        "name_zh": behind.name_of(wanted, "zh-hans")[:MAX_NAME],
        "description": _("Made from a report. Who belongs follows every new analysis."),
        "definition": behind.definition_of(wanted),
    }


def _save(request: ConsoleRequest, segment: Segment, filled: dict[str, Any]) -> Segment:
    """Save the name and the draft together; the draft first, since it may be refused for another's work."""
    services.save_draft(
        actor=request.actor,
        now=utc_now(),
        segment_id=segment.id,
        definition=filled["definition"],
        expected_revision=filled["revision"],
    )
    return services.describe_segment(
        actor=request.actor,
        now=utc_now(),
        segment_id=segment.id,
        name=filled["name"],
        name_zh=filled["name_zh"],
        description=filled["description"],
        owner_id=segment.owner_id,
    )


def _after_saving(request: ConsoleRequest, segment: Segment) -> HttpResponse:
    if request.POST.get("next") == "review":
        return redirect("segments:review", segment.id)
    messages.success(request, _("The draft is saved. Publish it to put it in force."))
    return redirect("segments:detail", segment.id)


def _filled(request: ConsoleRequest) -> dict[str, Any]:
    revision = request.POST.get("revision", "")
    return {
        "name": request.POST.get("name", ""),
        "name_zh": request.POST.get("name_zh", ""),
        "description": request.POST.get("description", ""),
        "definition": _definition(request),
        "revision": whole(revision),
    }


def _definition(request: ConsoleRequest) -> Any:
    """Return the definition sent; what is no JSON is no condition either, and is refused as such."""
    raw = request.POST.get("definition", "")
    try:
        return json.loads(raw) if len(raw) <= MAX_DEFINITION else ""
    except (ValueError, RecursionError):
        return ""


def _context(actor: Actor, filled: dict[str, Any], error: TrothError | None) -> dict[str, Any]:
    company = staff.company()
    return {
        "filled": filled,
        "error": error,
        "error_field": error.fields.get("field", "") if error else "",
        "catalogue": editor.payload(segments.catalogue(actor), company.currency),
    }
