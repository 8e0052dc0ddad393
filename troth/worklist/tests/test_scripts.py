"""Call scripts: filled in with facts, in both languages, by versions; hostile ones do no harm."""

import time
from datetime import date
from decimal import Decimal

import pytest

from troth.access.permissions import Role
from troth.activity.models import Order
from troth.customers.models import Customer
from troth.worklist import filling, liquid, services
from troth.worklist.errors import ScriptRefusedError, ScriptStateError
from troth.worklist.models import CallScript, CallScriptVersion

from .conftest import ACTOR, LATER, NOW, hire, login_of, make


def filled(source, facts=None):
    return liquid.rendered(source, facts or {})


def test_facts_are_filled_in_and_gaps_are_seen():
    facts = {"customer": {"name": "李雷"}, "order": {"items": ["tea", "cup"]}}
    assert filled("{{ customer.name }}: {{ order.items | join }}", facts) == "李雷: tea, cup"
    assert filled("In {{ customer.city }}", facts) == "In ____"
    assert filled("In {{ customer.city | default: 'town' }}", facts) == "In town"
    assert filled("{% if customer.city %}x{% else %}y{% endif %}", facts) == "y"


def test_days_and_amounts_are_said_in_the_language(settings):
    facts = {"day": date(2026, 11, 5), "amount": Decimal("1234.5")}
    assert filled("{{ day | day }} {{ amount | money: 'CNY' }}", facts) == "5 November 2026 CN¥1,234.50"
    assert filled("{{ missing | day }} {{ missing | number }} {{ 'x' | money }}") == "____ ____ x"


