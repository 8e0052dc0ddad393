"""Reading surveys, invitations and answer sheets."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from troth.customers import queries as customers

from ..models import (
    Answer,
    AnswerSheet,
    AskingRules,
    InformationTag,
    Invitation,
    Sending,
    SheetState,
    Survey,
    SurveyVersion,
    VoiceStanding,
)
from .document.reading import stored_document
from .document.shapes import SurveyDocument
from .errors import SheetNotFoundError, SurveyNotFoundError


def surveys() -> QuerySet[Survey]:
    """Return every survey, the newest first."""
    return Survey.objects.order_by("-created_at", "id")


def survey(survey_id: UUID) -> Survey:
    """Return one survey.

    Raises:
        SurveyNotFoundError: no such survey.
    """
    found = Survey.objects.filter(id=survey_id).first()
    if found is None:
        raise SurveyNotFoundError(survey_id)
    return found


def survey_by_code(code: str) -> Survey:
    """Return the survey of a code.

    Raises:
        SurveyNotFoundError: no such survey.
    """
    found = Survey.objects.filter(code=code).first()
    if found is None:
        raise SurveyNotFoundError(code)
    return found


def versions(survey_id: UUID) -> QuerySet[SurveyVersion]:
    """Return the published versions, newest first."""
    return SurveyVersion.objects.filter(survey_id=survey_id).order_by("-number")


def versions_in_force(found: Iterable[Survey]) -> dict[UUID, SurveyVersion]:
    """Return the version in force of each survey that has one, by the survey's id."""
    numbers = {survey.id: survey.version_number for survey in found}
    rows = SurveyVersion.objects.filter(survey_id__in=numbers)
    return {row.survey_id: row for row in rows if row.number == numbers[row.survey_id]}


def document(found: Survey) -> SurveyDocument | None:
    """Return the document in force, None before the first was published."""
    version = versions_in_force([found]).get(found.id)
    return stored_document(version.document) if version else None


def asking_rules() -> AskingRules:
    """Return the rules of asking; the defaults until somebody changes them."""
    return AskingRules.objects.first() or AskingRules(updated_at=timezone.now())


def complete_counts(found: Iterable[Survey]) -> Counter[UUID]:
    """Return how many finished sheets each survey with a quota has."""
    wanted = [survey.id for survey in found if survey.max_answers is not None]
    if not wanted:
        return Counter()
    rows = AnswerSheet.objects.filter(survey_id__in=wanted, state=SheetState.COMPLETE)
    counted = rows.order_by().values("survey_id").annotate(count=Count("id"))
    return Counter({row["survey_id"]: row["count"] for row in counted})


def sheet(sheet_id: UUID) -> AnswerSheet:
    """Return one answer sheet with its survey and version.

    Raises:
        SheetNotFoundError: no such sheet.
    """
    found = AnswerSheet.objects.select_related("survey", "version").filter(id=sheet_id).first()
    if found is None:
        raise SheetNotFoundError(sheet_id)
    return found


def answers(sheet_ids: Iterable[UUID]) -> dict[UUID, list[Answer]]:
    """Return the answers of sheets, in no particular order."""
    found: dict[UUID, list[Answer]] = {}
    for row in Answer.objects.filter(sheet_id__among=set(sheet_ids)).order_by("id"):
        found.setdefault(row.sheet_id, []).append(row)
    return found


def sheets(survey_id: UUID) -> QuerySet[AnswerSheet]:
    """Return the answer sheets of a survey, the newest first."""
    return AnswerSheet.objects.filter(survey_id=survey_id).order_by("-updated_at", "id")


def about_whom(survey_id: UUID) -> tuple[set[str], set[str]]:
    """Return the codes of the stores and of the staff that the answer sheets of a survey are about."""
    rows = AnswerSheet.objects.filter(survey_id=survey_id).order_by()
    return (
        set(rows.exclude(store_code="").values_list("store_code", flat=True).distinct()),
        set(rows.exclude(staff_code="").values_list("staff_code", flat=True).distinct()),
    )


def sheets_of(customer_id: UUID) -> QuerySet[AnswerSheet]:
    """Return the answer sheets of a customer, merged records' too, the newest first."""
    mine = AnswerSheet.objects.filter(owner_id__in=customers.record_ids(customer_id))
    return mine.select_related("survey").order_by("-updated_at", "id")


def tags(found: AnswerSheet) -> list[InformationTag]:
    """Return the tags on a sheet's answers, those taken off too."""
    return list(InformationTag.objects.filter(owner_id=found.owner_id, sheet_id=found.id).order_by("id"))


def invitations(survey_id: UUID) -> QuerySet[Invitation]:
    """Return the invitations to a survey, the newest first."""
    return Invitation.objects.filter(survey_id=survey_id).order_by("-invited_at", "id")


def sendings(survey_id: UUID) -> QuerySet[Sending]:
    """Return the sendings of a survey, the newest first."""
    return Sending.objects.filter(survey_id=survey_id).order_by("-created_at", "id")


def invitations_of(customer_id: UUID) -> QuerySet[Invitation]:
    """Return how often and to what a customer was asked, the newest first."""
    mine = Invitation.objects.filter(owner_id__in=customers.record_ids(customer_id))
    return mine.select_related("survey").order_by("-invited_at", "id")


def reminders_due(since: datetime, until: datetime) -> QuerySet[Invitation]:
    """Return the invitations of all surveys that are to be reminded of from a moment to another (not included)."""
    return Invitation.objects.filter(remind_at__gte=since, remind_at__lt=until, reminded_at=None, answered_at=None)


def standing(customer_id: UUID) -> VoiceStanding | None:
    """Return how a customer stands by what was said last, None of whom nothing is known."""
    canonical = customers.canonical_ids([customer_id]).get(customer_id, customer_id)
    return VoiceStanding.objects.filter(owner_id=canonical).first()
