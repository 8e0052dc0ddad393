"""The catalogue made at the desk, redeemed for a member, handed over, cancelled."""

import json
import re

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.customers import services as customers
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger
from troth.ledger import services as ledger_services
from troth.ledger.operations import Owner, Reason, Transfer
from troth.rewards import queries as rewards
from troth.rewards.models import Redemption, Reward

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")

FORM = {
    "name": "Mug", "code": "mug", "reward_kind": "goods", "position": "10", "limit_period": "ever", "stock": "2",
    "low_stock": "1", "fulfilment": "collect", "pay_on": "fulfilment", "hold_days": "30",
    "price-TOTAL_FORMS": "2", "price-INITIAL_FORMS": "0",
    "price-0-points": "100", "price-0-point_currency": "points", "price-0-whom": "", "price-0-option": "points",
    "price-1-points": "80", "price-1-point_currency": "points", "price-1-whom": "tier:club:gold",
    "price-1-option": "points",
}  # fmt: skip


def available(member):
    return ledger.balances([member.id], "points", now=utc_now())[member.id].available


@pytest.fixture
def mug(sign_in, member):
    browser = sign_in()
    response = browser.post("/rewards/new/", FORM)
    assert response.status_code == 302, response.content.decode()
    browser.post("/rewards/catalogue/mug/move/", {"act": "offer"})
    return browser


