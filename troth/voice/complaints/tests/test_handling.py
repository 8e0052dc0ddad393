"""A case on its way: clocks that stand still, the customer's word, closing, opening again, merging."""

from datetime import timedelta
from typing import Any

import pytest

from troth.customers.errors import CustomerErasedError, CustomerNotFoundError
from troth.customers.models import Customer
from troth.events.models import Event
from troth.kit.tests.racing import race
from troth.messaging import services as messaging
from troth.messaging.services import Intent
from troth.staff.models import StaffMember
from troth.voice.complaints import queries, services, watching
from troth.voice.complaints.errors import (
    CaseChangedError,
    CaseRefusedError,
    CaseStateError,
    CategoryRefusedError,
    WordRefusedError,
)
from troth.voice.models import Case, CaseClock, CaseEntry
from troth.worklist.models import Task

from .conftest import ACTOR, HOUR, NOON, acts, again, complaint, decided, user

DAY = timedelta(days=1)


def clock(case: Case, kind: str, round_no: int = 1) -> Any:
    return CaseClock.objects.get(case_id=case.id, clock_kind=kind, round_no=round_no)


def say(case: Case, *, good: bool, hours: int = 2, **changes: Any) -> Any:
    return services.say_word(actor=ACTOR, now=NOON + hours * HOUR, case_id=case.id, is_satisfied=good, **changes)


@pytest.mark.slow
def test_waiting_for_the_customer_stands_still_in_working_time(ann: Customer):
    """lesson: hold time added wrongly across holidays: asked on Friday evening, answered on Monday."""
    case = complaint(ann)
    friday = NOON + 4 * DAY + 5 * HOUR  # 17:00
    monday = NOON + 7 * DAY - 2 * HOUR  # 10:00
    before = clock(case, "resolve").due_at
    services.write_to_customer(actor=ACTOR, now=NOON + HOUR, case_id=case.id, text="Which?", awaits_answer=True)
    waiting = again(case)
    assert (waiting.state, waiting.pause_at, clock(case, "resolve").due_at) == ("waiting", NOON + HOUR, None)
    services.note_from_customer(actor=ACTOR, now=NOON + HOUR + DAY, case_id=case.id, text="That one.")
    assert clock(case, "resolve").due_at == before + DAY  # one working day later
    services.write_to_customer(actor=ACTOR, now=friday, case_id=case.id, text="And?", awaits_answer=True)
    shown = {one.clock.clock_kind: one for one in queries.readings(again(case), friday + DAY)}
    used = shown["resolve"].used
    services.go_on(actor=ACTOR, now=monday, case_id=case.id)
    assert {one.clock.clock_kind: one.used for one in queries.readings(again(case), monday)}["resolve"] == used


@pytest.mark.slow
def test_a_first_answer_stops_two_clocks_and_is_told_once(ann: Customer):
    case = complaint(ann)
    for hours in (2, 4):
        services.write_to_customer(actor=ACTOR, now=NOON + hours * HOUR, case_id=case.id, text="We look into it.")
    assert (clock(case, "answer").used_seconds, clock(case, "answer").is_met) == (3600, True)
    assert Event.objects.filter(name="voice.complaint.answered").count() == 1


@pytest.mark.slow
def test_severity_moves_the_deadlines_from_the_opening_on(ann: Customer):
    case = complaint(ann)
    assessed = services.assess_case(
        actor=ACTOR, now=NOON + HOUR, case_id=case.id, category="service-wait", severity="critical"
    )
    assert (assessed.state, assessed.team, assessed.category.code) == ("working", "managers", "service-wait")
    assert clock(case, "answer").due_at == NOON + 3 * HOUR
    services.assess_case(actor=ACTOR, now=NOON + HOUR, case_id=case.id, category="service-wait", severity="low")
    assert clock(case, "answer").due_at == NOON + 3 * DAY
    assert again(case).assessed_at == NOON + HOUR


@pytest.mark.slow
def test_closing_needs_a_cause_and_the_customers_word(ann: Customer):
    case = complaint(ann)
    decided(case, now=NOON + HOUR, cause="")
    close: dict[str, Any] = {"actor": ACTOR, "case_id": case.id}
    with pytest.raises(CaseRefusedError) as refused:
        services.close_case(now=NOON + 2 * HOUR, **close)
    assert refused.value.fields["field"] == "cause"
    with pytest.raises(CaseRefusedError) as refused:
        services.close_case(now=NOON + 2 * HOUR, cause="quality", **close)
    assert refused.value.fields["field"] == "word"
    assert again(case).state == "resolved"
    say(case, good=True)
    closed: Any = services.close_case(now=NOON + 3 * HOUR, cause="quality", **close)
    assert (closed.state, closed.word, closed.cause.code) == ("closed", "satisfied", "quality")
    assert Event.objects.get(name="voice.complaint.closed").data["satisfied"] is True


