"""Stop, yes and how, through signed links: a GET shows, a POST acts, and what was changed is refused."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.customers import queries as customers
from troth.customers import services as writes
from troth.customers.models import Consent, Customer
from troth.kit.clock import utc_now
from troth.messaging import links, preferences, queries
from troth.messaging import services as messages
from troth.messaging.errors import PolicyRefusedError
from troth.messaging.models import ChannelSetup, ConsentRequest, Contact, Receipt
from troth.messaging.policy_versions import in_force
from troth.staff import services as staff

ACTOR = system_actor("test")


@pytest.fixture
def wang(db: None) -> Customer:
    now = utc_now() - timedelta(days=1)
    staff.set_up_company(actor=ACTOR, now=now, name="Test & Co", time_zone="Asia/Shanghai")
    person = writes.create_customer(
        actor=ACTOR,
        now=now,
        name="王小明",
        language="zh-hans",
        identities=[writes.NewIdentity("email", "wang@example.com"), writes.NewIdentity("phone", "+8613800000001")],
    )
    writes.record_consent(
        actor=ACTOR, now=now, customer_id=person.id, purpose="marketing", is_given=True, source="form", proof="form 1"
    )
    return person


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def unsubscribe_path(person: Customer, purpose: str = "marketing", channel: str = "email") -> str:
    return urlsplit(
        links.unsubscribe_url(links.unsubscribe_token(person.id, purpose=purpose, channel=channel, contact_id=None))
    ).path


def preferences_path(person: Customer) -> str:
    return urlsplit(links.preferences_url(person.id)).path


def refused(person: Customer) -> set[tuple[str, str]]:
    return {(one.purpose.value, one.channel.value) for one in customers.consents_of(person.id) if not one.is_given}


@pytest.mark.slow
def test_a_scanner_that_opens_every_link_ends_nothing(wang, client):
    """lesson: a GET unsubscribe: mail scanners unsubscribe everyone."""
    for path in (unsubscribe_path(wang), preferences_path(wang)):
        for method in (client.get, client.head):
            assert method(path).status_code == 200
    html = client.get(unsubscribe_path(wang)).content.decode()
    for found in re.findall(r'(?:href|src)="(/p/[^"]+)"', html):
        client.get(found)
    assert Consent.objects.count() == 1


def test_the_button_ends_it_for_the_channel_at_once(wang, client):
    html = client.post(unsubscribe_path(wang)).content.decode()
    assert '<html lang="zh-hans">' in html
    assert refused(wang) == {("marketing", "email")}
    act = customers.consent_acts_of(wang.id)[0]
    assert (act.source, act.actor) == ("unsubscribe page", f"member:{wang.id}")
    client.post(unsubscribe_path(wang))
    assert Consent.objects.count() == 2, "said once"


def test_every_channel_can_be_ended_together(wang, client):
    client.post(unsubscribe_path(wang), {"scope": "all"})
    assert refused(wang) == {("marketing", "any")}
    assert preferences.standing(wang.id)["marketing", "sms"] is False


def test_one_click_of_rfc_8058(wang, client):
    answer = client.post(unsubscribe_path(wang), {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert customers.consent_acts_of(wang.id)[0].source == "one-click unsubscribe"


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), lambda token: "x" * 5000]
)
def test_a_link_that_was_changed_does_nothing(wang, client, change):
    head, _slash, token = unsubscribe_path(wang).rpartition("/")
    answer = client.post(f"{head}/{change(token)}")
    assert answer.status_code == 404
    assert "portal/portal.css" in answer.content.decode()
    assert refused(wang) == set()


def test_a_link_for_one_thing_opens_no_other(wang, client):
    token = preferences_path(wang).rpartition("/")[2]
    assert client.post(f"/p/u/{token}").status_code == 404
    token = unsubscribe_path(wang).rpartition("/")[2]
    assert client.get(f"/p/preferences/{token}").status_code == 404


def test_an_erased_customers_links_lead_nowhere(wang, client):
    path = preferences_path(wang)
    writes.erase_customer(actor=ACTOR, now=utc_now(), customer_id=wang.id)
    assert client.get(path).status_code == 404


@pytest.mark.slow
def test_preferences_keep_what_was_chosen_and_nothing_else(wang, client):
    path = preferences_path(wang)
    html = client.get(path).content.decode()
    assert "王••" in html
    assert "wang@" not in html, "the link may have been forwarded"
    chosen = {
        "marketing-sms": "on",
        "survey-email": "on",
        "service-email": "on",
        "service-sms": "on",
        "service-phone": "on",
    }
    answer = client.post(path, {**chosen, "no_profiling": "on"})
    assert answer.status_code == 302
    now = preferences.standing(wang.id)
    assert now["marketing", "email"] is False
    assert now["marketing", "sms"] is True
    assert now["survey", "email"] is True
    assert now["profiling", "any"] is False
    assert now["automated", "any"] is None
    assert now["service", "email"] is None, "what was not touched is not recorded"
    given = customers.consent_acts_of(wang.id).filter(is_given=True, purpose="survey")
    assert [(one.source, one.wording_version) for one in given] == [("preference page", preferences.WORDING)]
    count = Consent.objects.count()
    client.post(path, {**chosen, "no_profiling": "on"})
    assert Consent.objects.count() == count


def confirm_path(person: Customer, **changes) -> str:
    now = changes.pop("now", utc_now())
    return urlsplit(
        preferences.confirmation_url(
            customer_id=person.id, purpose="survey", channel="email", source="web form", wording="w1", now=now
        )
    ).path


def test_double_opt_in_counts_only_after_the_button(wang, client):
    path = confirm_path(wang)
    client.get(path)
    assert preferences.standing(wang.id)["survey", "email"] is None
    client.post(path)
    act = customers.consent_acts_of(wang.id)[0]
    assert (act.purpose, act.is_given, act.source, act.wording_version) == ("survey", True, "web form", "w1")
    assert act.proof.startswith("double opt-in: asked ")


@pytest.mark.slow
def test_whoever_is_asked_to_confirm_gets_one_link_that_counts_after_the_button(wang, mail, client):
    now = utc_now()
    for _pressed_twice in range(2):
        asked = messages.ask_to_confirm(
            customer_id=wang.id, purpose="survey", channel="any", source="call", actor=ACTOR, now=now
        )
    (contact,) = Contact.objects.filter(template="confirm_consent")
    assert (contact.id, contact.purpose) == (asked.contact_id, "service")
    assert preferences.standing(wang.id)["survey", "email"] is None
    client.post(urlsplit(contact.facts["confirm_url"]).path)
    act = customers.consent_acts_of(wang.id)[0]
    assert (act.purpose, act.channel, act.is_given, act.source) == ("survey", "any", True, "call")


def test_a_confirmation_is_used_once_and_never_undoes_a_withdrawal(wang, client):
    path = confirm_path(wang)
    assert "<form" in client.get(path).content.decode()
    for again in (client.post, client.post, client.get):
        assert "<form" not in again(path).content.decode()
    assert customers.consent_acts_of(wang.id).filter(purpose="survey").count() == 1
    client.post(unsubscribe_path(wang, "survey"))
    for again in (client.post, client.get):
        assert again(path).status_code == 404
    assert preferences.standing(wang.id)["survey", "email"] is False


def test_a_confirmation_runs_out(wang, client):
    assert client.post(confirm_path(wang, now=utc_now() - timedelta(days=15))).status_code == 404


def test_a_followed_link_leads_where_it_was_signed_to_and_nowhere_else(wang, client):
    token = links.signed("click", wang.id, data={"c": "x", "n": 1, "u": "https://shop.example/?a=1"})
    answer = client.get(f"/p/l/{token}")
    assert (answer.status_code, answer["Location"]) == (302, "https://shop.example/?a=1")
    assert client.get(f"/p/l/{token[:-2]}").status_code == 404
    assert client.get("/p/l/https://evil.example").status_code == 404
    assert not Receipt.objects.exists()


def test_the_dot_is_always_the_dot(client, db):
    answer = client.get("/p/o/nonsense")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")


def ask(person, *, channel="email", now, **changes):
    wanted = {"purpose": "marketing", "source": "form", "wording": "form-2"} | changes
    return messages.ask_to_confirm(customer_id=person.id, channel=channel, actor=ACTOR, now=now, **wanted)


@pytest.fixture
def mail(wang):
    """Sending by e-mail is set up; Wang agreed to nothing by e-mail yet."""
    ChannelSetup.objects.create(code="email", is_enabled=True, updated_by="test", updated_at=utc_now())
    by = {"actor": ACTOR, "now": utc_now() - timedelta(hours=1), "customer_id": wang.id, "source": "call"}
    writes.record_consent(purpose="marketing", channel="email", is_given=False, **by)


@pytest.mark.slow
def test_nobodys_mailbox_is_filled_by_asking_and_what_is_not_confirmed_lapses(wang, mail, client):
    now = utc_now()
    first = ask(wang, now=now)
    assert (first.is_new, first.request.wording_version, first.request.source) == (True, "form-2", "form")
    for later in (timedelta(minutes=1), timedelta(hours=23, minutes=59)):
        again = ask(wang, now=now + later)
        assert (again.is_new, again.request.id) == (False, first.request.id)
    assert Contact.objects.filter(template="confirm_consent").count() == 1
    assert preferences.standing(wang.id)["marketing", "email"] is False
    assert [one.id for one in queries.waiting_consents(wang.id, now)] == [first.request.id]
    assert queries.waiting_consents(wang.id, now + timedelta(days=preferences.CONFIRM_DAYS)) == []
    assert ask(wang, now=now + timedelta(days=1, minutes=1)).is_new
    assert ask(wang, now=now, purpose="survey").is_new
    assert Contact.objects.filter(template="confirm_consent").count() == 3


@pytest.mark.slow
def test_a_confirmed_request_waits_no_more_and_keeps_its_proof(wang, mail, client):
    asked = ask(wang, now=utc_now())
    path = urlsplit(Contact.objects.get(id=asked.contact_id).facts["confirm_url"]).path
    client.get(path)
    assert ConsentRequest.objects.get().confirmed_at is None
    client.post(path)
    act = customers.consent_acts_of(wang.id)[0]
    assert (act.is_given, act.channel, act.source, act.wording_version) == (True, "email", "form", "form-2")
    assert ConsentRequest.objects.get().confirmed_at is not None
    assert queries.waiting_consents(wang.id, utc_now()) == []


@pytest.mark.slow
def test_where_nothing_can_be_sent_nothing_waits(wang):
    now = utc_now()
    asked = ask(wang, channel="wechat", now=now)
    assert (asked.request, Contact.objects.get(id=asked.contact_id).state) == (None, "withheld")
    assert not ConsentRequest.objects.exists()
    assert queries.waiting_consents(wang.id, now) == []


@pytest.mark.slow
def test_the_rules_decide_whether_a_box_on_the_page_must_be_confirmed(wang, mail, client):
    boxes = [f"marketing-{way}" for way in ("email", "phone", "sms")] + [f"service-{way}" for way in ("email", "sms")]
    path, sent = preferences_path(wang), dict.fromkeys([*boxes, "service-phone"], "on")
    version, terms = in_force()
    wanted = replace(terms, confirmed=("marketing:email",))
    messages.save_policy(terms=wanted, note="", expected_version=version, actor=ACTOR, now=utc_now())
    client.post(path, sent)
    assert preferences.standing(wang.id)["marketing", "email"] is False
    shown = client.get(path).content.decode()
    assert 'name="marketing-email" checked' not in shown
    (waiting,) = queries.waiting_consents(wang.id, utc_now())
    assert (waiting.purpose, waiting.channel, waiting.asked_by) == ("marketing", "email", f"member:{wang.id}")
    client.post(urlsplit(Contact.objects.get(id=waiting.contact_id).facts["confirm_url"]).path)
    assert preferences.standing(wang.id)["marketing", "email"] is True


@pytest.mark.slow
def test_a_rule_about_what_cannot_be_confirmed_is_refused(wang):
    version, terms = in_force()
    with pytest.raises(PolicyRefusedError):
        messages.save_policy(
            terms=replace(terms, confirmed=("service:fax",)),
            note="",
            expected_version=version,
            actor=ACTOR,
            now=utc_now(),
        )
    assert in_force() == (version, terms)
