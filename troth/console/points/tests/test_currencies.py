"""Currencies made and changed at the desk; a new end for old points, previewed and approved by a second person."""

import pytest

from troth.access.permissions import Role
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.ledger import queries as ledger
from troth.ledger.models import ExpiryChange, Lot, PointCurrency

from .test_member_points import text_of

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Points", "name_zh": "积分", "is_active": "on", "expiry_kind": "never", "expiry_count": "0",
    "grace_days": "0", "shortfall": "arrears", "takes_other_lots": "on", "arrears_limit": "",
    "adjust_approval_limit": "100",
    "transfer_rule": "none", "transfer_minimum": "1", "transfer_day_limit": "",
}  # fmt: skip


@pytest.mark.slow
def test_a_currency_is_made_with_amounts_as_people_write_them(sign_in, company):
    browser = sign_in()
    form = FORM | {
        "code": "cash", "name": "Cashback", "unit_kind": "cashback", "money_currency": "cny", "decimals": "0",
        "adjust_approval_limit": "12.5", "expiry_kind": "month_end", "expiry_count": "6",
    }  # fmt: skip
    assert browser.get("/points/currencies/new/").status_code == 200
    assert browser.post("/points/currencies/new/", form).status_code == 302
    made = ledger.currency("cash")
    assert (made.decimals, made.money_currency, made.adjust_approval_limit) == (2, "CNY", 1250)
    assert (made.expiry_kind, made.expiry_count, made.transfer_minimum) == ("month_end", 6, 100)
    assert made.time_zone == company.time_zone
    refused = browser.post("/points/currencies/new/", form)
    assert refused.status_code == 422
    assert "is taken" in refused.content.decode()
    assert PointCurrency.objects.count() == 1


@pytest.mark.slow
def test_a_change_of_the_rules_leaves_what_members_hold(sign_in, member):
    # lesson: changing the expiry rule rewrites old points
    browser = sign_in()
    page = browser.get("/points/currencies/points/").content.decode()
    assert 'value="100"' in page
    answer = browser.post("/points/currencies/points/", FORM | {"expiry_kind": "days", "expiry_count": "30"})
    assert answer["Location"] == "/points/currencies/points/expiry/"
    assert ledger.currency("points").expiry_count == 30
    assert Lot.objects.get().expires_at is None
    assert "30 days after" in text_of(browser.get("/points/"))
    refused = browser.post("/points/currencies/points/", FORM | {"expiry_kind": "days", "expiry_count": "0"})
    assert refused.status_code == 422
    assert ledger.currency("points").expiry_count == 30


@pytest.mark.slow
def test_a_new_end_is_shown_asked_for_approved_and_applied(sign_in, member):
    asking = sign_in(Role.MANAGER)
    form = {"expiry_kind": "days", "expiry_count": "2"}
    shown = text_of(asking.post("/points/currencies/points/expiry/", form | {"act": "show"}))
    assert "end at once" in shown
    assert "250" in shown
    assert not ExpiryChange.objects.exists()
    asking.post("/points/currencies/points/expiry/", {"expiry_kind": "days", "expiry_count": "400", "act": "ask"})
    change = ExpiryChange.objects.get()
    url = f"/points/expiry-changes/{change.id}/"
    assert asking.post(url, {"act": "approve"}).status_code == 403
    assert "Take the request back" in text_of(asking.get("/points/requests/"))
    deciding = sign_in(Role.CONTROLLER)
    waiting = text_of(deciding.get("/points/requests/"))
    assert "400 days after it is earned" in waiting
    assert "end sooner" in waiting
    deciding.post(url, {"act": "approve"})
    assert Lot.objects.get().expires_at is None
    run(Job.objects.get(name="ledger.apply_expiry").id)
    lot = Lot.objects.get()
    assert (lot.expires_at - lot.occurred_at).days == 400
    assert "applied" in text_of(deciding.get("/points/requests/?show=decided"))


@pytest.mark.slow
def test_who_asked_takes_it_back_and_nobody_else_without_the_right(sign_in, member):
    asking = sign_in(Role.MANAGER)
    asking.post("/points/currencies/points/expiry/", {"expiry_kind": "days", "expiry_count": "9", "act": "ask"})
    url = f"/points/expiry-changes/{ExpiryChange.objects.get().id}/"
    assert sign_in(Role.AGENT).post(url, {"act": "reject"}).status_code == 403
    assert ExpiryChange.objects.get().state == "waiting"
    asking.post(url, {"act": "reject"})
    assert ExpiryChange.objects.get().state == "rejected"
    assert not Job.objects.filter(name="ledger.apply_expiry").exists()


@pytest.mark.slow
@pytest.mark.parametrize("path", ["currencies/new/", "currencies/points/", "currencies/points/expiry/"])
def test_only_who_configures_points_opens_it(sign_in, member, path):
    assert sign_in(Role.AGENT).get(f"/points/{path}").status_code == 403