@pytest.mark.slow
def test_a_word_of_dissatisfaction_opens_the_case_again_with_new_clocks(ann: Customer):
    case = complaint(ann)
    decided(case, now=NOON + HOUR)
    opened = say(case, good=False, text="No!")
    assert (opened.state, opened.round_no, opened.word) == ("working", 2, "")
    assert clock(case, "resolve").clock_state == "stopped"
    assert clock(case, "resolve", 2).started_at == NOON + 2 * HOUR
    with pytest.raises(WordRefusedError):
        say(case, good=True)
    final = decided(case, now=NOON + 3 * HOUR, is_final=True)
    assert final.is_final
    assert say(case, good=False, hours=4).state == "closed"


@pytest.mark.slow
def test_a_first_decision_is_not_the_last_word(ann: Customer):
    case = complaint(ann)
    with pytest.raises(CaseRefusedError):
        decided(case, now=NOON, is_final=True)
    assert again(case).state == "new"


@pytest.mark.slow
def test_no_word_after_the_days_closes_what_has_a_cause(ann: Customer, bob: Customer):
    with_cause, without = complaint(ann), complaint(bob)
    decided(with_cause, now=NOON)
    decided(without, now=NOON, cause="")
    assert watching.close_silent_cases(actor=ACTOR, now=NOON + 6 * DAY)[0] == 0
    assert watching.close_silent_cases(actor=ACTOR, now=NOON + 7 * DAY)[0] == 1
    assert (again(with_cause).state, again(with_cause).word) == ("closed", "silent")
    assert (again(without).state, again(without).word) == ("resolved", "silent")
    closed = services.close_case(actor=ACTOR, now=NOON + 8 * DAY, case_id=without.id, cause="skill")
    assert closed.state == "closed"


@pytest.mark.slow
def test_what_a_customer_writes_to_a_closed_case_opens_it_again(ann: Customer):
    case = complaint(ann)
    decided(case, now=NOON)
    say(case, good=True)
    opened: Any = services.note_from_customer(actor=ACTOR, now=NOON + DAY, case_id=case.id, text="It broke again.")
    assert (opened.state, opened.round_no, opened.closed_at) == ("working", 2, None)
    assert opened.cause.code == "quality"
    events = list(Event.objects.filter(name__startswith="voice.complaint.").values_list("name", flat=True))
    assert events.count("voice.complaint.reopened") == 1


@pytest.mark.slow
def test_what_is_no_complaint_has_no_clock(ann: Customer):
    case = complaint(ann)
    with pytest.raises(CaseRefusedError):
        services.reject_case(actor=ACTOR, now=NOON, case_id=case.id, note="")
    services.reject_case(actor=ACTOR, now=NOON, case_id=case.id, note="Spam.")
    states = set(CaseClock.objects.filter(case_id=case.id).values_list("clock_state", flat=True))
    assert (again(case).state, states <= {"void", "stopped"}) == ("rejected", True)
    reopened = services.reopen_case(actor=ACTOR, now=NOON + HOUR, case_id=case.id, note="It was one.")
    assert reopened.state == "working"


@pytest.mark.slow
def test_a_duplicate_is_merged_and_its_clocks_end(ann: Customer):
    first, second = complaint(ann), complaint(ann)
    into = services.merge_cases(actor=ACTOR, now=NOON + HOUR, case_id=second.id, into_id=first.id)
    assert (again(second).state, again(second).merged_into_id, into.state) == ("merged", first.id, "new")
    assert CaseClock.objects.filter(case_id=second.id, clock_state="running").count() == 0
    assert [one.case_id for one in queries.entries_of(again(first)) if one.act == "opened"] == [first.id, second.id]
    with pytest.raises(CaseStateError):
        services.merge_cases(actor=ACTOR, now=NOON, case_id=second.id, into_id=first.id)
    third = complaint(ann)
    services.merge_cases(actor=ACTOR, now=NOON, case_id=first.id, into_id=third.id)
    assert (again(second).merged_into_id, queries.final_case(second.id)) == (third.id, third.id)


