"""The screens of messages: who may see what, every reason in words, the rules with their effect, pause and release."""

from datetime import timedelta

import pytest
from django.urls import reverse

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.console.messages import list_views
from troth.customers import services as customers
from troth.customers.services import NewIdentity
from troth.kit.clock import utc_now
from troth.kit.ids import new_id
from troth.messaging import policy_versions, services
from troth.messaging.intents import Intent
from troth.messaging.models import Contact, ContactState, SendingPolicy, SendingState, Suppression
from troth.messaging.tests.made_up import publish_texts

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")


@pytest.fixture
def send(company):
    publish_texts("offer")

    def one(key="k1", *, agreed=True, **fields):
        now = utc_now()
        person = customers.create_customer(actor=ACTOR, now=now, name="Ann Berg")
        if agreed:
            act = {"purpose": "marketing", "is_given": True, "source": "form", "proof": "form 1"}
            customers.record_consent(actor=ACTOR, now=now, customer_id=person.id, **act)
        intent = Intent(key, person.id, "marketing", "offer", ("sink",), **fields)
        return services.send([intent], actor=ACTOR, now=now)[0]

    return one


def get(browser, name, *args, **query):
    return browser.get(reverse(f"messages:{name}", args=args), query)


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_list_says_what_will_stand_there(sign_in):
    assert "Nobody was written to yet" in text(get(sign_in(Role.AGENT), "index"))


@pytest.mark.slow
def test_the_list_tells_what_became_of_messages_and_filters_in_the_database(sign_in, send):
    browser = sign_in(Role.MANAGER)
    gone, kept = send("a"), send("b", agreed=False)
    Contact.objects.filter(id=gone.contact_id).update(state=ContactState.SENT, sent_at=utc_now())
    assert [row.contact.id for row in get(browser, "index").context["rows"]] == [kept.contact_id, gone.contact_id]
    assert [row.contact.id for row in get(browser, "index", state="sent").context["rows"]] == [gone.contact_id]
    held = get(browser, "index", gate="consent")
    assert [(row.contact.id, row.note) for row in held.context["rows"]] == [(kept.contact_id, "Consent")]
    assert held.context["gates"][0][0::2][:2] == ("Consent", 1)
    assert "No message fits" in text(get(browser, "index", channel="pigeon"))


@pytest.mark.slow
def test_a_long_list_is_paged_without_counting(sign_in, send, monkeypatch):
    monkeypatch.setattr(list_views, "PAGE_SIZE", 2)
    ids = [send(f"k{number}").contact_id for number in range(5)]
    browser, seen, url = sign_in(Role.MANAGER), [], reverse("messages:index")
    while url:
        answer = browser.get(url)
        seen += [row.contact.id for row in answer.context["rows"]]
        url = answer.context["page"].next_url and reverse("messages:index") + answer.context["page"].next_url
    assert seen == ids[::-1]


@pytest.mark.slow
@pytest.mark.parametrize("before", ["x", "2026-01-01|y", "|", "2026-01-01T00:00:00+00:00|"])
def test_a_page_that_cannot_be_read_is_the_first(sign_in, send, before):
    send()
    assert len(get(sign_in(Role.MANAGER), "index", before=before).context["rows"]) == 1


@pytest.mark.slow
def test_one_message_says_why_in_both_languages(sign_in, send):
    decision = send(agreed=False)
    english = text(get(sign_in(Role.AGENT), "detail", decision.contact_id))
    assert "Consent by channel: Sink (sends nothing) – never asked or not given." in english
    assert "Stops" in english
    chinese = text(get(sign_in(Role.MANAGER, language="zh-hans"), "detail", decision.contact_id))
    assert "从未授权" in chinese


def test_a_clerk_sees_no_messages(sign_in, send):
    decision = send()
    browser = sign_in(Role.CLERK)
    assert get(browser, "index").status_code == get(browser, "detail", decision.contact_id).status_code == 403


@pytest.mark.slow
def test_names_and_addresses_are_for_who_may_see_them(sign_in, send):
    decision = send(facts={"n": "4711"})
    Contact.objects.update(address="ann@example.com")
    shown, masked = sign_in(Role.AGENT), sign_in(Role.ANALYST)
    assert "ann@example.com" in text(get(shown, "detail", decision.contact_id))
    hidden = text(get(masked, "detail", decision.contact_id))
    assert not any(secret in hidden for secret in ("ann@example.com", "Ann Berg", "4711"))


