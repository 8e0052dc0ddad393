"""The gate that keeps back an invitation or a reminder which nobody needs any more by the time it would go out.

Messages wait: for quiet hours, for a cap, for a provider. Meanwhile the survey may be closed or full, and the customer
may have answered on the phone. A link that leads to "this survey is over" is worse than no message.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.messaging.services import Candidate, Gate, Result, Verdict

from ..models import AnswerSheet, Invitation, InvitationState, SheetState, SurveyState
from . import queries

CODE = "survey_over"
ORDER = 115
SOURCE = "survey:"
WHY = {
    "answered": _("The customer has answered this survey."),
    "not_open": _("The survey is closed: its link would lead nowhere."),
    "closed": _("The survey is over: its link would lead nowhere."),
    "full": _("The survey has all the answers it needs."),
    "ended": _("The invitation has ended."),
}


def answered_meanwhile(found: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Mark with `is_answered` who answered after being asked, by the link or by any other way (a call, a till)."""
    sheets = AnswerSheet.objects.filter(
        owner_id=OuterRef("owner_id"),
        survey_id=OuterRef("survey_id"),
        state=SheetState.COMPLETE,
        completed_at__gte=OuterRef("invited_at"),
    )
    return found.annotate(is_answered=Exists(sheets))


def why_needless(rows: Sequence[Any], now: datetime) -> dict[UUID, str]:
    """Return why invitations, read by `answered_meanwhile`, are not worth a message now; those that are stay out."""
    complete = queries.complete_counts({row.survey_id: row.survey for row in rows}.values())
    found = {row.id: _why(row, complete[row.survey_id], now) for row in rows}
    return {row_id: why for row_id, why in found.items() if why}


def _why(row: Any, complete: int, now: datetime) -> str:
    survey = row.survey
    if row.is_answered or row.state == InvitationState.ANSWERED:
        return "answered"
    if survey.state != SurveyState.OPEN:
        return "not_open"
    if survey.closes_at is not None and survey.closes_at <= now:
        return "closed"
    if survey.max_answers is not None and complete >= survey.max_answers:
        return "full"
    is_over = row.expires_at is not None and row.expires_at <= now
    return "ended" if is_over or row.state == InvitationState.EXPIRED else ""


def explain(verdict: Verdict) -> str:
    """Return the verdict as a sentence."""
    if verdict.result is Result.PASS:
        return gettext("Not about a survey that is over or answered.")
    return str(WHY.get(verdict.values.get("why", ""), WHY["closed"]))


def judge(candidates: Sequence[Candidate], now: datetime) -> list[Verdict]:
    """Stop what is about a survey that is over, or that the customer has answered. What is only being made passes."""
    ids = [_invitation(one) for one in candidates]
    known = {one for one in ids if one}
    rows = Invitation.objects.filter(id__in=known).select_related("survey")
    needless = why_needless(list(answered_meanwhile(rows)), now) if known else {}
    return [_verdict(one, needless) for one in ids]


def _invitation(one: Candidate) -> UUID | None:
    """Return which invitation a message is about by its key, "survey:<invitation>:invite" or ":remind"."""
    if not one.intent.source.startswith(SOURCE):
        return None
    try:
        _survey, invitation_id, _what = one.intent.key.split(":")
        return UUID(invitation_id)
    except ValueError:
        return None


def _verdict(invitation_id: UUID | None, needless: Mapping[UUID, str]) -> Verdict:
    if invitation_id is None or invitation_id not in needless:
        return Verdict(CODE, Result.PASS)
    return Verdict(CODE, Result.STOP, {"why": needless[invitation_id]})


GATE = Gate(CODE, _("Survey over or answered"), ORDER, judge, explain)
