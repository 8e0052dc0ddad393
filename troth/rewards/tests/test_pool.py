"""Rewards paid from a household's pool: by whom it allows, within their limits, given back into the very lots."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from troth.customers import services as customers
from troth.customers.models import Customer
from troth.kit.tests.racing import race
from troth.ledger import queries as ledger_queries
from troth.ledger import services as ledger
from troth.ledger.operations import Owner, Reason, Transfer
from troth.rewards import privacy, services
from troth.rewards.models import FulfilmentKind, PayOn, Redemption, RedemptionState
from troth.rewards.services import Outcome

from .conftest import ACTOR, LATER, NOW, available, code_of, redeem_one, stock_left

DAY = timedelta(days=1)
CLIENTS = 64


@pytest.fixture
def home(points: Callable[..., None], ann: Customer, bob: Customer) -> UUID:
    """A household whose pool has 600 points that end on two days; Bob may spend 500 of them in a month."""
    ledger.change_currency(actor=ACTOR, now=NOW, code="points", transfer_rule="pools")
    household = customers.make_household(actor=ACTOR, now=NOW, head_id=ann.id)
    customers.join_household(actor=ACTOR, now=NOW, customer_id=bob.id, household_id=household.id)
    rule: dict[str, Any] = {"actor": ACTOR, "now": NOW, "household_id": household.id, "currency": "points"}
    ledger.set_pool_member(member_id=ann.id, **rule)
    ledger.set_pool_member(member_id=bob.id, limit=500, **rule)
    points(ann, 200, expires_at=NOW + 10 * DAY)
    points(ann, 400, expires_at=NOW + 90 * DAY)
    give = Transfer(
        key="give",
        owner=Owner("customer", ann.id),
        currency="points",
        occurred_at=NOW,
        reason=Reason("gift"),
        to=Owner("household", household.id),
        amount=600,
    )
    (answer,) = ledger.post([give], actor=ACTOR, now=NOW)
    assert answer.error is None, answer.error
    return household.id


def lots_of(household_id: UUID) -> list[tuple[int, int, object]]:
    """Return what is left and held of each lot, and when it ends."""
    found = ledger_queries.lots(household_id, "points", now=NOW)
    return [(one.remaining, one.held, one.ends_at) for one in found]


def in_pool(household_id: UUID) -> int:
    return ledger_queries.balances([household_id], "points", now=NOW)[household_id].available


@pytest.mark.slow
def test_a_member_redeems_from_the_pool_and_cancelling_restores_the_very_lots(reward, home, ann, bob):
    mug = reward(fulfilment=FulfilmentKind.INSTANT)
    before = lots_of(home)
    done = redeem_one(bob, household_id=home)
    assert (done.points, done.available, in_pool(home), available(bob)) == (500, 100, 100, 0)
    assert lots_of(home) == [(100, 0, NOW + 90 * DAY)]
    row = Redemption.objects.get()
    assert (row.owner_id, row.household_id) == (bob.id, home)
    assert ledger_queries.pool_share(home, bob.id, "points", now=NOW) == 0
    services.cancel_redemption(actor=ACTOR, now=LATER, redemption_id=row.id, reason="member")
    assert (lots_of(home), stock_left(mug)) == (before, 10)
    assert ledger_queries.pool_share(home, bob.id, "points", now=NOW) == 500
    assert redeem_one(bob, household_id=home).outcome is Outcome.REPEATED


@pytest.mark.slow
def test_points_of_the_pool_are_held_until_it_is_handed_over(reward, home, bob):
    reward(pay_on=PayOn.FULFILMENT)
    first = redeem_one(bob, household_id=home)
    assert [held for _left, held, _end in lots_of(home)] == [200, 300]
    assert code_of(redeem_one(bob, "r-2", household_id=home)) in ("pool_refused", "insufficient_points")
    services.cancel_redemption(actor=ACTOR, now=NOW, redemption_id=first.redemption_id, reason="member")
    assert (in_pool(home), [held for _left, held, _end in lots_of(home)]) == (600, [0, 0])
    second = redeem_one(bob, "r-3", household_id=home)
    services.advance_redemption(
        actor=ACTOR, now=NOW, redemption_id=second.redemption_id, state=RedemptionState.FULFILLED
    )
    assert in_pool(home) == 100
    services.cancel_redemption(actor=ACTOR, now=NOW, redemption_id=second.redemption_id, reason="damaged")
    assert in_pool(home) == 600


@pytest.mark.parametrize(
    ("case", "refusal"),
    [
        ("stranger", "pool_refused"),
        ("over the limit", "pool_refused"),
        ("not allowed", "pool_refused"),
        ("no household", "operation_refused"),
    ],
)
def test_who_may_not_spend_that_much_takes_nothing(reward, home, ann, bob, person, case, refusal):
    mug = reward(prices=(reward_price(501),)) if case == "over the limit" else reward()
    who, whose = (person(name="Cy") if case == "stranger" else bob), home
    if case == "not allowed":
        ledger.set_pool_member(
            actor=ACTOR, now=NOW, household_id=home, member_id=bob.id, currency="points", may_spend=False
        )
    if case == "no household":
        whose = ann.id
    assert code_of(redeem_one(who, household_id=whose)) == refusal
    assert (in_pool(home), stock_left(mug), Redemption.objects.count()) == (600, 10, 0)


def reward_price(points: int):
    return services.PriceFields(points=points, point_currency="points")


def test_the_same_key_with_another_payer_is_a_conflict(reward, home, points, bob):
    reward()
    points(bob, 500)
    assert redeem_one(bob, household_id=home).outcome is Outcome.DONE
    assert code_of(redeem_one(bob)) == "reward_operation_conflict"
    assert available(bob) == 500


@pytest.mark.slow
def test_who_redeemed_from_the_pool_and_left_still_gets_it_back_into_the_pool(reward, home, bob):
    reward()
    done = redeem_one(bob, household_id=home)
    customers.leave_household(actor=ACTOR, now=NOW, customer_id=bob.id)
    services.cancel_redemption(actor=ACTOR, now=NOW, redemption_id=done.redemption_id, reason="member")
    assert (in_pool(home), available(bob)) == (600, 0)
    assert privacy.export([bob.id])["redemptions"][0]["from_pool"] is True


@pytest.mark.slow
def test_sixty_four_at_once_take_from_a_pool_what_its_rules_allow_and_no_more(racing_database, reward, home, ann, bob):
    """lesson: gift card overspent concurrently: here a pool, by two members with and without a limit."""
    mug = reward(stock=CLIENTS, prices=(reward_price(100),))
    ledger.set_pool_member(actor=ACTOR, now=NOW, household_id=home, member_id=bob.id, currency="points", limit=200)

    def redeeming(member, key):
        return lambda: redeem_one(member, key, household_id=home)

    results = race(*(redeeming((ann, bob)[number % 2], f"r-{number}") for number in range(CLIENTS)))
    found = Counter(code_of(one) or str(one.outcome) for one in results)
    taken = Counter(one.owner_id for one in Redemption.objects.all())
    assert (found["done"], set(found)) == (6, {"done", "insufficient_points", "pool_refused"} & set(found))
    assert taken[bob.id] <= 2
    assert (in_pool(home), stock_left(mug)) == (0, CLIENTS - 6)
