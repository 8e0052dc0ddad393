"""The editor: the flow, one part of it as a form, steps put in, moved and taken out, and the text of it all."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.journeys.document.kinds import STEP_KINDS, STEPS
from troth.care.models import Journey, JourneyState
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff

from . import draft as drafts
from . import drawing, forms, places, telling
from .draft import Draft
from .frame import frame
from .places import Place

EDIT = Permission.JOURNEYS_EDIT
MAX_TEXT = 400_000
ROOTS = {"head": (), "entry": (), "goal": ("goal",)}


@require_safe
@requires(EDIT)
def edit(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Show the draft as a flow."""
    journey = _open(journey_id)
    draft = drafts.draft_of(journey)
    if not draft.is_readable:
        return redirect("journeys:text", journey_id)
    context = frame(request, journey, "edit") | _flow_context(draft)
    return render(request, "console/journeys/edit.html", context)


@require_http_methods(["GET", "POST"])
@requires(EDIT)
def part(request: ConsoleRequest, journey_id: UUID, place: str) -> HttpResponse:
    """Show one part as a form; save it into the draft if nothing is wrong with it, or if one says so."""
    journey = _open(journey_id)
    draft = drafts.draft_of(journey)
    kind, at = _place(place, draft)
    current = draft.values if not at else draft.part(at) or {}
    if request.method != "POST":
        return _form(request, draft, kind, at, current, ())
    # Another kind of entry asks for other things: the form is the one of the kind that was chosen.
    chosen = {"entry": {"type": request.POST.get("p.entry.type", "")}} if kind == "entry" else {}
    form = forms.form_of(kind, {**current, **chosen})
    changed = forms.read(form, current, request.POST)
    if kind == "exit":
        taken = {str(one.get("code")) for one in draft.values.get("exits") or [] if isinstance(one, dict)}
        changed.setdefault("code", forms.fresh("exit", taken))
    return _kept(request, draft, kind, at, changed, drafts.with_part(draft, at, changed))


@require_http_methods(["GET", "POST"])
@requires(EDIT)
def add(request: ConsoleRequest, journey_id: UUID, listed: str, index: int) -> HttpResponse:
    """Offer the kinds of steps; then the form of the one chosen; then put it into the list."""
    journey = _open(journey_id)
    draft = drafts.draft_of(journey)
    at = places.read(listed)
    if at is None or not places.is_step_list(at) or not _stands(draft, at) or index > _length(draft, at):
        raise Http404
    kind = request.GET.get("kind", "")
    if kind not in STEP_KINDS:
        context = frame(request, journey, "edit") | {"kinds": STEPS, "listed": listed, "index": index}
        template = "kinds_body" if request.htmx else "kinds"
        return render(request, f"console/journeys/{template}.html", context)
    step = drafts.new_step(kind, draft.step_ids())
    place = (*at, index)
    asks = dict(step) if kind != "branch" else {key: step[key] for key in ("type", "ways")}
    form = forms.form_of(kind, asks, is_new=True)
    if request.method == "POST":
        changed = {"id": step["id"], **forms.read(form, asks, request.POST)}
        return _kept(request, draft, kind, place, changed, drafts.with_new(draft, at, index, changed), is_new=True)
    if not form.slots() or kind == "end":
        return _kept(request, draft, kind, place, step, drafts.with_new(draft, at, index, step), is_new=True)
    return _form(request, draft, kind, place, asks, (), is_new=True)


@require_http_methods(["GET", "POST"])
@requires(EDIT)
def add_way(request: ConsoleRequest, journey_id: UUID, place: str) -> HttpResponse:
    """Add a way to a branch, after those it has."""
    draft = drafts.draft_of(_open(journey_id))
    at = places.read(place) or ()
    step = draft.part(at)
    if not places.is_step(at) or not isinstance(step, dict) or step.get("type") != "branch":
        raise Http404
    ways = step.get("ways") or []
    way: dict[str, Any] = {"code": forms.fresh("way", {str(one.get("code")) for one in ways}), "steps": []}
    within = (*at, "ways", len(ways))
    if request.method != "POST":
        return _form(request, draft, "way", within, way, (), is_new=True)
    changed = forms.read(forms.form_of("way", way), way, request.POST)
    changed.setdefault("when", {"all": []})
    text = drafts.with_new(draft, within[:-1], len(ways), changed)
    return _kept(request, draft, "way", within, changed, text, is_new=True)