@pytest.mark.slow
def test_the_customers_page_has_them_on_a_tab_and_a_card(sign_in, send):
    decision = send()
    browser = sign_in(Role.MANAGER)
    owner = Contact.objects.get().owner_id
    assert [row.contact.id for row in get(browser, "customer", owner).context["rows"]] == [decision.contact_id]
    assert reverse("messages:detail", args=[decision.contact_id]) in text(
        browser.get(reverse("customers:customer", args=[owner]))
    )


@pytest.mark.slow
def test_what_is_unknown_is_settled_by_a_person(sign_in, send):
    decision = send()
    Contact.objects.update(state=ContactState.UNKNOWN, reason="worker_lost", ended_at=utc_now())
    browser = sign_in(Role.AGENT)
    assert "Nobody knows whether this message went out" in text(get(browser, "detail", decision.contact_id))
    url = reverse("messages:settle", args=[decision.contact_id])
    assert sign_in(Role.ANALYST).post(url, {"as": "sent"}).status_code == 403
    browser.post(url, {"as": "nonsense"})
    assert Contact.objects.get().state == ContactState.UNKNOWN
    browser.post(url, {"as": "sent"})
    assert Contact.objects.get().state == ContactState.SENT


@pytest.mark.slow
def test_pausing_and_releasing_all_sending(sign_in, send):
    send()
    manager, agent = sign_in(Role.MANAGER), sign_in(Role.AGENT)
    assert agent.post(reverse("messages:pause")).status_code == 403
    manager.post(reverse("messages:pause"), {"note": "made up"})
    assert SendingState.objects.get().is_paused
    assert "All sending is paused." in text(get(agent, "index"))
    manager.post(reverse("messages:release"), {"waiting": "withhold"})
    assert not SendingState.objects.get().is_paused
    assert Contact.objects.get().state == ContactState.WITHHELD


RULES = {
    "version": "0",
    "marketing_from": "22:00",
    "marketing_until": "08:00",
    "marketing_weekdays": ["1", "2", "3", "4", "5"],
    "survey_weekdays": ["1", "2"],
    "service_weekdays": ["1", "2", "3", "4", "5", "6", "7"],
    "cap_1": "2",
    "cap_30": "9",
    "capped": ["marketing"],
    "consent_needed": ["marketing", "survey"],
    "minimum_age": "16",
    "longest_delay_days": "5",
    "repeat_hours": "48",
    "control_percent": "5",
    "control_groups": "birthday 10\r\n\r\nwelcome 20%",
    "control_draw": "spring",
    "note": "made up",
}


