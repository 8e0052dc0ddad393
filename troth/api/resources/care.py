"""Service and repair requests, and seats in trainings."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.permissions import Permission
from troth.care.models import RequestState, Seat, SeatState, ServiceRequest
from troth.care.requests import queries, services
from troth.care.requests.services import NewRequest
from troth.care.training import queries as training
from troth.care.training import services as seats
from troth.customers import queries as customers
from troth.staff import queries as staff

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from .care_schemas import (
    AppointmentIn,
    AttendanceIn,
    AttendanceOut,
    RequestCancelIn,
    RequestKindCode,
    RequestNumber,
    RequestWordIn,
    SeatIn,
    SeatOut,
    ServiceRequestIn,
    ServiceRequestOut,
    ServiceRequestPage,
    StepIn,
    TrainingSessionOut,
    TrainingSessionPage,
)

router = Router(tags=["Service and training"])
P = Permission


class RequestNarrowing(BaseModel):
    """Which service requests."""

    state: RequestState | None = Field(None, description="In this state; left out: in any.")
    kind: RequestKindCode | None = Field(None, description="Of this kind.")
    customer_id: UUID | None = Field(None, description="Of this customer, all merged records included.")


@reads(router, "/service-requests", scope=P.CASES_VIEW, response=ServiceRequestPage)
def list_service_requests(
    request: ApiRequest, which: Annotated[RequestNarrowing, Query(...)], paging: PagingQuery
) -> ServiceRequestPage:
    """List service and repair requests, the newest first."""
    found = queries.every(state=which.state or "", kind=which.kind or "")
    if which.customer_id is not None:
        found = found.filter(owner_id__in=customers.record_ids(which.customer_id))
    rows, cursor = page(found, paging, keys=("-id",))
    return ServiceRequestPage(items=[_request(row, request) for row in rows], next_cursor=cursor)


@writes(router, "POST", "/service-requests", scope=P.CASES_WORK, response=ServiceRequestOut, status=201)
def open_service_request(request: ApiRequest, wanted: ServiceRequestIn) -> ServiceRequestOut:
    """Open a service request; under a key that is there already, get the one that is there.

    It gets a number and a deadline at once, and a task for the team of its kind.
    """
    new = NewRequest(**(wanted.model_dump() | {"key": f"api:{wanted.key}"}))
    return _request(services.open_request(new, actor=request.auth, now=staff.moment(request.now)), request)


@reads(router, "/service-requests/{number}", scope=P.CASES_VIEW, response=ServiceRequestOut)
def get_service_request(request: ApiRequest, number: Path[RequestNumber]) -> ServiceRequestOut:
    """Get a service request."""
    return _request(queries.request(number), request)


@writes(router, "POST", "/service-requests/{number}/appointment", scope=P.CASES_WORK, response=ServiceRequestOut)
def schedule_service_request(request: ApiRequest, number: Path[RequestNumber], at: AppointmentIn) -> ServiceRequestOut:
    """Make the appointment, or another one.

    The technician gets a task; nobody is booked twice for one time (409).
    """
    member = staff.member(at.technician)
    found = services.schedule(
        number,
        starts_at=at.starts_at,
        ends_at=at.ends_at,
        technician_id=member.id,
        actor=request.auth,
        now=staff.moment(request.now),
    )
    return _request(found, request)


@writes(router, "POST", "/service-requests/{number}/step", scope=P.CASES_WORK, response=ServiceRequestOut)
def move_service_request(request: ApiRequest, number: Path[RequestNumber], wanted: StepIn) -> ServiceRequestOut:
    """Take a request on to its next step, or back to an earlier one."""
    found = services.move(number, step=wanted.step, note=wanted.note, actor=request.auth, now=staff.moment(request.now))
    return _request(found, request)


@writes(router, "POST", "/service-requests/{number}/word", scope=P.CASES_WORK, response=ServiceRequestOut)
def confirm_service_request(request: ApiRequest, number: Path[RequestNumber], said: RequestWordIn) -> ServiceRequestOut:
    """Keep the customer's word: content, and it is closed; not content, and it begins again."""
    found = services.confirm(
        number, satisfied=said.satisfied, words=said.words, actor=request.auth, now=staff.moment(request.now)
    )
    return _request(found, request)


