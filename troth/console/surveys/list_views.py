"""The list of surveys, and the ready-made ones to begin with."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.staff import queries as staff
from troth.voice.models import Survey, SurveyKind
from troth.voice.surveys import queries, services
from troth.voice.surveys import results as counting
from troth.voice.surveys.narrowing import last_days
from troth.voice.surveys.starters import STARTERS, Starter, starter

from .frame import STATE_TONES, interval_text, kind_label, language, score_text

DAYS = 90


@dataclass(frozen=True, slots=True)
class Row:
    """A survey as the list draws it."""

    survey: Survey
    tone: str
    numbers: dict[str, int]
    rate: float | None
    score: str
    interval: str
    kind: str


@dataclass(frozen=True, slots=True)
class StarterView:
    """A ready-made survey in the language in force."""

    code: str
    name: str
    about: str
    kind: str
    questions: int


@require_safe
@requires(Permission.SURVEYS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the surveys with how many answer and what they say."""
    context = {
        "rows": [_row(one) for one in queries.surveys()[:100]],
        "starters": starter_views(),
        "may_edit": request.actor.may(Permission.SURVEYS_EDIT),
        "days": DAYS,
    }
    return render(request, "console/surveys/index.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a survey from a ready-made one or from nothing."""
    if request.method == "POST":
        begun = starter(request.POST.get("starter", ""))
        made = services.create_survey(actor=request.actor, now=utc_now(), **_fields(request, begun))
        return redirect("surveys:edit", made.id)
    chosen = starter(request.GET.get("starter", ""))
    context = {"starters": starter_views(), "chosen": chosen, "kinds": SurveyKind.choices}
    return render(request, "console/surveys/new.html", context)


def starter_views() -> list[StarterView]:
    """Return the ready-made surveys in the language in force."""
    place = 1 if language().startswith("zh") else 0
    return [
        StarterView(
            one.code,
            one.name[place],
            one.about[place],
            str(SurveyKind(one.kind).label),
            sum(len(page["questions"]) for page in one.document["pages"]),
        )
        for one in STARTERS.values()
    ]


def _fields(request: ConsoleRequest, begun: Starter | None) -> dict[str, Any]:
    name, name_zh = request.POST.get("name", ""), request.POST.get("name_zh", "")
    if begun is None:
        return {"kind": request.POST.get("kind", SurveyKind.OTHER), "name": name, "name_zh": name_zh}
    return {
        "kind": begun.kind,
        "name": name.strip() or begun.name[0],
        "name_zh": name_zh.strip() or begun.name[1],
        "document": begun.document,
    }


def _row(survey: Survey) -> Row:
    numbers = counting.in_numbers(survey)
    rate = numbers["answered"] / numbers["asked"] if numbers["asked"] else None
    document = queries.document(survey)
    score = None
    if document is not None and numbers["complete"]:
        today = staff.company().today(utc_now())
        found = counting.results(survey, document, last_days(today, DAYS))
        score = counting.overall(found)
    return Row(
        survey=survey,
        tone=STATE_TONES[survey.state],
        numbers=numbers,
        rate=rate,
        score=score_text(score) if score and score.count else "–",
        interval=interval_text(score.kind, score.low, score.high) if score and score.count else "",
        kind=kind_label(score.kind) if score else "",
    )