@pytest.mark.slow
def test_rules_are_put_in_force_as_a_version(sign_in):
    browser = sign_in(Role.MANAGER)
    rules = RULES | {"confirmed": ["marketing:email"]}
    assert browser.post(reverse("messages:rules"), rules).status_code == 302
    version, terms = policy_versions.in_force()
    assert terms.confirmed == ("marketing:email",)
    assert (version, terms.minimum_age, terms.capped) == (1, 16, ("marketing",))
    assert [(cap.days, cap.most) for cap in terms.caps] == [(1, 2), (30, 9)]
    assert terms.hours["marketing"].weekdays == (1, 2, 3, 4, 5)
    assert terms.hours["survey"].quiet_from is None
    assert (terms.control_percent, terms.control_groups) == (5, {"birthday": 10, "welcome": 20})
    assert "Somebody changed the rules meanwhile" in text(browser.post(reverse("messages:rules"), RULES))
    assert SendingPolicy.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"marketing_until": ""}, "both a beginning and an end"),
        ({"marketing_until": "22:00"}, "an end that is not the beginning"),
        ({"marketing_weekdays": []}, "required"),
        ({"minimum_age": "99"}, "30"),
        ({"confirmed": ["service:email"]}, "service:email"),
        ({"control_groups": "birthday"}, "a space and a percentage"),
        ({"control_groups": "birthday 90"}, "1–50"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused_with_the_reason(sign_in, wrong, said):
    assert said in text(sign_in(Role.MANAGER).post(reverse("messages:rules"), RULES | wrong))
    assert not SendingPolicy.objects.exists()


@pytest.mark.slow
def test_rules_are_shown_to_who_may_not_change_them(sign_in):
    agent = sign_in(Role.AGENT)
    assert "disabled" in text(get(agent, "rules"))
    agent.post(reverse("messages:rules"), RULES)
    assert not SendingPolicy.objects.exists()
    assert agent.post(reverse("messages:preview"), RULES).status_code == 403


@pytest.mark.slow
def test_the_effect_is_shown_before_rules_are_in_force(sign_in, send):
    decision = send()
    for number in range(3):
        copy = Contact.objects.get(id=decision.contact_id)
        copy.id, copy.key, copy.content_hash = new_id(), f"copy {number}", str(number)
        copy.created_at = utc_now() - timedelta(seconds=number + 1)
        copy.save(force_insert=True)
    rules = RULES | {"marketing_from": "", "marketing_until": "", "marketing_weekdays": list("1234567"), "cap_1": "2"}
    answer = sign_in(Role.MANAGER).post(reverse("messages:preview"), rules)
    assert answer.context["other"].looked_at == 4
    assert answer.context["other"].at_once == 2
    assert not SendingPolicy.objects.exists()


@pytest.mark.slow
def test_a_blocked_address_is_seen_and_freed_with_a_reason(company, sign_in):
    ann = customers.create_customer(
        actor=ACTOR, now=utc_now(), name="Ann Lee", identities=[NewIdentity("email", "ann@example.com")]
    )
    block = {"kind": "email", "address": "ann@example.com", "actor": ACTOR, "now": utc_now()}
    services.suppress(reason=services.SuppressionReason.HARD_BOUNCE, **block)
    tab, listed = reverse("messages:customer", args=[ann.id]), reverse("messages:blocked")
    lift = reverse("messages:lift", args=[ann.id, Suppression.objects.get().id])
    agent, analyst = sign_in(Role.AGENT), sign_in(Role.ANALYST)
    assert "It does not exist" in agent.get(listed).content.decode()
    masked = analyst.get(tab).content.decode()
    assert ("ann@example.com" in masked, lift in masked) == (False, False)
    assert analyst.post(lift, {"note": "x"}).status_code == 403
    agent.post(lift, {"note": ""}, HTTP_REFERER=f"http://testserver{tab}")
    assert Suppression.objects.get().lifted_at is None
    assert f'action="{lift}"' in agent.get(tab).content.decode()
    agent.post(lift, {"note": "She spelt it to me"})
    assert Suppression.objects.get().lift_note == "She spelt it to me"
    assert lift not in agent.get(tab).content.decode()
    assert "No address is blocked" in agent.get(listed).content.decode()
    freed = agent.get(listed, {"view": "lifted"}).content.decode()
    assert ("Ann Lee" in freed, "She spelt it to me" in freed) == (True, True)
    hidden = analyst.get(listed, {"view": "lifted"}).content.decode()
    assert ("Ann Lee" in hidden, "She spelt it to me" in hidden) == (False, False)


@pytest.mark.slow
def test_a_report_of_spam_is_not_undone_at_the_desk(company, sign_in):
    ann = customers.create_customer(
        actor=ACTOR, now=utc_now(), name="Ann", identities=[NewIdentity("email", "ann@example.com")]
    )
    spam = {"kind": "email", "address": "ann@example.com", "reason": services.SuppressionReason.COMPLAINT}
    services.suppress(**spam, actor=ACTOR, now=utc_now())
    tab = reverse("messages:customer", args=[ann.id])
    lift = reverse("messages:lift", args=[ann.id, Suppression.objects.get().id])
    manager = sign_in(Role.MANAGER)
    shown = manager.get(tab).content.decode()
    assert ("Only a new yes" in shown, lift in shown) == (True, False)
    manager.post(lift, {"note": "x"}, HTTP_REFERER=f"http://testserver{tab}")
    assert Suppression.objects.get().lifted_at is None


@pytest.mark.slow
def test_what_waits_for_a_day_that_never_comes_says_so(sign_in, send, company):
    browser, sent = sign_in(Role.MANAGER), send()
    later = utc_now() + timedelta(hours=9)
    Contact.objects.filter(id=sent.contact_id).update(state=ContactState.DELAYED, held_by="hours", due_at=later)
    pages = [("index", ()), ("detail", (sent.contact_id,)), ("customer", (Contact.objects.get().owner_id,))]
    assert all("stands still" not in text(get(browser, name, *args)) for name, args in pages)
    company.as_of_date = utc_now().date() - timedelta(days=9)
    company.save()
    Contact.objects.update(created_at=company.moment(later))
    listed, one, hers = (text(get(browser, name, *args)) for name, args in pages)
    assert "1 message waits for a moment after" in listed
    assert "but today stands still on" in one
    assert "today stands still before that" in hers
    Contact.objects.update(held_by="", due_at=later)  # a provider's wish goes by the clock
    assert all("stands still" not in text(get(browser, name, *args)) for name, args in pages)
