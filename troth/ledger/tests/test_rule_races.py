"""Rules, approvals and limits while many act at once: each act is judged under one rule, each approval counts once."""

from datetime import timedelta
from typing import Any

import pytest

from troth.access.actors import Actor, system_actor
from troth.access.permissions import ROLE_PERMISSIONS, Role
from troth.kit.ids import new_id
from troth.kit.tests.racing import race
from troth.ledger import errors, expiry_changes, queries
from troth.ledger import services as ledger
from troth.ledger.models import Account, AdjustmentRequest, Lot, PointCurrency, Transaction
from troth.ledger.operations import Owner
from troth.ledger.tests.conftest import DAY, NOW

from .test_races import CLIENTS, outcomes, posting, sound

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("racing_database")]


def person(name: str) -> Actor:
    return Actor("user", name, name, ROLE_PERMISSIONS[Role.MANAGER])


def requested(desk: Any, member: Any) -> Any:
    operation = desk.make("Adjust", member, amount=500, key="big")
    _none, request = ledger.request_adjustment(actor=person("ann"), now=NOW, operation=operation)
    assert request is not None
    return request.id


def approving(request_id: Any, name: str) -> Any:
    return lambda: ledger.approve_adjustment(actor=person(name), now=NOW, request_id=request_id)


def test_one_of_64_approvals_of_an_adjustment_counts(make_currency, desk, member):
    """lesson: confirm pressed twice on a bad line counts twice."""
    make_currency(adjust_approval_limit=100)
    request_id = requested(desk, member)
    results = race(*[approving(request_id, f"approver-{client}") for client in range(CLIENTS)])
    done = [one for one in results if not isinstance(one, BaseException)]
    assert [one.balance for one in done] == [500]
    assert {type(one) for one in results if isinstance(one, BaseException)} == {errors.RequestClosedError}
    assert (Account.objects.get().balance, Transaction.objects.count()) == (500, 1)
    assert sound()


def test_an_adjustment_is_approved_or_rejected_but_not_both(make_currency, desk, member):
    make_currency(adjust_approval_limit=100)
    request_id = requested(desk, member)

    def rejecting() -> Any:
        return ledger.reject_adjustment(actor=person("cy"), now=NOW, request_id=request_id)

    results = race(*[approving(request_id, "bo") if client % 2 else rejecting for client in range(16)])
    done = [one for one in results if not isinstance(one, BaseException)]
    assert len(done) == 1
    is_approved = AdjustmentRequest.objects.get().state == "approved"
    assert (Transaction.objects.count(), sum(balances_of(member))) == ((1, 500) if is_approved else (0, 0))
    assert sound()


def balances_of(member: Any) -> list[int]:
    return [balance.balance for balance in queries.balances([member], "points", now=NOW).values()]


def test_points_earned_while_the_expiry_changes_end_by_one_rule_or_the_other(make_currency, desk):
    """lesson: changing the expiry rule rewrites old points."""
    make_currency(expiry_kind="days", expiry_count=30)
    system = system_actor("race")

    def changing(count: int) -> Any:
        return lambda: ledger.change_currency(actor=system, now=NOW, code="points", expiry_count=count) and []

    people = [new_id() for _person in range(CLIENTS)]
    works = [posting(*(desk.make("Earn", one, amount=10) for _time in range(3))) for one in people]
    works += [changing(30 + 30 * (turn % 2)) for turn in range(1, 13)]
    assert outcomes(race(*works)) == {"posted": 3 * CLIENTS}
    ends = set(Lot.objects.values_list("expiry_count", "expires_at"))
    assert ends <= {(30, NOW + 30 * DAY), (60, NOW + 60 * DAY)}
    # A batch is judged under one rule from its first operation to its last.
    for one in people:
        assert Lot.objects.filter(owner_id=one).values("expiry_count").distinct().count() == 1
    assert PointCurrency.objects.get().expiry_count in (30, 60)
    assert sound()


def test_old_points_get_a_new_end_while_they_are_spent(make_currency, desk):
    make_currency(expiry_kind="days", expiry_count=30)
    people = [new_id() for _person in range(20)]
    for one in people:
        desk.done("Earn", one, amount=100)
    later = NOW + timedelta(hours=1)
    change = ledger.request_expiry_change(
        actor=person("ann"), now=later, currency="points", expiry_kind="days", expiry_count=60
    )
    ledger.decide_expiry_change(actor=person("bo"), now=later, change_id=change.id, is_approved=True)

    def applying() -> list[Any]:
        expiry_changes.apply_part(actor=system_actor("race"), now=later, change_id=change.id, after=None)
        return []

    works = [posting(desk.make("Spend", one, amount=100 if at % 2 else 60)) for at, one in enumerate(people)]
    works += [applying] * 4
    assert outcomes(race(*works)) == {"posted": 20}
    applying()
    left = Lot.objects.filter(is_open=True)
    assert {(lot.remaining, lot.expires_at) for lot in left} == {(40, NOW + 60 * DAY)}
    assert sound()


def test_a_member_of_a_pool_spends_holds_and_takes_within_the_limit(make_currency, desk, actor, member):
    """lesson: gift card overspent concurrently: here a limit within a larger pool."""
    make_currency(transfer_rule="pools")
    home, child = new_id(), new_id()
    rule: dict[str, Any] = {"actor": actor, "now": NOW, "household_id": home, "currency": "points"}
    ledger.set_pool_member(member_id=member, **rule)
    ledger.set_pool_member(member_id=child, limit=30, **rule)
    pool = Owner("household", home)
    desk.done("Earn", member, amount=1000)
    desk.done("Transfer", member, to=pool, amount=1000)

    def work(client: int) -> Any:
        match client % 3:
            case 0:
                made = desk.make("Spend", pool, amount=10, spender_id=child)
            case 1:
                made = desk.make("HoldPoints", pool, amount=10, spender_id=child, expires_at=NOW + DAY)
            case _:
                made = desk.make("Transfer", pool, to=Owner("customer", child), amount=10)
        return posting(made)

    found = outcomes(race(*[work(client) for client in range(CLIENTS)]))
    assert found == {"posted": 3, "pool_refused": CLIENTS - 3}
    balance = queries.balances([home], "points", now=NOW)[home]
    assert balance.balance - balance.held == 970
    assert queries.pool_share(home, child, "points", now=NOW) == 0
    assert sound()
