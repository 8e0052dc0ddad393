"""`publish`, `points`, `adjust` and `redeem`: programmes from files, one customer's points and rewards."""

import json
from datetime import UTC, datetime

import pytest

from troth.cli.tests.test_past import troth
from troth.customers import services as customers
from troth.customers.services import NewIdentity
from troth.kit import clock
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.models import Transaction
from troth.ledger.operations import Earn, Owner, Reason
from troth.programs import services as programs
from troth.programs.models import DraftState, Programme, ProgrammeVersion
from troth.rewards import services as rewards
from troth.rewards.models import FulfilmentKind, RewardKind
from troth.staff import services as staff

from .test_past import ACTOR, CLUB

__all__ = ["troth"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def lin(db):
    now = clock.utc_now()
    staff.set_up_company(actor=ACTOR, now=now, name="Test", currency="CNY", time_zone="Asia/Shanghai")
    rules = ledger.CurrencyRules(
        name="Points", adjust_approval_limit=100, transfer_rule="pools", time_zone="Asia/Shanghai"
    )
    ledger.create_currency(actor=ACTOR, now=now, code="points", rules=rules)
    identities = [NewIdentity("email", "lin@example.com", ""), NewIdentity("external", "C-1", "shop")]
    return customers.create_customer(actor=ACTOR, now=now, name="Lin", identities=identities)


def available(customer):
    return queries.balances([customer.id], "points", now=clock.utc_now())[customer.id].available


@pytest.fixture
def document(tmp_path, lin):
    path = tmp_path / "club.yaml"
    path.write_text(CLUB, encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_programme_goes_from_a_file_into_force_version_by_version(troth, document):
    code, out, _err = troth("publish", str(document), "--check")
    assert (code, out, Programme.objects.count()) == (0, "club is new: 1 rules.\n", 0)
    assert troth("publish", str(document), "--reviewed-by", "Zhang Wei", "--note", "First")[0] == 0
    first = ProgrammeVersion.objects.get()
    assert (first.number, first.note, first.reviewed_by) == (1, "First", "system:Zhang Wei")
    document.write_text(CLUB.replace("points: 1}", "points: 2}"), encoding="utf-8")
    code, out, _err = troth("publish", str(document), "--reviewed-by", "Zhang Wei", "--from", "2030-01-01")
    assert (code, "Base" in out, "version 2 is in force from 2030-01-01 00:00" in out) == (0, True, True)
    assert troth("publish", str(document), "--check")[1] == "Nothing differs in meaning from version 2.\n"


@pytest.mark.slow
def test_what_cannot_be_a_programme_is_named_by_line_and_a_draft_of_the_console_is_kept(troth, document):
    document.write_text(CLUB.replace("points: 1}", "points: many}"), encoding="utf-8")
    code, out, err = troth("publish", str(document), "--reviewed-by", "Zhang Wei")
    assert (code, out) == (1, "")
    assert err.startswith(f"{document}:5:")
    document.write_text(CLUB, encoding="utf-8")
    programs.create_programme(actor=ACTOR, now=clock.utc_now(), text=CLUB)
    code, _out, err = troth("publish", str(document), "--reviewed-by", "Zhang Wei")
    assert (code, "has a draft of this programme" in err) == (1, True)
    assert Programme.objects.get().draft_state == DraftState.EDITING
    assert ProgrammeVersion.objects.count() == 0


@pytest.mark.slow
def test_points_are_shown_and_adjusted_with_a_second_person_above_the_limit(troth, lin):
    assert troth("adjust", "email:Lin@Example.com", "--amount", "80", "--key", "a")[0] == 0
    assert troth("adjust", "external:shop/C-1", "--amount", "80", "--key", "a")[1] == "+80 points; 80 are available.\n"
    code, out, _err = troth("adjust", str(lin.id), "--amount", "500", "--key", "b")
    assert (code, "waits for a second person" in out, available(lin)) == (0, True, 80)
    code, out, _err = troth("adjust", str(lin.id), "--amount", "500", "--key", "b", "--approved-by", "Zhang Wei")
    assert (code, out) == (0, "+500 points; 580 are available.\n")
    assert troth("adjust", str(lin.id), "--amount=-600", "--key", "c", "--approved-by", "Zhang Wei")[0] == 1
    shown = troth("points", "email:lin@example.com")[1].splitlines()
    assert shown[0] == "points: 580 available of 580; 0 pending, 0 set aside, 0 owed"
    assert [line.split(maxsplit=2)[2] for line in shown[1:]] == [
        "+500          580  Adjusted by hand · Goodwill",
        "+80           80  Adjusted by hand · Goodwill",
    ]
    told = json.loads(troth("points", str(lin.id), "--json", "--last", "1")[1])
    assert (told["customer"], told["currencies"][0]["movements"][0]["key"]) == (str(lin.id), "b")
    assert Transaction.objects.count() == 2
    for nobody in ("email:x@example.com", "nobody", "phone:123"):
        assert troth("points", nobody)[0] == 1


@pytest.mark.slow
def test_a_reward_is_redeemed_once_from_own_points_or_the_pool(troth, lin):
    now = clock.utc_now()
    fields = rewards.RewardFields(
        code="mug",
        name="Mug",
        reward_kind=RewardKind.GOODS,
        prices=(rewards.PriceFields(points=50, point_currency="points"),),
        fulfilment=FulfilmentKind.INSTANT,
    )
    mug = rewards.create_reward(actor=ACTOR, now=now, fields=fields)
    rewards.offer_reward(actor=ACTOR, now=now, reward_id=mug.id)
    troth("adjust", str(lin.id), "--amount", "80")
    code, out, _err = troth("redeem", str(lin.id), "mug", "--key", "r")
    assert (code, "mug redeemed for 50 points" in out, available(lin)) == (0, True, 30)
    assert "redeemed before under this key" in troth("redeem", str(lin.id), "mug", "--key", "r")[1]
    code, _out, err = troth("redeem", str(lin.id), "mug")
    assert (code, "30 are available" in err) == (1, True)
    assert troth("redeem", str(lin.id), "mug", "--from-pool")[2] == "troth: There is no such household.\n"
    customers.make_household(actor=ACTOR, now=now, head_id=lin.id)
    code, _out, err = troth("redeem", str(lin.id), "mug", "--from-pool")
    assert (code, "are available" in err or "may not spend" in err, available(lin)) == (1, True, 30)


@pytest.mark.slow
def test_what_there_was_at_a_moment_is_printed_as_true_and_as_known(troth, lin):
    now = clock.utc_now()
    head = {"owner": Owner("customer", lin.id), "currency": "points", "reason": Reason("test")}
    late = Earn(key="late", occurred_at=datetime(2026, 3, 1, 15, 30, tzinfo=UTC), amount=90, **head)
    assert [one.error for one in ledger.post([late], actor=ACTOR, now=now)] == [None]
    asked = ("points", "email:lin@example.com", "--as-of")
    assert "points: 90 available of 90" in troth(*asked, "2026-03-01")[1]  # half past eleven at night in Shanghai
    assert "90 left of what came 2026-03-01 23:30, without end" in troth(*asked, "2026-03-02T08:00")[1]
    assert "points: 0 available of 0" in troth(*asked, "2026-03-01T23:00")[1]
    assert "points: 0 available of 0" in troth(*asked, "2026-03-02", "--recorded")[1]
    (found,) = json.loads(troth(*asked, "2026-03-02T00:00+08:00", "--json")[1])["currencies"]
    assert (found["as_of"], found["by"], found["balance"]) == ("2026-03-01T16:00:00+00:00", "occurred", 90)
    for odd in ("soon", "2026-02-30", "9999-12-31", "0001-01-01T00:00"):
        code, out, err = troth(*asked, odd)
        assert (code, out) == (1, ""), odd
        assert "is no moment" in err
