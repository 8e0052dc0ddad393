"""Working on a request: appointment, steps, parts, notes, the customer's word."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import services as customers
from troth.events import services as events
from troth.staff import queries as staff
from troth.worklist import services as worklist
from troth.worklist.services import TaskDraft

from ..models import RequestState, ServiceRequest, Technician
from . import telling
from .errors import RequestNotFoundError, RequestRefusedError, RequestStateError, TechnicianBusyError
from .opening import due_at, source_of
from .record import (
    CODE_CANCELLED,
    CODE_CONFIRMED,
    CODE_DENIED,
    CODE_MOVED,
    CODE_NOTED,
    CODE_PARTS,
    CODE_SCHEDULED,
    event_data,
    note_entry,
)
from .steps import Step, kinds_by_code, refusal, steps_of

LONGEST = timedelta(hours=12)
FARTHEST = timedelta(days=365)
MOST_NOTE, MOST_PARTS = 2_000, 50


@transaction.atomic
def schedule(
    number: str, *, starts_at: datetime, ends_at: datetime, technician_id: UUID, actor: Actor, now: datetime
) -> ServiceRequest:
    """Make the appointment, or another one: the technician gets a task, an earlier one is cancelled.

    Nobody is booked twice for one time: of two at once, one is refused.

    Raises:
        RequestNotFoundError: no such request.
        RequestStateError: it is closed.
        RequestRefusedError: the time does not fit, or there is no such member of staff.
        TechnicianBusyError: the technician is somewhere else then.
    """
    _check_time(starts_at, ends_at, now)
    member = staff.people().filter(id=technician_id, left_date=None).first()
    if member is None:
        raise refusal("technician_id", technician_id, _("there is no such member of staff, or they have left"))
    request = _locked(number)
    _book(request, member.id, starts_at, ends_at, now)
    request.appointment_at, request.appointment_until, request.technician_id = starts_at, ends_at, member.id
    request.appointment_count += 1
    worklist.cancel_by_source(source_of(request), reason="scheduled", actor=actor, now=now)
    worklist.create_tasks([_task(request, member.id)], actor=actor, now=now)
    data = {"at": starts_at.isoformat(), "technician": str(member.id)}
    note_entry(request, CODE_SCHEDULED, actor=actor, now=now, **data)
    news = event_data(request) | data
    events.append("care.request.scheduled", customer_id=request.owner_id, actor=actor, now=now, data=news)
    wanted = next((one for one in steps_of(request.steps) if one.needs == "appointment"), None)
    place = _places(request)
    if wanted is not None and place[request.step] < place[wanted.code]:
        _enter(request, wanted, actor, now, "")
    telling.tell_appointment(request, actor=actor, now=now)
    return _saved(request, now)


@transaction.atomic
def move(number: str, *, step: str, note: str = "", actor: Actor, now: datetime) -> ServiceRequest:
    """Go to the next step, or back to an earlier one.

    Raises:
        RequestNotFoundError: no such request.
        RequestStateError: it is closed, or a step would be left out, or what the step needs is not there.
        RequestRefusedError: no such step, or the note is too long.
        CustomerErasedError: there is a note, and the customer's data were erased.
    """
    _hold_owner(number, note)
    request = _locked(number)
    steps, place = steps_of(request.steps), _places(request)
    if step not in place:
        raise refusal("step", step, ", ".join(place))
    if place[step] > place[request.step] + 1:
        left_out = steps[place[request.step] + 1]
        raise RequestStateError(_("First comes “%(step)s”.") % {"step": left_out}, step=left_out.code)
    wanted = steps[place[step]]
    if wanted.needs == "appointment" and request.appointment_at is None:
        raise RequestStateError(_("“%(step)s” needs an appointment; make one first.") % {"step": wanted}, step=step)
    if wanted.needs == "confirmation":
        message = _("“%(step)s” needs the customer's word; note what the customer said.")
        raise RequestStateError(message % {"step": wanted}, step=step)
    if step != request.step:
        _enter(request, wanted, actor, now, _checked_note(note))
        if steps[-1].needs == "confirmation" and place[step] == len(steps) - 2:
            telling.ask_for_word(request, actor=actor, now=now)
    return _saved(request, now)


@transaction.atomic
def write_note(number: str, *, note: str, actor: Actor, now: datetime) -> ServiceRequest:
    """Write a note to a request, closed ones too.

    Raises:
        RequestNotFoundError: no such request.
        RequestRefusedError: it is empty or too long.
        CustomerErasedError: the customer's data were erased.
    """
    _hold_owner(number, note)
    request = _found(number)
    text = _checked_note(note)
    if not text:
        raise RequestRefusedError(_("note: write something."), field="note")
    note_entry(request, CODE_NOTED, actor=actor, now=now, note=text)
    return request


@transaction.atomic
def set_parts(number: str, *, parts: Iterable[tuple[str, int]], actor: Actor, now: datetime) -> ServiceRequest:
    """Say which parts went into it: name and pieces, all of them anew.

    Raises:
        RequestNotFoundError, RequestStateError: see `schedule`.
        RequestRefusedError: a part has no name, or no pieces.
    """
    request = _locked(number)
    kept = [(name.strip(), quantity) for name, quantity in parts]
    if len(kept) > MOST_PARTS or any(not 1 <= len(name) <= 120 for name, _quantity in kept):
        raise refusal("parts", len(kept), _("give at most %d parts, each with a name") % MOST_PARTS)
    if any(not 1 <= quantity <= 10_000 for _name, quantity in kept):
        raise refusal("parts", "quantity", _("write 1 to 10,000 pieces"))
    request.parts = [{"name": name, "quantity": quantity} for name, quantity in kept]
    note_entry(request, CODE_PARTS, actor=actor, now=now, count=len(kept))
    return _saved(request, now)


@transaction.atomic
def confirm(number: str, *, satisfied: bool, words: str = "", actor: Actor, now: datetime) -> ServiceRequest:
    """Note the customer's word: content, and it is closed; not content, and it goes back to the first step.

    Raises:
        RequestNotFoundError, RequestStateError: see `schedule`; nor may steps before the last be left out.
        RequestRefusedError: the words are too long.
    """
    _hold_owner(number, words)
    request = _locked(number)
    steps, place = steps_of(request.steps), _places(request)
    if place[request.step] < len(steps) - 2:
        left_out = steps[place[request.step] + 1]
        raise RequestStateError(_("First comes “%(step)s”.") % {"step": left_out}, step=left_out.code)
    text = _checked_note(words)
    request.satisfied, request.confirmation = satisfied, text
    code = CODE_CONFIRMED if satisfied else CODE_DENIED
    note_entry(request, code, actor=actor, now=now, note=text)
    data = event_data(request) | {"satisfied": satisfied}
    events.append("care.request.confirmed", customer_id=request.owner_id, actor=actor, now=now, data=data)
    if not satisfied:
        request.reopened_count += 1
        request.appointment_at = request.appointment_until = request.technician_id = None
        _enter(request, steps[0], actor, now, "")
        return _saved(request, now)
    if place[request.step] < len(steps) - 1:
        _enter(request, steps[-1], actor, now, "")
    request.state, request.closed_at, request.due_at = RequestState.CLOSED, now, None
    worklist.cancel_by_source(source_of(request), reason="closed", actor=actor, now=now)
    return _saved(request, now)


@transaction.atomic
def cancel(number: str, *, note: str = "", actor: Actor, now: datetime) -> ServiceRequest:
    """Cancel a request with its appointment: it was not needed any more.

    Raises:
        RequestNotFoundError, RequestStateError: see `schedule`.
    """
    _hold_owner(number, note)
    request = _locked(number)
    request.state, request.closed_at, request.due_at = RequestState.CANCELLED, now, None
    worklist.cancel_by_source(source_of(request), reason="cancelled", actor=actor, now=now)
    note_entry(request, CODE_CANCELLED, actor=actor, now=now, note=_checked_note(note))
    data = event_data(request)
    events.append("care.request.cancelled", customer_id=request.owner_id, actor=actor, now=now, data=data)
    return _saved(request, now)


def _enter(request: ServiceRequest, step: Step, actor: Actor, now: datetime, note: str) -> None:
    before, request.step, request.step_at = request.step, step.code, now
    kind = kinds_by_code([request.request_kind]).get(request.request_kind)
    request.due_at = due_at(kind.calendar if kind else "", step, max(now, request.appointment_until or now))
    note_entry(request, CODE_MOVED, actor=actor, now=now, note=note, before=before)
    data = event_data(request) | {"step": step.code, "before": before}
    events.append("care.request.moved", customer_id=request.owner_id, actor=actor, now=now, data=data)


def _book(request: ServiceRequest, member_id: UUID, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Lock the technician's row, so that of two bookings one sees the other."""
    Technician.objects.bulk_create([Technician(member_id=member_id, booked_at=now)], ignore_conflicts=True)
    Technician.objects.select_for_update().get(member_id=member_id)
    Technician.objects.filter(member_id=member_id).update(booked_at=now)
    other = (
        ServiceRequest.objects.filter(technician_id=member_id, state=RequestState.OPEN)
        .filter(appointment_at__lt=ends_at, appointment_until__gt=starts_at)
        .exclude(id=request.id)
        .first()
    )
    if other is not None:
        message = _("The technician is at %(number)s then; choose another time or another person.")
        raise TechnicianBusyError(message % {"number": other.number}, number=other.number)


