"""Service requests: a number at once, steps of their kind, an appointment nobody else has, the customer's word."""

from datetime import timedelta

import pytest

from troth.care.models import RequestEntry, RequestKind, RequestState, ServiceRequest
from troth.care.requests import queries, services
from troth.care.requests.errors import (
    RequestNotFoundError,
    RequestRefusedError,
    RequestStateError,
    TechnicianBusyError,
)
from troth.care.requests.services import Kind, Step
from troth.customers import services as customers
from troth.events.models import Event
from troth.kit.tests.racing import race
from troth.staff.models import StaffMember
from troth.worklist import services as worklist
from troth.worklist.models import Task, TaskState

from .conftest import ACTOR, NOW, TOMORROW

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=2)


def book(request, member, at=TOMORROW):
    return services.schedule(
        request.number, starts_at=at, ends_at=at + HOURS, technician_id=member.id, actor=ACTOR, now=NOW
    )


def move(request, step):
    return services.move(request.number, step=step, actor=ACTOR, now=NOW)


def test_it_has_a_number_at_once_and_a_task_for_the_team(opened, ann):
    request = opened(product="Kettle 2")
    assert (request.step, request.state, request.due_at) == ("received", RequestState.OPEN, NOW + timedelta(hours=8))
    assert len(request.number) == 12
    assert request.number.startswith("SR-")
    event = Event.objects.get(name="care.request.opened")
    assert event.owner_id == ann.id
    assert event.data["number"] == request.number
    task = Task.objects.get()
    assert (task.task_kind, task.source, task.due_at) == ("case", f"request:{request.id}", request.due_at)


def test_the_same_key_opens_one(opened):
    assert opened().id == opened().id
    assert (ServiceRequest.objects.count(), RequestEntry.objects.count(), Task.objects.count()) == (1, 2, 1)


@pytest.mark.slow
def test_the_way_to_the_customers_word(opened, li):
    request = book(opened(), li)
    assert (request.step, request.technician_id) == ("scheduled", li.id)
    assert request.due_at == TOMORROW + HOURS + timedelta(hours=72)
    assert move(request, "on_site").step == "on_site"
    assert move(request, "done").step == "done"
    closed = services.confirm(request.number, satisfied=True, words="Quick!", actor=ACTOR, now=TOMORROW)
    assert (closed.step, closed.state, closed.satisfied) == ("confirmed", RequestState.CLOSED, True)
    assert (closed.confirmation, closed.closed_at, closed.due_at) == ("Quick!", TOMORROW, None)
    assert set(Task.objects.values_list("state", flat=True)) == {TaskState.CANCELLED}
    codes = [entry.code for entry in queries.entries_of(closed)]
    assert codes == [*("moved", "confirmed", "told", "moved", "moved", "told", "moved", "scheduled", "told", "opened")]


@pytest.mark.slow
def test_the_appointment_is_the_technicians_task_and_another_one_takes_its_place(opened, li):
    request = book(opened(), li)
    book(request, li, TOMORROW + timedelta(hours=5))
    tasks = Task.objects.filter(task_kind="service").order_by("created_at", "key")
    assert [(task.state, task.assignee_id) for task in tasks] == [("cancelled", li.id), ("open", li.id)]
    assert tasks[1].due_at == TOMORROW + timedelta(hours=7)


@pytest.mark.slow
def test_no_step_is_left_out_and_none_without_what_it_needs(opened, li):
    request = opened()
    for step, words in (("on_site", "First comes “Scheduled”"), ("scheduled", "needs an appointment")):
        with pytest.raises(RequestStateError, match=words):
            move(request, step)
    with pytest.raises(RequestRefusedError):
        move(request, "unheard")
    with pytest.raises(RequestStateError, match="First comes"):
        services.confirm(request.number, satisfied=True, actor=ACTOR, now=NOW)
    book(request, li)
    move(request, "on_site")
    move(request, "done")
    with pytest.raises(RequestStateError, match="customer's word"):
        move(request, "confirmed")
    assert move(request, "scheduled").step == "scheduled"  # back: a part is missing


@pytest.mark.slow
def test_not_content_it_begins_again(opened, li):
    request = book(opened(), li)
    move(request, "on_site")
    move(request, "done")
    again = services.confirm(request.number, satisfied=False, words="Still leaks", actor=ACTOR, now=NOW)
    assert (again.step, again.state, again.reopened_count) == ("received", RequestState.OPEN, 1)
    assert (again.appointment_at, again.technician_id, again.satisfied) == (None, None, False)


@pytest.mark.slow
def test_a_technician_is_at_one_place_at_a_time(opened, li):
    book(opened("a"), li)
    other = opened("b")
    for shift in (timedelta(), timedelta(hours=1), -timedelta(hours=1)):
        with pytest.raises(TechnicianBusyError):
            book(other, li, TOMORROW + shift)
    assert ServiceRequest.objects.get(key="b").appointment_count == 0
    assert book(other, li, TOMORROW + HOURS).technician_id == li.id


@pytest.mark.slow
def test_eight_book_one_technician_for_one_hour_and_one_gets_it(racing_database, opened, li):
    requests = [opened(f"r-{number}") for number in range(8)]
    results = race(*[lambda one=one: book(one, li) for one in requests])
    assert sorted(type(one).__name__ for one in results) == ["ServiceRequest"] + ["TechnicianBusyError"] * 7
    assert ServiceRequest.objects.filter(technician_id=li.id).count() == 1
    assert Task.objects.filter(task_kind="service").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "times",
    [(-timedelta(hours=2), HOURS), (timedelta(days=400), HOURS), (HOURS, timedelta()), (HOURS, timedelta(hours=13))],
)
def test_a_time_that_does_not_fit_is_refused(opened, li, times):
    request = opened()
    start, length = NOW + times[0], times[1]
    with pytest.raises(RequestRefusedError):
        services.schedule(
            request.number, starts_at=start, ends_at=start + length, technician_id=li.id, actor=ACTOR, now=NOW
        )
    assert ServiceRequest.objects.get().appointment_at is None


