"""Consent, attributes, tags, households: what holds of one customer."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from troth.customers import queries, services
from troth.customers.errors import AttributeRefusedError, CustomerRefusedError, HouseholdRefusedError
from troth.customers.models import AttributeDefinition, Consent, CustomerAttribute, Household, Tag
from troth.events.models import Event
from troth.kit.ids import new_id

from .conftest import NOW


def act(actor, customer, day, is_given, channel="sms", **fields):
    moment = NOW + timedelta(days=day)
    given = {"purpose": "marketing", "channel": channel, "source": "till", "proof": "form 7", **fields}
    return services.record_consent(actor=actor, now=moment, customer_id=customer.id, is_given=is_given, **given)


def held(customer):
    return {(state.purpose.value, state.channel.value): state.is_given for state in queries.consents_of(customer.id)}


def test_the_newest_act_counts_and_every_act_stays(actor, add_person):
    person = add_person("A")
    act(actor, person, 1, is_given=True)
    act(actor, person, 2, is_given=False, proof="")
    act(actor, person, 3, is_given=True, channel="email")

    assert held(person) == {("marketing", "email"): True, ("marketing", "sms"): False}
    assert Consent.objects.count() == 3
    names = list(
        Event.objects.filter(name__startswith="customers.consent").order_by("id").values_list("name", flat=True)
    )
    assert names == ["customers.consent.given", "customers.consent.withdrawn", "customers.consent.given"]


def test_an_act_that_is_told_late_does_not_overrule_a_newer_one(actor, add_person):
    person = add_person("A")
    act(actor, person, 5, is_given=False)
    act(actor, person, 6, is_given=True, occurred_at=NOW + timedelta(days=1))
    assert held(person) == {("marketing", "sms"): False}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"purpose": "spam"}, "purpose"),
        ({"channel": "fax"}, "channel"),
        ({"source": " "}, "source"),
        ({"proof": ""}, "proof"),
        ({"occurred_at": NOW + timedelta(days=9)}, "occurred_at"),
    ],
)
def test_consent_without_what_proves_it_is_refused(actor, add_person, fields, field):
    person = add_person("A")
    with pytest.raises(CustomerRefusedError) as refusal:
        act(actor, person, 1, is_given=True, **fields)
    assert refusal.value.fields["field"] == field
    assert not Consent.objects.exists()


@pytest.mark.parametrize("refused", [0, 1])
def test_the_stricter_consent_survives_a_merge(actor, add_person, refused):
    people = [add_person("A"), add_person("B")]
    act(actor, people[refused], 1, is_given=False)
    act(actor, people[1 - refused], 2, is_given=True)

    merge = services.merge(actor=actor, now=NOW + timedelta(days=3), canonical_id=people[0].id, merged_id=people[1].id)
    assert held(people[0]) == {("marketing", "sms"): False}

    services.unmerge(actor=actor, now=NOW + timedelta(days=4), merge_id=merge.id)
    assert held(people[refused]) == {("marketing", "sms"): False}
    assert held(people[1 - refused]) == {("marketing", "sms"): True}


@pytest.mark.parametrize("refused", [0, 1])
def test_consent_given_anew_after_the_merge_holds_for_both(actor, add_person, refused):
    people = [add_person("A"), add_person("B")]
    act(actor, people[refused], 1, is_given=False)
    services.merge(actor=actor, now=NOW + timedelta(days=3), canonical_id=people[0].id, merged_id=people[1].id)
    act(actor, people[1], 4, is_given=True)
    assert held(people[0]) == {("marketing", "sms"): True}


def test_consent_withdrawn_while_merged_stays_withdrawn_for_both(actor, add_person):
    one, two = add_person("A"), add_person("B")
    act(actor, one, 1, is_given=True)
    act(actor, two, 1, is_given=True)
    merge = services.merge(actor=actor, now=NOW + timedelta(days=3), canonical_id=one.id, merged_id=two.id)
    act(actor, one, 4, is_given=False)
    services.unmerge(actor=actor, now=NOW + timedelta(days=5), merge_id=merge.id)
    assert held(one) == held(two) == {("marketing", "sms"): False}


@pytest.fixture
def definitions(db, actor):
    for code, kind, more in [
        ("shoe_size", "number", {"unit": "EU"}),
        ("skin", "choice", {"choices": ["dry", "oily"]}),
        ("wedding", "date", {}),
        ("parks", "boolean", {}),
        ("likes", "text", {}),
    ]:
        services.define_attribute(actor=actor, now=NOW, code=code, label=code.title(), attribute_type=kind, **more)


def test_attributes_are_read_as_their_type(actor, add_person, definitions):
    person = add_person("A")
    values = {"shoe_size": "42.5", "skin": "dry", "wedding": "2019-05-20", "parks": "是", "likes": " tea "}

    services.set_attributes(actor=actor, now=NOW, customer_id=person.id, values=values)

    stored = {state.definition.code: state.value for state in queries.attributes_of(person.id)}
    assert stored == {
        "shoe_size": Decimal("42.5"), "skin": "dry", "wedding": date(2019, 5, 20), "parks": True,
        "likes": "tea",
    }  # fmt: skip
    services.set_attributes(actor=actor, now=NOW, customer_id=person.id, values={"likes": "", "skin": "dry"})
    assert CustomerAttribute.objects.count() == 4
    changes = Event.objects.filter(name="customers.attribute.set").order_by("id").values_list("data", flat=True)
    assert list(changes) == [{"attributes": sorted(values)}, {"attributes": ["likes"]}]


@pytest.mark.parametrize(
    "values",
    [
        {"shoe_size": "big"},
        {"shoe_size": "1e40"},
        {"shoe_size": True},
        {"skin": "green"},
        {"wedding": "20 May"},
        {"parks": "maybe"},
        {"likes": "x" * 301},
        {"unknown": "1"},
    ],
)
def test_an_attribute_of_another_type_is_refused_with_all_others(actor, add_person, definitions, values):
    person = add_person("A")
    with pytest.raises(AttributeRefusedError):
        services.set_attributes(actor=actor, now=NOW, customer_id=person.id, values={"likes": "tea", **values})
    assert not CustomerAttribute.objects.exists()


def test_an_attribute_keeps_its_type_while_it_has_values(actor, add_person, definitions):
    person = add_person("A")
    services.set_attributes(actor=actor, now=NOW, customer_id=person.id, values={"likes": "tea"})
    with pytest.raises(AttributeRefusedError):
        services.define_attribute(actor=actor, now=NOW, code="likes", label="Likes", attribute_type="number")
    with pytest.raises(AttributeRefusedError):
        services.define_attribute(actor=actor, now=NOW, code="color", label="Colour", attribute_type="choice")
    with pytest.raises(AttributeRefusedError, match="is taken"):
        services.define_attribute(actor=actor, now=NOW, code="likes", label="Other", attribute_type="text", is_new=True)
    assert AttributeDefinition.objects.get(code="likes").attribute_type == "text"
    assert not AttributeDefinition.objects.filter(code="color").exists()


def test_tags_are_put_on_once_and_taken_off(actor, add_person):
    person = add_person("A")
    tag = services.add_tag(actor=actor, now=NOW, customer_id=person.id, name="  VIP  guest ")
    assert services.add_tag(actor=actor, now=NOW, customer_id=person.id, name="VIP guest") == tag
    assert [t.name for t in queries.tags_of(person.id)] == ["VIP guest"]
    services.remove_tag(actor=actor, now=NOW, customer_id=person.id, tag_id=tag.pk)
    services.remove_tag(actor=actor, now=NOW, customer_id=person.id, tag_id=tag.pk)
    assert not queries.tags_of(person.id)
    assert Event.objects.filter(name__startswith="customers.tag").count() == 2
    with pytest.raises(CustomerRefusedError):
        services.add_tag(actor=actor, now=NOW, customer_id=person.id, name=" ")
    assert Tag.objects.count() == 1


def test_another_head_takes_the_place_of_the_former(actor, add_person):
    one, two = add_person("王建国"), add_person("李芳")
    home = services.make_household(actor=actor, now=NOW, head_id=one.id)
    services.join_household(actor=actor, now=NOW, customer_id=two.id, household_id=home.id)
    services.make_head(actor=actor, now=NOW, customer_id=two.id)
    services.make_head(actor=actor, now=NOW, customer_id=two.id)
    members = queries.household_members([home.id])[home.id]
    assert [(person.id, place.role) for person, place in members] == [(two.id, "head"), (one.id, "member")]
    changed = Event.objects.filter(name="customers.household.role_changed").values_list("owner_id", flat=True)
    assert sorted(changed) == sorted([one.id, two.id])
    with pytest.raises(HouseholdRefusedError):
        services.make_head(actor=actor, now=NOW, customer_id=add_person("X").id)


def test_a_household_is_renamed_once(actor, add_person):
    home = services.make_household(actor=actor, now=NOW, head_id=add_person("A").id, name="王家")
    for name in ("李家 ", "李家"):
        services.rename_household(actor=actor, now=NOW, household_id=home.id, name=name)
    assert queries.household_or_none(home.id).name == "李家"
    assert Event.objects.filter(name="customers.household.renamed").count() == 1
    with pytest.raises(HouseholdRefusedError):
        services.rename_household(actor=actor, now=NOW, household_id=new_id(), name="x")
    assert [found.name for found in queries.households()] == ["李家"]


def test_a_merged_member_is_shown_as_who_they_are_now(actor, add_person):
    one, two = add_person("A"), add_person("B")
    home = services.make_household(actor=actor, now=NOW, head_id=one.id)
    services.merge(actor=actor, now=NOW, canonical_id=two.id, merged_id=one.id, reason="test")
    assert [person.id for person, _place in queries.household_members([home.id])[home.id]] == [two.id]
    services.leave_household(actor=actor, now=NOW, customer_id=two.id)
    assert not Household.objects.exists()


def test_a_household_has_one_head_and_a_customer_one_household(actor, add_person):
    one, two, three = add_person("王建国"), add_person("李秀英"), add_person("王小明")
    home = services.make_household(actor=actor, now=NOW, head_id=one.id, name="王家")
    join = services.join_household
    join(actor=actor, now=NOW, customer_id=three.id, household_id=home.id, role="child")
    join(actor=actor, now=NOW, customer_id=two.id, household_id=home.id)

    place = queries.household_of(three.id)
    assert [member.name for member, _row in place.members] == ["王建国", "李秀英", "王小明"]
    second_head = {"customer_id": add_person("X").id, "household_id": home.id, "role": "head"}
    for refused in ({"customer_id": two.id, "household_id": home.id}, second_head):
        with pytest.raises(HouseholdRefusedError):
            join(actor=actor, now=NOW, **refused)

    for person in (one, two, three):
        services.leave_household(actor=actor, now=NOW, customer_id=person.id)
    assert not Household.objects.exists()
    assert queries.household_of(one.id) is None
    with pytest.raises(HouseholdRefusedError):
        services.leave_household(actor=actor, now=NOW, customer_id=one.id)