@pytest.mark.slow
def test_cases_of_two_people_are_not_merged(ann: Customer, bob: Customer):
    first, second, nobodys = complaint(ann), complaint(bob), complaint()
    with pytest.raises(CaseRefusedError):
        services.merge_cases(actor=ACTOR, now=NOON, case_id=second.id, into_id=first.id)
    with pytest.raises(CaseRefusedError):
        services.merge_cases(actor=ACTOR, now=NOON, case_id=first.id, into_id=first.id)
    assert services.merge_cases(actor=ACTOR, now=NOON, case_id=first.id, into_id=nobodys.id).customer_id == ann.id


@pytest.mark.slow
def test_a_case_of_nobody_gets_its_customer_once_and_promotion_falls_silent(ann: Customer, bob: Customer):
    part, case = complaint(), complaint()
    services.merge_cases(actor=ACTOR, now=NOON, case_id=part.id, into_id=case.id)

    def may_offer() -> set[str]:
        (decision,) = messaging.decide([Intent("i", ann.id, "marketing", "anything", ("sink",))], now=NOON)
        return {one.result.value for one in decision.verdicts if one.gate == "open_complaint"}

    def name(customer: Customer, case: Case = case, **seen: Any) -> Any:
        return services.name_customer(
            actor=user("lin"), now=NOON + HOUR, case_id=case.id, customer_id=customer.id, **seen
        )

    assert may_offer() == {"pass"}
    named = name(ann)
    assert (named.customer_id, again(part).customer_id, may_offer()) == (ann.id, ann.id, {"stop"})
    entry = CaseEntry.objects.get(case_id=case.id, act="customer_named")
    assert (entry.created_by, entry.data) == ("user:lin", {"customer": str(ann.id)})
    event = Event.objects.get(name="voice.complaint.named")
    assert (event.customer_id, event.data["number"]) == (ann.id, case.number)
    assert name(ann, revision=0).revision == named.revision
    with pytest.raises(CaseRefusedError):
        name(bob)
    assert (again(case).customer_id, acts(case).count("customer_named")) == (ann.id, 1)


@pytest.mark.slow
def test_who_cannot_be_the_customer_of_a_case_leaves_it_as_it_is(ann: Customer, bob: Customer):
    part, case = complaint(), complaint()
    services.merge_cases(actor=ACTOR, now=NOON, case_id=part.id, into_id=case.id)
    Customer.objects.filter(id=bob.id).update(erased_at=NOON)
    before = list(Case.objects.order_by("id").values())
    wrong: list[tuple[Any, Any, Any, type[Exception]]] = [
        (case.id, bob.id, None, CustomerErasedError),
        (case.id, case.id, None, CustomerNotFoundError),
        (part.id, ann.id, None, CaseStateError),
        (case.id, ann.id, 0, CaseChangedError),
    ]
    for case_id, customer_id, seen, refusal in wrong:
        with pytest.raises(refusal):
            services.name_customer(actor=ACTOR, now=NOON, case_id=case_id, customer_id=customer_id, revision=seen)
    assert list(Case.objects.order_by("id").values()) == before
    assert not Event.objects.filter(name="voice.complaint.named").exists()


@pytest.mark.slow
def test_what_is_merged_belongs_to_the_customer_of_either_part(ann: Customer):
    nobodys, anns = complaint(), complaint(ann)
    services.merge_cases(actor=ACTOR, now=NOON, case_id=nobodys.id, into_id=anns.id)
    assert again(nobodys).customer_id == ann.id


@pytest.mark.slow
def test_a_stale_page_changes_nothing(ann: Customer):
    case = complaint(ann)
    seen = again(case).revision
    services.acknowledge_case(actor=ACTOR, now=NOON, case_id=case.id, revision=seen)
    with pytest.raises(CaseChangedError):
        services.resolve_case(
            actor=ACTOR, now=NOON, case_id=case.id, verdict="upheld", text="x", cause="quality", revision=seen
        )
    assert again(case).state == "new"


