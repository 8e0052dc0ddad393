"""Return visits by value: who is called, who is written to, who is left in peace; nobody twice."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from troth.activity.models import Order
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.events.models import Event
from troth.insights.models import CustomerScore
from troth.jobs.models import Schedule
from troth.kit.tests.racing import race
from troth.segments.models import Segment, SegmentMembership
from troth.worklist import planning, plans, services, touches
from troth.worklist.errors import PlanRefusedError
from troth.worklist.models import Moment, Task, VisitPlan
from troth.worklist.plans import PlanFields

from .conftest import ACTOR, NOW, hire

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
WEEK_AGO = TODAY - timedelta(days=7)


@pytest.fixture
def messages(monkeypatch):
    """What is written to customers, instead of writing it."""
    sent: list[touches.Reach] = []

    def messenger(reached, actor, now):
        sent.extend(reached)
        return len(reached)

    texts = {"how-was-it": "How was it?", "t": "T"}
    one = touches.Messenger(messenger, lambda *_asked: set(), lambda: texts, lambda *_asked: None)
    monkeypatch.setattr(touches, "_messengers", [one])
    return sent


def buyer(name, *, band="", bought=WEEK_AGO, revenue=100, **fields):
    """Make a customer who bought on a day and, with a band, was scored."""
    made = Customer.objects.create(name=name, created_at=NOW, updated_at=NOW, **fields)
    order(made.id, bought)
    if band:
        score(made.id, band, revenue)
    return made


def order(owner_id, day):
    Order.objects.create(
        owner_id=owner_id, source="till", external_id=str(uuid4()), occurred_at=NOW, order_date=day, currency="CNY",
        net_amount=Decimal(80), full_price_amount=Decimal(80), recorded_at=NOW, updated_at=NOW,
    )  # fmt: skip


def score(owner_id, band, revenue):
    zeros = {
        field.name: 0
        for field in CustomerScore._meta.local_fields
        if field.name not in {"owner_id", "run_id", "reasons"} and not field.name.endswith(("_at", "_date"))
    }
    CustomerScore.objects.create(
        **zeros | {"band": band, "status": "active", "status_before": "", "rung": "", "rfm_segment": ""},
        **{"owner_id": owner_id, "run_id": uuid4(), "as_of_date": TODAY, "computed_at": NOW}
        | {"first_purchase_date": WEEK_AGO, "last_purchase_date": WEEK_AGO},
    )
    CustomerScore.objects.filter(owner_id=owner_id).update(revenue=Decimal(revenue))


def plan(**changes):
    fields = PlanFields(**({"code": "after", "name": "A week after", "is_active": True} | changes))
    return services.save_plan(fields, actor=ACTOR, now=NOW)


def run(found):
    return services.run_plan(found.id, actor=ACTOR, now=NOW)


def called():
    return set(Task.objects.values_list("owner_id", flat=True))


def test_the_valuable_are_called_the_others_written_to(company, messages):
    made = {
        band: buyer(band or "none", band=band) for band in ("diamond", "gold", "silver", "ordinary", "inactive", "")
    }
    found = plan(template="how-was-it")
    assert run(found) == {"high": 2, "low": 2, "tech": 2}
    assert called() == {made["diamond"].id, made["gold"].id}
    reached = {one.customer_id: (one.touch, one.template, one.key) for one in messages}
    key = "plan:after:2026-11-22"
    assert reached == {
        made["silver"].id: ("low", "how-was-it", key),
        made[""].id: ("low", "how-was-it", key),
        made["ordinary"].id: ("tech", "how-was-it", key),
        made["inactive"].id: ("tech", "how-was-it", key),
    }
    event = Event.objects.get(name="worklist.plan.run")
    assert event.data == {"plan": "after", "calls": 2, "messages": 2, "self_service": 2}


def test_without_a_template_only_calls_are_planned(company, messages):
    buyer("Ann", band="gold")
    buyer("Bob", band="silver")
    assert run(plan()) == {"high": 1, "low": 0, "tech": 0}
    assert messages == []


def test_run_again_it_plans_nobody_twice(company, messages):
    buyer("Ann", band="gold")
    found = plan()
    run(found)
    assert run(found) == {"high": 0, "low": 0, "tech": 0}
    VisitPlan.objects.update(planned_until_date=TODAY - timedelta(days=1), rest_days=0)  # as after a restored backup
    run(VisitPlan.objects.get())
    assert Task.objects.count() == 1


@pytest.mark.slow
def test_two_runs_at_once_plan_nobody_twice(racing_database, company):
    for number in range(20):
        buyer(f"c{number}", band="gold")
    found = plan(rest_days=0)
    race(*[lambda: run(found)] * 4)
    assert Task.objects.count() == 20


def test_the_task_is_the_owners_with_the_plans_script(company, team):
    owner = hire("chen")
    ann = buyer("Ann", band="diamond", staff_owner_id=owner.id)
    run(plan(team="care", priority=80))
    task = Task.objects.get()
    assert (task.owner_id, task.assignee_id, task.team, task.priority) == (ann.id, owner.id, team, 80)
    assert (task.task_kind, task.script, task.source) == ("return_visit", "return_visit", "plan:after")


def test_days_that_were_missed_are_caught_up_with_but_not_old_ones(company):
    found = plan()
    for missed in (1, 2, 5):
        buyer(f"c{missed}", band="gold", bought=WEEK_AGO - timedelta(days=missed))
    VisitPlan.objects.update(planned_until_date=TODAY - timedelta(days=30))
    assert run(found)["high"] == 2


def test_switched_on_it_plans_nothing_of_the_past(company):
    buyer("Ann", band="gold", bought=WEEK_AGO - timedelta(days=1))
    assert run(plan())["high"] == 0


def test_beyond_the_days_limit_the_less_valuable_get_a_message(company, messages):
    rich = buyer("Ann", band="gold", revenue=900)
    buyer("Bob", band="gold", revenue=100)
    assert run(plan(most_a_day=1, template="t")) == {"high": 1, "low": 1, "tech": 0}
    assert called() == {rich.id}


def test_who_was_visited_lately_is_left_in_peace(company, li):
    ann = buyer("Ann", band="gold")
    first, other = plan(), plan(code="other")
    run(first)
    assert run(other)["high"] == 0
    task = Task.objects.get()
    services.complete(task.id, outcome="reached", actor=ACTOR, now=NOW, member_id=li.id)
    Task.objects.update(updated_at=NOW - timedelta(days=20))
    VisitPlan.objects.update(planned_until_date=TODAY - timedelta(days=1))
    assert run(VisitPlan.objects.get(code="other"))["high"] == 1
    assert set(Task.objects.values_list("owner_id", flat=True)) == {ann.id}


def test_who_wants_no_calls_and_who_is_erased_gets_none(company):
    ann, bob = buyer("Ann", band="gold"), buyer("Bob", band="gold")
    customers.record_consent(
        actor=ACTOR, now=NOW, customer_id=ann.id, purpose="service", channel="phone", is_given=False, source="call"
    )
    Customer.objects.filter(id=bob.id).update(erased_at=NOW)
    found = plan()
    assert {one.customer_id: one.why_not for one in services.due_on(found, TODAY, now=NOW)} == {
        ann.id: "no_calls",
        bob.id: "erased",
    }
    assert run(found)["high"] == 0


def test_only_members_of_the_segment(company):
    ann = buyer("Ann", band="gold")
    buyer("Bob", band="gold")
    segment = Segment.objects.create(name="S", created_at=NOW, created_by="x", updated_at=NOW)
    SegmentMembership.objects.create(segment_id=segment.id, owner_id=ann.id, entered_at=NOW)
    run(plan(segment_id=segment.id))
    assert called() == {ann.id}


def test_a_merged_customer_is_called_once_under_the_record_that_counts(company):
    ann = buyer("Ann", band="gold")
    twin = Customer.objects.create(created_at=NOW, updated_at=NOW)
    order(twin.id, WEEK_AGO)
    Customer.objects.filter(id=twin.id).update(canonical_id=ann.id)
    run(plan())
    assert list(Task.objects.values_list("owner_id", flat=True)) == [ann.id]


@pytest.mark.parametrize(
    ("moment", "other", "expected"),
    [
        (Moment.FIRST_ORDER, WEEK_AGO - timedelta(days=90), 0),
        (Moment.FIRST_ORDER, WEEK_AGO + timedelta(days=1), 1),
        (Moment.SILENCE, WEEK_AGO + timedelta(days=1), 0),
        (Moment.SILENCE, WEEK_AGO - timedelta(days=90), 1),
    ],
)
def test_the_moment_says_which_order_counts(company, moment, other, expected):
    ann = buyer("Ann", band="gold")
    order(ann.id, other)
    assert run(plan(moment=moment))["high"] == expected


def test_a_plan_that_is_switched_on_runs_every_morning(company):
    plan(is_active=False)
    assert not Schedule.objects.filter(name=plans.PLAN).exists()
    plan()
    assert Schedule.objects.get(name=plans.PLAN).next_run_at.isoformat() == "2026-11-22T23:00:00+00:00"  # 7 in Shanghai


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "with space"},
        {"name": " "},
        {"moment": "unheard"},
        {"days_after": -1},
        {"priority": 101},
        {"touches": {"unheard": "high"}},
        {"touches": {"gold": "unheard"}},
        {"team": "unheard"},
        {"script": "unheard"},
        {"template": "unheard"},
    ],
    ids=str,
)
def test_a_wrong_plan_is_not_kept(company, wrong):
    with pytest.raises(PlanRefusedError) as refused:
        plan(**wrong)
    assert refused.value.fields["field"] == next(iter(wrong))
    assert VisitPlan.objects.count() == 0


def test_a_plan_reads_back_as_it_was_written(company, team):
    fields = PlanFields(code="p", name="P", name_zh="计划", team="care", days_after=3, rest_days=5, most_a_day=9)
    assert services.fields_of(services.save_plan(fields, actor=ACTOR, now=NOW)) == fields


def test_nobody_due_asks_nothing_of_anybody(company):
    assert planning.due_on(plan(), TODAY, now=NOW) == []
