"""Earning and spending: which lots, what remains, what is answered."""

from datetime import timedelta

import pytest

from troth.kit.ids import new_id
from troth.ledger import services as ledger
from troth.ledger.models import Account, Allocation, Entry, Lot, Transaction
from troth.ledger.operations import Outcome
from troth.ledger.tests.conftest import DAY, NOW

pytestmark = pytest.mark.django_db


def test_an_earn_is_a_lot_two_entries_and_a_balance(make_currency, desk, member):
    make_currency(expiry_kind="days", expiry_count=365)
    answer = desk.done("Earn", member, amount=120, rule="base", source="order:1")
    assert (answer.amount, answer.balance, answer.available, answer.arrears) == (120, 120, 120, 0)
    account = Account.objects.get()
    assert (account.balance, account.held, account.arrears, account.usable) == (120, 0, 0, 120)
    assert account.usable_until == NOW + 365 * DAY
    lot = Lot.objects.get()
    assert (lot.amount, lot.remaining, lot.rule, lot.source) == (120, 120, "base", "order:1")
    assert (lot.activates_at, lot.expires_at) == (NOW, NOW + 365 * DAY)
    assert sorted(Entry.objects.values_list("purpose", "amount")) == [("", 120), ("issued", -120)]
    assert [(move.lot_id, move.amount) for move in answer.lots] == [(lot.id, 120)]


def test_a_spend_takes_what_ends_soonest_first(make_currency, desk, member):
    make_currency()
    late = desk.done("Earn", member, amount=50, expires_at=NOW + 30 * DAY).lots[0].lot_id
    never = desk.done("Earn", member, amount=50).lots[0].lot_id
    soon = desk.done("Earn", member, amount=50, expires_at=NOW + 10 * DAY).lots[0].lot_id
    answer = desk.done("Spend", member, at=NOW + DAY, amount=120)
    assert [(move.lot_id, move.amount) for move in answer.lots] == [(soon, -50), (late, -50), (never, -20)]
    assert (answer.balance, answer.available) == (30, 30)
    assert dict(Lot.objects.values_list("id", "remaining")) == {soon: 0, late: 0, never: 30}
    assert sorted(Allocation.objects.values_list("amount", flat=True)) == [20, 50, 50]


def test_more_than_there_is_cannot_be_spent(make_currency, desk, member):
    make_currency()
    assert desk.refused("Spend", member, amount=1) == "insufficient_points"
    desk.done("Earn", member, amount=100)
    assert desk.refused("Spend", member, amount=101) == "insufficient_points"
    assert desk.done("Spend", member, amount=100).balance == 0


def test_a_batch_applies_its_operations_in_order(make_currency, desk, actor, member):
    make_currency()
    batch = [
        desk.make("Spend", member, amount=10),
        desk.make("Earn", member, amount=30),
        desk.make("Spend", member, amount=20),
        desk.make("Spend", member, amount=20),
    ]
    answers = ledger.post(batch, actor=actor, now=NOW)
    assert [answer.outcome for answer in answers] == [
        Outcome.REFUSED, Outcome.POSTED, Outcome.POSTED, Outcome.REFUSED,
    ]  # fmt: skip
    assert Account.objects.get().balance == 10
    assert Transaction.objects.count() == 2


def test_the_same_key_answers_the_first_result(make_currency, desk, member):
    make_currency()
    first = desk.done("Earn", member, amount=30, key="order-1")
    desk.done("Earn", member, amount=5)
    again = desk("Earn", member, amount=30, key="order-1", at=NOW + timedelta(hours=1))
    assert again.outcome is Outcome.REPEATED
    assert (again.transaction_id, again.amount, again.balance, again.available) == (first.transaction_id, 30, 30, 30)
    assert again.lots == first.lots
    assert desk.refused("Earn", member, amount=31, key="order-1") == "operation_conflict"


def test_a_refused_earn_leaves_no_account(make_currency, desk, actor):
    make_currency(is_active=False)
    assert desk.refused("Earn", new_id(), amount=1) == "point_currency_closed"
    assert desk.refused("Earn", new_id(), amount=0) == "operation_refused"
    assert desk.refused("Earn", new_id(), amount=1, currency="no") == "point_currency_unknown"