def _task(request: ServiceRequest, member_id: UUID) -> TaskDraft:
    return TaskDraft(
        key=f"request:{request.id}:{request.appointment_count}",
        kind="service",
        title=f"{request.number} {request.title}"[:200],
        customer_id=request.owner_id,
        assignee_id=member_id,
        due_at=request.appointment_until,
        source=source_of(request),
        facts={"number": request.number, "product": request.product, "address": request.address},
    )


def _check_time(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if not now - timedelta(hours=1) <= starts_at <= now + FARTHEST:
        raise refusal("starts_at", starts_at.isoformat(), _("name a time to come, at most a year away"))
    if not timedelta() < ends_at - starts_at <= LONGEST:
        raise refusal("ends_at", ends_at.isoformat(), _("it ends after it begins, within twelve hours"))


def _places(request: ServiceRequest) -> dict[str, int]:
    return {one["code"]: place for place, one in enumerate(request.steps)}


def _checked_note(note: str) -> str:
    text = note.strip()
    if len(text) > MOST_NOTE:
        raise refusal("note", "…", _("write at most %d characters") % MOST_NOTE)
    return text


def _hold_owner(number: str, words: str) -> None:
    """Hold whose request it is while words are written down: no erasure passes by. Before the request is locked."""
    owner_id = ServiceRequest.objects.filter(number=number).values_list("owner_id", flat=True).first()
    if words.strip() and owner_id is not None:
        customers.hold_customer(owner_id)


def _found(number: str) -> ServiceRequest:
    request = ServiceRequest.objects.select_for_update().filter(number=number).first()
    if request is None:
        raise RequestNotFoundError(number)
    return request


def _locked(number: str) -> ServiceRequest:
    request = _found(number)
    if request.state != RequestState.OPEN:
        raise RequestStateError(_("This request is over: %(state)s.") % {"state": request.get_state_display()})
    return request


def _saved(request: ServiceRequest, now: datetime) -> ServiceRequest:
    request.updated_at, request.revision = now, request.revision + 1
    request.save()
    return request