@pytest.mark.slow
def test_wrong_values_are_refused_and_change_nothing(ann: Customer, colleague: StaffMember):
    case = complaint(ann)
    before = Case.objects.filter(id=case.id).values().get()
    with pytest.raises(CaseRefusedError):
        decided(case, now=NOON, verdict="maybe")
    with pytest.raises(CaseRefusedError):
        decided(case, now=NOON, text=" ")
    with pytest.raises(CategoryRefusedError):
        decided(case, now=NOON, cause="fate")
    with pytest.raises(CaseRefusedError):
        services.assign_case(actor=ACTOR, now=NOON, case_id=case.id, assignee_id=ann.id)
    with pytest.raises(CaseRefusedError):
        services.assess_case(actor=ACTOR, now=NOON, case_id=case.id, category="other", severity="awful")
    with pytest.raises(CaseRefusedError):
        services.add_note(actor=ACTOR, now=NOON, case_id=case.id, text="x" * 5001)
    assert Case.objects.filter(id=case.id).values().get() == before
    assigned = services.assign_case(actor=ACTOR, now=NOON, case_id=case.id, assignee_id=colleague.id, team="care")
    assert (assigned.state, assigned.assignee_id) == ("working", colleague.id)


@pytest.mark.slow
def test_deadlines_escalate_step_by_step_and_once(ann: Customer):
    case = complaint(ann)
    services.acknowledge_case(actor=ACTOR, now=NOON, case_id=case.id)
    late = NOON + 2 * DAY
    assert watching.escalate_due(actor=ACTOR, now=late) == 1  # 80 % of the answer's eight hours
    assert watching.escalate_due(actor=ACTOR, now=late) == 1  # 120 %
    assert watching.escalate_due(actor=ACTOR, now=late) == 0
    tasks = Task.objects.filter(source=f"case:{case.id}")
    assert tasks.count() == 2
    assert all(case.number in task.title for task in tasks)
    assert acts(case).count("escalated") == 2
    decided(case, now=late)
    say(case, good=True, hours=50)
    assert set(tasks.values_list("state", flat=True)) == {"cancelled"}


@pytest.mark.slow
def test_promotion_is_silent_while_a_complaint_is_open_and_service_is_not(ann: Customer, bob: Customer):
    case = complaint(ann)

    def verdicts(customer: Customer, purpose: str) -> set[str]:
        intent = Intent(f"i-{customer.id}-{purpose}", customer.id, purpose, "anything", ("sink",))
        (decision,) = messaging.decide([intent], now=NOON)
        return {one.result.value for one in decision.verdicts if one.gate == "open_complaint"}

    assert verdicts(ann, "marketing") == {"stop"}
    assert verdicts(ann, "service") == {"pass"}
    assert verdicts(bob, "marketing") == {"pass"}
    Customer.objects.filter(id=ann.id).update(canonical_id=bob.id)
    assert verdicts(bob, "marketing") == {"stop"}
    decided(case, now=NOON)
    assert verdicts(bob, "marketing") == {"stop"}
    say(case, good=True)
    assert verdicts(bob, "marketing") == {"pass"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_words_at_once_count_once(racing_database: None, ann: Customer):
    case = complaint(ann)
    decided(case, now=NOON)
    results = race(lambda: say(case, good=True), lambda: say(case, good=False))
    refused = [one for one in results if isinstance(one, WordRefusedError)]
    assert len(refused) == 1, results
    assert CaseEntry.objects.filter(case_id=case.id, act="word", entry_kind="in").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_same_arrival_twice_at_once_is_one_case(racing_database: None, ann: Customer):
    complaint(ann)  # the rules are there
    results = race(*[lambda: complaint(ann, key="same")] * 3)
    assert len({one.id for one in results}) == 1, results
    assert Case.objects.count() == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_cases_merged_into_each_other_at_once_leave_one(racing_database: None, ann: Customer):
    first, second = complaint(ann), complaint(ann)

    def merge(case: Case, into: Case) -> Case:
        return services.merge_cases(actor=ACTOR, now=NOON, case_id=case.id, into_id=into.id)

    results = race(lambda: merge(first, second), lambda: merge(second, first))
    assert sum(isinstance(one, CaseStateError) for one in results) == 1, results
    assert sorted(Case.objects.values_list("state", flat=True)) == ["merged", "new"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_case_closed_by_two_at_once_is_closed_once(racing_database: None, ann: Customer):
    case = complaint(ann)
    decided(case, now=NOON)
    later = NOON + 30 * 24 * HOUR
    results = race(*[lambda: services.close_case(actor=ACTOR, now=later, case_id=case.id)] * 3)
    assert sum(isinstance(one, CaseStateError) for one in results) == 2, results
    assert (again(case).state, acts(case).count("closed")) == ("closed", 1)
