"""Texts filled in: in the customer's language, for the channel, with headers, links and what was missing."""

import re

import pytest

from troth.customers import services as customers
from troth.kit.ids import new_id
from troth.messaging import brand, links, templates
from troth.messaging.text_errors import TemplateNotFoundError, TemplateRefusedError, TemplateUnpublishedError

from .conftest import ACTOR, NOW, rendered

MAIL_ZH = {"email": {"subject": "{{ salutation }}，您好", "body": "# 欢迎\n\n您有 **{{ points_name }}**。"}}
MAIL_EN = {"email": {"subject": "Hello {{ salutation }}", "body": "# Welcome\n\nSee [our shop](https://shop.example)."}}


def test_each_customer_gets_their_own_language(publish, wang, smith):
    """lesson: CSAT in the wrong language."""
    publish(zh_hans={"email": {"subject": "{{ salutation }}，您好", "body": "欢迎"}}, en=MAIL_EN)
    asked = [templates.ToRender("hello", wang.id), templates.ToRender("hello", smith.id)]
    found = templates.render_many(asked, now=NOW)
    assert [one.subject for one in found] == ["王女士，您好", "Hello Mr Smith"]
    assert [one.language for one in found] == ["zh-hans", "en"]
    assert '<html lang="zh-Hans"' in found[0].html


def test_a_language_that_is_not_written_falls_back(publish, smith):
    publish(zh_hans={"email": {"subject": "你好", "body": "欢迎"}})
    found = rendered("hello", smith.id)
    assert (found.subject, found.language) == ("你好", "zh-hans")


def test_the_text_part_says_the_same_without_tags(publish, smith):
    publish(en=MAIL_EN)
    found = rendered("hello", smith.id)
    assert found.text.startswith("Welcome\n\nSee our shop (https://shop.example).\n\n-- \nTest & Co")
    assert "Unsubscribe: http://127.0.0.1:8000/p/u/" in found.text
    assert "<h1" in found.html


def test_a_message_about_an_order_has_nothing_to_unsubscribe_from(publish, smith):
    publish(purpose="service", en=MAIL_EN)
    found = rendered("hello", smith.id, contact_id=new_id())
    assert "/p/u/" not in found.html + found.text
    assert found.headers == {}


def test_a_real_message_can_be_unsubscribed_with_one_click(publish, smith):
    publish(en=MAIL_EN)
    contact_id = new_id()
    found = rendered("hello", smith.id, contact_id=contact_id)
    assert found.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = found.headers["List-Unsubscribe"]
    token = re.fullmatch(r"<http://127.0.0.1:8000/p/u/([^>]+)>", url)
    assert token
    opened = links.opened("unsubscribe", token[1], now=NOW)
    assert opened.owner_id == smith.id
    assert opened.data == {"p": "marketing", "h": "email", "c": links.short_id(contact_id)}


def test_the_companys_look_is_in_the_mail(publish, smith):
    brand.change_brand(actor=ACTOR, now=NOW, color="#a00030", logo=b"\x89PNG\r\n\x1a\n")
    publish(en={"email": {"subject": "s", "body": "[[Go]](https://shop.example)"}})
    html = rendered("hello", smith.id).html
    assert 'bgcolor="#a00030"' in html
    assert re.search(r'<img src="http://127.0.0.1:8000/p/logo\?v=\w{16}" alt="Test &amp; Co"', html)
    assert "prefers-color-scheme:dark" in html


def test_links_are_followed_only_with_consent_to_profiling(publish, smith):
    publish(en=MAIL_EN)
    contact_id = new_id()
    assert 'href="https://shop.example"' in rendered("hello", smith.id, contact_id=contact_id).html
    customers.record_consent(
        actor=ACTOR, now=NOW, customer_id=smith.id, purpose="profiling", is_given=True, source="form", proof="ticked"
    )
    html = rendered("hello", smith.id, contact_id=contact_id).html
    assert 'href="https://shop.example"' not in html
    token = re.search(r'href="http://127.0.0.1:8000/p/l/([^"]+)"', html)
    assert token
    assert links.opened("click", token[1], now=NOW).data["u"] == "https://shop.example"
    assert '<a href="http://127.0.0.1:8000/p/u/' in html, "unsubscribing is never followed"
    assert 'href="https://shop.example"' in rendered("hello", smith.id).html, "a preview follows nobody"