@pytest.mark.slow
def test_what_the_technician_notes_takes_it_on(opened, li):
    request = book(opened(), li)
    assert services.follow_tasks(actor=ACTOR, now=NOW) == 0
    task = Task.objects.get(task_kind="service")
    worklist.complete(task.id, outcome="parts", note="Valve", actor=ACTOR, now=NOW, member_id=li.id)
    assert services.follow_tasks(actor=ACTOR, now=NOW) == 0
    answers = {"parts": "Valve V2"}
    worklist.complete(
        task.id, outcome="fixed", note="New valve", answers=answers, actor=ACTOR, now=NOW, member_id=li.id
    )
    assert services.follow_tasks(actor=ACTOR, now=NOW) == 1
    assert services.follow_tasks(actor=ACTOR, now=NOW) == 0
    assert ServiceRequest.objects.get(id=request.id).step == "done"
    assert queries.entries_of(request)[0].note == "New valve\nParts used: Valve V2"


@pytest.mark.slow
def test_parts_and_notes(opened):
    request = opened()
    kept = services.set_parts(request.number, parts=[(" Valve ", 2)], actor=ACTOR, now=NOW)
    assert kept.parts == [{"name": "Valve", "quantity": 2}]
    for wrong in ([("", 1)], [("x", 0)], [("x", 1)] * 51):
        with pytest.raises(RequestRefusedError):
            services.set_parts(request.number, parts=wrong, actor=ACTOR, now=NOW)
    services.write_note(request.number, note="Called", actor=ACTOR, now=NOW)
    with pytest.raises(RequestRefusedError):
        services.write_note(request.number, note=" ", actor=ACTOR, now=NOW)
    assert ServiceRequest.objects.get().parts == [{"name": "Valve", "quantity": 2}]


@pytest.mark.slow
def test_what_is_over_stays_over(opened, li):
    request = services.cancel(opened().number, note="Bought a new one", actor=ACTOR, now=NOW)
    assert request.state == RequestState.CANCELLED
    assert Task.objects.get().state == TaskState.CANCELLED
    with pytest.raises(RequestStateError):
        book(request, li)
    with pytest.raises(RequestNotFoundError):
        services.move("SR-0", step="done", actor=ACTOR, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "unheard"}, {"title": " "}, {"title": "t" * 201}, {"description": "d" * 5001}, {"key": ""}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_request_is_not_opened(opened, wrong):
    with pytest.raises(RequestRefusedError) as refused:
        opened(**wrong)
    assert refused.value.fields["field"] == next(iter(wrong))
    assert (ServiceRequest.objects.count(), Task.objects.count(), Event.objects.count()) == (0, 0, 0)


# --- kinds

OWN = Kind(
    code="tuning",
    name="Tuning",
    steps=(Step(code="in", label="In"), Step(code="out", label="Out", needs="confirmation")),
)


def test_steps_are_the_companys_own_and_stay_with_the_request(opened):
    services.save_kind(OWN, actor=ACTOR, now=NOW)
    request = opened(kind="tuning")
    shorter = Kind(code="tuning", name="Tuning", steps=(Step(code="a", label="A"), Step(code="b", label="B")))
    services.save_kind(shorter, actor=ACTOR, now=NOW)
    assert services.confirm(request.number, satisfied=True, actor=ACTOR, now=NOW).step == "out"
    assert [kind.code for kind in queries.all_kinds()][-1] == "tuning"


@pytest.mark.parametrize(
    "steps",
    [
        (Step(code="a", label="A"),),
        (Step(code="a", label="A"), Step(code="a", label="B")),
        (Step(code="a b", label="A"), Step(code="b", label="B")),
        (Step(code="a", label=""), Step(code="b", label="B")),
        (Step(code="a", label="A", needs="appointment"), Step(code="b", label="B")),
        (Step(code="a", label="A"), Step(code="b", label="B", needs="confirmation"), Step(code="c", label="C")),
        (Step(code="a", label="A", hours=-1), Step(code="b", label="B")),
    ],
)
def test_steps_that_make_no_sense_are_refused(company, steps):
    with pytest.raises(RequestRefusedError):
        services.save_kind(Kind(code="x", name="X", steps=steps), actor=ACTOR, now=NOW)
    assert RequestKind.objects.count() == 0


# --- reading and privacy


@pytest.mark.slow
def test_what_is_due_first_comes_first_and_steps_are_counted(opened, li, ann):
    book(opened("a"), li)
    opened("b")
    assert [row.key for row in queries.requests()] == ["b", "a"]
    assert sorted(queries.counts_by_step(NOW + timedelta(hours=9))) == [
        ("repair", "received", 1, 1),
        ("repair", "scheduled", 1, 0),
    ]
    assert queries.of_customer(ann.id).count() == 2


@pytest.mark.slow
def test_erasure_empties_what_was_written_and_ends_what_is_open(opened, ann):
    request = opened(description="Behind the church", address="Nanjing Road 1")
    services.write_note(request.number, note="Ann is ill", actor=ACTOR, now=NOW)
    customers.erase_customer(actor=ACTOR, now=NOW, customer_id=ann.id)
    row = ServiceRequest.objects.get()
    assert (row.title, row.description, row.address, row.state) == ("—", "", "", RequestState.CANCELLED)
    assert set(RequestEntry.objects.values_list("note", flat=True)) == {""}
    assert StaffMember.objects.count() == 0
