"""Drafts, versions, and what has to be mended before publishing."""

import pytest

from troth.events.models import Event
from troth.messaging import templates
from troth.messaging.models import TemplateVersion
from troth.messaging.text_errors import TemplateChangedError, TemplateRefusedError

from .conftest import ACTOR, NOW, rendered

BODY = {"email": {"subject": "Hello", "body": "One"}}


def document(body: str) -> dict:
    return {"languages": {"en": {"email": {"subject": "Hello", "body": body}}}}


def saved(code: str, body: str, revision: int = 1):
    return templates.save_draft(
        actor=ACTOR, now=NOW, code=code, revision=revision, name="Hello", purpose="marketing", document=document(body)
    )


def test_a_version_never_changes_and_drafts_are_not_sent(publish, smith):
    first = publish(en=BODY)
    saved("hello", "Two")
    assert rendered("hello", smith.id).text.startswith("One")
    second = templates.publish(actor=ACTOR, now=NOW, code="hello", note="shorter")
    assert (first.number, second.number) == (1, 2)
    assert rendered("hello", smith.id).text.startswith("Two")
    assert rendered("hello", smith.id).version == 2
    assert TemplateVersion.objects.get(number=1).document == {"languages": {"en": BODY}}
    happened = Event.objects.filter(name="messaging.template.published").order_by("id")
    assert [event.data for event in happened] == [
        {"template": "hello", "version": 1},
        {"template": "hello", "version": 2},
    ]


def test_publishing_without_a_change_makes_no_version(publish):
    assert publish(en=BODY) == templates.publish(actor=ACTOR, now=NOW, code="hello")
    assert TemplateVersion.objects.count() == 1


def test_two_writers_do_not_overwrite_each_other(publish):
    publish(en=BODY)
    saved("hello", "Mine")
    with pytest.raises(TemplateChangedError):
        saved("hello", "Yours", revision=1)
    assert templates.template("hello").document == document("Mine")


def test_an_old_version_becomes_the_draft_again(publish):
    publish(en=BODY)
    saved("hello", "Two")
    templates.publish(actor=ACTOR, now=NOW, code="hello")
    templates.restore_version(actor=ACTOR, now=NOW, code="hello", number=1)
    assert templates.publish(actor=ACTOR, now=NOW, code="hello").document == {"languages": {"en": BODY}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ nobody_knows }}", "nobody_knows"),
        ("{% if x %}", "endif"),
        ("{{ name | unheard }}", "unheard"),
        ("[x](javascript:1)", "leads nowhere"),
        ("[x]({% if name %}https://a.example{% endif %})", "leads nowhere"),
        ("{{ points | divided_by: 0 }}", "division"),
    ],
)
def test_what_is_wrong_is_not_published(publish, body, said):
    publish(en=BODY)
    saved("hello", body)
    with pytest.raises(TemplateRefusedError) as refused:
        templates.publish(actor=ACTOR, now=NOW, code="hello")
    assert said in str(refused.value)
    assert refused.value.fields["problems"][0]["language"] == "en"
    assert templates.template("hello").published_number == 1


def test_a_text_without_a_subject_or_any_text_is_not_published(company):
    templates.create_template(actor=ACTOR, now=NOW, code="empty", name="Empty", purpose="service")
    with pytest.raises(TemplateRefusedError):
        templates.publish(actor=ACTOR, now=NOW, code="empty")
    assert not TemplateVersion.objects.exists()


def test_a_language_that_lacks_is_only_a_hint(company):
    found = templates.problems(templates.Document.model_validate({"languages": {"en": BODY}}), purpose="marketing")
    assert [(one.language, one.is_error) for one in found] == [("zh-hans", False)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "hello"}, "code"),
        ({"code": "no spaces"}, "code"),
        ({"name": " "}, "name"),
        ({"purpose": "profiling"}, "purpose"),
        ({"document": {"languages": {"fr": {}}}}, "languages.fr.[key]"),
        ({"document": {"facts": [{"code": "Bad Code"}]}}, "facts.0.code"),
    ],
)
def test_a_template_that_breaks_a_rule_is_refused(publish, change, field):
    publish(en=BODY)
    with pytest.raises(TemplateRefusedError) as refused:
        templates.create_template(
            **{"actor": ACTOR, "now": NOW, "code": "new", "name": "New", "purpose": "service", **change}
        )
    assert refused.value.fields["field"] == field
    assert [one.code for one in templates.all_templates()] == ["hello"]


def test_a_long_sms_says_what_it_costs(company):
    found = templates.problems(
        templates.Document.model_validate({"languages": {"zh-hans": {"sms": {"body": "好" * 71}}}}), purpose="service"
    )
    assert any("71 characters" in one.text and "2 SMS" in one.text for one in found)
