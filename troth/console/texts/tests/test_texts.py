"""The screens of templates and channels: writing, previewing, publishing; secrets that no page shows."""

from datetime import timedelta

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.console.conftest import NOW
from troth.customers import services as customers
from troth.kit.clock import utc_now
from troth.messaging import channels, starters, templates
from troth.messaging.channels.setups import save_setup
from troth.messaging.models import ChannelSetup, Contact, ContactState, Template

ACTOR = system_actor("test")
FIELDS = {
    "revision": "1",
    "name": "Hello",
    "name_zh": "问候",
    "purpose": "marketing",
    "en.email.subject": "Hello {{ salutation }}",
    "en.email.body": "Line one\r\n\r\nLine two",
    "zh-hans.sms.body": "您好",
    "zh-hans.sms.provider_template": "SMS_1",
    "zh-hans.sms.values": "name = {{ salutation }}\n\npoints = {{ points }}",
    "facts.0.code": "order_number",
    "facts.0.example": "8812",
    "facts.0.fact_kind": "text",
    "links_tracked": "on",
}


@pytest.fixture
def template(company) -> Template:
    return templates.create_template(actor=ACTOR, now=NOW, code="hello", name="Hello", purpose="marketing")


@pytest.mark.slow
def test_the_list_offers_the_ready_made_texts_and_adds_them(sign_in):
    browser = sign_in(Role.MANAGER)
    assert "Add the ready-made texts" in browser.get("/texts/").content.decode()
    browser.post("/texts/starters/")
    html = sign_in(Role.ANALYST, language="zh-hans").get("/texts/").content.decode()
    assert "农历生日祝福" in html
    assert Template.objects.count() == len(starters.starters())


def test_what_is_written_becomes_the_document_and_comes_back(sign_in, template):
    browser = sign_in()
    answer = browser.post("/texts/t/hello/", {**FIELDS, "publish": "1", "note": "first"})
    assert answer.status_code == 302
    assert Template.objects.get().document == {
        "languages": {
            "en": {"email": {"subject": "Hello {{ salutation }}", "body": "Line one\n\nLine two"}},
            "zh-hans": {
                "sms": {
                    "body": "您好",
                    "provider_template": "SMS_1",
                    "values": {"name": "{{ salutation }}", "points": "{{ points }}"},
                }
            },
        },
        "facts": [{"code": "order_number", "example": "8812"}],
    }
    html = browser.get("/texts/t/hello/").content.decode()
    assert "name = {{ salutation }}\npoints = {{ points }}</textarea>" in html
    assert "Version 1 is in use" in html


def test_what_is_wrong_stays_in_the_editor_and_is_not_published(sign_in, template):
    browser = sign_in()
    html = browser.post("/texts/t/hello/", {**FIELDS, "en.email.body": "{{ nobody }}", "publish": "1"}).content.decode()
    assert "Nobody knows the fact “nobody”" in html
    assert "<b>E-mail · English</b>: Nobody knows" in html
    assert "{{ nobody }}</textarea>" in html
    assert Template.objects.get().published_number is None


@pytest.mark.slow
def test_whoever_may_only_look_changes_nothing(sign_in, template):
    browser = sign_in(Role.ANALYST)
    assert "readonly" in browser.get("/texts/t/hello/").content.decode()
    browser.post("/texts/t/hello/", FIELDS)
    assert Template.objects.get().document == template.document
    for path in ("/texts/new/", "/texts/channels/sms_twilio/"):
        assert browser.get(path).status_code == 403
    for path in ("/texts/t/hello/test/", "/texts/starters/", "/texts/t/hello/archive/"):
        assert browser.post(path).status_code == 403
    assert sign_in(Role.CLERK).get("/texts/").status_code == 403


def test_a_preview_shows_a_real_customer_only_to_those_who_may_see_them(sign_in, template):
    customers.create_customer(
        actor=ACTOR, now=NOW, name="王小明", family_name="王", gender="female", language="zh-hans"
    )
    sent = {**FIELDS, "en.email.subject": "{{ name }}", "kind": "email", "language": "en", "customer": "王小明"}
    assert "王小明" in sign_in().post("/texts/t/hello/preview/", sent).content.decode()
    html = sign_in(Role.ANALYST).post("/texts/t/hello/preview/", sent).content.decode()
    assert "王小明</b>" not in html
    assert "Emma Wang" in html


