"""Households: who lives together, and what they bring."""

import re

import pytest

from troth.access.permissions import Role
from troth.customers import queries, services
from troth.customers.models import Household, HouseholdMember

from .conftest import ACTOR, NOW


@pytest.mark.slow
def test_a_household_is_made_filled_renamed_and_dissolved(sign_in, people):
    browser = sign_in()
    assert "No household yet" in browser.get("/customers/households/").content.decode()
    made = browser.post(f"/customers/{people.wang.id}/household/", {"name": ""})
    home = Household.objects.get()
    url = f"/customers/households/{home.id}/"
    assert made.headers["Location"] == url
    assert "Household of 王小明" in browser.get(url).content.decode()

    found = browser.get(url, {"q": "李静"}).content.decode()
    assert f"{url}members/{people.li.id}/join/" in found
    browser.post(f"{url}members/{people.li.id}/join/", {"role": "child"})
    assert HouseholdMember.objects.get(owner_id=people.li.id).role == "child"
    browser.post(f"{url}rename/", {"name": "王家"})
    html = browser.get(url).content.decode()
    assert re.search(r"<h1[^>]*>王家</h1>", html)
    assert "Nobody else was found for “李静”." in browser.get(url, {"q": "李静"}).content.decode()

    browser.post(f"{url}members/{people.li.id}/head/")
    assert [place.role for _person, place in queries.household_members([home.id])[home.id]] == ["head", "member"]
    browser.post(f"{url}members/{people.li.id}/leave/")
    last = browser.post(f"{url}members/{people.wang.id}/leave/")
    assert last.headers["Location"] == f"/customers/{people.wang.id}/"
    assert not Household.objects.exists()
    assert browser.get(url).status_code == 404


@pytest.mark.slow
def test_totals_are_those_of_all_its_people(sign_in, people):
    home = services.make_household(actor=ACTOR, now=NOW, head_id=people.wang.id, name="王家")
    services.join_household(actor=ACTOR, now=NOW, customer_id=people.li.id, household_id=home.id)
    html = sign_in().get(f"/customers/households/{home.id}/").content.decode()
    assert "¥500.00" in html
    assert "王家" in sign_in(language="zh-hans").get("/customers/households/").content.decode()


@pytest.mark.slow
def test_who_may_not_see_personal_data_sees_no_names(sign_in, people):
    home = services.make_household(actor=ACTOR, now=NOW, head_id=people.wang.id, name="王小明家")
    browser = sign_in(Role.ANALYST)
    for url in ("/customers/households/", f"/customers/households/{home.id}/"):
        html = browser.get(url).content.decode()
        assert "王小明" not in html
        assert "leave/" not in html
    assert browser.post(f"/customers/households/{home.id}/members/{people.wang.id}/leave/").status_code == 403
    assert Household.objects.count() == 1


@pytest.mark.slow
def test_the_customers_page_leads_to_the_household_or_makes_one(sign_in, people):
    browser = sign_in()
    assert f"/customers/{people.wang.id}/household/" in browser.get(f"/customers/{people.wang.id}/").content.decode()
    home = services.make_household(actor=ACTOR, now=NOW, head_id=people.wang.id)
    html = browser.get(f"/customers/{people.wang.id}/").content.decode()
    assert f"/customers/households/{home.id}/" in html
    assert f"/customers/{people.wang.id}/household/" not in html
