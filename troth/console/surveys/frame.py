"""What every page of one survey shows, and how scores are said."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tab, Tone
from troth.console.guard import ConsoleRequest
from troth.kit.clock import utc_now
from troth.value.voice.bands import BANDS, ScoreKind
from troth.value.voice.scores import Score
from troth.voice.models import Survey, SurveyState
from troth.voice.surveys import queries
from troth.voice.surveys.document.shapes import SurveyDocument
from troth.voice.surveys.results import Results

STATE_TONES: dict[str, Tone] = {SurveyState.DRAFT: "warn", SurveyState.OPEN: "good", SurveyState.CLOSED: "neutral"}


def language() -> str:
    """Return the language in force."""
    return get_language() or "en"


def frame(request: ConsoleRequest, survey: Survey, active: str) -> dict[str, Any]:
    """Return the context of `console/surveys/frame.html`."""
    may_edit = request.actor.may(Permission.SURVEYS_EDIT)
    entries = [
        ("results", pgettext("survey", "Results")),
        ("needs", _("Drivers & needs")),
        ("words", _("In their words")),
    ]
    entries.append(("answers", pgettext("survey", "Answers")))
    if survey.version_number == 0:
        entries = []
    if may_edit:
        entries += [("send", _("Send"))] if survey.version_number else []
        entries += [("edit", _("Questions")), ("settings", _("Settings"))]
    return {
        "survey": survey,
        "tabs": [Tab(label, reverse(f"surveys:{name}", args=[survey.id]), name == active) for name, label in entries],
        "state_tone": STATE_TONES[survey.state],
        "may_edit": may_edit,
        "now": utc_now(),
    }


def document_of(survey: Survey) -> SurveyDocument | None:
    """Return the document in force."""
    return queries.document(survey)


def score_text(score: Score | None) -> str:
    """Return a score as people say it: NPS from −100 to +100, the others as a share; "–" where nothing is known."""
    return "–" if score is None else value_text(score.kind, score.value)


def value_text(kind: ScoreKind | str, value: float | None) -> str:
    """Return the value of a score in words."""
    if value is None:
        return "–"
    if kind == ScoreKind.NPS:
        whole = round(value * 100)
        return f"+{whole}" if whole > 0 else f"−{-whole}" if whole < 0 else "0"
    return formats.percent(value)


def interval_text(kind: ScoreKind | str, low: float | None, high: float | None) -> str:
    """Return an interval in words: "+14 to +44"."""
    if low is None or high is None:
        return ""
    ends = {"low": value_text(kind, low), "high": value_text(kind, high)}
    return _("%(low)s to %(high)s") % ends


def kind_label(kind: ScoreKind | None) -> str:
    """Return what a score is called."""
    labels = {ScoreKind.NPS: "NPS", ScoreKind.CSAT: "CSAT", ScoreKind.CES: "CES"}
    return labels[kind] if kind else ""


def side_labels(kind: ScoreKind | None) -> dict[str, str]:
    """Return what the good, middle and bad side of a score are called."""
    if kind is ScoreKind.NPS:
        return {"good": _("Promoters"), "middle": _("Passives"), "bad": _("Detractors")}
    if kind is ScoreKind.CSAT:
        return {"good": _("Satisfied"), "middle": _("Neither"), "bad": _("Dissatisfied")}
    return {"good": _("Easy"), "middle": _("Neither"), "bad": _("Hard")}


def tone_of(kind: ScoreKind | None, score: int | None) -> Tone:
    """Return how a single score is coloured."""
    if kind is None or score is None:
        return "neutral"
    band = BANDS[kind]
    return "good" if band.is_good(score) else "bad" if band.is_bad(score) else "warn"


def answers_url(survey_id: UUID, **narrowing: Any) -> str:
    """Return the address of the answers behind a figure."""
    query = {name: value for name, value in narrowing.items() if value not in (None, "")}
    path = reverse("surveys:answers", args=[survey_id])
    return f"{path}?{urlencode(query)}" if query else path


def silent_url(found: Results, **more: Any) -> str:
    """Return the address of those who were asked and did not answer, as narrow as these results, and narrower."""
    query = {name: value for name, value in (found.narrow.given() | more).items() if value not in (None, "")}
    path = reverse("surveys:silent", args=[found.survey.id])
    return f"{path}?{urlencode(query)}" if query else path


def behind(found: Results, **more: Any) -> str:
    """Return the address of the answers behind a figure of these results: as narrow as they are, and narrower."""
    narrow = found.narrow.given() | more
    if found.narrow.since and "since" in more:
        narrow["since"] = max(found.narrow.since, more["since"])
    if found.narrow.until and "until" in more:
        narrow["until"] = min(found.narrow.until, more["until"])
    return answers_url(found.survey.id, **narrow)
