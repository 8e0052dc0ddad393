"""What the API says of complaints and visits."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.voice.models import CaseState, Channel, RemedyKind, RemedyState, Severity, Verdict, VisitKind, VisitState
from troth.voice.models import Word as CustomerWord

from ..fields import (
    NO_NUL,
    Amount,
    AmountText,
    Day,
    Flag,
    MomentText,
    Request,
    Response,
    Text40,
    Text64,
    Text80,
    Text100,
    Text120,
    Text200,
    Text500,
    Whole,
    example,
)

CaseCode = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
CaseNumber = Annotated[str, StringConstraints(pattern=r"^\d{4}-?\d{6}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=5_000, pattern=NO_NUL)]
LongWords = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=NO_NUL)]
Base64 = Annotated[str, StringConstraints(min_length=4, max_length=9_000_000, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]


class ComplaintIn(Request):
    """A complaint as it came in elsewhere. The same external_id again is the same case."""

    model_config = example(
        {
            "external_id": "weibo-4711",
            "channel": "social",
            "text": "My parcel is a week late.",
            "category": "delivery-late",
            "email": "ann@example.com",
        }
    )

    external_id: Text100 = Field(min_length=1, description="Your own name for it: opened once.")
    channel: Channel = Field(description="By which way it came in.")
    text: LongWords = Field(description="What the customer says.")
    subject: Text200 = Field("", description="In a few words.")
    customer_id: UUID | None = Field(None, description="Who complains; else found or added by e-mail or phone.")
    email: Text200 = Field("", description="To answer to.")
    phone: Text40 = Field("", description="To answer to.")
    name: Text100 = Field("", description="Of a customer who is not known yet.")
    category: Text40 = Field("", description="Code; empty where nobody sorted it.")
    severity: Severity | None = Field(None, description="Null takes the category's.")
    is_safety: Flag = Field(False, description="Somebody was hurt, or could be: critical.")
    order_ref: Text80 = Field("", description="Number of the order or receipt.")
    store: Text64 = Field("", description="Code of the store.")
    language: Annotated[str, StringConstraints(pattern=r"^(en|zh-hans)?$")] = Field(
        "", description="To be answered in; empty takes the customer's."
    )


class EmailIn(Request):
    """An e-mail as it was received."""

    message: Base64 = Field(description="The whole message (RFC 5322), in Base64.")


class TextIn(Request):
    """Something written or said."""

    text: Words = Field(description="As it was said.")


class WriteIn(TextIn):
    """Something for the customer."""

    awaits_answer: Flag = Field(False, description="The clocks stand still until the customer answers.")


class AssessIn(Request):
    """What the case is about, and how bad it is."""

    category: Text40 = Field(min_length=1, description="Code.")
    severity: Severity = Field(description="Deadlines follow it.")
    is_safety: Flag = Field(False, description="Somebody was hurt, or could be: critical.")


class ComplaintCustomerIn(Request):
    """Who complained."""

    customer_id: UUID = Field(description="Of the customer.")


class ResolveIn(TextIn):
    """A decision with what the customer is told."""

    verdict: Verdict = Field(description="Whether the complaint is justified.")
    cause: Text40 = Field("", description="Code of the root cause; empty to say it later.")
    is_final: Flag = Field(False, description="It stands whatever the customer says; not in the first round.")


class WordIn(Request):
    """What the customer says of how it was handled."""

    is_satisfied: Flag = Field(description="Not satisfied opens the case again, unless the decision was final.")
    text: Annotated[str, StringConstraints(max_length=2_000, pattern=NO_NUL)] = Field("", description="In own words.")


class CloseIn(Request):
    """The end of a case."""

    cause: Text40 = Field("", description="Code of the root cause; empty where it is known.")


class RemedyIn(Request):
    """What the customer gets."""

    external_id: Text80 = Field(min_length=1, description="Your own name for it: given once in the case.")
    kind: RemedyKind = Field(description="Points, a coupon, or a refund that is paid elsewhere.")
    points: Annotated[Whole, Field(ge=0, le=10**12)] = Field(0, description="In the smallest unit.")
    point_currency: Text40 = Field("", description="Code.")
    amount: Amount = Field("0", description="Of a refund.", validate_default=True)
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = Field("", description="ISO 4217.")
    campaign: Text40 = Field("", description="Code of the coupon campaign.")
    note: Text500 = Field("", description="Why.")


class RemedyOut(Response):
    """A remedy."""

    id: UUID = Field(description="Of the remedy.")
    complaint: Text40 = Field(description="Number of the case.")
    customer_id: UUID = Field(description="Who gets it.")
    kind: RemedyKind = Field(description="Points, coupon or refund.")
    state: RemedyState = Field(description="Waiting for a second person, given or turned down.")
    points: int = Field(description="In the smallest unit.")
    point_currency: str = Field(description="Code, or empty.")
    amount: AmountText = Field(description="Of a refund.")
    currency: str = Field(description="ISO 4217, or empty.")
    campaign: str = Field(description="Code, or empty.")
    note: str = Field(
        description="Why, in words; empty without `points.approve` and without the right to see personal data."
    )
    requested_at: MomentText = Field(description="When it was asked for.")
    requested_by: str = Field(description="Who asked, as `kind:id`.")
    decided_at: MomentText | None = Field(description="When it was decided, or null.")
    decided_by: str = Field(description="Who decided, as `kind:id`, or empty.")


class RemedyPage(Response):
    """A page of remedies."""

    items: list[RemedyOut] = Field(description="Those asked for first come first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class ClockOut(Response):
    """A deadline in working time, by the rules and hours the case was opened under."""

    kind: Text40 = Field(description="acknowledge, answer or resolve.")
    state: Text40 = Field(description="running, paused, stopped or void.")
    target_seconds: int = Field(description="Working time that it may take.")
    used_seconds: int = Field(description="Working time that it took so far, or took.")
    due_at: MomentText | None = Field(description="By when; null while it stands still and when it is over.")
    is_late: bool = Field(description="It took, or takes, longer.")


class ComplaintOut(Response):
    """A case. What was said is empty for a key that may not see personal data."""

    number: Text40 = Field(description="As the customer knows it.")
    state: CaseState = Field(description="Where it stands.")
    customer_id: UUID | None = Field(description="Who complains, or null.")
    channel: Channel = Field(description="By which way it came in.")
    category: Text40 = Field(description="Code.")
    severity: Severity = Field(description="How bad the case is.")
    is_safety: bool = Field(description="Somebody was hurt, or could be.")
    subject: Text200 = Field(description="In a few words.")
    text: str = Field(description="What the customer says.")
    order_ref: Text80 = Field(description="Number of the order, or empty.")
    store: Text64 = Field(description="Code of the store, or empty.")
    team: Text80 = Field(description="Code of the team, or empty.")
    verdict: Text40 = Field(description="upheld, partly or declined; empty before the decision.")
    cause: Text40 = Field(description="Code of the root cause, or empty.")
    word: CustomerWord = Field(description="What the customer says of how it was handled.")
    round: int = Field(description="How often it was opened.")
    opened_at: MomentText = Field(description="When it came in.")
    acknowledged_at: MomentText | None = Field(description="When the customer knew that we have it.")
    answered_at: MomentText | None = Field(description="First answer of this round.")
    resolved_at: MomentText | None = Field(description="Decision of this round.")
    closed_at: MomentText | None = Field(description="End.")


class UnprovenWordsOut(Response):
    """Words of an e-mail that names a case, whose sender nothing proves."""

    id: UUID = Field(description="Of the words.")
    text: str | None = Field(description="What it says; null for whoever may not see people.")
    received_at: MomentText = Field(description="When it came in.")


class ComplaintDetail(ComplaintOut):
    """A case with its clocks and remedies."""

    clocks: list[ClockOut] = Field(description="Of the present round.")
    remedies: list[RemedyOut] = Field(description="Oldest first.")
    is_sender_proven: bool = Field(
        description="False where an e-mail opened it and our mail server did not find its sender to be the true one."
    )
    unproven_words: list[UnprovenWordsOut] = Field(
        description="E-mails in the customer's name that nobody has judged yet, the oldest first."
    )


class JudgedWordsIn(Request):
    """Whose words they are."""

    is_customer: Flag = Field(description="True: the customer's, and the case moves; false: a stranger's.")


class ComplaintPage(Response):
    """A page of cases."""

    items: list[ComplaintOut] = Field(description="Newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class EmailOut(Response):
    """What became of an e-mail."""

    number: str | None = Field(description="Of the case; null where a program wrote it.")
    is_new: bool = Field(description="It opened the case.")


class MysteryVisitOut(Response):
    """A visit by somebody who is not known there."""

    id: UUID = Field(description="Of the visit.")
    kind: VisitKind = Field(description="Kind of visit: who looks, and at what.")
    state: VisitState = Field(description="Planned, done or cancelled.")
    checklist: Text40 = Field(description="Code.")
    version: int = Field(description="Of the checklist.")
    store: Text64 = Field(description="Code, or empty.")
    place: Text120 = Field(description="Where it is no store of ours.")
    planned_date: Day = Field(description="When it is planned.")
    visited_date: Day | None = Field(description="When it was.")
    score: AmountText | None = Field(description="0 to 100 with two places; null before it is scored.")
    failed_item: Text40 = Field(description="Key of the critical item that failed, or empty.")


class MysteryVisitPage(Response):
    """A page of visits."""

    items: list[MysteryVisitOut] = Field(description="Newest day first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")
