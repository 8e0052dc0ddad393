"""Adding and changing customers, and what is refused."""

from datetime import date, timedelta

import pytest

from troth.customers import queries, services
from troth.customers.errors import (
    CustomerChangedError,
    CustomerNotFoundError,
    CustomerRefusedError,
    IdentityRefusedError,
    IdentityTakenError,
)
from troth.customers.models import Customer, DuplicateBasis, DuplicateSuggestion, Identity, SearchTerm
from troth.events.models import Event
from troth.kit.ids import new_id

from .conftest import NOW


def test_a_person_is_added_with_what_identifies_them(actor, add_person):
    person = add_person("王小明", phone="138 1234 5678", email="Wang@QQ.com", city="上海", source="till")

    stored = queries.customer(person.id)
    assert (stored.name, stored.family_name, stored.given_name) == ("王小明", "王", "小明")
    assert stored.search_key == "wang xiaoming"
    values = list(queries.identities_of(person.id).values_list("identity_kind", "value", "tail", "is_primary"))
    assert values == [("email", "wang@qq.com", ".com", True), ("phone", "+8613812345678", "5678", True)]
    [event] = Event.objects.filter(owner_id=person.id)
    assert (event.name, event.data, event.actor) == (
        "customers.customer.created",
        {"source": "till"},
        "system:test",
    )


def test_events_carry_no_personal_data(actor, add_person):
    person = add_person("王小明", phone="13812345678", email="w@qq.com")
    services.update_customer(actor=actor, now=NOW, customer_id=person.id, street="张杨路500号", city="上海")
    services.add_identity(actor=actor, now=NOW, customer_id=person.id, kind="card", value="8800 1234")

    written = " ".join(str(event.data) for event in Event.objects.all())

    for secret in ("王小明", "13812345678", "w@qq.com", "张杨路", "88001234"):
        assert secret not in written


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "A", "country": "China"}, "country"),
        ({"name": "A", "time_zone": "Beijing"}, "time_zone"),
        ({"name": "A", "birth_date": date(2026, 3, 3)}, "birth_date"),
        ({"name": "A", "birth_date": date(1890, 1, 1)}, "birth_date"),
        ({"name": "A", "gender": "x"}, "gender"),
        ({"name": "A" * 201}, "name"),
        ({"name": "A", "revision": 9}, "revision"),
    ],
)
def test_a_field_that_breaks_its_rule_adds_nobody(db, actor, fields, field):
    with pytest.raises(CustomerRefusedError) as refusal:
        services.create_customer(actor=actor, now=NOW, **fields)

    assert refusal.value.fields["field"] == field
    assert not Customer.objects.exists()
    assert not Event.objects.exists()


def test_a_change_raises_the_revision_and_names_the_fields(actor, add_person):
    person = add_person("Anna Berg")

    services.update_customer(
        actor=actor, now=NOW + timedelta(days=1), customer_id=person.id, name="Anna Berg-Lind", city="Malmö"
    )

    stored = queries.customer(person.id)
    assert (stored.name, stored.city, stored.revision) == ("Anna Berg-Lind", "Malmö", 2)
    assert stored.updated_at == NOW + timedelta(days=1)
    event = Event.objects.get(name="customers.customer.updated")
    assert event.data == {"fields": ["city", "name"]}
    assert queries.find("lind", limit=5) == [stored]


def test_a_change_to_the_same_is_no_change(actor, add_person):
    person = add_person("Anna Berg", city="Malmö")
    services.update_customer(actor=actor, now=NOW, customer_id=person.id, city="Malmö ")
    assert queries.customer(person.id).revision == 1
    assert Event.objects.count() == 1


def test_a_change_from_an_old_revision_is_refused(actor, add_person):
    person = add_person("Anna Berg")
    services.update_customer(actor=actor, now=NOW, customer_id=person.id, city="Malmö", expected_revision=1)
    with pytest.raises(CustomerChangedError):
        services.update_customer(actor=actor, now=NOW, customer_id=person.id, city="Lund", expected_revision=1)
    assert queries.customer(person.id).city == "Malmö"


