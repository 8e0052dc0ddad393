"""Many at once: nobody gets more than there is, nobody fails with anything but a refusal."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from troth.access.actors import system_actor
from troth.kit.ids import new_id
from troth.kit.tests.racing import race
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.models import Account, Transaction
from troth.ledger.operations import Owner, Posted
from troth.ledger.proofs import prove
from troth.ledger.tests.conftest import DAY, NOW

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("racing_database")]
CLIENTS = 64


def posting(*operations) -> Callable[[], list[Posted]]:
    return lambda: ledger.post(operations, actor=system_actor("race"), now=NOW)


def sound() -> bool:
    return all(verdict.holds for verdict in prove(NOW))


def outcomes(results: list[Any]) -> Counter[str]:
    assert not [result for result in results if isinstance(result, BaseException)]
    return Counter(answer.error.code if answer.error else str(answer.outcome) for batch in results for answer in batch)


def test_one_of_64_spends_the_last_100_points(make_currency, desk, member):
    """lesson: two quotes confirmed at once: a 100-point card ends at −100; gift card overspent concurrently."""
    make_currency()
    desk.done("Earn", member, amount=100)
    works = [posting(desk.make("Spend", member, amount=100)) for _client in range(CLIENTS)]
    assert outcomes(race(*works)) == {"posted": 1, "insufficient_points": CLIENTS - 1}
    assert Account.objects.get().balance == 0
    assert sound()


def test_one_key_is_posted_once_however_many_send_it(make_currency, desk, member):
    """lesson: confirm pressed twice counts twice; an offline till's retry doubles the points."""
    make_currency()
    earn = desk.make("Earn", member, amount=100, key="order-1")
    assert outcomes(race(*[posting(earn)] * CLIENTS)) == {"posted": 1, "repeated": CLIENTS - 1}
    assert Account.objects.get().balance == 100
    assert Transaction.objects.count() == 1
    assert sound()


def test_batches_that_cross_do_not_wait_for_each_other_in_a_ring(make_currency, desk):
    """New and old accounts, in opposite orders, with transfers to and fro."""
    make_currency(transfer_rule="anyone")
    people = [new_id() for _person in range(12)]
    for person in people[:6]:
        desk.done("Earn", person, amount=100)
    works = []
    for client in range(16):
        order = people if client % 2 else people[::-1]
        batch = [desk.make("Earn", person, amount=10) for person in order]
        batch += [desk.make("Transfer", one, to=Owner("customer", other), amount=5) for one, other in pairwise(order)]
        works.append(posting(*batch))
    assert outcomes(race(*works)) == {"posted": 16 * (12 + 11)}
    total = sum(balance.balance for balance in queries.balances(people, "points", now=NOW).values())
    assert total == 6 * 100 + 16 * 12 * 10
    assert sound()


def test_a_hold_is_captured_or_released_but_not_both(make_currency, desk, member):
    make_currency()
    desk.done("Earn", member, amount=100)
    desk.done("HoldPoints", member, amount=100, key="hold", expires_at=NOW + DAY)
    works = [
        posting(desk.make("Capture" if client % 2 else "Release", member, of="hold", at=NOW)) for client in range(16)
    ]
    assert outcomes(race(*works)) == {"posted": 1, "hold_refused": 15}
    assert sound()
