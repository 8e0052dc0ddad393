"""Answer sheets: begun, kept page by page, finished once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.customers.errors import CustomerErasedError
from troth.events import services as events
from troth.events.models import COMPANY_OWNER
from troth.kit import clock
from troth.staff import queries as staff

from ..models import (
    Answer,
    AnswerSheet,
    AnswerSource,
    AttitudeMeasure,
    Invitation,
    InvitationState,
    SheetState,
    Survey,
    SurveyState,
    SurveyVersion,
)
from . import low_scores, queries, standings
from .document.reading import stored_document
from .document.route import Route
from .document.shapes import Question, SurveyDocument
from .errors import (
    AlreadyAnsweredError,
    AnswerRefusedError,
    LinkRefusedError,
    Problem,
    SurveyOverError,
    SurveyStateError,
)
from .given import Given, is_answered, read_answers
from .scoring import Scored, score_kind, scored
from .tagging import tag_by_rule

MAX_BODY = 64 * 1024
"""More bytes than any page of answers needs; who sends more is refused unread."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Which sheet is written on: by a personal invitation, or by the open link of a device.

    sheet: None before anything was kept.
    """

    survey: Survey
    version: SurveyVersion
    document: SurveyDocument
    invitation: Invitation | None = None
    sheet: AnswerSheet | None = None
    device: str = ""

    @property
    def is_done(self) -> bool:
        """Tell whether it was finished already."""
        return self.sheet is not None and self.sheet.state == SheetState.COMPLETE

    def known(self, language: str) -> dict[str, Any]:
        """Return the values of the `sheet.*` fields of the survey's logic."""
        store = self.invitation.store_code if self.invitation else ""
        return {"sheet.language": language, "sheet.store": store, "sheet.is_known": self.invitation is not None}


def personal_paper(invitation_id: UUID, owner_id: UUID, *, for_writing: bool = False) -> Paper:
    """Return the sheet of an invitation; for_writing: locks the invitation, of two writers one waits.

    Raises:
        LinkRefusedError: no such invitation, or the data of whose it was are erased.
    """
    if for_writing:
        _hold(owner_id)
    rows = Invitation.objects.select_for_update(of=("self",)) if for_writing else Invitation.objects
    found = rows.select_related("survey", "version").filter(owner_id=owner_id, id=invitation_id).first()
    if found is None or found.state == InvitationState.WITHHELD or _is_erased(owner_id):
        raise LinkRefusedError
    sheet = AnswerSheet.objects.filter(owner_id=owner_id, invitation_id=invitation_id).first()
    return Paper(found.survey, found.version, stored_document(found.version.document), found, sheet)


def _hold(owner_id: UUID) -> None:
    """Keep whoever answers from being erased before the answers are written."""
    try:
        customer_services.hold_customer(owner_id)
    except CustomerErasedError as error:
        raise LinkRefusedError from error


def _is_erased(owner_id: UUID) -> bool:
    person = customers.customer_or_none(owner_id)
    return person is not None and person.erased_at is not None


def open_paper(token: str, device: str, *, for_writing: bool = False) -> Paper:
    """Return the sheet of a device that came by a survey's open link; device: a hash of its cookie, "" without one.

    Raises:
        LinkRefusedError: no survey has this open link.
    """
    rows = Survey.objects.select_for_update() if for_writing else Survey.objects
    survey = rows.filter(open_token=token).first() if token else None
    version = queries.versions_in_force([survey]).get(survey.id) if survey else None
    if survey is None or version is None:
        raise LinkRefusedError
    sheet = AnswerSheet.objects.filter(owner_id=COMPANY_OWNER, survey=survey, device=device).first() if device else None
    if sheet is not None and sheet.version_id != version.id:
        version = SurveyVersion.objects.get(id=sheet.version_id)
    return Paper(survey, version, stored_document(version.document), None, sheet, device)


def refuse_over(paper: Paper, *, now: datetime) -> None:
    """Refuse where no more answers are taken.

    Raises:
        AlreadyAnsweredError: it was finished already.
        SurveyOverError: the survey is closed or full, or the invitation has ended.
    """
    survey, invitation = paper.survey, paper.invitation
    if paper.is_done:
        raise AlreadyAnsweredError
    is_ended = invitation is not None and invitation.expires_at is not None and invitation.expires_at <= now
    is_closed = survey.state != SurveyState.OPEN or (survey.closes_at is not None and survey.closes_at <= now)
    if is_closed or is_ended:
        raise SurveyOverError(_("This survey is over. Thank you for wanting to answer!"))
    is_full = survey.max_answers is not None and queries.complete_counts([survey])[survey.id] >= survey.max_answers
    if is_full or _is_open_full(paper):
        raise SurveyOverError(_("This survey has all the answers it needs. Thank you for wanting to answer!"))