@require_POST
@requires(EDIT)
def shift(request: ConsoleRequest, journey_id: UUID, place: str) -> HttpResponse:
    """Move a step or a way up or down in its list."""
    draft = drafts.draft_of(_open(journey_id))
    at, by = places.read(place) or (), {"up": -1, "down": 1}.get(request.POST.get("to", ""), 0)
    if not by or not _is_entry(draft, at):
        raise Http404
    try:
        text = drafts.moved(draft, at, by)
    except LookupError:
        raise Http404 from None
    index = at[-1]
    assert isinstance(index, int), "an entry of a list"
    return _saved(request, draft.journey, text, places.written((*at[:-1], index + by)))


@require_POST
@requires(EDIT)
def remove(request: ConsoleRequest, journey_id: UUID, place: str) -> HttpResponse:
    """Take a step, a way, an exit or the goal out of the draft; published versions keep it."""
    draft = drafts.draft_of(_open(journey_id))
    at = places.read(place) or ()
    if at != ("goal",) and not _is_entry(draft, at):
        raise Http404
    return _saved(request, draft.journey, drafts.without(draft, at), places.written(at[:-1]))


@require_http_methods(["GET", "POST"])
@requires(EDIT)
def text(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Show and save the draft as text, YAML or JSON; what is wrong is named by its line."""
    journey = _open(journey_id)
    draft = drafts.draft_of(journey)
    error: TrothError | None = None
    if request.method == "POST":
        draft = Draft(journey, request.POST.get("text", "").replace("\r\n", "\n")[:MAX_TEXT], is_kept=False)
        try:
            revision = request.POST.get("revision", "")
            drafts.save(
                actor=request.actor,
                now=staff.moment(utc_now()),
                journey_id=journey.id,
                text=draft.text,
                revision=revision,
            )
            messages.success(request, _("The draft is saved."))
            return redirect("journeys:text" if draft.problems else "journeys:edit", journey_id)
        except TrothError as refusal:
            error = refusal
    as_json = request.GET.get("as") == "json" and draft.is_readable
    shown = json.dumps(draft.values, ensure_ascii=False, indent=2, default=str) if as_json else draft.text
    context = frame(request, journey, "edit") | {
        "text": shown,
        "as_json": as_json,
        "problems": draft.problems,
        "error": error,
        "revision": request.POST.get("revision", journey.revision),
        "is_readable": draft.is_readable,
    }
    return render(request, "console/journeys/text.html", context, status=422 if error else 200)


# --- what is open


def _open(journey_id: UUID) -> Journey:
    """Return a journey that can still be changed."""
    journey = journeys.journey(journey_id)
    if journey.state == JourneyState.STOPPED:
        raise Http404
    return journey


def _place(word: str, draft: Draft) -> tuple[str, Place]:
    """Return the kind of a part and where it stands. Raises Http404."""
    if word in ROOTS:
        return word, ROOTS[word]
    if word == "exits-new":
        return "exit", ("exits", len(draft.values.get("exits") or []))
    at = places.read(word) or ()
    value = draft.part(at)
    if not isinstance(value, dict) or not isinstance(at[-1], int):
        raise Http404
    if at[0] == "exits" and len(at) == 2:
        return "exit", at
    if at[-2] == "ways":
        return "way", at
    if places.is_step(at) and value.get("type") in STEP_KINDS:
        return str(value["type"]), at
    raise Http404


def _is_entry(draft: Draft, at: Place) -> bool:
    """Tell whether a place is one of a list that may be shortened and reordered."""
    if len(at) < 2 or not isinstance(at[-1], int) or draft.part(at) is None:
        return False
    return places.is_step(at) or at[-2] in ("ways", "exits")


def _stands(draft: Draft, listed: Place) -> bool:
    """Tell whether the part that a list belongs to is there; the list itself may be missing."""
    if listed == ("steps",):
        return True
    owner = draft.part(listed[:-1])
    if not isinstance(owner, dict):
        return False
    kind = STEP_KINDS.get(str(owner.get("type")))
    return listed[-1] in (kind.way_codes if kind and kind.way_codes else {"steps"})


def _length(draft: Draft, listed: Place) -> int:
    found = draft.part(listed)
    return len(found) if isinstance(found, list) else 0


# --- answers


def _form(
    request: ConsoleRequest, draft: Draft, kind: str, at: Place, current: Any, problems: Any, *, is_new: bool = False
) -> HttpResponse:
    names = draft.names if kind != "entry" else drafts.Names(drafts.event_of(current))
    context = frame(request, draft.journey, "edit") | {
        "action": request.get_full_path(),
        "revision": request.POST.get("revision", draft.journey.revision),
        "is_new": is_new,
        "is_page": not request.htmx,
        "problems": problems,
        "place": places.written(at),
        "step_id": current.get("id", "") if places.is_step(at) else "",
        "may_remove": not is_new and (kind == "goal" or _is_entry(draft, at)) and bool(current),
        "inner_steps": len(drafts.inner_ids(current)),
        "back": reverse("journeys:edit", args=[draft.journey.id]),
    }
    context |= drawing.drawn(forms.form_of(kind, current, is_new=is_new), current, names, at, problems)
    template = "form_body" if request.htmx else "form"
    return render(request, f"console/journeys/{template}.html", context, status=422 if problems else 200)


def _kept(
    request: ConsoleRequest, draft: Draft, kind: str, at: Place, changed: Any, text: str, *, is_new: bool = False
) -> HttpResponse:
    """Save the text with the part in it, or show the form again with what is wrong with the part."""
    if "renew" in request.POST:
        return _form(request, draft, kind, at, changed, (), is_new=is_new)
    wrong = [] if "anyway" in request.POST else _own_problems(kind, at, changed, text)
    if wrong:
        return _form(request, draft, kind, at, changed, wrong, is_new=is_new)
    return _saved(request, draft.journey, text, places.written(at) or kind)


def _own_problems(kind: str, at: Place, changed: Any, text: str) -> list[Any]:
    """Return what is wrong with a part itself; what is wrong in the steps of its ways belongs to those."""
    found = drafts.problems_of(text)
    if at:
        inner = [(*at, *path) for path in drafts.step_lists(changed)]
        return [
            one
            for one in found
            if places.holds(at, one.path) and not any(places.holds(path, one.path) for path in inner)
        ]
    keys = {slot.path[0] for slot in forms.form_of(kind, changed).slots()}
    return [one for one in found if any(places.holds((key,), one.path) for key in keys)]


def _saved(request: ConsoleRequest, journey: Journey, text: str, place: str) -> HttpResponse:
    """Save the draft and show the flow anew, the changed part in sight."""
    revision = request.POST.get("revision", str(journey.revision))
    try:
        saved = drafts.save(
            actor=request.actor, now=staff.moment(utc_now()), journey_id=journey.id, text=text, revision=revision
        )
    except TrothError as refusal:
        if not request.htmx:
            raise
        context = {"error": refusal, "back": reverse("journeys:edit", args=[journey.id])}
        answer = render(request, "console/journeys/refused.html", context, status=422)
        return _instead(answer, "#flow-note", "innerHTML", {"journey-refused": {}})
    if not request.htmx:
        return redirect(f"{reverse('journeys:edit', args=[journey.id])}#at-{place}")
    context = frame(request, saved, "edit") | _flow_context(drafts.draft_of(saved))
    answer = render(request, "console/journeys/edit_flow.html", context)
    return _instead(answer, "#flow", "outerHTML", {"journey-saved": {"place": place}})


def _instead(answer: HttpResponse, target: str, swap: str, said: dict[str, Any]) -> HttpResponse:
    """Put an answer elsewhere than the form that asked, and tell the page what happened."""
    answer["HX-Retarget"], answer["HX-Reswap"] = target, swap
    answer["HX-Trigger-After-Settle"] = json.dumps(said)
    return answer


def _flow_context(draft: Draft) -> dict[str, Any]:
    values, names = draft.values, draft.names
    entry = values.get("entry") if isinstance(values.get("entry"), dict) else {}
    exits = [one for one in values.get("exits") or [] if isinstance(one, dict)]
    goal = values.get("goal") if isinstance(values.get("goal"), dict) else None
    return {
        "draft": draft,
        "flow": draft.flow(),
        "is_editing": True,
        "entry_text": telling.entry(entry or {}, names),
        "entry_icon": _entry_icon(entry or {}),
        "audience_text": names.condition(values.get("audience")),
        "reentry_text": telling.reentry(values.get("reentry")),
        "entry_problems": _problems(draft, ("entry",), ("audience",), ("reentry",)),
        "head_problems": _problems(draft, *(slot.path[:1] for slot in forms.form_of("head", {}).slots())),
        "goal_text": telling.goal(goal, names) if goal else "",
        "goal_problems": _problems(draft, ("goal",)),
        "exits": [
            {
                "place": f"exits-{index}",
                "label": drafts.named(one.get("name")),
                "text": telling.exit_(one, names),
                "problems": _problems(draft, ("exits", index)),
            }
            for index, one in enumerate(exits)
        ],
    }


def _entry_icon(entry: Any) -> str:
    kind = drafts.ENTRY_KINDS.get(str(entry.get("type", "")))
    return kind.icon if kind else "login-2"


def _problems(draft: Draft, *parts: Place) -> list[Any]:
    return [one for one in draft.problems if any(places.holds(place, one.path) for place in parts)]