def test_the_mail_is_shown_in_a_frame_that_runs_nothing(sign_in, template):
    sent = {**FIELDS, "kind": "email", "language": "en", "en.email.body": "<script>alert(1)</script>"}
    answer = sign_in().post("/texts/t/hello/mail/", sent)
    assert "&lt;script&gt;" in answer.content.decode()
    assert "script-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_a_test_goes_to_oneself_and_makes_no_contact(sign_in, template, monkeypatch):
    sent = []

    def taken(batch):
        sent.extend(batch)
        return [channels.Handover(one.contact_id, channels.HandoverState.SENT) for one in batch]

    monkeypatch.setattr(channels.get("email"), "deliver", taken)
    browser = sign_in()
    browser.post("/texts/t/hello/test/", {**FIELDS, "language": "en"})
    assert sent == [], "no e-mail channel is in use"
    save_setup(
        actor=ACTOR, now=NOW, code="email", is_enabled=True, values={"host": "mail.example", "sender": "a@shop.example"}
    )
    browser.post("/texts/t/hello/test/", {**FIELDS, "language": "en"})
    assert [(one.address, one.subject) for one in sent] == [(browser.user.email, "[Test] Hello Ms Wang")]
    assert not Contact.objects.exists()


def test_versions_show_what_changed_and_can_be_brought_back(sign_in, template):
    browser = sign_in()
    browser.post("/texts/t/hello/", {**FIELDS, "publish": "1"})
    browser.post(
        "/texts/t/hello/", {**FIELDS, "revision": "2", "en.email.body": "Line one\n\nLine three", "publish": "1"}
    )
    html = browser.get("/texts/t/hello/versions/").content.decode()
    assert "<ins>Line three</ins>" in html
    assert "<del>Line two</del>" in html
    browser.post("/texts/t/hello/versions/1/restore/")
    assert templates.template("hello").document == templates.version("hello", 1).document


@pytest.mark.slow
def test_no_page_shows_a_secret(sign_in):
    browser = sign_in()
    values = {"account": "AC1", "token": "very-secret", "sender": "+1", "endpoint": "https://api.twilio.com"}
    assert browser.post("/texts/channels/sms_twilio/", {**values, "is_enabled": "on"}).status_code == 302
    assert ChannelSetup.objects.get().is_enabled
    for path in ("/texts/channels/", "/texts/channels/sms_twilio/"):
        html = browser.get(path).content.decode()
        assert "very-secret" not in html
    browser.post("/texts/channels/sms_twilio/", {**values, "token": "", "is_enabled": "on"})
    from troth.messaging.channels.setups import values_of  # noqa: PLC0415

    assert values_of("sms_twilio")["token"] == "very-secret"


def test_a_channel_that_lacks_something_is_not_used(sign_in):
    html = sign_in().post("/texts/channels/sms_twilio/", {"account": "AC1", "is_enabled": "on"}).content.decode()
    assert "is needed before the channel can be used" in html
    assert not ChannelSetup.objects.exists()


def test_arrivals_are_counted_by_channel_and_domain(sign_in):
    now = utc_now() - timedelta(days=1)
    states = [ContactState.DELIVERED, ContactState.OPENED, ContactState.BOUNCED, ContactState.FAILED]
    for number, state in enumerate(states):
        Contact.objects.create(
            owner_id="00000000-0000-7000-8000-000000000001",
            key=f"k{number}",
            purpose="marketing",
            template="t",
            channel="email",
            address=f"p{number}@QQ.com",
            content_hash="x",
            source="staff",
            relevant_until=now,
            state=state,
            due_at=now,
            decided_at=now,
            created_at=now,
            created_by="system:test",
        )
    html = sign_in(Role.ANALYST).get("/texts/arrivals/").content.decode()
    assert ">qq.com<" in html
    assert "2 · 66.7%" in html
    assert "No message was handed over" in sign_in().get("/texts/arrivals/?days=x").content.decode() or "qq.com" in html
