"""One customer whole, and what can be done with them."""

import html
import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from troth.access.permissions import Role
from troth.activity import services as activity
from troth.customers import queries
from troth.customers import services as customers
from troth.customers.models import DuplicateStatus, DuplicateSuggestion
from troth.events.models import Event
from troth.jobs.models import Job
from troth.kit.ids import new_id
from troth.messaging.models import ChannelSetup, ConsentRequest

from .conftest import ACTOR, NOW

TABS = ("", "orders/", "figures/", "data/", "records/")


def get(browser, customer, tab="", status=200):
    response = browser.get(f"/customers/{customer.id}/{tab}")
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_tab_opens_for_the_measured_and_the_unmeasured(sign_in, people, tab, language):
    browser = sign_in(language=language)
    assert "王小明" in get(browser, people.wang, tab)
    assert "李静" in get(browser, people.li, tab)


@pytest.mark.slow
@pytest.mark.parametrize("tab", TABS)
def test_who_may_not_see_personal_data_sees_masks(sign_in, people, tab):
    browser = sign_in(Role.ANALYST)
    html = get(browser, people.wang, tab)
    for secret in ("王小明", "12345678", "1234 5678", "wang.x"):
        assert secret not in html


@pytest.mark.slow
def test_the_page_says_why(sign_in, people):
    html = get(sign_in(), people.wang)
    assert "Buys every 30 days; last 12 days ago, sleeping from 90 days on." in html
    assert "¥500.00" in html
    assert "+86 138 1234 5678" in html


@pytest.mark.slow
def test_a_merged_record_leads_to_the_canonical_one_and_back(sign_in, people):
    browser = sign_in()
    browser.post("/customers/merge/", {"canonical": people.anna.id, "merged": f"http://x/customers/{people.wang.id}/"})
    response = browser.get(f"/customers/{people.wang.id}/")
    assert response.headers["Location"] == f"/customers/{people.anna.id}/"
    html = get(browser, people.anna, "records/")
    assert "王小明" in html
    merge = queries.merges_of(people.anna.id).get()
    browser.post(f"/customers/merges/{merge.id}/undo/")
    assert browser.get(f"/customers/{people.wang.id}/").status_code == 200
    names = Event.objects.filter(name__contains="merged").order_by("id").values_list("name", "actor")
    assert [name for name, _ in names] == ["customers.customer.merged", "customers.customer.unmerged"]
    assert all(actor == f"user:{browser.user.id}" for _, actor in names)


def test_merging_needs_its_right_and_two_records(sign_in, people):
    pair = {"canonical": people.anna.id, "merged": people.wang.id}
    assert sign_in(Role.AGENT).post("/customers/merge/", pair).status_code == 403
    browser = sign_in()
    assert browser.post("/customers/merge/", {"canonical": people.anna.id, "merged": "x"}).status_code == 409
    assert browser.post("/customers/merge/", pair | {"merged": people.anna.id}).status_code == 409
    assert not queries.merges_of(people.anna.id)


@pytest.mark.slow
def test_a_customer_is_added_and_a_taken_phone_leads_to_its_holder(sign_in, people):
    browser = sign_in(Role.AGENT)
    form = {"customer_kind": "person", "name": "王晓明", "phone": "138 1234 5678"}
    html = browser.post("/customers/new/", form).content.decode()
    assert f'<a href="/customers/{people.wang.id}/">Open that customer</a>' in html
    response = browser.post("/customers/new/", form | {"phone": "13900001111"})
    assert response.status_code == 302
    made = queries.customer_by_identity("phone", "13900001111")
    assert (made.name, made.family_name, made.source) == ("王晓明", "王", "console")


@pytest.mark.slow
def test_a_change_over_somebody_elses_is_refused(sign_in, people):
    browser = sign_in()
    form = {"name": "王小明", "city": "北京", "revision": "1"}
    assert browser.post(f"/customers/{people.wang.id}/edit/", form).status_code == 302
    html = browser.post(f"/customers/{people.wang.id}/edit/", form | {"city": "广州"}).content.decode()
    assert "Somebody else changed this customer meanwhile" in html
    assert queries.customer(people.wang.id).city == "北京"


@pytest.mark.slow
def test_the_small_acts_of_the_data_tab(sign_in, people):
    browser, base = sign_in(), f"/customers/{people.li.id}"
    customers.define_attribute(actor=ACTOR, now=NOW, code="size", label="Size", attribute_type="number")
    browser.post(f"{base}/identities/", {"kind": "email", "value": "li@qq.com"})
    browser.post(f"{base}/tags/", {"tag": "VIP"})
    browser.post(
        f"{base}/consents/",
        {"purpose": "marketing", "channel": "sms", "is_given": "1", "source": "call", "proof": "rec 7"},
    )
    asked = {"purpose": "survey", "channel": "any", "is_given": "confirm", "source": "call"}
    browser.post(f"{base}/consents/", asked)
    assert not queries.consent_acts_of(people.li.id).filter(purpose="survey").exists()
    browser.post(f"{base}/attributes/", {"size": "38"})

    html = get(browser, people.li, "data/")
    for shown in ("li@qq.com", "VIP", "Offers and news · SMS", "rec 7", 'value="38'):
        assert shown in html
    identity = queries.identities_of(people.li.id).get()
    browser.post(f"{base}/identities/{identity.id}/remove/")
    browser.post(f"{base}/tags/{queries.tags_of(people.li.id).get().id}/remove/")
    assert not queries.identities_of(people.li.id)
    assert not queries.tags_of(people.li.id)
    refused = browser.post(f"{base}/identities/", {"kind": "phone", "value": "12"})
    assert refused.status_code in (302, 422)
    assert not queries.identities_of(people.li.id)


