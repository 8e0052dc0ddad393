"""From a finished sheet to a complaint's case, where the rules of complaints call its score low."""

from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events.models import COMPANY_OWNER

from ..complaints import services as complaints
from ..models import Answer, AnswerSheet, Case
from .document.shapes import SurveyDocument
from .scoring import score_kind

FRESH = timedelta(days=3)
"""An answer older than this when it arrives is history: it is counted, and nobody is called about it."""


def is_fresh(moment: datetime, *, now: datetime) -> bool:
    """Tell whether an answer that was given at a moment is still worth a call."""
    return now - moment <= FRESH


def follow_up(document: SurveyDocument, sheet: AnswerSheet, *, actor: Actor, now: datetime) -> Case | None:
    """Open a case for a low score of a known customer, once for each sheet; None where none is due.

    Who answered by the open link is unknown: there is nobody to call.
    """
    kind = score_kind(document)
    if kind is None or sheet.score is None or sheet.owner_id == COMPANY_OWNER:
        return None
    given = complaints.GivenScore(
        sheet_id=sheet.id,
        customer_id=sheet.owner_id,
        survey=sheet.survey.code,
        kind=str(kind),
        score=sheet.score,
        text=_in_words(document, sheet),
        store=sheet.store_code,
        language=sheet.language,
        is_made_up=sheet.is_made_up,
    )
    return complaints.open_from_score(given, actor=actor, now=now)


def _in_words(document: SurveyDocument, sheet: AnswerSheet) -> str:
    """Return the score and everything that was written, each after its question."""
    main = document.question(document.main)
    assert main is not None, "a sheet with a score has a main question"
    with translation.override(sheet.language or translation.get_language()):
        score = _("%(score)d of %(most)d") % {"score": sheet.score, "most": main.range[1]}
    lines = [f"{main.text.within(sheet.language)} {score}"]
    written = Answer.objects.filter(owner_id=sheet.owner_id, sheet_id=sheet.id).exclude(text="").order_by("id")
    for answer in written:
        question = document.question(answer.question)
        lines.append(f"{question.text.within(sheet.language) if question else answer.question}\n{answer.text}")
    return "\n\n".join(lines)