def test_an_unknown_customer_is_not_found(db, actor):
    with pytest.raises(CustomerNotFoundError):
        services.update_customer(actor=actor, now=NOW, customer_id=new_id(), city="Lund")


def test_a_phone_belongs_to_one_customer(actor, add_person):
    first = add_person("王小明", phone="13812345678")

    with pytest.raises(IdentityTakenError) as refusal:
        add_person("李静", phone="+86 138-1234-5678")

    assert refusal.value.fields == {"field": "phone", "value": "+8613812345678", "customer": str(first.id)}
    assert Customer.objects.count() == 1
    assert SearchTerm.objects.filter(term="李静").count() == 0


def test_a_taken_phone_can_become_a_suspicion_instead_of_a_refusal(actor, add_person):
    first = add_person("王小明", phone="13812345678")

    second = add_person("王晓明", phone="13812345678", email="wxm@qq.com", on_taken="suggest")

    assert [i.value for i in queries.identities_of(second.id)] == ["wxm@qq.com"]
    [pair] = DuplicateSuggestion.objects.all()
    assert {pair.left_id, pair.right_id} == {first.id, second.id}
    assert (pair.basis, pair.probability) == (DuplicateBasis.IDENTITY, 0.95)
    codes = [(reason["field"], reason["code"]) for reason in pair.reasons]
    assert codes == [("phone", "given_for_both"), ("name", "sounds_same")]


def test_the_same_identity_twice_is_one(actor, add_person):
    person = add_person("王小明", phone="13812345678")
    again = services.add_identity(actor=actor, now=NOW, customer_id=person.id, kind="phone", value="008613812345678")
    assert again.value == "+8613812345678"
    assert Identity.objects.count() == 1


def test_removing_the_primary_phone_makes_the_next_one_primary(actor, add_person):
    person = add_person("王小明", phone="13812345678")
    services.add_identity(actor=actor, now=NOW, customer_id=person.id, kind="phone", value="13900000000")
    first = Identity.objects.get(value="+8613812345678")

    services.remove_identity(actor=actor, now=NOW, customer_id=person.id, identity_id=first.pk)

    [left] = queries.identities_of(person.id)
    assert (left.value, left.is_primary) == ("+8613900000000", True)
    with pytest.raises(IdentityRefusedError):
        services.remove_identity(actor=actor, now=NOW, customer_id=person.id, identity_id=first.pk)


def test_external_ids_are_unique_per_source(actor, add_person):
    one, two = add_person("A"), add_person("B")
    add = services.add_identity
    add(actor=actor, now=NOW, customer_id=one.id, kind="external", value="17", source="shop")
    add(actor=actor, now=NOW, customer_id=two.id, kind="external", value="17", source="till")

    assert queries.customer_by_identity("external", "17", source="shop") == one
    assert queries.customer_by_identity("external", "17", source="till") == two
    assert queries.customer_by_identity("external", "17") is None
    with pytest.raises(IdentityTakenError):
        add(actor=actor, now=NOW, customer_id=two.id, kind="external", value="17", source="shop")


@pytest.mark.parametrize(
    ("kind", "written", "stored"),
    [
        ("phone", "１３８１２３４５６７８", "+8613812345678"),
        ("phone", "+1 (212) 555-0123", "+12125550123"),
        ("phone", "021-5888 1234", "+862158881234"),
        ("email", "  Wang.X@QQ.COM ", "wang.x@qq.com"),
        ("card", "8800-1234 ab", "88001234AB"),
        ("wechat_openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    ],
)
def test_identities_are_brought_to_one_form(kind, written, stored):
    assert services.normalized(services.NewIdentity(kind, written), country="CN").value == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "1.38E+10"),
        ("phone", "12"),
        ("phone", "none"),
        ("email", "wang"),
        ("email", "a@" + "b" * 250 + ".com"),
        ("card", " "),
        ("card", "1" * 201),
        ("external", "a\x00b"),
        ("fax", "1234"),
    ],
)
def test_what_cannot_be_an_identity_is_refused(kind, value):
    with pytest.raises(IdentityRefusedError):
        services.normalized(services.NewIdentity(kind, value), country="CN")
