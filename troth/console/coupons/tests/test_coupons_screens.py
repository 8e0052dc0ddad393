"""Campaigns made, started and handed out at the desk; one code used and given back."""

import json
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from troth.access.permissions import Role
from troth.events.models import Event
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.kit.clock import utc_now
from troth.messaging import control_draws
from troth.messaging.control_trials import JOB
from troth.rewards import queries as rewards
from troth.rewards.models import CouponCampaign, CouponUse
from troth.segments import services as segments

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Autumn", "code": "autumn", "benefit": "percent", "percent": "15", "discounted_goods": "exclude",
    "code_kind": "unique", "size": "1000", "uses_per_coupon": "1", "reserve_minutes": "30", "categories": "Tea，Coffee",
}  # fmt: skip
GENERIC = FORM | {"code": "hello", "code_kind": "generic", "generic_code": "hello10", "size": ""}


def made(browser, form=FORM, start=True):
    response = browser.post("/coupons/new/", form)
    assert response.status_code == 302, response.content.decode()
    if start:
        browser.post(f"/coupons/campaigns/{form['code']}/move/", {"act": "start"})
    return CouponCampaign.objects.get(code=form["code"])


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens_empty_and_filled(sign_in, company, language):
    browser = sign_in(language=language)
    assert browser.get("/coupons/").status_code == 200
    made(browser)
    for path in (
        "",
        "new/",
        "campaigns/autumn/",
        "campaigns/autumn/edit/",
        "codes/",
        "codes/?code=NOPE",
        "?show=ended",
    ):
        assert browser.get(f"/coupons/{path}").status_code == 200, path


@pytest.mark.slow
def test_a_draft_keeps_its_terms_and_can_be_changed_until_it_starts(sign_in, company):
    browser = sign_in()
    terms = {"all": [{"field": "time.weekday", "operator": "any_of", "value": ["monday"]}]}
    made(browser, FORM | {"definition": json.dumps(terms)}, start=False)
    campaign = CouponCampaign.objects.get()
    assert campaign.terms["all"][0]["field"] == "time.weekday"
    assert campaign.line_terms == {"field": "line.category", "operator": "any_of", "value": ["Tea", "Coffee"]}
    page = browser.get("/coupons/campaigns/autumn/edit/").content.decode()
    assert 'value="Tea, Coffee"' in page
    browser.post("/coupons/campaigns/autumn/edit/", FORM | {"percent": "20", "revision": "1"})
    campaign.refresh_from_db()
    assert (campaign.percent, campaign.terms) == (Decimal(20), None)
    browser.post("/coupons/campaigns/autumn/move/", {"act": "start"})
    refused = browser.post("/coupons/campaigns/autumn/edit/", FORM | {"percent": "30", "revision": "3"})
    assert refused.status_code == 422
    assert "terms stay as promised" in refused.content.decode()


@pytest.mark.slow
def test_a_refusal_stands_at_its_field(sign_in, company):
    response = sign_in().post("/coupons/new/", FORM | {"percent": ""})
    assert response.status_code == 422
    assert not CouponCampaign.objects.exists()


@pytest.mark.slow
def test_codes_are_handed_out_as_a_file_and_logged(sign_in, company):
    browser = sign_in()
    campaign = made(browser)
    browser.post("/coupons/campaigns/autumn/issue/", {"key": "k1", "count": "3"})
    batch = campaign.batches.get()
    lines = b"".join(browser.get(f"/coupons/campaigns/autumn/codes/{batch.id}/").streaming_content).decode().split()
    assert lines[0] == "code,read_aloud"
    assert len(lines) == 4
    assert Event.objects.filter(name="rewards.codes.issued").count() == 1
    agent = sign_in(Role.AGENT)
    assert agent.get(f"/coupons/campaigns/autumn/codes/{batch.id}/").status_code == 403


