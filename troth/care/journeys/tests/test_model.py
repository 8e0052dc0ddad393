"""Any sequence of entries, events and time: the engine does what a plain model of lists does."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from troth.access.actors import system_actor
from troth.care.journeys import proofs, queries, services
from troth.care.journeys.tests.conftest import NOW
from troth.care.journeys.tests.making import text
from troth.care.models import JourneyRun, JourneyVisit
from troth.customers.models import Customer
from troth.events import services as events
from troth.kit.proofs import examine
from troth.staff.models import Company

ACTOR = system_actor("test")
PEOPLE, ORDERS = st.integers(0, 1), st.sampled_from("abc")
STEPS = """
  - {id: pause, type: wait, hours: 2}
  - id: paid
    type: wait_for
    event: activity.moment.recorded
    same_key: order
    hours: 5
    happened: [{id: yes, type: tag, tag: Paid}]
    timed_out: [{id: rest, type: wait, hours: 3}]
  - {id: last, type: wait, hours: 1}
"""
ENTRY = "{type: event, event: activity.order.recorded, key: order}"
EXITS = "exits: [{code: returned, event: activity.return.recorded, same_key: order}]\n"


@dataclass
class PlainRun:
    """One order's way, worked out from what happened to it."""

    entered: datetime
    paid: list[datetime] = field(default_factory=list)
    returned: list[datetime] = field(default_factory=list)

    def at(self, now: datetime) -> tuple[str, list[tuple[str, str]]]:
        """Return its state and path by now."""
        path: list[tuple[str, str]] = []
        stops = sorted(moment for moment in self.returned if self.entered <= moment <= now)
        end = stops[0] if stops else None
        moment = self.entered

        def passes(until: datetime) -> bool:
            return until <= now and (end is None or until < end)

        steps: list[tuple[str, str, datetime]] = []
        until = moment + timedelta(hours=2)
        steps.append(("pause", "done", until))
        latest = until + timedelta(hours=5)
        came = sorted(one for one in self.paid if until <= one <= latest)
        if came:
            steps += [("paid", "happened", came[0]), ("yes", "done", came[0])]
            last = came[0] + timedelta(hours=1)
        else:
            steps += [("paid", "timed_out", latest), ("rest", "done", latest + timedelta(hours=3))]
            last = latest + timedelta(hours=4)
        steps.append(("last", "done", last))
        for step, outcome, due in steps:
            if not passes(due):
                return ("exited" if end is not None else "active"), path
            path.append((step, outcome))
        return "finished", path


class Machine(RuleBasedStateMachine):
    """Orders, payments, returns, the clock in steps of an hour; the engine runs after each."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now = NOW
        Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN")
        self.people = [Customer.objects.create(created_at=NOW, updated_at=NOW).id for _ in range(2)]
        document = text(STEPS, entry=ENTRY, reentry="{rule: each_key}", more=EXITS)
        self.journey = services.create_journey(actor=ACTOR, now=NOW, text=document)
        services.publish(actor=ACTOR, now=NOW, journey_id=self.journey.id)
        self.plain: dict[tuple[int, str], PlainRun] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def append(self, name: str, person: int, order: str) -> None:
        events.append(name, actor=ACTOR, now=self.now, customer_id=self.people[person], data={"order": order})

    @rule(person=PEOPLE, order=ORDERS)
    def order(self, person: int, order: str) -> None:
        self.append("activity.order.recorded", person, order)
        self.plain.setdefault((person, order), PlainRun(self.now))
        self.work()

    @rule(person=PEOPLE, order=ORDERS)
    def pay(self, person: int, order: str) -> None:
        self.append("activity.moment.recorded", person, order)
        if (person, order) in self.plain:
            self.plain[person, order].paid.append(self.now)
        self.work()

    @rule(person=PEOPLE, order=ORDERS)
    def give_back(self, person: int, order: str) -> None:
        self.append("activity.return.recorded", person, order)
        if (person, order) in self.plain:
            self.plain[person, order].returned.append(self.now)
        self.work()

    @rule(minutes=st.sampled_from([30, 60, 150, 400]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.work()

    def work(self) -> None:
        """Do what the minute's job does: those due move on before the log is read, so that times are exact."""
        while services.advance(actor=ACTOR, now=self.now, limit=3).people:
            pass
        while services.read_log(actor=ACTOR, now=self.now, limit=2) is not None:
            pass
        while services.advance(actor=ACTOR, now=self.now, limit=3).people:
            pass

    @invariant()
    def both_say_the_same(self) -> None:
        runs = {(self.people.index(run.owner_id), run.entry_key): run for run in JourneyRun.objects.all()}
        assert runs.keys() == self.plain.keys()
        for key, run in runs.items():
            found = [(one.step, one.outcome) for one in queries.path_of(run) if one.left_at is not None]
            assert (run.state, found) == self.plain[key].at(self.now), key
        visits = JourneyVisit.objects.values_list("run_id", "step")
        assert len(set(visits)) == len(visits)
        assert [examine(proof).violations for proof in proofs.PROOFS] == [0, 0]


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.hypothesis
@pytest.mark.django_db
@pytest.mark.slow
def test_the_engine_does_what_a_plain_model_does():
    run(10, 20)
