"""Messages: meant and judged, tried out, listed with every reason."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.permissions import Permission
from troth.messaging import queries, services
from troth.messaging.models import Contact, ContactState
from troth.messaging.services import Decision, Intent, Result
from troth.staff import queries as staff

from ..fields import Amount, AmountText, Code, Moment, MomentText, Request, Response, Text64, Whole, example
from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page

router = Router(tags=["Messages"])
P = Permission
MOST = 500
KEYS = ("-created_at", "-id")
Purpose = Literal["marketing", "service", "survey"]


# Not the enumeration itself: another one of its name stands in the document already.
OutcomeText = Literal["queued", "delayed", "withheld"]
OutcomeOfOffers = Literal["bought", "revenue", "profit", "net"]


class MessageIn(Request):
    """A message that is meant for a customer."""

    model_config = example(
        {
            "key": "order-8812-shipped",
            "customer_id": "0190a000-0000-7000-8000-000000000001",
            "purpose": "service",
            "template": "order_shipped",
            "channels": ["email", "sms_twilio"],
            "facts": {"order": "8812"},
        }
    )

    key: Annotated[str, Field(min_length=1, max_length=150, pattern=r"^[^\x00]*$")] = Field(
        description="Your own name for this message; used again, it gives the decision taken then."
    )
    customer_id: UUID = Field(description="Whom it is meant for; any of the customer's records.")
    purpose: Purpose = Field(description="What it is for: consents, hours and caps go by it.")
    template: Code = Field(description="Code of the template.")
    channels: list[Code] = Field(
        default_factory=list,
        max_length=10,
        description="Codes of channels in order of preference; empty: those that are set up.",
    )
    facts: dict[Code, Any] = Field(
        default_factory=dict, max_length=50, description="What the template is filled with, plain values."
    )
    priority: Whole = Field(50, ge=0, le=100, description="The higher goes first where caps leave room for few.")
    relevant_until: Moment | None = Field(
        None, description="When it would come too late; left out, by the rules of sending."
    )


class MessagesIn(Request):
    """Messages to be decided about together."""

    messages: list[MessageIn] = Field(min_length=1, max_length=MOST, description="At most 500.")


class VerdictOut(Response):
    """What one gate said."""

    gate: str = Field(description="Code of the gate.")
    label: str = Field(description="Its name on screens.")
    result: Result = Field(description="Whether it passes, delays or stops the message.")
    text: str = Field(description="The verdict as a sentence, in the language asked for.")
    values: dict[str, Any] = Field(description="What it went by: codes and figures.")
    not_before: MomentText | None = Field(description="Of a delay: until when.")


class DecisionOut(Response):
    """What was decided about a message."""

    key: str = Field(description="Your name for it.")
    message_id: UUID | None = Field(description="Its id; null where it was only tried out.")
    outcome: OutcomeText = Field(description="Whether it goes out, later, or not at all.")
    channel: str = Field(description="Code of the channel it takes, or empty.")
    not_before: MomentText | None = Field(description="When it goes out at the earliest; null if it does not.")
    stopped_by: list[str] = Field(description="Codes of the gates that stopped it.")
    delayed_by: list[str] = Field(description="Codes of the gates that delayed it.")


class DecisionList(Response):
    """Decisions, in the order of the messages."""

    items: list[DecisionOut] = Field(description="One for each message.")


class MessageOut(Response):
    """A message and what became of it."""

    id: UUID = Field(description="Its id.")
    key: str = Field(description="The name that whoever meant it gave it.")
    customer_id: UUID = Field(description="The record it was meant for.")
    purpose: str = Field(description="What it is for.")
    template: str = Field(description="Code of the template.")
    channel: str = Field(description="Code of the channel, or empty where none would do.")
    source: str = Field(description="What it came from: journey, survey, case, api or staff, with an id.")
    state: ContactState = Field(description="Where it stands.")
    held_by: str = Field(description="Code of the gate that withholds or delays it, or empty.")
    reason: str = Field(description="Code of what made the hand-over fail or unknown, or empty.")
    due_at: MomentText = Field(description="When it may go out at the earliest.")
    created_at: MomentText = Field(description="When it was meant.")
    sent_at: MomentText | None = Field(description="When the provider took it, or null.")
    delivered_at: MomentText | None = Field(description="When it arrived, if the provider told; or null.")
    opened_at: MomentText | None = Field(description="When it was opened, of those who agreed to that; or null.")


class MessageDetail(MessageOut):
    """A message with every gate's verdict."""

    why: list[VerdictOut] = Field(description="Why it went out or did not, gate by gate.")


