"""Surveys: written, sent, answered and counted."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.events.models import COMPANY_OWNER
from troth.staff import queries as staff
from troth.voice.models import Answer, AnswerSheet, AnswerSource, Survey, SurveyState
from troth.voice.surveys import handing, narrowing, queries, results, services

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from .delivered import delivered
from .survey_schemas import (
    AnswerOut,
    AnswerSheetOut,
    AnswerSheetPage,
    AnswersIn,
    DeliveredOut,
    InvitationOut,
    InvitationsIn,
    InvitationsOut,
    PublishedOut,
    SheetNarrowing,
    SurveyCode,
    SurveyDetail,
    SurveyDraftIn,
    SurveyIn,
    SurveyOut,
    SurveyPage,
    SurveyPublishIn,
    SurveyScoreOut,
)

router = Router(tags=["Surveys"])
P = Permission


class SurveyNarrowing(BaseModel):
    """What a list of surveys is narrowed to."""

    state: SurveyState | None = Field(None, description="In this state.")


@reads(router, "/surveys", scope=P.SURVEYS_VIEW, response=SurveyPage)
def list_surveys(request: ApiRequest, which: Annotated[SurveyNarrowing, Query(...)], paging: PagingQuery) -> SurveyPage:
    """List the surveys."""
    found = queries.surveys()
    if which.state is not None:
        found = found.filter(state=which.state)
    rows, cursor = page(found, paging, keys=("code",))
    return SurveyPage(items=[SurveyOut(**_fields(row)) for row in rows], next_cursor=cursor)


@writes(router, "POST", "/surveys", scope=P.SURVEYS_EDIT, response=SurveyDetail, status=201)
def create_survey(request: ApiRequest, wanted: SurveyIn) -> SurveyDetail:
    """Make a survey.

    It is a draft: nobody can answer before it is published.
    """
    made = services.create_survey(
        actor=request.auth,
        now=staff.moment(request.now),
        kind=wanted.kind,
        name=wanted.name,
        name_zh=wanted.name_zh,
        code=wanted.code or "",
        document=wanted.document,
    )
    return _detail(made)


@reads(router, "/surveys/{survey}", scope=P.SURVEYS_VIEW, response=SurveyDetail)
def get_survey(request: ApiRequest, survey: Path[SurveyCode]) -> SurveyDetail:
    """Get a survey with its pages and questions."""
    return _detail(queries.survey_by_code(survey))


@writes(router, "PUT", "/surveys/{survey}/draft", scope=P.SURVEYS_EDIT, response=SurveyDetail)
def save_survey_draft(request: ApiRequest, survey: Path[SurveyCode], draft: SurveyDraftIn) -> SurveyDetail:
    """Save the draft of the next version.

    What is in force stays until the draft is published.
    """
    found = queries.survey_by_code(survey)
    saved = services.save_draft(
        actor=request.auth,
        now=staff.moment(request.now),
        survey_id=found.id,
        document=draft.document,
        expected_revision=draft.revision,
    )
    return _detail(saved)


@writes(router, "POST", "/surveys/{survey}/publish", scope=P.SURVEYS_EDIT, response=PublishedOut, status=201)
def publish_survey(request: ApiRequest, survey: Path[SurveyCode], publishing: SurveyPublishIn) -> PublishedOut:
    """Publish the draft.

    A version never changes; who began an older one goes on with it. Everything that contradicts itself is named.
    """
    found = queries.survey_by_code(survey)
    version = services.publish(
        actor=request.auth, now=staff.moment(request.now), survey_id=found.id, note=publishing.note
    )
    return PublishedOut(survey=survey, version=version.number, published_at=version.published_at)


@writes(router, "POST", "/surveys/{survey}/close", scope=P.SURVEYS_EDIT, response=SurveyDetail)
def close_survey(request: ApiRequest, survey: Path[SurveyCode]) -> SurveyDetail:
    """Take no more answers; what was begun stays as it is."""
    found = queries.survey_by_code(survey)
    return _detail(services.close_survey(actor=request.auth, now=staff.moment(request.now), survey_id=found.id))


@writes(router, "POST", "/surveys/{survey}/reopen", scope=P.SURVEYS_EDIT, response=SurveyDetail)
def reopen_survey(request: ApiRequest, survey: Path[SurveyCode]) -> SurveyDetail:
    """Take answers again."""
    found = queries.survey_by_code(survey)
    return _detail(services.reopen_survey(actor=request.auth, now=staff.moment(request.now), survey_id=found.id))


@writes(router, "POST", "/surveys/{survey}/invitations", scope=P.SURVEYS_EDIT, response=InvitationsOut, status=201)
def invite_to_survey(request: ApiRequest, survey: Path[SurveyCode], wanted: InvitationsIn) -> InvitationsOut:
    """Ask customers to answer.

    Each key asks its customer once. Whoever was asked lately, by whichever survey, is spared; the send decision
    has the last word. Each says why.
    """
    queries.survey_by_code(survey)
    new = [
        services.NewInvitation(
            key=one.key,
            customer_id=one.customer_id,
            survey=survey,
            source=request.auth.code,
            subject=one.subject,
            store_code=one.store,
            staff_code=one.staff,
            is_handed_over=one.is_sent,
        )
        for one in wanted.invitations
    ]
    found = services.invite(new, actor=request.auth, now=staff.moment(request.now))
    links = handing.urls(one.invitation_id for one in found if one.is_invited and one.invitation_id)
    return InvitationsOut(
        items=[
            InvitationOut(
                key=one.key,
                id=one.invitation_id,
                is_invited=one.is_invited,
                reason=one.reason,
                link=links.get(one.invitation_id) if one.invitation_id else None,
            )
            for one in found
        ]
    )


@reads(router, "/surveys/{survey}/answers", scope=P.SURVEYS_VIEW, response=AnswerSheetPage)
def list_survey_answers(
    request: ApiRequest, survey: Path[SurveyCode], which: Annotated[SheetNarrowing, Query(...)], paging: PagingQuery
) -> AnswerSheetPage:
    """List the answer sheets of a survey.

    What customers wrote is personal: without customers.view_personal, texts are left out.
    """
    found = queries.sheets(queries.survey_by_code(survey).id).select_related("survey", "version")
    if which.customer_id is not None:
        found = found.filter(owner_id__in=customers.record_ids(which.customer_id))
    if which.state is not None:
        found = found.filter(state=which.state)
    if which.since is not None:
        found = found.filter(updated_at__gte=which.since)
    rows, cursor = page(found, paging, keys=("id",))
    return AnswerSheetPage(items=_sheets(rows, request), next_cursor=cursor)


@writes(router, "POST", "/surveys/{survey}/answers", scope=P.SURVEYS_EDIT, response=AnswerSheetOut, status=201)
def record_survey_answers(request: ApiRequest, survey: Path[SurveyCode], said: AnswersIn) -> AnswerSheetOut:
    """Record what a customer said.

    A whole answer sheet at once: asked on the phone, at the till, or by another system. An invitation is answered
    once. Answers that do not fit are refused, each named; nothing is kept then.
    """
    if said.customer_id is not None:
        customers.customer(said.customer_id)
    sheet = services.record_answers(
        actor=request.auth,
        now=staff.moment(request.now),
        survey_code=survey,
        answers=said.answers,
        customer_id=said.customer_id,
        invitation_id=said.invitation_id,
        source=AnswerSource.API,
        language=said.language,
        occurred_at=said.occurred_at,
        subject=said.subject,
        store_code=said.store,
        staff_code=said.staff,
    )
    return _sheets([sheet], request)[0]


@reads(router, "/surveys/{survey}/results", scope=P.SURVEYS_VIEW, response=SurveyScoreOut)
def get_survey_results(request: ApiRequest, survey: Path[SurveyCode]) -> SurveyScoreOut:
    """Get a survey's score with its interval.

    Answers are weighed so that they stand for all who were asked, by value band, where those are known.
    """
    found = queries.survey_by_code(survey)
    document = queries.document(found)
    numbers = results.in_numbers(found)
    counted = results.results(found, document, narrowing.Narrow()) if document else None
    score = results.overall(counted) if counted else None
    return SurveyScoreOut(
        survey=survey,
        kind=str(score.kind) if score else None,
        asked=numbers["asked"],
        answered=numbers["answered"],
        complete=numbers["complete"],
        value=score.value if score else None,
        low=score.low if score else None,
        high=score.high if score else None,
        method=score.method if score else None,
        is_weighted=counted is not None and counted.raked is not None,
    )


@reads(router, "/surveys/{survey}/delivered-value", scope=P.SURVEYS_VIEW, response=DeliveredOut)
def get_delivered_value(request: ApiRequest, survey: Path[SurveyCode]) -> DeliveredOut:
    """Get what customers get for what they give.

    Benefits (product, service, staff, image) less costs (money, time, energy, effort), of us and of each competitor in
    the survey, from all finished answer sheets.
    """
    found = queries.survey_by_code(survey)
    document = queries.document(found)
    parts = results.value_parts(results.results(found, document, narrowing.Narrow())) if document else []
    return DeliveredOut(survey=survey, questions=[delivered(one) for one in parts])


def _fields(row: Survey) -> dict[str, Any]:
    names = "id code name name_zh state revision closes_at updated_at"
    return {name: getattr(row, name) for name in names.split()} | {
        "kind": row.survey_kind,
        "version": row.version_number,
    }


def _detail(row: Survey) -> SurveyDetail:
    version = queries.versions_in_force([row]).get(row.id)
    return SurveyDetail(**_fields(row), document=version.document if version else None, draft=row.draft)


def _sheets(rows: list[AnswerSheet], request: ApiRequest) -> list[AnswerSheetOut]:
    answers = queries.answers(row.id for row in rows)
    is_open = request.auth.may(P.CUSTOMERS_VIEW_PERSONAL)
    return [_sheet(row, answers.get(row.id, []), is_open) for row in rows]


def _sheet(row: AnswerSheet, answers: list[Answer], is_open: bool) -> AnswerSheetOut:
    customer_id: UUID | None = None if row.owner_id == COMPANY_OWNER else row.owner_id
    return AnswerSheetOut(
        id=row.id,
        survey=row.survey.code,
        version=row.version.number,
        customer_id=customer_id,
        state=row.state,
        source=row.source,
        language=row.language,
        score=row.score,
        subject=row.subject,
        store=row.store_code,
        started_at=row.started_at,
        completed_at=row.completed_at,
        answers=[
            AnswerOut(
                question=one.question,
                item=one.item,
                number=one.number,
                choice=one.choice,
                text=one.text if is_open else None,
            )
            for one in answers
        ],
    )
