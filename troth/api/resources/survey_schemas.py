"""Bodies of surveys."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from ..fields import NO_NUL, Flag, Moment, MomentText, Request, Response, Text64, Text120, example

SurveyCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
QuestionCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]
InvitationKey = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,120}$")]
Subject = Annotated[str, StringConstraints(max_length=120, pattern=NO_NUL)]
Kind = Literal["nps", "csat", "ces", "loyalty", "value", "kano", "other"]

_DOCUMENT = {
    "title": {"en": "How was it?", "zh": "这次感觉如何？"},
    "main": "happy",
    "pages": [
        {"code": "p1", "questions": [{"code": "happy", "type": "csat", "text": {"en": "Satisfied?", "zh": "满意吗？"}}]}
    ],
}


class SurveyOut(Response):
    """A survey."""

    id: UUID = Field(description="Its id.")
    code: str = Field(description="The code to name it by.")
    kind: str = Field(description="What it asks in the main.")
    name: str = Field(description="Its name.")
    name_zh: str = Field(description="Its name in Chinese, or empty.")
    state: str = Field(description="draft, open or closed.")
    version: int = Field(description="The published version in force; 0: only a draft so far.")
    revision: int = Field(description="Counts the changes of the draft; name it when you save.")
    closes_at: MomentText | None = Field(description="When it ends by itself, or null.")
    updated_at: MomentText = Field(description="When it was last changed.")


class SurveyDetail(SurveyOut):
    """A survey with its documents."""

    document: dict[str, Any] | None = Field(description="Pages and questions in force; null before the first version.")
    draft: dict[str, Any] | None = Field(description="Pages and questions of the next version, or null.")


class SurveyPage(Response):
    """A page of surveys."""

    items: list[SurveyOut] = Field(description="By code.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class SurveyIn(Request):
    """A new survey."""

    model_config = example({"kind": "csat", "name": "After a purchase", "name_zh": "购物后", "document": _DOCUMENT})

    kind: Kind = Field(description="What it asks in the main; decides how its results are shown.")
    name: Text120 = Field(description="Its name.")
    name_zh: Text120 = Field("", description="Its name in Chinese.")
    code: SurveyCode | None = Field(None, description="The code to name it by; left out: made of the name.")
    document: dict[str, Any] | None = Field(None, description="Pages and questions; left out: an empty page.")


class SurveyDraftIn(Request):
    """The draft of the next version."""

    model_config = example({"document": _DOCUMENT, "revision": 3})

    document: dict[str, Any] = Field(description="Pages and questions, whole.")
    revision: int | None = Field(
        None,
        ge=1,
        le=2**31 - 1,
        description="That of the survey when you read it: refused if somebody saved meanwhile.",
    )


class SurveyPublishIn(Request):
    """What to say of a new version."""

    model_config = example({"note": "Shorter"})

    note: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] = Field(
        "", description="What changed and why."
    )


class PublishedOut(Response):
    """A published version."""

    survey: str = Field(description="Code of the survey.")
    version: int = Field(description="Its number.")
    published_at: MomentText = Field(description="When it was published.")


class NewInvitationIn(Request):
    """Somebody to be asked."""

    key: InvitationKey = Field(description="Your name for this invitation: the same asks the customer once.")
    customer_id: UUID = Field(description="Whom to ask.")
    subject: Subject = Field("", description="What it is about: order:8812.")
    store: Text64 = Field("", description="Code of the store it is about.")
    staff: Text64 = Field("", description="Staff number of who served.")
    is_sent: Flag = Field(True, description="False: nothing is sent; you show the link yourself.")


class InvitationsIn(Request):
    """Customers to be asked."""

    model_config = example({"invitations": [{"key": "order-8812", "customer_id": "01a0", "subject": "order:8812"}]})

    invitations: list[NewInvitationIn] = Field(min_length=1, max_length=500, description="1 to 500 invitations.")


class InvitationOut(Response):
    """What became of an invitation."""

    key: str = Field(description="As sent.")
    id: UUID | None = Field(description="Its id; null for a customer who is not known.")
    is_invited: bool = Field(description="Whether the customer is asked.")
    reason: str = Field(description="Why not: asked_lately, withheld, full … or empty.")
    link: str | None = Field(description="The personal link; null where nobody is asked.")


class InvitationsOut(Response):
    """What became of invitations."""

    items: list[InvitationOut] = Field(description="In the order sent.")


class AnswersIn(Request):
    """What a customer said."""

    model_config = example({"answers": {"happy": 4}, "customer_id": "01a0", "language": "zh-hans"})

    answers: dict[QuestionCode, Any] = Field(
        max_length=60, description="By code of the question; how each is written stands in docs/surveys.md."
    )
    customer_id: UUID | None = Field(None, description="Who said it; left out: nobody known.")
    invitation_id: UUID | None = Field(None, description="The invitation that is answered by it, once.")
    language: Literal["", "en", "zh-hans"] = Field("", description="In which language.")
    occurred_at: Moment | None = Field(None, description="When it was said; left out: now.")
    subject: Subject = Field("", description="What it is about: order:8812.")
    store: Text64 = Field("", description="Code of the store it is about.")
    staff: Text64 = Field("", description="Staff number of who served.")


class AnswerOut(Response):
    """One answer."""

    question: str = Field(description="Code of the question.")
    item: str = Field(description="Row, option or half, or empty.")
    number: int | None = Field(description="The number given, or null.")
    choice: str = Field(description="The option chosen, or empty.")
    text: str | None = Field(description="In their words; null without the scope customers.view_personal.")


class AnswerSheetOut(Response):
    """An answer sheet."""

    id: UUID = Field(description="Its id.")
    survey: str = Field(description="Code of the survey.")
    version: int = Field(description="The version that was answered.")
    customer_id: UUID | None = Field(description="Who said it, null by the open link.")
    state: str = Field(description="partial or complete.")
    source: str = Field(description="personal, open, staff or api.")
    language: str = Field(description="In which language.")
    score: int | None = Field(description="The answer to the main question, or null.")
    subject: str = Field(description="What it is about, or empty.")
    store: str = Field(description="Code of the store it is about, or empty.")
    started_at: MomentText = Field(description="When it was begun.")
    completed_at: MomentText | None = Field(description="When it was finished, or null.")
    answers: list[AnswerOut] = Field(description="Each answer.")


class AnswerSheetPage(Response):
    """A page of answer sheets."""

    items: list[AnswerSheetOut] = Field(description="By id.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class SheetNarrowing(BaseModel):
    """Which answer sheets."""

    customer_id: UUID | None = Field(None, description="Of this customer, all merged records included.")
    state: Literal["partial", "complete"] | None = Field(None, description="In this state only.")
    since: Moment | None = Field(None, description="Changed at this moment or later: for keeping a copy.")


class SurveyScoreOut(Response):
    """A survey's score."""

    survey: str = Field(description="Code of the survey.")
    kind: str | None = Field(description="nps, csat or ces; null of a survey without such a score.")
    asked: int = Field(description="How many were asked.")
    answered: int = Field(description="How many of them answered.")
    complete: int = Field(description="Finished answer sheets, those by the open link included.")
    value: float | None = Field(description="NPS from -1 to 1; CSAT and CES as the share of good scores.")
    low: float | None = Field(description="Lower end of the 95 % interval.")
    high: float | None = Field(description="Upper end of the 95 % interval.")
    method: str | None = Field(description="Of the interval: tango or wilson.")
    is_weighted: bool = Field(description="Whether answers were weighed by the value band of those asked.")


