"""Consent in files: in both languages, with proof, never anew what was refused here."""

import pytest

from troth.customers import queries
from troth.customers import services as customers
from troth.customers.models import Consent, Customer
from troth.events.models import Event
from troth.imports import headers
from troth.imports.targets import Shape, of_shape
from troth.kit import clock

from .conftest import ACTOR, noted_of

FILE = "会员编号,姓名,是否接收短信,同意邮件营销\nC1,王小明,是,否\nC2,李静,同意,\nC3,赵六,也许,是\n"


def acts():
    rows = Consent.objects.order_by("owner_id", "channel")
    return [(row.channel, row.is_given) for row in rows]


def test_headers_are_guessed_in_both_languages():
    chinese = headers.guess(["会员编号", "是否接收短信", "同意邮件营销", "个性化推荐"], of_shape(Shape.CUSTOMERS))
    assert chinese == {
        "customer_id": 0, "consent_marketing_sms": 1, "consent_marketing_email": 2, "consent_profiling": 3,
    }  # fmt: skip
    english = headers.guess(["Customer ID", "SMS opt-in", "Email", "Marketing consent"], of_shape(Shape.CUSTOMERS))
    assert english == {"customer_id": 0, "consent_marketing_sms": 1, "email": 2, "consent_marketing_any": 3}


@pytest.mark.slow
def test_consent_comes_in_with_the_import_as_its_proof(bring):
    run = bring(FILE, Shape.CUSTOMERS, source="crm")
    assert run.report["done"] == {"customers_created": 3, "consents_recorded": 4}
    assert noted_of(run) == {(4, "是否接收短信"): "unknown_word"}  # a perhaps is neither yes nor no
    assert acts() == [("email", False), ("sms", True), ("sms", True), ("email", True)]
    given = Consent.objects.filter(is_given=True).first()
    assert (given.purpose, given.source, given.proof) == ("marketing", "crm", f"import {run.id}")
    assert Event.objects.filter(name="customers.consent.given").count() == 3
    assert Event.objects.filter(name="customers.consent.withdrawn").count() == 1
    again = bring(FILE, Shape.CUSTOMERS, source="crm", name="again.csv")
    assert "consents_recorded" not in again.report["done"]
    assert len(acts()) == 4


@pytest.mark.slow
def test_a_yes_in_a_file_renews_nothing_that_was_withdrawn_here_but_a_no_counts(bring):
    bring(FILE, Shape.CUSTOMERS)
    wang = Customer.objects.get(name="王小明")
    customers.record_consent(
        actor=ACTOR, now=clock.utc_now(), customer_id=wang.id, purpose="marketing", channel="sms",
        is_given=False, source="phone",
    )  # fmt: skip
    run = bring(FILE.replace("同意,\n", "退订,\n"), Shape.CUSTOMERS, name="later.csv")
    assert run.report["mended"]["consent_refused_before"] == 1
    assert run.report["done"]["consents_recorded"] == 1
    sms = {state.channel: state.is_given for state in queries.consents_of(wang.id)}
    assert sms["sms"] is False
    li = Customer.objects.get(name="李静")
    assert [state.is_given for state in queries.consents_of(li.id)] == [False]


@pytest.mark.slow
def test_a_dry_run_records_no_consent(bring):
    run = bring(FILE, Shape.CUSTOMERS, is_dry_run=True)
    assert run.report["done"]["consents_recorded"] == 4
    assert acts() == []
