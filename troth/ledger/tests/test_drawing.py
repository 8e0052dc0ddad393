"""A spend loads the lots that it needs, and answers as if it knew all of them."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from troth.access.actors import Actor
from troth.kit.ids import new_id
from troth.ledger import drawing, loading
from troth.ledger import services as ledger
from troth.ledger.models import Account, Lot
from troth.ledger.operations import Expiry
from troth.ledger.proofs import prove

from .conftest import DAY, NOW, Desk


@pytest.fixture
def read(monkeypatch):
    """How many lots each drawing read."""
    counts: list[int] = []
    real = drawing.read_lots

    def counted(*arguments: Any) -> Any:
        found = real(*arguments)
        counts.append(len(found))
        return found

    monkeypatch.setattr(drawing, "read_lots", counted)
    return counts


def test_a_spend_reads_the_lots_it_needs_of_many(make_currency, desk, member, actor, read):
    make_currency()
    for day in range(12):
        desk.done("Earn", member, amount=10, at=NOW - (12 - day) * DAY)
    assert desk.done("Spend", member, amount=15).available == 105
    assert desk.done("Spend", member, amount=5).available == 100
    assert read == [2, 1]
    both = [desk.make("Spend", member, amount=25), desk.make("Spend", member, amount=80)]
    answers = ledger.post(both, actor=actor, now=NOW)
    assert [answer.is_refused for answer in answers] == [False, True]
    assert answers[1].error.fields == {"field": "amount", "value": 80, "limit": 75}
    assert desk.done("Spend", member, amount=75).available == 0
    assert Lot.objects.filter(is_open=True).count() == 0


def test_all_lots_are_read_where_one_ends_by_inactivity_or_turns(make_currency, desk, actor, read):
    make_currency(expiry_kind="days", expiry_count=30)
    idle, turning = new_id(), new_id()
    desk.done("Earn", idle, amount=10, at=NOW - DAY, expiry=Expiry("inactivity", 5))
    desk.done("Earn", turning, amount=10, at=NOW - 2 * DAY)
    desk.done("Earn", turning, amount=10, at=NOW - DAY, activates_at=NOW - timedelta(hours=2))
    wanted = [desk.make("Spend", one, amount=4, at=NOW - timedelta(hours=3)) for one in (idle, turning)]
    answers = ledger.post(wanted, actor=actor, now=NOW)
    assert [answer.available for answer in answers] == [6, 16]
    assert read == [0]
    assert desk("Spend", turning, amount=12, at=NOW - timedelta(hours=3), now=NOW).error.fields["limit"] == 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_spends_answer_as_if_all_lots_were_known(make_currency, desk, actor, monkeypatch, seed):
    make_currency()
    chance = random.Random(seed)
    earns, spends = _earns(chance), _spends(chance)
    few = _answers(desk, new_id(), earns, spends, actor)
    with monkeypatch.context() as patched:
        patched.setattr(loading, "draw", lambda *_arguments: set())
        everything = _answers(desk, new_id(), earns, spends, actor)
    assert few == everything
    assert [verdict.proof.code for verdict in prove(NOW) if not verdict.holds] == []


def _earns(chance: random.Random) -> list[dict[str, Any]]:
    """Most are plain; some are pending, over, turn about now, or end by inactivity."""
    found = []
    for _ in range(chance.randint(2, 9)):
        values: dict[str, Any] = {"amount": chance.randint(1, 20), "at": NOW - chance.randint(3, 9) * DAY}
        turn = NOW + timedelta(hours=chance.randint(-60, 60))
        soon = NOW + chance.randint(3, 9) * DAY
        values |= chance.choice(
            ({}, {}, {"expires_at": soon}, {"expires_at": soon}, {"expires_at": turn}, {"activates_at": turn},
             {"awaits_event": "paid"}, {"expiry": Expiry("inactivity", 30)})
        )  # fmt: skip
        found.append(values)
    return found


def _spends(chance: random.Random) -> list[dict[str, Any]]:
    late = timedelta(hours=chance.choice((0, 0, 0, 20)))
    return [{"amount": chance.randint(1, 40), "at": NOW - late * place} for place in range(3)]


def _answers(
    desk: Desk, owner: UUID, earns: Sequence[dict[str, Any]], spends: Sequence[dict[str, Any]], actor: Actor
) -> list[Any]:
    """Return what the spends answer, with lots by their place, and what the account says afterwards."""
    made = ledger.post([desk.make("Earn", owner, **values) for values in earns], actor=actor, now=NOW - 2 * DAY)
    places = {answer.lots[0].lot_id: place for place, answer in enumerate(made)}
    answers = ledger.post([desk.make("Spend", owner, **values) for values in spends], actor=actor, now=NOW)
    told = [
        (one.outcome, one.balance, one.available, [(places[move.lot_id], move.amount) for move in one.lots],
         one.error.fields if one.error else None)
        for one in answers
    ]  # fmt: skip
    account = Account.objects.get(owner_id=owner)
    return [*told, account.balance, account.usable]
