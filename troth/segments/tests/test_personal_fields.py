"""Who may not see personal data may not count by them either: over the whole catalogue of fields."""

from typing import Any

import pytest
from django.apps import apps

from troth.access.actors import Actor
from troth.access.permissions import ALL_PERMISSIONS, Permission
from troth.customers.models import AttributeDefinition, CustomerAttribute
from troth.kit.conditions import compiling
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.fields import Field, ValueType
from troth.kit.conditions.operators import Shape, operators_of
from troth.kit.conditions.tree import Comparison
from troth.kit.tables import DataClass
from troth.segments import queries, services
from troth.segments.models import Segment

from .conftest import NOW

ANALYST = Actor("user", "ana", "Ana", ALL_PERMISSIONS - {Permission.CUSTOMERS_VIEW_PERSONAL})
MANAGER = Actor("user", "mia", "Mia", ALL_PERMISSIONS)
ASKS_NOTHING = {ValueType.BOOLEAN: "is_true", ValueType.CHOICE_SET: "is_empty", ValueType.TEXT_SET: "is_empty"}
OF_BIRTH = {"all": [{"field": "customer.birthday", "operator": "on", "value": "1990-05-06"}]}


@pytest.fixture
def attributes(company):
    AttributeDefinition.objects.create(code="shoe", label="Shoe size", attribute_type="number", is_personal=True)
    AttributeDefinition.objects.create(code="tier", label="Old tier", attribute_type="text", is_personal=False)


def sql_of(field: Field) -> str:
    """Return the SQL of a comparison of the field."""
    numbers = (ValueType.COUNT, ValueType.NUMBER, ValueType.MONEY)
    if field.type in ASKS_NOTHING:
        comparison = Comparison(field.code, ASKS_NOTHING[field.type])
    elif field.type in numbers:
        comparison = Comparison(field.code, "at_least", 1)
    else:
        comparison = Comparison(field.code, "is_empty")
    return compiling.members(comparison, queries.catalogue(), queries.as_of(NOW)).sql


def personal_columns(sql: str) -> set[str]:
    """Return the columns in the SQL that some model it reads from classifies as personal."""
    return {
        f"{model.__name__}.{name}"
        for model in apps.get_models()
        if f'"{model._meta.db_table}"' in sql
        for name, data_class in getattr(model, "data_map", {}).items()
        if data_class is not DataClass.BUSINESS and f'"{name}"' in sql
    }


@pytest.mark.slow
def test_every_field_that_reads_personal_columns_is_marked(attributes):
    own = {f"{CustomerAttribute.__name__}.{kind}_value" for kind in ("text", "number", "date", "boolean")}
    fields = list(queries.catalogue())
    assert len(fields) > 30
    for field in fields:
        read = personal_columns(sql_of(field))
        if field.code.startswith("attribute."):  # the company says of each attribute whether it is personal
            read -= own
            assert field.is_personal == (field.code == "attribute.shoe")
        else:
            assert field.is_personal == bool(read), f"{field.code} reads {read}"


def test_the_personal_fields_are_these(attributes):
    assert {field.code for field in queries.catalogue() if field.is_personal} == {
        "customer.gender", "customer.age", "customer.birthday", "address.region", "address.city",
        "address.district", "address.postcode", "attribute.shoe",
    }  # fmt: skip


def test_each_personal_field_is_refused_by_name_with_every_operator(attributes):
    everything, allowed = queries.catalogue(), queries.catalogue(ANALYST)
    assert [field.code for field in everything if not field.is_personal] == [field.code for field in allowed]
    for field in everything:
        for operator in operators_of(field):
            leaf: dict[str, Any] = {"field": field.code, "operator": operator.code}
            if not field.is_personal:
                if operator.shape is Shape.NONE:
                    queries.condition_of(leaf, allowed)
                continue
            for definition in (leaf, {"all": [leaf]}, {"not": {"any": [leaf]}}):
                with pytest.raises(ConditionInvalidError) as refused:
                    queries.condition_of(definition, allowed)
                assert (refused.value.status, refused.value.problems[0].code) == (403, "field_withheld")
                assert f"“{field.label}” ({field.code})" in str(refused.value)
                assert "(customers.view_personal)" in str(refused.value)


def test_a_condition_that_is_also_wrong_is_refused_as_wrong(company):
    definition = {"all": [*OF_BIRTH["all"], {"field": "no.such", "operator": "is", "value": 1}]}
    with pytest.raises(ConditionInvalidError) as refused:
        queries.condition_of(definition, queries.catalogue(ANALYST))
    assert (refused.value.status, len(refused.value.problems)) == (422, 2)


def test_neither_made_nor_saved_nor_published_by_who_may_not_ask(company):
    act = {"actor": ANALYST, "now": NOW}
    with pytest.raises(ConditionInvalidError):
        services.create_segment(name="Born that day", definition=OF_BIRTH, **act)
    assert Segment.objects.count() == 0
    segment = services.create_segment(name="Born that day", definition=OF_BIRTH, actor=MANAGER, now=NOW)
    for write in (services.publish, lambda **who: services.save_draft(definition=OF_BIRTH, **who)):
        with pytest.raises(ConditionInvalidError):
            write(segment_id=segment.id, **act)
    segment.refresh_from_db()
    assert (segment.version_number, segment.revision) == (0, 1)
    assert services.publish(segment_id=segment.id, actor=MANAGER, now=NOW).number == 1
