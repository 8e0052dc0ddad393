"""What is written down of a customer after an erasure: nothing, whichever way it comes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps

from troth.access.actors import system_actor
from troth.activity import services as activity
from troth.care.requests import services as requests
from troth.care.requests.services import NewRequest
from troth.care.training import services as training
from troth.customers import services as customers
from troth.customers.errors import CustomerErasedError
from troth.kit.ids import new_id
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.messaging import channels
from troth.messaging.channels import HandoverState, Outgoing
from troth.programs import services as programs
from troth.rewards import services as rewards
from troth.rewards.services import NewRedemption
from troth.rewards.tests.conftest import MUG
from troth.staff import services as staff
from troth.worklist import services as worklist
from troth.worklist.services import TaskDraft

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ACTOR = system_actor("test")
WORDS = "Her zebra brooch"
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


class World:
    """A customer of whom there are a task and a repair."""

    def __init__(self) -> None:
        staff.set_up_company(actor=ACTOR, now=NOW, name="Test", currency="CNY", time_zone="Asia/Shanghai")
        ledger.create_currency(actor=ACTOR, now=NOW, code="points", rules=CurrencyRules(name="Points"))
        reward = rewards.create_reward(actor=ACTOR, now=NOW, fields=replace(MUG))
        rewards.offer_reward(actor=ACTOR, now=NOW, reward_id=reward.id)
        self.customer_id = customers.create_customer(actor=ACTOR, now=NOW, name="Ann").id
        self.task_id = worklist.create_task(self.draft("first", "Call"), actor=ACTOR, now=NOW)
        new = NewRequest(customer_id=self.customer_id, key="r", kind="repair", title="Repair")
        self.request = requests.open_request(new, actor=ACTOR, now=NOW)

    def draft(self, key: str, title: str) -> TaskDraft:
        return TaskDraft(key=key, kind="call", title=title, customer_id=self.customer_id)

    def hand_over(self, channel: str) -> None:
        contact_id = new_id()
        message = Outgoing(contact_id, str(contact_id), "", WORDS, WORDS, customer_id=self.customer_id)
        (done,) = channels.get(channel).deliver([message])
        if done.state is HandoverState.FAILED:
            assert done.reason == "erased"
            raise CustomerErasedError(self.customer_id)

    def redeem(self) -> None:
        wish = NewRedemption("k", self.customer_id, "mug", NOW, is_gift=True, delivery=WORDS)
        (done,) = rewards.redeem_rewards([wish], actor=ACTOR, now=NOW)
        if done.error is not None:
            raise done.error


Write = Callable[[World], Any]
WRITERS: dict[str, Write] = {
    "a visit": lambda world: activity.record_visit(
        customer_id=world.customer_id, visit_kind="store", occurred_at=NOW, note=WORDS, actor=ACTOR, now=NOW
    ),
    "a task": lambda world: worklist.create_task(world.draft("later", WORDS), actor=ACTOR, now=NOW),
    "a comment": lambda world: worklist.comment(world.task_id, note=WORDS, actor=ACTOR, now=NOW),
    "how a task went": lambda world: worklist.complete(
        world.task_id, outcome="reached", note=WORDS, actor=ACTOR, now=NOW
    ),
    "a note to a repair": lambda world: requests.write_note(world.request.number, note=WORDS, actor=ACTOR, now=NOW),
    "why a repair was cancelled": lambda world: requests.cancel(world.request.number, note=WORDS, actor=ACTOR, now=NOW),
    "the inbox": lambda world: world.hand_over("inbox"),
    "a person with a script": lambda world: world.hand_over("person"),
    "where a reward goes": lambda world: world.redeem(),
}


def kept() -> dict[str, int]:
    """Return in how many rows of each table the words stand."""
    found = {
        model.__name__: sum(WORDS in str(row) for row in model._default_manager.values_list())
        for model in apps.get_models()
    }
    return {name: count for name, count in found.items() if count}


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_written_of_whom_nothing_is_known(name):
    world = World()
    customers.erase_customer(actor=ACTOR, now=NOW, customer_id=world.customer_id)
    before = counts()
    with pytest.raises(CustomerErasedError):
        WRITERS[name](world)
    assert kept() == {}
    assert counts() == before


@pytest.mark.parametrize("name", WRITERS)
def test_what_was_written_before_is_emptied(name):
    world = World()
    WRITERS[name](world)
    assert kept() != {}
    customers.erase_customer(actor=ACTOR, now=NOW, customer_id=world.customer_id)
    assert kept() == {}


def test_a_tier_and_a_seat_are_refused_before_anything_else_is_asked():
    world = World()
    customers.erase_customer(actor=ACTOR, now=NOW, customer_id=world.customer_id)
    with pytest.raises(CustomerErasedError):
        programs.grant_tier(
            customer_id=world.customer_id,
            programme_id=new_id(),
            tier="gold",
            until=NOW,
            note=WORDS,
            actor=ACTOR,
            now=NOW,
        )
    with pytest.raises(CustomerErasedError):
        training.register(new_id(), world.customer_id, actor=ACTOR, now=NOW)
    assert kept() == {}
