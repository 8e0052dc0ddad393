"""Erasure leaves nothing personal; the export holds everything kept."""

import json
from datetime import date

import pytest

from troth.access import idempotency
from troth.access.models import IdempotencyRecord
from troth.customers import hooks, masking, queries, services
from troth.customers.errors import CustomerErasedError
from troth.customers.models import Consent, Customer, DuplicateSuggestion, Identity, SearchTerm
from troth.events.models import Event
from troth.jobs import running
from troth.jobs.models import Job
from troth.kit.tables import DataClass

from .conftest import NOW

SECRETS = ("王小明", "wang", "13812345678", "w@qq.com", "张杨路", "1988", "form 9")


@pytest.fixture
def person(actor, add_person):
    person = add_person(
        "王小明",
        phone="13812345678",
        email="w@qq.com",
        street="张杨路500号",
        birth_date=date(1988, 4, 12),
        gender="male",
    )
    other = add_person("王小明", card="B2")
    services.record_consent(
        actor=actor,
        now=NOW,
        customer_id=person.id,
        purpose="marketing",
        is_given=True,
        source="till",
        proof="form 9",
    )
    services.suggest_duplicate(person.id, add_person("X").id, identity_kind="phone", now=NOW)
    services.merge(actor=actor, now=NOW, canonical_id=person.id, merged_id=other.id)
    return person


def test_erasure_leaves_nothing_personal_in_any_table_of_customers(actor, person):
    records = queries.record_ids(person.id)

    services.erase_customer(actor=actor, now=NOW, customer_id=person.id)

    tables = [(Customer, "id"), *((model, "owner_id") for model in (Identity, Consent, SearchTerm, Event))]
    rows = [list(model.objects.filter(**{f"{column}__in": records}).values()) for model, column in tables]
    stored = json.dumps(rows, default=str, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in stored.lower()]
    for record in Customer.objects.filter(id__in=records).values():
        private = [name for name, kind in Customer.data_map.items() if kind != DataClass.BUSINESS]
        assert not any(record[name] for name in private)
    assert Consent.objects.count() == 1
    assert not DuplicateSuggestion.objects.exists()
    assert queries.find("王小明", limit=5) == []
    event = Event.objects.get(name="customers.customer.erased")
    assert event.data == {"records": [str(record) for record in records]}


def test_erasure_empties_what_programs_were_told(actor, person):
    told = idempotency.Answer.of(201, {"id": str(person.id), "name": "王小明"})
    idempotency.perform_once(actor=actor, key="k", payload={}, now=NOW, operation=lambda: told)
    services.erase_customer(actor=actor, now=NOW, customer_id=person.id)
    running.run(Job.objects.get(name="customers.forget_answers").id)
    assert (IdempotencyRecord.objects.get().response, Job.objects.get().result) == ("", {"forgotten": 1})


def test_nothing_can_be_added_to_an_erased_customer(actor, person):
    services.erase_customer(actor=actor, now=NOW, customer_id=person.id)
    with pytest.raises(CustomerErasedError):
        services.update_customer(actor=actor, now=NOW, customer_id=person.id, name="王小明")
    with pytest.raises(CustomerErasedError):
        services.add_identity(actor=actor, now=NOW, customer_id=person.id, kind="phone", value="13812345678")
    assert not Identity.objects.exists()


def test_the_export_holds_all_sections_and_other_modules_add_theirs(actor, person, monkeypatch):
    step = hooks.ExportStep("orders", export=lambda records: [len(records)])
    monkeypatch.setattr(hooks, "_export_steps", {"orders": step})

    data = services.export_customer(actor=actor, now=NOW, customer_id=person.id)

    written = json.dumps(data, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret not in written.lower()]
    assert data["orders"] == [2]
    assert len(data["records"]) == 2
    assert [row["value"] for row in data["identities"]] == ["+8613812345678", "w@qq.com", "B2"]


def test_masks_leave_enough_to_recognise():
    assert masking.mask_name("王小明") == "王••"
    assert masking.mask_name("欧阳娜娜") == "欧阳••"
    assert masking.mask_name("Anna Berg") == "A•• B••"
    assert masking.mask_phone("+8613812345678") == "+86 ••• 5678"
    assert masking.mask_email("wang.x@qq.com") == "w•••@qq.com"
    assert masking.mask_identity("card", "88001234") == "••••1234"
    assert masking.mask_identity("external", "17") == "17"
    assert masking.mask_birthday(date(1988, 4, 12)) == "1980s"