@pytest.mark.slow
def test_a_code_is_reserved_redeemed_and_given_back_by_hand(sign_in, member):
    browser = sign_in()
    made(browser, GENERIC)
    page = browser.get("/coupons/codes/?code=hello10").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    form = {"key": key, "code": "hello10", "discount": "12.50", "order": "A1", "customer": f"/customers/{member.id}/"}
    browser.post("/coupons/codes/use/", form | {"act": "reserve"})
    assert CouponUse.objects.get().state == "reserved"
    browser.post("/coupons/codes/use/", form | {"act": "redeem"})
    use = CouponUse.objects.get()
    assert (use.state, use.discount_amount, use.owner_id) == ("redeemed", Decimal("12.5"), member.id)
    assert rewards.discount_given([use.campaign_id]) == {use.campaign_id: Decimal("12.5")}
    browser.post(f"/coupons/codes/uses/{use.id}/undo/", {"code": "hello10"})
    assert CouponUse.objects.get().state == "reversed"
    wrong = browser.post("/coupons/codes/use/", form | {"key": "other", "customer": "nobody", "act": "redeem"})
    assert wrong.status_code == 422
    assert CouponUse.objects.count() == 1


@pytest.mark.slow
def test_a_segment_gets_coupons_once(sign_in, member):
    browser = sign_in()
    made(browser)
    segment = segments.create_segment(actor=browser.user.actor, now=utc_now(), name="All", definition={"all": []})
    segments.publish(actor=browser.user.actor, now=utc_now(), segment_id=segment.id)
    for waiting in Job.objects.all():
        run(waiting.id)  # fills the segment
    response = browser.post("/coupons/campaigns/autumn/assign/", {"segment": str(segment.id)})
    assert response.status_code == 302
    job = Job.objects.get(name="rewards.assign_segment")
    run(job.id)
    job.refresh_from_db()
    assert job.result == {"given": 1, "had": 0, "refused": 0, "kept_out": 0}
    assert rewards.coupons_of(member.id).count() == 1
    assert browser.post("/coupons/campaigns/autumn/assign/", {"segment": "x"}).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_whom_chance_keeps_out_gets_none_and_the_customers_page_says_why(sign_in, member, monkeypatch, language):
    monkeypatch.setattr(control_draws, "_is_drawn", lambda _subject, _one, percent: percent == 10)
    browser = sign_in(language=language)
    made(browser, FORM | {"control_percent": "10"})
    segment = segments.create_segment(actor=browser.user.actor, now=utc_now(), name="All", definition={"all": []})
    segments.publish(actor=browser.user.actor, now=utc_now(), segment_id=segment.id)
    for waiting in Job.objects.all():
        run(waiting.id)
    browser.post("/coupons/campaigns/autumn/assign/", {"segment": str(segment.id)})
    job = Job.objects.get(name="rewards.assign_segment")
    run(job.id)
    job.refresh_from_db()
    assert job.result == {"given": 0, "had": 0, "refused": 0, "kept_out": 1}
    assert not rewards.coupons_of(member.id).exists()
    shown = browser.get(reverse("messages:customer", args=[member.id])).content.decode()
    assert {"en": "one of the 10 % kept out", "zh-hans": "属于随机留出的 10 %"}[language] in shown
    assert "/coupons/campaigns/autumn/effect/" in browser.get("/coupons/campaigns/autumn/").content.decode()
    url = "/coupons/campaigns/autumn/effect/"
    page = browser.get(url)
    assert (page.status_code, 'name="message_price"' in page.content.decode()) == (200, True)
    assert browser.post(url, {"days": "30", "cost": "x"}).status_code == 422
    assert not Job.objects.filter(name=JOB).exists()


@pytest.mark.slow
def test_a_campaign_that_kept_nobody_out_says_how_to(sign_in, company):
    browser = sign_in()
    made(browser)
    assert "Nobody was kept out" in browser.get("/coupons/campaigns/autumn/effect/").content.decode()
    refused = browser.post("/coupons/new/", FORM | {"code": "winter", "control_percent": "51"})
    assert (refused.status_code, CouponCampaign.objects.filter(code="winter").exists()) == (422, False)