def _is_open_full(paper: Paper) -> bool:
    if paper.invitation is not None or paper.survey.open_limit is None:
        return False
    rows = AnswerSheet.objects.filter(survey=paper.survey, source=AnswerSource.OPEN, state=SheetState.COMPLETE)
    return rows.count() >= paper.survey.open_limit


def route(paper: Paper, language: str) -> Route:
    """Return the way through the survey by what the sheet holds."""
    return Route(paper.document, kept(paper.sheet), paper.known(language))


def kept(sheet: AnswerSheet | None) -> list[Given]:
    """Return the answers that a sheet holds."""
    if sheet is None:
        return []
    rows = Answer.objects.filter(owner_id=sheet.owner_id, sheet_id=sheet.id).order_by("id")
    return [Given(row.question, row.item, row.number, row.choice, row.text) for row in rows]


def save_page(
    paper: Paper, page: str, raw: Mapping[str, Any], *, actor: Actor, now: datetime, language: str
) -> AnswerSheet:
    """Keep the answers of one page and finish the sheet behind the last one; call it in a transaction, with a paper
    read for writing.

    Raises:
        AlreadyAnsweredError, SurveyOverError: see `refuse_over`.
        AnswerRefusedError: answers that do not fit, or one that is needed is missing; nothing of the page is kept.
    """
    refuse_over(paper, now=now)
    way = route(paper, language)
    shown = paper.document.page(page)
    if shown is None or shown not in way.pages():
        raise AnswerRefusedError([Problem(page, "page", _("is no page of this survey now; begin again"))])
    asked = {one.code: one for one in way.questions(shown)}
    given = read_answers(asked, {code: value for code, value in raw.items() if code in asked})
    _refuse_missing(asked.values(), given)
    sheet = _sheet(paper, page, now, language)
    Answer.objects.filter(owner_id=sheet.owner_id, sheet_id=sheet.id, question__in=asked).delete()
    _write(sheet, given)
    way = Route(paper.document, kept(sheet), paper.known(language))
    if way.after(page) is None:
        _finish(paper, sheet, way, staff.company().today(now), actor, now)
        low_scores.follow_up(paper.document, sheet, actor=actor, now=now)
    return sheet


@transaction.atomic
def record_answers(
    *,
    actor: Actor,
    now: datetime,
    survey_code: str,
    answers: Mapping[str, Any],
    customer_id: UUID | None = None,
    invitation_id: UUID | None = None,
    source: str = AnswerSource.API,
    language: str = "",
    occurred_at: datetime | None = None,
    subject: str = "",
    store_code: str = "",
    staff_code: str = "",
    band: str = "",
    is_made_up: bool = False,
    may_open_case: bool = True,
) -> AnswerSheet:
    """Record a whole sheet at once: asked by staff on the phone, or by another system.

    answers: raw values by question code, see `given`. What lies off the way through the survey is left out.
    may_open_case: whether a low score opens a case; one that was given long before now never does.

    Raises:
        SurveyNotFoundError: no such survey. SurveyStateError: it was never published.
        CustomerNotFoundError, CustomerErasedError: nobody, or somebody whose data were erased.
        LinkRefusedError: no such invitation. AlreadyAnsweredError, SurveyOverError: see `refuse_over`.
        AnswerRefusedError: answers that do not fit, or one that is needed is missing; nothing is kept.
    """
    moment = occurred_at or now
    if customer_id is not None:
        customer_services.hold_customer(customer_id)
    paper = _paper(survey_code, customer_id, invitation_id)
    refuse_over(paper, now=moment)
    given = read_answers({one.code: one for one in paper.document.questions()}, answers)
    way = Route(paper.document, given, paper.known(language))
    shown = way.shown_codes()
    _refuse_missing([one for one in paper.document.questions() if one.code in shown], given)
    sheet = _sheet(paper, "", moment, language, source=source, customer_id=customer_id)
    about = {"subject": subject, "store_code": store_code, "staff_code": staff_code, "band": band}
    for name, value in about.items():
        setattr(sheet, name, value or getattr(sheet, name))
    sheet.is_made_up = is_made_up
    Answer.objects.filter(owner_id=sheet.owner_id, sheet_id=sheet.id).delete()
    _write(sheet, given)
    company = staff.company()
    day = company.today(now) if occurred_at is None else clock.business_date(moment, company.time_zone)
    _finish(paper, sheet, way, day, actor, moment)
    if may_open_case and low_scores.is_fresh(moment, now=now):
        low_scores.follow_up(paper.document, sheet, actor=actor, now=moment)
    return sheet


