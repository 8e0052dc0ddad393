"""Opening cases: one each, numbered, acknowledged, under the rules that hold then."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from troth.customers.models import Customer
from troth.events.models import Event
from troth.staff.models import Store
from troth.voice.calendars.documents import fields_of
from troth.voice.calendars.services import save_calendar
from troth.voice.complaints import clocks, services
from troth.voice.complaints.errors import ArrivalConflictError, CaseRefusedError
from troth.voice.complaints.starters import POLICY
from troth.voice.models import Case, CaseClock, CasePolicyVersion

from .conftest import ACTOR, HOUR, NOON, acts, again, complaint


@pytest.mark.slow
def test_a_complaint_becomes_a_case_with_a_number_and_three_clocks(ann: Customer, store: Store):
    case = complaint(ann, store="s1", channel="till")
    assert (case.state, case.severity, case.team, case.customer_id) == ("new", "high", "care", ann.id)
    assert re.fullmatch(r"2611-\d{6}", case.number)
    due = {one.clock_kind: one.due_at for one in CaseClock.objects.filter(case_id=case.id)}
    assert due["acknowledge"] == NOON + 3 * HOUR  # two hours, after lunch
    assert due["answer"] == NOON + timedelta(days=1)  # eight: five on Monday, three on Tuesday until noon
    assert due["resolve"] == NOON + timedelta(days=3)
    event = Event.objects.get(name="voice.complaint.opened")
    assert event.owner_id == ann.id
    assert event.data == {
        "case": str(case.id),
        "number": case.number,
        "category": "product-defect",
        "severity": "high",
        "channel": "till",
        "satisfied": None,
    }


@pytest.mark.slow
def test_the_same_arrival_is_the_same_case(ann: Customer):
    first = complaint(ann, key="form-1")
    assert complaint(ann, key="form-1").id == first.id
    assert Case.objects.count() == 1
    with pytest.raises(ArrivalConflictError):
        complaint(ann, key="form-1", text="Something else")
    assert Case.objects.count() == 1


@pytest.mark.slow
def test_somebody_unknown_who_leaves_an_address_becomes_a_customer(company):
    case = complaint(channel="form", email="New@Example.com", phone="13800138000", name="王小明")
    customer = Customer.objects.get(id=case.customer_id)
    assert (customer.name, customer.source) == ("王小明", "complaint")
    assert complaint(channel="form", email="new@example.com").customer_id == customer.id
    assert Customer.objects.count() == 1


def test_somebody_unknown_who_leaves_nothing_has_a_case_all_the_same(company):
    case = complaint(channel="form", is_told=True)
    assert (case.customer_id, case.owner_id) == (None, case.id)
    assert again(case).acknowledged_at == NOON


@pytest.mark.slow
def test_told_in_person_stops_the_clock_of_acknowledgement(company):
    case = complaint(is_told=True)
    clock = CaseClock.objects.get(case_id=case.id, clock_kind="acknowledge")
    assert (clock.clock_state, clock.is_met, clock.used_seconds) == ("stopped", True, 0)
    assert "acknowledged" in acts(case)


@pytest.mark.slow
def test_something_dangerous_is_critical_and_goes_to_the_managers(ann: Customer):
    case = complaint(ann, is_safety=True)
    assert (case.severity, case.team) == ("critical", "managers")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " \u200b "}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"channel": "fax"}, "channel"),
        ({"severity": "awful"}, "severity"),
        ({"wish": "revenge"}, "wish"),
        ({"email": "no address"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"key": ""}, "key"),
        ({"order_ref": "9" * 81}, "order_ref"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_leaves_nothing(company, changes, field):
    with pytest.raises(CaseRefusedError) as refused:
        complaint(**changes)
    assert refused.value.fields["field"] == field
    assert (Case.objects.count(), Customer.objects.count()) == (0, 0)


@pytest.mark.slow
def test_changed_deadlines_and_hours_change_no_figure_of_the_past(ann: Customer):
    """lesson: a changed SLA rewrites statistics."""
    old = complaint(ann)
    services.write_to_customer(actor=ACTOR, now=NOON + 3 * HOUR, case_id=old.id, text="We look into it.")
    before = list(CaseClock.objects.filter(case_id=old.id).order_by("clock_kind").values())
    tight = {**POLICY, "high": {"acknowledge": 1, "answer": 2, "resolve": 3}}
    services.publish_policy(actor=ACTOR, now=NOON + 4 * HOUR, document=tight)
    office = fields_of("office", "Office hours", "", again(old).calendar.document)
    save_calendar(actor=ACTOR, now=NOON + 4 * HOUR, fields=replace(office, week=(("00:00-24:00",),) * 7))
    assert list(CaseClock.objects.filter(case_id=old.id).order_by("clock_kind").values()) == before
    shown = {one.clock.clock_kind: one for one in clocks.readings(again(old), NOON + 20 * HOUR)}
    assert shown["answer"].used == 2 * HOUR  # 13:00 to 15:00, by the hours of then
    assert not shown["answer"].is_late
    services.resolve_case(actor=ACTOR, now=NOON + 20 * HOUR, case_id=old.id, verdict="upheld", text="Done.")
    resolve = CaseClock.objects.get(case_id=old.id, clock_kind="resolve")
    assert (resolve.target_seconds, resolve.used_seconds, resolve.is_met) == (24 * 3600, 5 * 3600, True)
    new = complaint(ann, now=NOON + 5 * HOUR)
    assert (new.policy.number, CasePolicyVersion.objects.count()) == (2, 2)
    due = {one.clock_kind: one.due_at for one in CaseClock.objects.filter(case_id=new.id)}
    assert due["resolve"] == NOON + 5 * HOUR + timedelta(minutes=3)