@writes(router, "POST", "/service-requests/{number}/cancel", scope=P.CASES_WORK, response=ServiceRequestOut)
def cancel_service_request(request: ApiRequest, number: Path[RequestNumber], why: RequestCancelIn) -> ServiceRequestOut:
    """Cancel a request with its appointment."""
    return _request(services.cancel(number, note=why.note, actor=request.auth, now=staff.moment(request.now)), request)


@reads(router, "/training-sessions", scope=P.CASES_VIEW, response=TrainingSessionPage)
def list_training_sessions(request: ApiRequest, paging: PagingQuery) -> TrainingSessionPage:
    """List the sessions of courses and seminars that have not ended."""
    rows, cursor = page(training.sessions_to_come(staff.moment(request.now)), paging, keys=("starts_at", "id"))
    return TrainingSessionPage(items=[_session(row) for row in rows], next_cursor=cursor)


@writes(router, "POST", "/training-sessions/{session_id}/seats", scope=P.CASES_WORK, response=SeatOut, status=201)
def take_training_seat(request: ApiRequest, session_id: Path[UUID], whose: SeatIn) -> SeatOut:
    """Give a customer a seat, or the next place on the waiting list; who has one keeps it."""
    return _seat(
        seats.register(session_id, whose.customer_id, source="api", actor=request.auth, now=staff.moment(request.now))
    )


@writes(router, "POST", "/training-sessions/{session_id}/seats/give-up", scope=P.CASES_WORK, response=SeatOut)
def give_up_training_seat(request: ApiRequest, session_id: Path[UUID], whose: SeatIn) -> SeatOut:
    """Take a customer's seat or place back; a free seat goes to the first who waits."""
    return _seat(seats.give_up(session_id, whose.customer_id, actor=request.auth, now=staff.moment(request.now)))


@writes(router, "POST", "/training-sessions/{session_id}/attendance", scope=P.CASES_WORK, response=AttendanceOut)
def note_training_attendance(request: ApiRequest, session_id: Path[UUID], who: AttendanceIn) -> AttendanceOut:
    """Note who came of those with a seat; said again, the last word counts."""
    now, groups = staff.moment(request.now), customers.record_groups(who.came)
    came = {record: who.came[one] for one, records in groups.items() for record in records}
    noted = seats.note_attendance(session_id, came, is_over=who.is_over, actor=request.auth, now=now)
    return AttendanceOut(noted=noted)


def _request(row: ServiceRequest, request: ApiRequest) -> ServiceRequestOut:
    is_open = request.auth.may(P.CUSTOMERS_VIEW_PERSONAL)
    return ServiceRequestOut(
        number=row.number,
        customer_id=row.owner_id,
        kind=row.request_kind,
        state=RequestState(row.state),
        step=row.step,
        steps=[one["code"] for one in row.steps],
        title=row.title if is_open else None,
        description=row.description if is_open else None,
        address=row.address if is_open else None,
        product=row.product,
        order_number=row.order_number,
        appointment_at=row.appointment_at,
        due_at=row.due_at,
        satisfied=row.satisfied,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def _session(row: Any) -> TrainingSessionOut:  # a session with its counts, which the model does not know
    names = ("id", "starts_at", "ends_at", "place", "capacity", "state")
    values = {name: getattr(row, name) for name in names}
    return TrainingSessionOut(course=row.course.code, free=max(row.capacity - row.taken, 0), **values)


def _seat(row: Seat) -> SeatOut:
    return SeatOut(session=row.session_id, customer_id=row.owner_id, state=SeatState(row.state), place=row.place)