class PartMarkOut(Response):
    """The mean mark of a part of the delivered value."""

    part: str = Field(description="product, service, staff, image; money, time, energy, effort.")
    mark: float = Field(description="1 to 10; for a cost a high mark means little of it.")


class DeliveredValueOut(Response):
    """What one who was rated delivers. Ends are of the 95 % interval, null where fewer than two rated a part."""

    who: str = Field(description="us, or the competitor's code in the question.")
    name: str = Field(description="What the question calls it; empty of us.")
    name_zh: str = Field(description="The same in Chinese, or empty.")
    answers: int = Field(description="The fewest answers to any part; where not all was rated, the most.")
    parts: list[PartMarkOut] = Field(description="Mean mark of each part that was rated.")
    benefit: float | None = Field(description="Mean marks of what customers get, together; null: not all was rated.")
    cost: float | None = Field(description="Mean marks of what customers give, turned round (11 - mark), together.")
    net: float | None = Field(description="Delivered value: benefit - cost.")
    net_low: float | None = Field(description="Its lower end.")
    net_high: float | None = Field(description="Its upper end.")
    ratio: float | None = Field(description="benefit / cost; null also where no cost is asked for.")
    ratio_low: float | None = Field(description="Its lower end.")
    ratio_high: float | None = Field(description="Its upper end.")
    lead: float | None = Field(description="How much more we deliver, by net; null of us.")
    lead_low: float | None = Field(description="Its lower end, by the same people where they rated both.")
    lead_high: float | None = Field(description="Its upper end.")
    relative_quality: float | None = Field(description="On the value map: 1 is the mean of all; null: nobody beside.")
    relative_price: float | None = Field(description="On the value map: 1 is the mean of all.")
    place: Literal["better", "fair", "worse"] | None = Field(description="Value for its price on the value map.")


class DeliveredQuestionOut(Response):
    """A question for the delivered value."""

    question: str = Field(description="Its code.")
    rated: list[DeliveredValueOut] = Field(description="Who was rated: us first, then competitors as asked.")


class DeliveredOut(Response):
    """What customers say they get for what they give."""

    survey: str = Field(description="Code of the survey.")
    questions: list[DeliveredQuestionOut] = Field(description="Each question that asks for it; none: no such question.")
