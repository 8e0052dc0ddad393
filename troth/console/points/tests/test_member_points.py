"""What a desk sees of one member's points, and does with them."""

import html
import re
from datetime import timedelta

import pytest

from troth.access.permissions import Role
from troth.activity.models import Return
from troth.console.points.purse import purses
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.models import AdjustmentRequest, Transaction
from troth.ledger.operations import Owner, Reason, Spend

from .conftest import ACTOR

pytestmark = pytest.mark.django_db


def text_of(response):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def available(member):
    return ledger.balances([member.id], "points", now=utc_now())[member.id].available


def transaction(kind):
    return Transaction.objects.get(transaction_kind=kind)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "said"), [("en", "One per yuan"), ("zh-hans", "每元一分")])
def test_every_point_has_its_reason(sign_in, member, language, said):
    browser = sign_in(language=language)
    page = text_of(browser.get(member.url))
    assert said in page
    assert "A1" in page
    assert "+250" in page
    glance = text_of(browser.get(f"/customers/{member.id}/"))
    assert "250" in glance
    lots = text_of(browser.get(member.url + "lots/"))
    assert said in lots


@pytest.mark.slow
def test_points_that_are_all_gone_keep_their_page(sign_in, member):
    rules = services.CurrencyRules(name="Cups", name_zh="杯印花")
    services.create_currency(actor=ACTOR, now=utc_now(), code="cups", rules=rules)
    spend = Spend(
        key="all", owner=Owner("customer", member.id), currency="points", occurred_at=utc_now(),
        reason=Reason("kiosk"), amount=250,
    )  # fmt: skip
    assert services.post([spend], actor=ACTOR, now=utc_now())[0].error is None
    shown = sign_in(Role.MANAGER).get(member.url).content.decode()
    assert "No points have moved yet" not in shown
    assert "One per yuan" in shown
    assert [one.currency.code for one in purses(member.id, utc_now())] == ["points"]


def test_what_there_was_at_a_moment_is_shown_as_it_was_true_and_as_it_was_known(sign_in, member):
    browser = sign_in()
    browser.post(member.url + "points/spend/", {"key": "s", "amount": "40", "reason": "desk"})
    assert available(member) == 210
    day_before = (utc_now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    asked = {"all": "then", "at": day_before}
    true_then = text_of(browser.get(member.url + "lots/", asked))
    assert "Available 250 of a balance of 250" in true_then  # the order is three days old
    assert "One per yuan" in true_then
    known_then = text_of(browser.get(member.url + "lots/", asked | {"by": "recorded"}))
    assert "Available 0 of a balance of 0" in known_then  # it was recorded just now
    assert "No lots" in known_then
    for odd in ("", "nonsense", "2026-13-45T99:99", "0001-01-01T00:00"):
        assert "Available 210" in text_of(browser.get(member.url + "lots/", asked | {"at": odd}))


@pytest.mark.slow
def test_a_movement_tells_which_rules_fired_and_which_did_not(sign_in, member):
    browser = sign_in()
    page = text_of(browser.get(f"{member.url}lines/{transaction('earn').id}/"))
    assert "What Club, version 1, made of this order" in page
    assert "Large baskets" in page
    assert "not met" in page
    assert "250 of them are left." in page


@pytest.mark.slow
def test_a_debit_leads_to_its_credits_and_back(sign_in, member):
    browser = sign_in()
    browser.post(member.url + "points/spend/", {"key": "k1", "amount": "40", "reason": "desk"})
    assert available(member) == 210
    spent, earned = transaction("spend"), transaction("earn")
    page = browser.get(f"{member.url}lines/{spent.id}/").content.decode()
    assert f"/lines/{earned.id}/" in page
    page = browser.get(f"{member.url}lines/{earned.id}/").content.decode()
    assert f"/lines/{spent.id}/" in page
    assert "210" in page


@pytest.mark.slow
def test_pressing_twice_acts_once_and_more_than_there_is_is_refused(sign_in, member):
    browser = sign_in()
    form = {"key": "k1", "amount": "40", "reason": "desk"}
    browser.post(member.url + "points/spend/", form)
    again = browser.post(member.url + "points/spend/", form, follow=True)
    assert "done already" in text_of(again)
    refused = browser.post(member.url + "points/spend/", form | {"key": "k2", "amount": "211"})
    assert refused.status_code == 409
    assert available(member) == 210


@pytest.mark.slow
def test_a_small_adjustment_is_made_and_a_large_one_waits(sign_in, member):
    browser = sign_in(Role.AGENT)
    form = {"key": "a1", "amount": "-30", "reason": "mistake", "note": ""}
    browser.post(member.url + "points/adjust/", form)
    assert available(member) == 220
    answer = browser.post(member.url + "points/adjust/", form | {"key": "a2", "amount": "101"}, follow=True)
    assert "a second person" in text_of(answer)
    assert available(member) == 220
    assert AdjustmentRequest.objects.get().amount == 101


@pytest.mark.slow
def test_points_are_set_aside_and_let_go(sign_in, member):
    browser = sign_in()
    browser.post(member.url + "points/hold/", {"key": "h1", "amount": "100", "days": "3", "reason": "event"})
    assert available(member) == 150
    held = ledger.holds().get()
    browser.post(f"{member.url}points/holds/{held.id}/", {"act": "release"})
    assert available(member) == 250


@pytest.mark.slow
def test_a_return_shows_its_effect_before_it_is_recorded(sign_in, member):
    browser = sign_in()
    url = f"/customers/{member.id}/orders/{member.order_id}/return/"
    form = {"key": "r1", "line-1": "1", "line-2": "0", "reason": "chipped"}
    shown = text_of(browser.post(url, form | {"act": "show"}))
    assert "−100" in shown
    assert "¥100.00" in shown
    assert not Return.objects.exists()
    assert available(member) == 250
    browser.post(url, form | {"act": "record"})
    assert available(member) == 150
    assert Return.objects.get().net_amount == 100
    assert 'max="1"' in browser.get(url).content.decode()
    too_much = browser.post(url, form | {"key": "r2", "line-1": "2", "act": "record"})
    assert "how much of which line" in text_of(too_much)
    assert available(member) == 150


@pytest.mark.slow
def test_a_tier_is_granted_and_ended(sign_in, member):
    browser = sign_in()
    assert "Member" in text_of(browser.get(member.url))
    programme = Transaction.objects.get().reason_data["programme"]
    assert programme == "club"
    page = browser.get(member.url).content.decode()
    (url,) = set(re.findall(r"/customers/[0-9a-f-]+/tiers/[0-9a-f-]+/grant/", page))
    until = (utc_now().date() + timedelta(days=365)).isoformat()
    answer = browser.post(url, {"tier": "gold", "until": until, "note": "came from elsewhere"}, follow=True)
    assert "Gold is granted until" in text_of(answer)
    assert "Granted until" in text_of(answer)
    answer = browser.post(url, {"act": "revoke"}, follow=True)
    assert "Granted until" not in text_of(answer)


@pytest.mark.slow
def test_rights_are_asked_for(sign_in, member):
    clerk, analyst = sign_in(Role.CLERK), sign_in(Role.ANALYST)
    assert (
        clerk.post(member.url + "points/adjust/", {"key": "x", "amount": "1", "reason": "mistake"}).status_code == 403
    )
    assert analyst.post(member.url + "points/spend/", {"key": "x", "amount": "1", "reason": "desk"}).status_code == 403
    assert "王小明" not in analyst.get(member.url).content.decode()
    assert available(member) == 250