HOSTILE = {
    "loop": "{% for i in (1..100000000) %}x{% endfor %}",
    "loops in loops": "{% for a in (1..400) %}{% for b in (1..400) %}{% endfor %}{% endfor %}",
    "doubling": "{% assign s = 'aaaaaaaaaa' %}{% for i in (1..400) %}{% assign s = s | append: s %}{% endfor %}",
    "squaring": "{% assign n = 9 %}{% for i in (1..400) %}{% assign n = n | times: n %}{% endfor %}{{ n }}",
    "squaring at once": "{% assign n = 99999999 %}"
    + "{% assign n = n | times: n %}" * 12
    + "{{ n"
    + " | times: n" * 500
    + "}}",
    "a large number written small": "{{ '1e9999999' | round }}",
    "doubling at once": "{% assign s = 'aaaaaaaaaa' %}"
    + "{% assign s = s | append: s %}" * 11
    + "{{ s"
    + " | append: s" * 500
    + " | size }}",
    "output": "{% for a in (1..499) %}" + "x" * 100 + "{% endfor %}",
    "nesting": "{% if 1 %}" * 60 + "{% endif %}" * 60,
    "include": "{% include '/etc/passwd' %}",
    "render": "{% render 'secret' %}",
    "division": "{{ 1 | divided_by: 0 }}",
    "unknown filter": "{{ 'x' | base64_decode }}",
    "range backwards": "{% for i in (1..99999999999) reversed %}{% break %}{% endfor %}",
    "range looked through": "{% if (1..99999999999) contains 'x' %}{% endif %}",
    "range kept": "{% assign r = (1..99999999999) %}{% if r contains 0.5 %}{% endif %}",
    "range joined": "{{ (1..1000000000) | join: '' }}",
    "range as a case": "{% case (1..9) %}{% when 1 %}{% endcase %}",
    "replacing": "{{ 'aaaaaaaaaa'" + " | replace: 'a', 'aaaaaaaaaa'" * 12 + " | size }}",
    "unknown tag": "{% tablerow i in (1..9) %}x{% endtablerow %}",
    "broken": "{% if",
    "long": "x" * 8_001,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_script_is_refused_at_once(name):
    started = time.monotonic()
    with pytest.raises(ScriptRefusedError):
        filled(HOSTILE[name], {"s": "x"})
    assert time.monotonic() - started < 30


def test_a_script_reaches_no_insides_of_objects():
    facts = {"customer": {"name": "x"}}
    for path in ("customer.__class__", "customer.name.__class__.__mro__", "customer.keys", "customer.name.upper"):
        assert filled("{{ " + path + " }}", facts) == "____"


def test_a_fact_that_is_itself_liquid_stays_text():
    assert filled("{{ customer.name }}", {"customer": {"name": "{{ company.name }}{% raw %}"}}) == (
        "{{ company.name }}{% raw %}"
    )


@pytest.mark.django_db
def test_our_scripts_can_be_filled_in_for_anybody(company, ann, li):
    for kind in ("call", "return_visit"):
        task = make(kind, kind=kind, customer_id=ann.id)
        for language in ("en", "zh-hans"):
            found = filling.fill(task, actor=login_of(li), now=LATER, language=language)
            assert found is not None
            assert found.version == 0
            assert "Li" in found.text
            assert "{" not in found.text


@pytest.mark.django_db
def test_a_script_is_in_the_customers_language_and_names_the_last_order(company, li):
    wang = Customer.objects.create(
        name="王芳",
        family_name="王",
        given_name="芳",
        gender="female",
        language="zh-hans",
        created_at=NOW,
        updated_at=NOW,
    )
    Order.objects.create(
        owner_id=wang.id, source="till", external_id="A-7", occurred_at=NOW, order_date=NOW.date(), currency="CNY",
        net_amount=Decimal(80), full_price_amount=Decimal(80), recorded_at=NOW, updated_at=NOW,
    )  # fmt: skip
    found = filling.fill(make(customer_id=wang.id), actor=login_of(li), now=LATER)
    assert found is not None
    assert found.text.startswith("您好，请问是王女士吗？我是Test的Li。")
    assert "您上次在2026年11月22日购买了" in found.text
    assert found.missing == ("order.items",)


@pytest.mark.django_db
def test_who_may_not_see_names_reads_a_masked_one(company, ann):
    clerk = hire("kim", role=Role.CLERK)
    facts = filling.facts_of(ann, None, actor=login_of(clerk), now=LATER)
    assert facts["customer"] == {"name": "A••", "salutation": "A••"}


@pytest.mark.django_db
def test_a_draft_is_read_by_nobody_until_it_is_published(company, ann, li):
    task = make(customer_id=ann.id)
    services.save_script(code="call", name="Call", body="Hello {{ customer.name }}!", actor=ACTOR, now=NOW)
    before = filling.fill(task, actor=login_of(li), now=LATER, language="en")
    assert before is not None
    assert before.version == 0
    services.publish_script("call", actor=ACTOR, now=NOW)
    after = filling.fill(task, actor=login_of(li), now=LATER, language="zh")
    assert after == filling.Filled("Hello Ann!", (), 1, "zh")
    done = services.complete(task.id, outcome="reached", actor=login_of(li), now=LATER)
    assert done.script_version == 1


@pytest.mark.django_db
def test_what_another_saved_meanwhile_is_not_overwritten(company):
    services.save_script(code="call", name="Call", body="One", expected_revision=0, actor=ACTOR, now=NOW)
    for act in (
        lambda: services.save_script(code="call", name="x", body="Two", expected_revision=0, actor=ACTOR, now=NOW),
        lambda: services.publish_script("call", expected_revision=0, actor=ACTOR, now=NOW),
        lambda: services.publish_script("unheard", actor=ACTOR, now=NOW),
    ):
        with pytest.raises(ScriptStateError):
            act()
    assert (CallScript.objects.get().draft, CallScriptVersion.objects.count()) == ("One", 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "with space"}, "code"),
        ({"name": ""}, "name"),
        ({"body": " "}, "body"),
        ({"body": "{% if"}, "body"),
        ({"body_zh": "{{ x | unheard }}"}, "body_zh"),
    ],
)
def test_a_wrong_script_is_not_kept(company, values, field):
    with pytest.raises(ScriptRefusedError) as refused:
        services.save_script(**({"code": "call", "name": "Call", "body": "Hi"} | values), actor=ACTOR, now=NOW)
    assert refused.value.fields["field"] == field
    assert CallScript.objects.count() == 0


@pytest.mark.django_db
def test_a_fact_that_no_task_knows_is_named(company):
    assert filling.unknown_facts("{{ customer.name }} {{ facts.case }} {{ custmer.name }}") == ["custmer.name"]


@pytest.mark.django_db
def test_taken_out_of_use_ours_is_read_again(company, ann, li):
    services.save_script(code="call", name="Call", body="Hello", actor=ACTOR, now=NOW)
    services.publish_script("call", actor=ACTOR, now=NOW)
    services.archive_script("call", actor=ACTOR, now=NOW)
    found = filling.fill(make(customer_id=ann.id), actor=login_of(li), now=LATER)
    assert found is not None
    assert found.version == 0