def redeem(browser, member, key="r1"):
    return browser.post(
        f"/customers/{member.id}/rewards/mug/redeem/", {"key": key, "quantity": "1", "option": "points"}
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(sign_in, mug, member, language):
    redeem(mug, member)
    browser = sign_in(Role.MANAGER, language=language)
    for path in ("", "?show=archived", "new/", "catalogue/mug/", "catalogue/mug/edit/", "redemptions/"):
        assert browser.get(f"/rewards/{path}").status_code == 200, path
    assert "mug" in browser.get(f"/customers/{member.id}/rewards/").content.decode().lower()


@pytest.mark.slow
def test_prices_by_tier_are_kept_when_the_reward_is_changed(mug):
    reward = Reward.objects.get()
    prices = {(one.tier, one.points) for one in rewards.prices([reward.id])[reward.id]}
    assert prices == {("", 100), ("gold", 80)}
    page = mug.get("/rewards/catalogue/mug/edit/").content.decode()
    form = FORM | {"price-0-points": "120", "revision": re.search(r'name="revision" value="(\d+)"', page)[1]}
    assert mug.post("/rewards/catalogue/mug/edit/", form).status_code == 302
    assert {one.points for one in rewards.prices([reward.id])[reward.id]} == {120, 80}
    assert mug.post("/rewards/catalogue/mug/edit/", form).status_code == 422


@pytest.mark.slow
def test_redeeming_sets_points_aside_and_handing_over_takes_them(mug, member):
    redeem(mug, member)
    redeem(mug, member)
    row = Redemption.objects.get()
    assert (row.state, row.is_held, available(member)) == ("requested", True, 150)
    assert rewards.stock([row.reward_id]) == {row.reward_id: 1}
    mug.post(f"/rewards/redemptions/{row.id}/advance/", {"state": "fulfilled"})
    row.refresh_from_db()
    assert (row.state, row.is_held, available(member)) == ("fulfilled", False, 150)


@pytest.mark.slow
def test_cancelling_gives_points_and_pieces_back(mug, member):
    redeem(mug, member)
    row = Redemption.objects.get()
    mug.post(f"/rewards/redemptions/{row.id}/cancel/", {"reason": "member", "restock": "on"})
    row.refresh_from_db()
    assert (row.state, available(member)) == ("cancelled", 250)
    assert rewards.stock([row.reward_id]) == {row.reward_id: 2}


@pytest.mark.slow
def test_what_is_not_there_is_refused(mug, member):
    mug.post("/rewards/catalogue/mug/stock/", {"change": "-2", "reason": "damage"})
    assert redeem(mug, member).status_code == 409
    assert mug.post("/rewards/catalogue/mug/stock/", {"change": "-1", "reason": "damage"}).status_code == 409
    assert not Redemption.objects.exists()
    assert available(member) == 250


@pytest.mark.slow
def test_rights_are_asked_for(sign_in, mug, member):
    analyst = sign_in(Role.ANALYST)
    assert redeem(analyst, member).status_code == 403
    assert analyst.get("/rewards/new/").status_code == 403
    assert not Redemption.objects.exists()


@pytest.mark.slow
def test_whom_a_reward_is_meant_for_is_edited_and_kept(sign_in, mug, member):
    page = mug.get("/rewards/catalogue/mug/edit/").content.decode()
    form = FORM | {"revision": re.search(r'name="revision" value="(\d+)"', page)[1]}
    elsewhere = {"all": [{"field": "address.city", "operator": "is", "value": "上海"}]}
    sent = mug.post("/rewards/catalogue/mug/edit/", form | {"definition": json.dumps(elsewhere)})
    assert sent.status_code == 302, sent.content.decode()
    reward = Reward.objects.get()
    assert reward.audience["all"][0]["value"] == "上海"
    assert "上海" in mug.get("/rewards/catalogue/mug/").content.decode()
    assert redeem(mug, member).status_code in (403, 404, 409)
    assert not Redemption.objects.exists()
    said = mug.post("/rewards/audience/preview/", {"definition": json.dumps(elsewhere)}).content.decode()
    assert "上海" in said
    form["revision"] = str(reward.revision)
    refused = mug.post("/rewards/catalogue/mug/edit/", form | {"definition": '{"all": [{"field": "nothing"}]}'})
    assert refused.status_code == 422
    mug.post("/rewards/catalogue/mug/edit/", form | {"definition": '{"all": []}'})
    assert Reward.objects.get().audience is None


@pytest.mark.slow
def test_a_reward_is_paid_from_the_households_pool(mug, member):
    now = utc_now()
    head = customers.create_customer(actor=ACTOR, now=now, name="Head")
    home = customers.make_household(actor=ACTOR, now=now, head_id=head.id)
    customers.join_household(actor=ACTOR, now=now, customer_id=member.id, household_id=home.id)
    ledger_services.change_currency(actor=ACTOR, now=now, code="points", transfer_rule="pools")
    rule = {"actor": ACTOR, "now": now, "household_id": home.id, "member_id": member.id, "currency": "points"}
    ledger_services.set_pool_member(**rule, limit=120)
    give = Transfer(
        key="give",
        owner=Owner("customer", member.id),
        currency="points",
        occurred_at=now,
        reason=Reason("gift"),
        to=Owner("household", home.id),
        amount=200,
    )
    assert ledger_services.post([give], actor=ACTOR, now=now)[0].error is None
    page = mug.get(f"/customers/{member.id}/rewards/").content.decode()
    assert re.search(r'value="pool:points"\s+checked', page)
    assert "of which this member may spend 120" in page
    sent = {"key": "r1", "quantity": "1", "option": "pool:points"}
    assert mug.post(f"/customers/{member.id}/rewards/mug/redeem/", sent).status_code == 302
    row = Redemption.objects.get()
    assert (row.household_id, available(member), ledger.pool_share(home.id, member.id, "points", now=now)) == (
        home.id,
        50,
        20,
    )
    page = mug.get(f"/customers/{member.id}/rewards/").content.decode()
    assert "from the household&#x27;s pool" in page
    assert 'value="pool:points"' not in page
    mug.post(f"/rewards/redemptions/{row.id}/cancel/", {"reason": "member", "restock": "on"})
    assert ledger.pool_share(home.id, member.id, "points", now=now) == 120


@pytest.mark.slow
def test_a_day_at_the_end_of_the_calendar_is_refused_in_words(mug, caplog):
    answer = mug.post("/rewards/catalogue/mug/edit/", FORM | {"ends_on": "9999-12-31"})
    assert answer.status_code == 422
    assert "beyond what can be kept" in answer.content.decode()
    assert "a value beyond what can be kept: /rewards/catalogue/mug/edit/" in caplog.text
    assert Reward.objects.get().ends_at is None
