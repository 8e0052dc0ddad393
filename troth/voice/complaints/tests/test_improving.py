"""The outer loop: causes counted, improvements, and telling exactly those who complained."""

from datetime import date, timedelta
from typing import Any

import pytest

from troth.activity.models import Order
from troth.customers.models import Customer
from troth.kit import clock
from troth.messaging.models import ChannelSetup, Contact
from troth.staff.models import Company
from troth.voice.complaints import queries, services
from troth.voice.complaints.errors import ImprovementRefusedError
from troth.voice.complaints.services import ImprovementFields
from troth.voice.complaints.texts import ensure_texts
from troth.voice.models import Case, CaseClock, Improvement

from .conftest import ACTOR, NOON, acts, complaint

DAY = timedelta(days=1)
TODAY = date(2026, 11, 16)


def caused(customer: Customer | None, cause: str, *, days: int = 0) -> Case:
    """Open a case so many days from now on, with its cause."""
    case = complaint(customer, now=NOON + days * DAY)
    return services.set_cause(actor=ACTOR, now=NOON + days * DAY, case_id=case.id, cause=cause) if cause else case


def improve(**changes: Any) -> Improvement:
    values: dict[str, Any] = {
        "title": "Check every ring",
        "due_date": TODAY,
        "cause": "quality",
        "told": "We check.",
        "told_zh": "复检。",
    }
    return services.create_improvement(actor=ACTOR, now=NOON, fields=ImprovementFields(**(values | changes)))


def done(**changes: Any) -> Improvement:
    return improve(state="done", done_date=TODAY, **changes)


@pytest.mark.slow
def test_causes_are_counted_and_what_is_no_complaint_is_not(ann: Customer, bob: Customer):
    for cause in ("quality", "quality", "skill", ""):
        caused(ann, cause)
    services.reject_case(actor=ACTOR, now=NOON, case_id=caused(bob, "quality").id, note="Spam")
    caused(bob, "quality", days=-40)
    found = queries.pareto(TODAY - 30 * DAY, TODAY)
    lines: list[Any] = [(one.cause.code, one.count, one.share, one.cumulative) for one in found.lines]
    assert lines == [("quality", 2, pytest.approx(2 / 3), pytest.approx(2 / 3)), ("skill", 1, pytest.approx(1 / 3), 1)]
    assert (found.unknown, found.total) == (1, 3)
    assert queries.pareto(TODAY - 30 * DAY, TODAY, category="other").total == 0
    for line in found.lines:
        assert queries.counted(TODAY - 30 * DAY, TODAY, cause=line.cause.code).count() == line.count
    assert queries.counted(TODAY - 30 * DAY, TODAY, cause=queries.UNKNOWN).count() == 1


@pytest.mark.slow
def test_a_category_counts_with_what_lies_below_it(ann: Customer):
    case = caused(ann, "quality")
    parent = case.category.parent
    span = (TODAY - 30 * DAY, TODAY)
    assert parent is not None
    assert queries.pareto(*span, category=case.category.code).total == 1
    assert queries.pareto(*span, category=parent.code).total == 1
    assert queries.with_below("gone") == set()
    assert CaseClock.objects.update(stopped_at=NOON, is_met=True) > 0
    moments = (NOON - 30 * DAY, NOON + DAY)
    assert met(queries.clock_lines(*moments, category=parent.code)) == CaseClock.objects.count()
    assert met(queries.clock_lines(*moments, category="other")) == 0
    assert met(queries.clock_lines(*moments, store="gone")) == 0


@pytest.mark.slow
def test_who_complains_after_midnight_of_the_company_complains_after_it_was_done(ann: Customer, bob: Customer):
    Company.objects.update(time_zone="Asia/Shanghai", as_of_date=TODAY)  # a demonstration's day stands still
    in_time, too_late = (clock.day_start(TODAY + DAY, "Asia/Shanghai") + timedelta(hours=hours) for hours in (-1, 1))
    Case.objects.filter(id=caused(ann, "quality").id).update(opened_at=in_time)
    Case.objects.filter(id=caused(bob, "quality").id).update(opened_at=too_late)
    assert [one.customer_id for one in services.people_to_tell(done())] == [ann.id]


def met(lines: list[queries.ClockLine]) -> int:
    return sum(line.met for line in lines)


@pytest.mark.slow
def test_exactly_those_who_complained_are_told_and_once(ann: Customer, bob: Customer, person):
    """Not of another cause, not after it was done, not what was no complaint; each person once."""
    caused(ann, "quality", days=-3)
    last = caused(ann, "quality", days=-1)
    caused(bob, "skill", days=-1)
    caused(person("Cat"), "quality", days=1)
    caused(None, "quality", days=-1)
    row = done()
    ensure_texts(actor=ACTOR, now=NOON)
    ChannelSetup.objects.create(code="email", is_enabled=True, updated_at=NOON)
    people = services.people_to_tell(row)
    assert [(one.customer_id, one.number) for one in people] == [(ann.id, last.number)]
    before = Contact.objects.count()
    assert len(services.preview_told(row, people, now=NOON)) == 1
    assert Contact.objects.count() == before
    services.tell_improvement(actor=ACTOR, now=NOON, improvement_id=row.id)
    services.tell_improvement(actor=ACTOR, now=NOON + DAY, improvement_id=row.id)
    told = Contact.objects.filter(source=f"improvement:{row.id}")
    assert [one.owner_id for one in told] == [ann.id]
    assert Improvement.objects.get(id=row.id).told_count == 1
    assert acts(last).count("told_improvement") == 1
    assert services.not_told(row, people) == []