def test_a_missing_fact_is_named(publish, smith):
    facts = [{"code": "order_number", "example": "8812"}]
    publish(en={"email": {"subject": "Order {{ order_number }}", "body": "{{ city }}"}}, facts=facts)
    assert rendered("hello", smith.id).missing == ("city", "order_number")
    assert rendered("hello", smith.id, facts={"order_number": "8812", "city": "Wuxi"}).missing == ()


def test_no_fact_begins_a_new_line_of_a_subject(publish, smith):
    publish(en={"email": {"subject": "For {{ city }}", "body": "x"}})
    found = rendered("hello", smith.id, facts={"city": "A\r\nBcc: all@example.com\u2028x"})
    assert found.subject == "For A Bcc: all@example.com x"


def test_an_sms_has_its_own_text_or_none(publish, smith):
    publish(en=MAIL_EN)
    assert rendered("hello", smith.id, channel="console").text.startswith("Welcome")
    publish(
        "code",
        purpose="service",
        en={
            "sms": {"body": "Hi {{ salutation }}", "provider_template": "SMS_1", "values": {"name": "{{ salutation }}"}}
        },
    )
    found = rendered("code", smith.id, channel="console")
    assert (found.text, found.extras) == ("Hi Mr Smith", {"template": "SMS_1", "values": {"name": "Mr Smith"}})


def test_one_broken_text_stops_no_other(publish, wang, smith):
    publish(en=MAIL_EN)
    templates.create_template(actor=ACTOR, now=NOW, code="draft", name="Draft", purpose="service")
    publish(
        "loop",
        en={"email": {"subject": "s", "body": "{% for i in list %}{% for j in list %}x{% endfor %}{% endfor %}"}},
        facts=[{"code": "list", "example": ""}],
    )
    asked = [
        templates.ToRender("nothing", wang.id),
        templates.ToRender("draft", wang.id),
        templates.ToRender("loop", wang.id, facts={"list": list(range(100))}),
        templates.ToRender("hello", smith.id),
    ]
    found = templates.render_many(asked, now=NOW)
    assert [one.refused for one in found] == ["template_not_found", "template_unpublished", "render_refused", ""]
    assert found[3].subject == "Hello Mr Smith"
    for code, error in (("nothing", TemplateNotFoundError), ("draft", TemplateUnpublishedError)):
        with pytest.raises(error):
            templates.render(code, language="", facts={}, customer=wang.id, now=NOW)


def test_the_customers_own_facts(publish, wang):
    source = "{{ name }} {{ birthday }} {{ member_years }} {{ company }} {{ today }}"
    publish(zh_hans={"email": {"subject": source, "body": "x"}})
    assert rendered("hello", wang.id).subject == "王小明 2026年3月8日 4 Test & Co 2026年3月2日"


def test_many_texts_cost_a_handful_of_queries(publish, wang, smith, django_assert_max_num_queries):
    publish(zh_hans={"email": {"subject": "{{ name }}", "body": "x"}}, en=MAIL_EN)
    asked = [templates.ToRender("hello", one) for one in [wang.id, smith.id] * 50]
    with django_assert_max_num_queries(14):
        found = templates.render_many(asked, now=NOW)
    assert len(found) == 100


def test_a_channel_without_a_text_is_refused(publish, smith):
    publish(en={"sms": {"body": "x"}})
    assert rendered("hello", smith.id, channel="sink").refused == "template_refused"
    with pytest.raises(TemplateRefusedError):
        templates.render("hello", language="en", facts={}, customer=smith.id, now=NOW)


def test_an_empty_fact_is_none(publish, smith):
    publish(
        en={"email": {"subject": "s", "body": "{% if gift %}A gift: {{ gift }}{% else %}No gift{% endif %}"}},
        facts=[{"code": "gift", "example": "tea"}],
    )
    assert rendered("hello", smith.id, facts={"gift": ""}).text.startswith("No gift")
    assert "<img" not in rendered("hello", smith.id).html, "no logo, no broken picture"