class MessagePage(Response):
    """A page of messages."""

    items: list[MessageOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class SendingOut(Response):
    """Whether all sending is paused."""

    is_paused: bool = Field(description="True: nothing goes out.")
    reason: str = Field(description="Code of why: person, restored, moved, silence; or empty.")
    waiting: int = Field(description="How many messages wait to go out.")


class ComparedOut(Response):
    """What one outcome was in both groups, a head."""

    outcome: OutcomeOfOffers = Field(
        description="bought: share who bought; revenue, profit, net of costs: money a head."
    )
    may: AmountText = Field(description="Mean of those who may get offers.")
    control: AmountText = Field(description="Mean of those who get none.")
    difference: AmountText = Field(description="What offers brought a head.")
    low: AmountText = Field(description="Lower end of the 95% interval of the difference.")
    high: AmountText = Field(description="Upper end of the 95% interval of the difference.")
    total: AmountText = Field(description="Difference times the people who may get offers.")
    doubts: list[str] = Field(description="Codes of what speaks against believing it.")


class CostHeadOut(Response):
    """What one kind of cost came to a head in both groups."""

    kind: str = Field(description="points, gifts or messages.")
    may: AmountText = Field(description="A head of those who may get offers.")
    control: AmountText = Field(description="A head of those who get none.")


class ControlMeasurement(Response):
    """What offers brought in some days up to an analysis."""

    days: int = Field(description="How many days.")
    from_date: date = Field(description="The first of them.")
    as_of_date: date = Field(description="The last of them.")
    currency: str = Field(description="Currency of the money.")
    may_people: int = Field(description="Customers who may get offers.")
    control_people: int = Field(description="Customers who get none.")
    message_price: AmountText = Field(description="What one message was said to cost.")
    costs: list[CostHeadOut] = Field(description="What `net` takes off; points and gifts where their cost is known.")
    outcomes: list[ComparedOut] = Field(description="Empty where a side has fewer than two customers.")


class ControlGroupOut(Response):
    """Who gets no offers at all, and what was measured against them."""

    percent: int = Field(description="How many in a hundred get no offers by chance; 0: nobody.")
    since: MomentText | None = Field(description="From when on there has been this group; null without one.")
    most_days: int = Field(description="How many days of it the last analysis knows.")
    is_being_measured: bool = Field(description="A measurement waits or runs.")
    measured: ControlMeasurement | None = Field(description="The newest measurement; null before the first.")


class MeasureIn(Request):
    """What to measure."""

    model_config = example({"days": 30, "message_price": "0.05"})

    days: Whole = Field(ge=1, le=3650, description="Days up to the last analysis; at most those the group is old.")
    message_price: Amount = Field(
        Decimal(0), description="What one message costs, in the currency of the analysis; 0 takes nothing off."
    )


class MessageNarrowing(BaseModel):
    """What a list of messages is narrowed to."""

    state: ContactState | None = Field(None, description="In this state.")
    channel: Text64 = Field("", description="By this channel.")
    purpose: Purpose | None = Field(None, description="For this purpose.")
    template: Text64 = Field("", description="From this template.")
    held_by: Text64 = Field("", description="Withheld or delayed by this gate.")


@writes(router, "POST", "/messages", scope=P.MESSAGES_SEND, response=DecisionList)
def send_messages(request: ApiRequest, batch: MessagesIn) -> DecisionList:
    """Send messages to customers, as far as the send decision allows.

    All or none are taken: if one is refused, nothing was written. Each key happens once for ever, so a batch whose
    answer was lost can be sent again.
    """
    decided = services.send(_intents(batch), actor=request.auth, now=staff.moment(request.now))
    return DecisionList(items=[_decision(one) for one in decided])


@reads(router, "/messages/decide", method="POST", scope=P.MESSAGES_VIEW, response=DecisionList)
def decide_messages(request: ApiRequest, batch: MessagesIn) -> DecisionList:
    """Tell what would be decided about messages now, and write nothing."""
    return DecisionList(
        items=[_decision(one) for one in services.decide(_intents(batch), now=staff.moment(request.now))]
    )


@reads(router, "/messages", scope=P.MESSAGES_VIEW, response=MessagePage)
def list_messages(
    request: ApiRequest, narrowing: Annotated[MessageNarrowing, Query(...)], paging: PagingQuery
) -> MessagePage:
    """List messages, sent or not, the newest first."""
    wanted = queries.ContactFilter(
        states=(narrowing.state.value,) if narrowing.state else (),
        channel=narrowing.channel,
        purpose=narrowing.purpose or "",
        template=narrowing.template,
        gate=narrowing.held_by,
    )
    rows, cursor = page(queries.contacts(wanted), paging, keys=KEYS)
    return MessagePage(items=[MessageOut(**_fields(row)) for row in rows], next_cursor=cursor)


@reads(router, "/messages/{message_id}", scope=P.MESSAGES_VIEW, response=MessageDetail)
def get_message(request: ApiRequest, message_id: Path[UUID]) -> MessageDetail:
    """Get a message with why it went out or did not."""
    row = queries.contact(message_id)
    reasons = queries.why(row, moment=datetime.isoformat)
    why = [
        VerdictOut(
            gate=one.gate,
            label=one.label,
            result=one.result,
            text=one.text,
            values=dict(one.values),
            not_before=one.not_before,
        )
        for one in reasons
    ]
    return MessageDetail(**_fields(row), why=why)


@reads(router, "/customers/{customer_id}/messages", scope=P.MESSAGES_VIEW, response=MessagePage)
def list_messages_of_customer(request: ApiRequest, customer_id: Path[UUID], paging: PagingQuery) -> MessagePage:
    """List the messages meant for a customer, on any of their records, the newest first."""
    rows, cursor = page(queries.contacts_of(customer_id), paging, keys=KEYS)
    return MessagePage(items=[MessageOut(**_fields(row)) for row in rows], next_cursor=cursor)


@reads(router, "/sending", scope=P.MESSAGES_VIEW, response=SendingOut)
def get_sending(request: ApiRequest) -> SendingOut:
    """Tell whether all sending is paused.

    Only people pause and release it: on the messages screen, or with `troth sending` where it runs.
    """
    state = queries.sending_state()
    return SendingOut(is_paused=state.is_paused, reason=state.reason, waiting=queries.waiting_count())


@reads(router, "/control-group", scope=P.MESSAGES_VIEW, response=ControlGroupOut)
def get_control_group(request: ApiRequest) -> ControlGroupOut:
    """Tell who gets no offers at all, and what offers brought against them."""
    return _control_group()


@writes(router, "POST", "/control-group/measurements", scope=P.MESSAGES_SEND, response=ControlGroupOut, status=202)
def measure_control_group(request: ApiRequest, wanted: MeasureIn) -> ControlGroupOut:
    """Have measured in the background what offers brought."""
    services.measure_control(
        days=wanted.days, message_price=wanted.message_price, actor=request.auth, now=staff.moment(request.now)
    )
    return _control_group()


def _control_group() -> ControlGroupOut:
    group, job, done = queries.control_group(), queries.control_job(), queries.control_measurement()
    return ControlGroupOut(
        percent=group.percent,
        since=group.since,
        most_days=group.most_days,
        is_being_measured=bool(job and job.is_active),
        measured=_measurement(done.result) if done else None,
    )


def compared_out(result: dict[str, Any]) -> list[ComparedOut]:
    """Return the outcomes of a measurement."""
    outcomes: dict[Any, Any] = queries.control_outcomes(result)
    names = {"may": "mean", "control": "control_mean"} | {one: one for one in ("difference", "low", "high", "total")}
    return [
        ComparedOut(outcome=name, doubts=found["doubts"], **{one: _number(found[key]) for one, key in names.items()})
        for name, found in outcomes.items()
    ]


def costs_out(result: dict[str, Any]) -> list[CostHeadOut]:
    """Return the costs a head of a measurement; of one that knew none, nothing."""
    return [
        CostHeadOut(kind=kind, may=_number(found["may"]), control=_number(found["control"]))
        for kind, found in queries.control_costs(result).items()
    ]


def _measurement(result: dict[str, Any]) -> ControlMeasurement:
    plain = {name: result[name] for name in ("days", "from_date", "as_of_date", "currency")}
    return ControlMeasurement(
        **plain,
        may_people=result["counts"]["may"],
        control_people=result["counts"]["control"],
        message_price=result.get("message_price", "0"),
        costs=costs_out(result),
        outcomes=compared_out(result),
    )


def _number(given: float) -> str:
    return format(round(given, 4), ".4f")


def _intents(batch: MessagesIn) -> list[Intent]:
    return [
        Intent(
            key=f"api:{one.key}",
            customer_id=one.customer_id,
            purpose=one.purpose,
            template=one.template,
            channels=tuple(one.channels),
            facts=one.facts,
            source="api",
            priority=one.priority,
            relevant_until=one.relevant_until,
        )
        for one in batch.messages
    ]


def _decision(one: Decision) -> DecisionOut:
    return DecisionOut(
        key=one.key.removeprefix("api:"),
        message_id=one.contact_id,
        outcome=one.outcome.value,
        channel=one.channel,
        not_before=one.not_before,
        stopped_by=[verdict.gate for verdict in one.verdicts if verdict.result is Result.STOP],
        delayed_by=[verdict.gate for verdict in one.verdicts if verdict.result is Result.DELAY],
    )


def _fields(row: Contact) -> dict[str, Any]:
    names = (
        "id key purpose template channel source state held_by reason due_at created_at sent_at delivered_at opened_at"
    )
    return {name: getattr(row, name) for name in names.split()} | {"customer_id": row.owner_id}
