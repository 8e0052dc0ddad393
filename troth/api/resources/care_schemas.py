"""Bodies about service requests and trainings."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.care.models import RequestState, SeatState, SessionState

from ..fields import NO_NUL, Flag, Moment, MomentText, Request, Response, Text20, Text120, example

RequestNumber = Annotated[str, StringConstraints(pattern=r"^SR-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$")]
RequestKindCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
RequestTitle = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
RequestText = Annotated[str, StringConstraints(max_length=5_000, pattern=NO_NUL)]
RequestNote = Annotated[str, StringConstraints(max_length=2_000, pattern=NO_NUL)]
RequestAddress = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
RequestKey = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[!-~]+$")]
StaffNumber = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]


class ServiceRequestIn(Request):
    """A customer asks for service or a repair."""

    model_config = example({"key": "shop-4711", "customer_id": "01a0", "kind": "repair", "title": "The kettle hums"})

    key: RequestKey = Field(description="Your name for it: opened once.")
    customer_id: UUID = Field(description="Who asks.")
    kind: RequestKindCode = Field(description="Code of the kind of service: repair, installation, workshop, help.")
    title: RequestTitle = Field(description="In a few words.")
    description: RequestText = Field("", description="What the customer says.")
    address: RequestAddress = Field("", description="Where somebody has to come.")
    channel: Text20 = Field("", description="By which way it came in, in a word.")
    order_number: Text120 = Field("", description="Number of the order or receipt.")
    product: Text120 = Field("", description="Which product.")


class AppointmentIn(Request):
    """An appointment at the customer's."""

    starts_at: Moment = Field(description="From when.")
    ends_at: Moment = Field(description="Until when; at most twelve hours later.")
    technician: StaffNumber = Field(description="Staff number of who goes there.")


class StepIn(Request):
    """Where a request goes on to."""

    step: RequestKindCode = Field(description="Code of the step; only the next one, or an earlier one.")
    note: RequestNote = Field("", description="What was done.")


class RequestWordIn(Request):
    """The customer's word on a request."""

    satisfied: Flag = Field(description="Whether all is well; if not, it begins again.")
    words: RequestNote = Field("", description="What the customer said.")


class RequestCancelIn(Request):
    """Why a request is not needed any more."""

    note: RequestNote = Field("", description="Why.")


class ServiceRequestOut(Response):
    """A service request."""

    number: str = Field(description="By which everybody finds it.")
    customer_id: UUID = Field(description="Who asked.")
    kind: str = Field(description="Code of the kind of service.")
    state: RequestState = Field(description="open, closed or cancelled.")
    step: str = Field(description="Code of the step where it stands.")
    steps: list[str] = Field(description="Codes of all its steps, in their order.")
    title: str | None = Field(description="In a few words; null without the scope customers.view_personal.")
    description: str | None = Field(description="What the customer says; null without customers.view_personal.")
    address: str | None = Field(description="Where to come; null without customers.view_personal.")
    product: str = Field(description="Which product, or empty.")
    order_number: str = Field(description="Number of the order or receipt, or empty.")
    appointment_at: MomentText | None = Field(description="When somebody comes, or null.")
    due_at: MomentText | None = Field(description="By when the step must be over, or null.")
    satisfied: bool | None = Field(description="The customer's word, null before it.")
    opened_at: MomentText = Field(description="When it came in.")
    closed_at: MomentText | None = Field(description="When it was closed or cancelled, or null.")


class ServiceRequestPage(Response):
    """A page of service requests."""

    items: list[ServiceRequestOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class TrainingSessionOut(Response):
    """A session of a course or seminar."""

    id: UUID = Field(description="Its id.")
    course: str = Field(description="Code of the course.")
    starts_at: MomentText = Field(description="From when.")
    ends_at: MomentText = Field(description="Until when.")
    place: str = Field(description="Where, or empty.")
    capacity: int = Field(description="How many seats there are.")
    free: int = Field(description="How many are free.")
    state: SessionState = Field(description="open, held or cancelled.")


class TrainingSessionPage(Response):
    """A page of sessions."""

    items: list[TrainingSessionOut] = Field(description="By when they begin.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class SeatIn(Request):
    """Whose seat it is about."""

    customer_id: UUID = Field(description="The customer.")


class AttendanceIn(Request):
    """Who came."""

    model_config = example({"came": {"019aa1c0-6f2e-7d31-8a55-0c2f5b7e9d10": True}, "is_over": True})

    came: dict[UUID, Flag] = Field(
        description="By customer with a seat: true: came, false: did not.", min_length=1, max_length=1_000
    )
    is_over: Flag = Field(True, description="Whether the session is over: nobody can sign up any more.")


class AttendanceOut(Response):
    """What was noted."""

    noted: int = Field(description="How many had a seat and were noted.")


class SeatOut(Response):
    """A customer's seat in a session."""

    session: UUID = Field(description="Id of the session.")
    customer_id: UUID = Field(description="Whose it is.")
    state: SeatState = Field(description="invited, taken, waiting, given_up, attended or missed.")
    place: int = Field(description="On the waiting list, the lowest is first; 0 where nobody waits.")
