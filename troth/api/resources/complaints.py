"""Complaints from every channel, and mystery visits."""

import binascii
from base64 import b64decode
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.staff import queries as staff
from troth.voice.complaints import queries, services
from troth.voice.complaints.errors import EmailRefusedError
from troth.voice.complaints.services import NewCase, NewRemedy
from troth.voice.models import Case, CaseState, Channel, Severity, StoreVisit, VisitKind, VisitState
from troth.voice.visits import queries as visits

from ..fields import Moment
from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from .complaint_schemas import (
    AssessIn,
    CaseCode,
    CaseNumber,
    ClockOut,
    CloseIn,
    ComplaintCustomerIn,
    ComplaintDetail,
    ComplaintIn,
    ComplaintOut,
    ComplaintPage,
    EmailIn,
    EmailOut,
    JudgedWordsIn,
    MysteryVisitOut,
    MysteryVisitPage,
    RemedyIn,
    RemedyOut,
    ResolveIn,
    TextIn,
    UnprovenWordsOut,
    WordIn,
    WriteIn,
)
from .remedies import remedies_out, remedy_out
from .task_schemas import StaffCode

router = Router(tags=["Complaints"])
P = Permission


class ComplaintNarrowing(BaseModel):
    """What a list of complaints is narrowed to."""

    state: CaseState | None = Field(None, description="In this state.")
    customer_id: UUID | None = Field(None, description="Of this customer, all merged records included.")
    severity: Severity | None = Field(None, description="Of this severity.")
    channel: Channel | None = Field(None, description="That came in by this way.")
    category: CaseCode | None = Field(None, description="Of the category of this code, not of those below it.")
    team: CaseCode | None = Field(None, description="Of this team.")
    assignee: StaffCode | None = Field(None, description="Of the member of staff with this number.")
    store: StaffCode | None = Field(None, description="About the store of this code.")
    since: Moment | None = Field(None, description="Opened at this moment or later.")


class VisitNarrowing(BaseModel):
    """What a list of visits is narrowed to."""

    state: VisitState | None = Field(None, description="In this state.")
    kind: VisitKind | None = Field(None, description="Of this kind.")
    store: StaffCode | None = Field(None, description="Of the store of this code.")


@reads(router, "/complaints", scope=P.CASES_VIEW, response=ComplaintPage)
def list_complaints(
    request: ApiRequest, narrowing: Annotated[ComplaintNarrowing, Query(...)], paging: PagingQuery
) -> ComplaintPage:
    """List complaints, the newest first."""
    found = queries.cases()
    if narrowing.customer_id is not None:
        found = found.filter(customer_id__in=customers.record_ids(narrowing.customer_id))
    if narrowing.assignee is not None:
        found = found.filter(assignee_id=staff.member(narrowing.assignee).id)
    for column, value in (
        ("state", narrowing.state),
        ("severity", narrowing.severity),
        ("channel", narrowing.channel),
        ("category__code", narrowing.category),
        ("team", narrowing.team),
        ("store__code", narrowing.store),
        ("opened_at__gte", narrowing.since),
    ):
        if value is not None:
            found = found.filter(**{column: value})
    rows, cursor = page(found, paging, keys=("-opened_at", "-id"))
    return ComplaintPage(items=[ComplaintOut(**_fields(row, request.auth)) for row in rows], next_cursor=cursor)


@writes(router, "POST", "/complaints", scope=P.CASES_WORK, response=ComplaintDetail, status=201)
def open_complaint(request: ApiRequest, complaint: ComplaintIn) -> ComplaintDetail:
    """Open a case.

    It gets a number, deadlines and a team by the rules in force; the customer is told at once where there is a way.
    """
    given = complaint.model_dump(exclude={"external_id", "severity"})
    severity = complaint.severity.value if complaint.severity else ""
    new = NewCase(key=f"api:{request.auth.id}:{complaint.external_id}", severity=severity, **given)
    case = services.open_case(new, actor=request.auth, now=staff.moment(request.now))
    return detail(case.id, request)


@writes(router, "POST", "/complaints/emails", scope=P.CASES_WORK, response=EmailOut, status=201)
def receive_complaint_email(request: ApiRequest, email: EmailIn) -> EmailOut:
    """Take in an e-mail to the complaints' address.

    It opens a case, or goes to the one whose number its subject names if that customer sent it. HTML becomes text.
    Where `Authentication-Results` of your mail server (`TROTH_MAIL_SERVER`) do not prove the sender, the words are kept
    as unproven and the case does not move. Out-of-office replies and bounces are left alone. The same message again
    changes nothing.
    """
    try:
        raw = b64decode(email.message, validate=True)
    except binascii.Error as error:
        raise EmailRefusedError(_("The message is no Base64."), field="message") from error
    received = services.receive_email(raw, actor=request.auth, now=staff.moment(request.now))
    return EmailOut(number=received.case.number if received.case else None, is_new=received.is_new)