@pytest.mark.slow
def test_the_line_of_time_goes_on(sign_in, people):
    for day in range(40):
        customers.add_tag(actor=ACTOR, now=NOW + timedelta(days=day), customer_id=people.li.id, name=f"t{day}")
    browser = sign_in()
    page = get(browser, people.li)
    assert page.count("timeline-title") == 30
    [more] = [html.unescape(url) for url in re.findall(r'hx-get="([^"]+)"', page) if "part=history" in url]
    rest = browser.get(f"/customers/{people.li.id}/{more}", headers={"HX-Request": "true"}).content.decode()
    assert rest.count("timeline-title") == 11


@pytest.mark.slow
def test_data_are_handed_out_and_erased(sign_in, people):
    browser, base = sign_in(), f"/customers/{people.wang.id}"
    data = json.loads(browser.post(f"{base}/hand-out/").content)
    assert data["records"][0]["name"] == "王小明"
    assert sign_in(Role.AGENT).post(f"{base}/erase/").status_code == 403
    assert browser.post(f"{base}/erase/").status_code == 302
    html = get(browser, people.wang)
    assert "王小明" not in html
    assert "Erased customer" in html


@pytest.mark.slow
def test_an_unknown_customer_is_a_page_not_a_crash(sign_in, people):
    assert sign_in().get(f"/customers/{new_id()}/").status_code == 404
    agent = sign_in(Role.AGENT)
    assert agent.get(f"/customers/{new_id()}/edit/").status_code == 404
    for act in ("edit", "identities", "consents", "attributes", "tags"):
        assert agent.post(f"/customers/{new_id()}/{act}/").status_code == 404, act


@pytest.mark.slow
def test_duplicates_are_shown_side_by_side_and_decided(sign_in, people):
    pair = DuplicateSuggestion.objects.create(
        left_id=people.wang.id, right_id=people.li.id, probability=0.97, found_at=NOW,
        reasons=[
            {"field": "name", "code": "other_form", "weight": 12.0},
            {"field": "birthday", "code": "unknown", "weight": 0.0},
        ],
    )  # fmt: skip
    browser = sign_in()
    html = browser.get("/customers/duplicates/").content.decode()
    assert "97.0% likely the same person" in html
    assert "Same name in another form" in html
    assert html.index("王小明") < html.index("李静")  # who has orders is proposed to stay
    browser.post(f"/customers/duplicates/{pair.id}/dismiss/")
    pair.refresh_from_db()
    assert pair.status == DuplicateStatus.DISTINCT
    assert "No pair waits for you" in browser.get("/customers/duplicates/").content.decode()


def test_the_search_for_duplicates_runs_once_at_a_time(sign_in, people):
    browser = sign_in()
    assert browser.post("/customers/duplicates/search/").status_code == 302
    browser.post("/customers/duplicates/search/")
    assert Job.objects.filter(name="customers.search_duplicates").count() == 1
    assert sign_in(Role.CLERK).post("/customers/duplicates/search/").status_code == 403


@pytest.mark.slow
def test_a_cost_to_serve_is_shown_and_cancelled(sign_in, people):
    cost = activity.record_cost(
        customer_id=people.wang.id,
        cost_kind="delivery",
        amount=Decimal("8.50"),
        currency="CNY",
        cost_date=date(2026, 2, 1),
        actor=ACTOR,
        now=NOW,
    )
    manager, address = sign_in(Role.MANAGER), f"/customers/{people.wang.id}/orders/"
    assert "Cancel this cost" in manager.get(address).content.decode()
    analyst = sign_in(Role.ANALYST)
    assert "Cancel this cost" not in analyst.get(address).content.decode()
    cancel = f"/customers/{people.wang.id}/costs/{cost.id}/cancel/"
    assert analyst.post(cancel, {"reason": "wrong_amount"}).status_code == 403
    assert manager.post(cancel, {"reason": "wrong_amount"}).status_code == 302
    html = manager.get(address).content.decode()
    assert "Wrong amount" in html
    assert "Cancel this cost" not in html


@pytest.mark.slow
def test_a_consent_that_awaits_confirmation_is_shown_and_asked_for_once_a_day(sign_in, people):
    browser, base = sign_in(), f"/customers/{people.li.id}"
    ChannelSetup.objects.create(code="email", is_enabled=True, updated_by="test", updated_at=NOW)
    browser.post(f"{base}/identities/", {"kind": "email", "value": "li@qq.com"})
    assert "awaiting confirmation" not in get(browser, people.li, "data/")
    asked = {"purpose": "marketing", "channel": "email", "is_given": "confirm", "source": "call"}
    for said in ("The customer is asked", "within a day already"):
        assert said in browser.post(f"{base}/consents/", asked, follow=True).content.decode()
    assert ConsentRequest.objects.count() == 1
    assert "awaiting confirmation by the customer" in get(browser, people.li, "data/")
    assert not queries.consent_acts_of(people.li.id).filter(purpose="marketing", channel="email").exists()


@pytest.mark.slow
def test_an_introducer_is_told_by_name(sign_in, people):
    browser = sign_in()
    customers.define_attribute(actor=ACTOR, now=NOW, code="referred_by", label="Brought by", attribute_type="text")
    for told in (str(people.anna.id), "070 123 45 67", "c1"):  # a phone of Sweden is none of this company's country
        customers.set_attributes(actor=ACTOR, now=NOW, customer_id=people.wang.id, values={"referred_by": told})
        shown = get(browser, people.wang)
        link = f'<dd><a href="/customers/{people.anna.id}/">Anna Berg</a></dd>'
        assert (link in shown) == (told != "070 123 45 67")
        assert (f"<dd>{told}</dd>" in shown) == (told == "070 123 45 67")
