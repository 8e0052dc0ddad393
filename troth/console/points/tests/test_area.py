"""The ledger as a whole at the desk: what ends when, the second person, what is held, the proof."""

from datetime import timedelta

import pytest

from troth.access.permissions import Role
from troth.console.points.overview import movement_card
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger
from troth.ledger.models import AdjustmentRequest

from .test_member_points import available, text_of

pytestmark = pytest.mark.django_db
PAGES = ("/points/", "/points/requests/", "/points/requests/?show=decided", "/points/holds/", "/points/proof/")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens_without_a_currency(sign_in, language):
    browser = sign_in(language=language)
    for path in PAGES:
        assert browser.get(path).status_code == 200, path


@pytest.mark.slow
def test_the_overview_adds_up(sign_in, member):
    browser = sign_in()
    browser.post(member.url + "points/spend/", {"key": "s", "amount": "50", "reason": "desk"})
    page = text_of(browser.get("/points/"))
    assert "Held by members 200" in page
    assert "20.0%" in page  # 50 of the 250 issued
    moved = ledger.moved_by_month(ledger.currency("points"), utc_now() - timedelta(days=90))
    assert sum(month.get("issued", 0) for month in moved.values()) == -250
    assert sum(month.get("redeemed", 0) for month in moved.values()) == 50


@pytest.mark.slow
def test_the_movements_of_a_month_add_up_to_what_members_have(sign_in, member):
    browser = sign_in()
    browser.post(member.url + "points/spend/", {"key": "s", "amount": "50", "reason": "desk"})
    browser.post(member.url + "points/adjust/", {"key": "a", "amount": "-30", "reason": "goodwill", "note": "Twice"})
    currency = ledger.currency("points")
    card = movement_card(currency, ledger.moved_by_month(currency, utc_now() - timedelta(days=400)))
    heads = [str(getattr(head, "label", head)) for head in card.table.columns]
    assert heads == ["Month", "Issued", "Redeemed", "Expired", "Adjusted", "Net change"]
    sums = [sum(row[place].value for row in card.table.rows) for place in range(1, len(heads))]
    assert sums == [250, 50, 0, -30, available(member)]
    assert sums[-1] == 170


@pytest.mark.slow
def test_only_a_second_person_approves(sign_in, member):
    asking = sign_in(Role.MANAGER)
    asking.post(member.url + "points/adjust/", {"key": "a", "amount": "500", "reason": "goodwill", "note": "Sorry"})
    request = AdjustmentRequest.objects.get()
    url = f"/points/requests/{request.id}/"
    assert "somebody else decides" in text_of(asking.get("/points/requests/"))
    assert asking.post(url, {"act": "approve"}).status_code == 403
    assert sign_in(Role.AGENT).post(url, {"act": "approve"}).status_code == 403
    assert available(member) == 250
    deciding = sign_in(Role.CONTROLLER)
    assert "Sorry" in text_of(deciding.get("/points/requests/"))
    deciding.post(url, {"act": "approve"})
    assert available(member) == 750
    assert deciding.post(url, {"act": "approve"}).status_code == 409
    assert "+500" in text_of(deciding.get("/points/requests/?show=decided"))


@pytest.mark.slow
def test_what_is_turned_down_moves_nothing(sign_in, member):
    asking = sign_in(Role.MANAGER)
    asking.post(member.url + "points/adjust/", {"key": "a", "amount": "500", "reason": "goodwill"})
    request = AdjustmentRequest.objects.get()
    sign_in(Role.CONTROLLER).post(f"/points/requests/{request.id}/", {"act": "reject"})
    request.refresh_from_db()
    assert (request.state, available(member)) == ("rejected", 250)


@pytest.mark.slow
def test_the_ledger_is_proved_from_the_desk(sign_in, member):
    browser = sign_in()
    assert "not run yet" in text_of(browser.get("/points/proof/"))
    browser.post("/points/proof/run/")
    run(Job.objects.get(name="ledger.prove").id)
    assert "holds" in text_of(browser.get("/points/proof/"))
    assert sign_in(Role.AGENT).post("/points/proof/run/").status_code == 403