@reads(router, "/complaints/{number}", scope=P.CASES_VIEW, response=ComplaintDetail)
def get_complaint(request: ApiRequest, number: Path[CaseNumber]) -> ComplaintDetail:
    """Get a complaint with its clocks and remedies."""
    return detail(queries.case(number).id, request)


@writes(router, "POST", "/complaints/{number}/words", scope=P.CASES_WORK, response=ComplaintDetail)
def add_customer_words(request: ApiRequest, number: Path[CaseNumber], said: TextIn) -> ComplaintDetail:
    """Keep what the customer wrote.

    A case that waits goes on; a closed one is opened again.
    """
    found = queries.case(number)
    services.note_from_customer(actor=request.auth, now=staff.moment(request.now), case_id=found.id, text=said.text)
    return detail(found.id, request)


@writes(router, "POST", "/complaints/{number}/words/{words_id}", scope=P.CASES_WORK, response=ComplaintDetail)
def judge_customer_words(
    request: ApiRequest, number: Path[CaseNumber], words_id: Path[UUID], judged: JudgedWordsIn
) -> ComplaintDetail:
    """Say whether unproven words are the customer's.

    Then a case that waits goes on, and a closed one is opened again.
    """
    found = queries.case(number)
    common: dict[str, Any] = {"actor": request.auth, "now": staff.moment(request.now), "case_id": found.id}
    services.judge_words(entry_id=words_id, is_customer=judged.is_customer, **common)
    return detail(found.id, request)


@writes(router, "POST", "/complaints/{number}/messages", scope=P.CASES_WORK, response=ComplaintDetail)
def write_to_customer(request: ApiRequest, number: Path[CaseNumber], message: WriteIn) -> ComplaintDetail:
    """Write to the customer.

    The first time is the first answer. Where an answer is awaited, the clocks stand still.
    """
    found = queries.case(number)
    common: dict[str, Any] = {"actor": request.auth, "now": staff.moment(request.now), "case_id": found.id}
    services.write_to_customer(text=message.text, awaits_answer=message.awaits_answer, **common)
    return detail(found.id, request)


@writes(router, "POST", "/complaints/{number}/assess", scope=P.CASES_WORK, response=ComplaintDetail)
def assess_complaint(request: ApiRequest, number: Path[CaseNumber], wanted: AssessIn) -> ComplaintDetail:
    """Say what the case is about and how bad it is.

    Deadlines follow the severity, counted from the opening.
    """
    found = queries.case(number)
    services.assess_case(
        actor=request.auth,
        now=staff.moment(request.now),
        case_id=found.id,
        category=wanted.category,
        severity=wanted.severity,
        is_safety=wanted.is_safety,
    )
    return detail(found.id, request)


@writes(router, "POST", "/complaints/{number}/customer", scope=P.CASES_WORK, response=ComplaintDetail)
def name_complaint_customer(
    request: ApiRequest, number: Path[CaseNumber], named: ComplaintCustomerIn
) -> ComplaintDetail:
    """Say who complained, where nobody knew.

    Offers and surveys to that customer are silent from then on, while the case is open. The same customer again changes
    nothing; another one is refused.
    """
    found = queries.case(number)
    common: dict[str, Any] = {"actor": request.auth, "now": staff.moment(request.now), "case_id": found.id}
    services.name_customer(customer_id=named.customer_id, **common)
    return detail(found.id, request)


@writes(router, "POST", "/complaints/{number}/resolve", scope=P.CASES_WORK, response=ComplaintDetail)
def resolve_complaint(request: ApiRequest, number: Path[CaseNumber], decision: ResolveIn) -> ComplaintDetail:
    """Decide, tell the customer, and ask whether it was good."""
    found = queries.case(number)
    services.resolve_case(actor=request.auth, now=staff.moment(request.now), case_id=found.id, **decision.model_dump())
    return detail(found.id, request)


@writes(router, "POST", "/complaints/{number}/word", scope=P.CASES_WORK, response=ComplaintDetail)
def say_complaint_word(request: ApiRequest, number: Path[CaseNumber], word: WordIn) -> ComplaintDetail:
    """Keep what the customer says of how it was handled.

    Satisfied, with a known cause, closes the case; not satisfied opens it again.
    """
    found = queries.case(number)
    common: dict[str, Any] = {"actor": request.auth, "now": staff.moment(request.now), "case_id": found.id}
    services.say_word(is_satisfied=word.is_satisfied, text=word.text, **common)
    return detail(found.id, request)


