"""Why points moved, said in words, also where neither an order nor a reward is behind them."""

import pytest
from django.utils import translation

from troth.console.points.said import Narrator
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.operations import Earn, Owner, Reason, Reverse

from .conftest import ACTOR

pytestmark = pytest.mark.django_db


def post(kind, member, reason, **values):
    head = {"key": f"k{values}", "owner": Owner("customer", member.id), "currency": "points", "occurred_at": utc_now()}
    (posted,) = services.post([kind(reason=reason, **head, **values)], actor=ACTOR, now=utc_now())
    assert posted.error is None, posted.error


def newest(member, language="en"):
    with translation.override(language):
        lines = ledger.statement(member.id, "points", limit=1)
        said = Narrator(lines).say(lines[0])
        return str(said.text), str(said.detail)


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    [
        (
            Reason("remedy", {"case": "C-2026-12", "remedy": "x"}),
            ("Remedy for a complaint", "Complaint C-2026-12"),
            ("投诉补偿", "投诉 C-2026-12"),
        ),
        (
            Reason("journey", {"journey": "gone", "step": "gift"}),
            ("Given by a journey", "gone"),
            ("旅程赠送", "gone"),
        ),
    ],
)
def test_points_of_remedies_and_journeys_are_named(member, reason, english, chinese):
    post(Earn, member, reason, amount=20)
    assert newest(member) == english
    assert newest(member, "zh-hans") == chinese


def test_a_remedy_that_is_undone_says_so(member):
    remedy = Reason("remedy", {"case": "C-1"})
    post(Earn, member, remedy, amount=20)
    key = ledger.statement(member.id, "points", limit=1)[0].key
    post(Reverse, member, remedy, of=key)
    assert newest(member) == ("Undone: Remedy for a complaint", "Complaint C-1")