def _paper(survey_code: str, customer_id: UUID | None, invitation_id: UUID | None) -> Paper:
    survey = queries.survey_by_code(survey_code)
    if invitation_id is not None:
        found = Invitation.objects.filter(id=invitation_id, survey=survey).first()
        if found is None or (customer_id is not None and found.owner_id not in customers.record_ids(customer_id)):
            raise LinkRefusedError
        return personal_paper(found.id, found.owner_id, for_writing=True)
    version = queries.versions_in_force([survey]).get(survey.id)
    if version is None:
        raise SurveyStateError(_("The survey was never published; publish it first."))
    return Paper(survey, version, stored_document(version.document))


def _refuse_missing(questions: Any, given: Sequence[Given]) -> None:
    missing = [one.code for one in questions if one.is_required and not is_answered(one, list(given))]
    if missing:
        raise AnswerRefusedError([Problem(code, "required", _("please answer this one")) for code in missing])


def _sheet(
    paper: Paper,
    page: str,
    now: datetime,
    language: str,
    *,
    source: str = "",
    customer_id: UUID | None = None,
) -> AnswerSheet:
    """Return the sheet to write on, made now if there is none."""
    sheet, invitation = paper.sheet, paper.invitation
    if sheet is None:
        sheet = AnswerSheet(
            owner_id=invitation.owner_id if invitation else customer_id or COMPANY_OWNER,
            survey=paper.survey,
            version=paper.version,
            invitation_id=invitation.id if invitation else None,
            device=paper.device,
            source=source or (AnswerSource.PERSONAL if invitation else AnswerSource.OPEN),
            started_at=now,
        )
        if invitation is not None:
            for name in ("subject", "store_code", "staff_code", "band"):
                setattr(sheet, name, getattr(invitation, name))
    sheet.page, sheet.language, sheet.updated_at = page, language, now
    sheet.save()
    if invitation is not None and invitation.state == InvitationState.SENT:
        invitation.state, invitation.opened_at = InvitationState.OPENED, now
        invitation.save(update_fields=["state", "opened_at"])
    return sheet


def _write(sheet: AnswerSheet, given: Sequence[Given]) -> None:
    Answer.objects.bulk_create(
        Answer(
            owner_id=sheet.owner_id,
            sheet_id=sheet.id,
            question=one.question,
            item=one.item,
            number=one.number,
            choice=one.choice,
            text=one.text,
        )
        for one in given
    )


def _finish(paper: Paper, sheet: AnswerSheet, way: Route, day: date, actor: Actor, now: datetime) -> None:
    """Finish a sheet: what lies off the way goes, the score and what it measures are kept, the event tells."""
    shown = way.shown_codes()
    Answer.objects.filter(owner_id=sheet.owner_id, sheet_id=sheet.id).exclude(question__in=shown).delete()
    given = kept(sheet)
    _refuse_missing(_on_the_way(paper.document, shown), given)
    found = scored(paper.document, given)
    sheet.state, sheet.score, sheet.completed_at, sheet.updated_at = SheetState.COMPLETE, found.score, now, now
    sheet.measured_date = day
    sheet.save()
    if paper.invitation is not None:
        paper.invitation.state, paper.invitation.answered_at = InvitationState.ANSWERED, now
        paper.invitation.remind_at = None
        paper.invitation.save(update_fields=["state", "answered_at", "remind_at"])
    if sheet.owner_id != COMPANY_OWNER:
        _measure(sheet, found, now)
    tag_by_rule(sheet, paper.document, given, actor=actor, now=now)
    _tell(paper, sheet, found, actor, now)


def _on_the_way(document: SurveyDocument, shown: set[str]) -> list[Question]:
    return [one for one in document.questions() if one.code in shown]


def _measure(sheet: AnswerSheet, found: Scored, now: datetime) -> None:
    assert sheet.measured_date is not None
    AttitudeMeasure.objects.bulk_create(
        AttitudeMeasure(
            owner_id=sheet.owner_id,
            sheet_id=sheet.id,
            indicator=indicator,
            value=value,
            measured_at=now,
            measured_date=sheet.measured_date,
        )
        for indicator, value in found.indicators.items()
    )
    standings.renew([sheet.owner_id], now=now)


def _tell(paper: Paper, sheet: AnswerSheet, found: Scored, actor: Actor, now: datetime) -> None:
    data = {
        "survey": paper.survey.code,
        "kind": str(score_kind(paper.document) or paper.survey.survey_kind),
        "sheet": str(sheet.id),
        "score": found.score,
        "is_promoter": bool(found.is_good),
        "is_detractor": bool(found.is_bad),
        "store": sheet.store_code,
    }
    customer_id = None if sheet.owner_id == COMPANY_OWNER else sheet.owner_id
    events.append("voice.survey.answered", actor=actor, now=now, customer_id=customer_id, data=data)
