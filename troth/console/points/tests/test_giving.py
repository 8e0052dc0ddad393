"""Points given to another member or to the household's pool, and spent from it within what is allowed."""

import pytest

from troth.access.permissions import Role
from troth.customers import services as customers
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.models import PoolMember

from .conftest import ACTOR
from .test_member_points import available, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def friend(member):
    found = customers.create_customer(
        actor=ACTOR, now=utc_now(), name="李小红", identities=[customers.NewIdentity("phone", "13987654321")]
    )
    return found.id


def allow(rule):
    services.change_currency(actor=ACTOR, now=utc_now(), code="points", transfer_rule=rule)


def has(owner_id):
    return ledger.balances([owner_id], "points", now=utc_now())[owner_id].available


@pytest.mark.slow
def test_points_are_given_to_whom_the_search_finds_once(sign_in, member, friend):
    browser = sign_in()
    url = member.url + "points/give/"
    assert browser.get(url).status_code == 404  # nobody may give these
    allow("anyone")
    assert "Give points" in text_of(browser.get(member.url))
    page = text_of(browser.get(url + "?q=13987654321"))
    assert "李小红" in page
    form = {"key": "g1", "to": str(friend), "amount": "60"}
    browser.post(url, form)
    again = browser.post(url, form, follow=True)
    assert "done already" in text_of(again)
    assert (available(member), has(friend)) == (190, 60)
    refused = browser.post(url, form | {"key": "g2", "amount": "191"})
    assert refused.status_code == 409
    assert browser.post(url, form | {"key": "g3", "to": "nobody"}).status_code == 422
    assert browser.post(url, form | {"key": "g4", "to": str(member.id)}).status_code in (409, 422)
    assert (available(member), has(friend)) == (190, 60)


@pytest.mark.slow
def test_a_pool_is_filled_and_spent_within_the_limit(sign_in, member, friend):
    allow("pools")
    home = customers.make_household(actor=ACTOR, now=utc_now(), head_id=member.id, name="")
    customers.join_household(actor=ACTOR, now=utc_now(), customer_id=friend, household_id=home.id, role="member")
    browser = sign_in()
    pool = f"/points/households/{home.id}/"
    assert "王小明" in text_of(browser.get(pool))
    rule = {"may_spend": "on", "limit": "30", "period": "month"}
    for one in (member.id, friend):
        browser.post(f"{pool}points/members/{one}/", rule)
    assert set(PoolMember.objects.values_list("may_spend", "limit", "period")) == {(True, 30, "month")}
    page = text_of(browser.get(member.url + "points/give/"))
    assert "The pool of the household" in page
    browser.post(member.url + "points/give/", {"key": "g", "to": "pool", "amount": "100"})
    assert (available(member), has(home.id)) == (150, 100)
    spending = {"key": "s1", "member": str(friend), "amount": "30", "reason": "desk"}
    assert "30 taken" in text_of(browser.post(pool + "points/spend/", spending, follow=True))
    assert browser.post(pool + "points/spend/", spending | {"key": "s2", "amount": "1"}).status_code == 403
    assert has(home.id) == 70
    assert "Redeemed at the desk" in text_of(browser.get(pool))


@pytest.mark.slow
def test_a_pool_is_set_by_who_may_and_for_those_who_belong_to_it(sign_in, member, friend):
    allow("pools")
    home = customers.make_household(actor=ACTOR, now=utc_now(), head_id=member.id, name="")
    url = f"/points/households/{home.id}/points/members/"
    rule = {"may_spend": "on", "limit": "", "period": "month"}
    assert sign_in(Role.AGENT).post(f"{url}{member.id}/", rule).status_code == 403
    assert sign_in().post(f"{url}{friend}/", rule).status_code == 404
    assert not PoolMember.objects.exists()