@writes(router, "POST", "/complaints/{number}/close", scope=P.CASES_WORK, response=ComplaintDetail)
def close_complaint(request: ApiRequest, number: Path[CaseNumber], end: CloseIn) -> ComplaintDetail:
    """Close a decided case, with its cause and the customer's word."""
    found = queries.case(number)
    services.close_case(actor=request.auth, now=staff.moment(request.now), case_id=found.id, cause=end.cause)
    return detail(found.id, request)


@writes(router, "POST", "/complaints/{number}/remedies", scope=P.CASES_WORK, response=RemedyOut, status=201)
def give_complaint_remedy(request: ApiRequest, number: Path[CaseNumber], remedy: RemedyIn) -> RemedyOut:
    """Give a remedy.

    Above what one may give in one case it waits for a second person, who approves it in the console or by
    `/complaint-remedies/{remedy_id}/approve`.
    """
    found = queries.case(number)
    given = remedy.model_dump(exclude={"external_id"})
    new = NewRemedy(key=f"api:{remedy.external_id}"[:80], **given)
    return remedy_out(
        services.give_remedy(actor=request.auth, now=staff.moment(request.now), case_id=found.id, new=new), request.auth
    )


@reads(router, "/mystery-visits", scope=P.VISITS_VIEW, response=MysteryVisitPage)
def list_mystery_visits(
    request: ApiRequest, narrowing: Annotated[VisitNarrowing, Query(...)], paging: PagingQuery
) -> MysteryVisitPage:
    """List mystery visits with their scores."""
    found = visits.visits()
    for column, value in (
        ("state", narrowing.state),
        ("visit_kind", narrowing.kind),
        ("store__code", narrowing.store),
    ):
        if value is not None:
            found = found.filter(**{column: value})
    rows, cursor = page(found, paging, keys=("-planned_date", "-id"))
    return MysteryVisitPage(items=[_visit(row) for row in rows], next_cursor=cursor)


def detail(case_id: UUID, request: ApiRequest) -> ComplaintDetail:
    """Return a complaint with its clocks and remedies, as whoever asks may see it."""
    found = queries.case_by_id(case_id)
    clocks = [
        ClockOut(
            kind=one.clock.clock_kind,
            state=one.clock.clock_state,
            target_seconds=one.clock.target_seconds,
            used_seconds=int(one.used.total_seconds()),
            due_at=one.clock.due_at,
            is_late=one.is_late,
        )
        for one in queries.readings(found, staff.moment(request.now))
    ]
    remedies = remedies_out(list(queries.remedies_of(found)), request.auth)
    sees = request.auth.may(P.CUSTOMERS_VIEW_PERSONAL)
    unproven = [
        UnprovenWordsOut(id=one.id, text=one.text if sees else None, received_at=one.created_at)
        for one in queries.unproven_words_of(found)
    ]
    is_proven = not queries.is_sender_unproven(found)
    return ComplaintDetail(
        clocks=clocks,
        remedies=remedies,
        is_sender_proven=is_proven,
        unproven_words=unproven,
        **_fields(found, request.auth),
    )


def _fields(row: Case, actor: Actor) -> dict[str, Any]:
    sees = actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    names = (
        "number",
        "state",
        "customer_id",
        "channel",
        "severity",
        "is_safety",
        "order_ref",
        "team",
        "verdict",
        "word",
    )
    moments = ("opened_at", "acknowledged_at", "answered_at", "resolved_at", "closed_at")
    return {name: getattr(row, name) for name in (*names, "word", *moments)} | {
        "category": row.category.code,
        "cause": row.cause.code if row.cause else "",
        "store": row.store.code if row.store else "",
        "subject": row.subject if sees else "",
        "text": row.text if sees else "",
        "round": row.round_no,
    }


def _visit(row: StoreVisit) -> MysteryVisitOut:
    return MysteryVisitOut(
        id=row.id,
        kind=VisitKind(row.visit_kind),
        state=VisitState(row.state),
        checklist=row.version.checklist.code,
        version=row.version.number,
        store=row.store.code if row.store else "",
        place=row.place,
        planned_date=row.planned_date,
        visited_date=row.visited_date,
        score=None if row.score_hundredths is None else f"{row.score_hundredths / 100:.2f}",
        failed_item=row.failed_key,
    )