@pytest.mark.slow
def test_merged_records_are_one_person(ann: Customer, bob: Customer):
    caused(ann, "quality", days=-2)
    caused(bob, "quality", days=-1)
    Customer.objects.filter(id=bob.id).update(canonical_id=ann.id)
    assert [one.customer_id for one in services.people_to_tell(done())] == [ann.id]


@pytest.mark.slow
def test_only_what_is_done_and_worded_in_both_languages_is_told(ann: Customer):
    caused(ann, "quality", days=-1)
    for row in (improve(), done(told_zh=""), done(cause="")):
        with pytest.raises(ImprovementRefusedError):
            services.tell_improvement(actor=ACTOR, now=NOON, improvement_id=row.id)
    assert Contact.objects.filter(template="case_improved").count() == 0


@pytest.mark.slow
def test_what_was_told_stays_as_it_was_told(ann: Customer):
    caused(ann, "quality", days=-1)
    row = done()
    services.tell_improvement(actor=ACTOR, now=NOON, improvement_id=row.id)
    fields = ImprovementFields(
        title="x", due_date=TODAY, cause="quality", told="Other", told_zh="复检。", state="done", done_date=TODAY
    )
    with pytest.raises(ImprovementRefusedError):
        services.change_improvement(actor=ACTOR, now=NOON, improvement_id=row.id, fields=fields)


@pytest.mark.slow
def test_the_effect_is_a_rate_for_each_order_with_its_interval(ann: Customer):
    for days in (-8, -9, -9, -4, 3):
        caused(ann, "quality", days=days)
    for days, count in ((-5, 40), (5, 20)):
        day = TODAY + days * DAY
        orders = [
            Order(
                owner_id=ann.id,
                source="t",
                external_id=f"{days}-{n}",
                occurred_at=NOON + days * DAY,
                recorded_at=NOON,
                order_date=day,
                currency="CNY",
                net_amount=1,
                full_price_amount=1,
                updated_at=NOON,
            )
            for n in range(count)
        ]
        Order.objects.bulk_create(orders)
    row = done()
    effect = queries.effect_of(row, TODAY + 10 * DAY)
    assert effect is not None
    assert (effect.days, effect.before, effect.after, effect.orders_before, effect.orders_after) == (10, 4, 1, 40, 20)
    assert effect.factor == pytest.approx(0.5)
    assert effect.low < 0.5 < effect.high
    assert not effect.is_proved
    assert queries.effect_of(row, TODAY + 6 * DAY) is None
    assert queries.effect_of(improve(), TODAY) is None


@pytest.mark.slow
def test_recovery_is_measured_against_similar_customers(ann: Customer, bob: Customer):
    case = complaint(ann, now=NOON - 200 * DAY)
    services.resolve_case(
        actor=ACTOR, now=NOON - 199 * DAY, case_id=case.id, verdict="upheld", text="Sorry.", cause="quality"
    )
    services.say_word(actor=ACTOR, now=NOON - 198 * DAY, case_id=case.id, is_satisfied=True)
    complaint(bob, now=NOON - 10 * DAY)
    like = Customer.objects.create(name="Like", created_at=NOON, updated_at=NOON)
    for owner, days in ((ann, -210), (like, -210), (ann, -100)):
        Order.objects.create(
            owner_id=owner.id,
            source="t",
            external_id=f"{owner.id}{days}",
            occurred_at=NOON + days * DAY,
            recorded_at=NOON,
            order_date=TODAY + days * DAY,
            currency="CNY",
            net_amount=50,
            full_price_amount=50,
            updated_at=NOON,
        )
    report = services.measure_recovery(now=NOON)
    (row,) = [one for one in report.result["rows"] if one["outcome"] == "well"]
    assert (row["people"], row["came_back"], row["control_came_back"], row["spent_more"]) == (1, 1.0, 0.0, 50.0)
    assert queries.newest_report() == report


@pytest.mark.slow
def test_each_reads_in_the_language_of_the_complaint_what_was_done(person, ann: Customer):
    caused(ann, "quality")
    wang = person("Wang", language="zh-hans")
    caused(wang, "quality")
    ChannelSetup.objects.create(code="email", is_enabled=True, updated_at=NOON, updated_by="test")
    services.tell_improvement(actor=ACTOR, now=NOON + 8 * DAY, improvement_id=done().id)
    told = Contact.objects.filter(source__startswith="improvement:")
    assert {one.owner_id: one.facts["text"] for one in told} == {ann.id: "We check.", wang.id: "复检。"}
