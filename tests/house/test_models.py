"""Every table says how it is placed when the database grows, and how private each of its columns is."""

import pytest
from django.apps import apps
from django.db.models import Model, UniqueConstraint

from troth.kit.tables import DataClass, TableKind

MODELS = [model for model in apps.get_models() if model.__module__.startswith("troth.")]

OWNED = [model for model in MODELS if getattr(model, "kind", None) == TableKind.OWNED]
DIRECTORIES = [model for model in MODELS if getattr(model, "kind", None) == TableKind.DIRECTORY]


def label(model: type[Model]) -> str:
    return model._meta.label


def owner_column(model: type[Model]) -> str:
    """Return the column that says whose a row is: `owner_id`, or the id of a customer or household itself."""
    return getattr(model, "owner_column", "owner_id")


def uniques(model: type[Model]) -> list[tuple[str, ...]]:
    """Return the columns of every uniqueness but the primary key's: a UUID is unique without a check."""
    constraints = [tuple(found.fields) for found in model._meta.constraints if isinstance(found, UniqueConstraint)]
    columns = [(field.name,) for field in model._meta.local_fields if field.unique and not field.primary_key]
    return [*constraints, *columns]


def test_the_models_are_found():
    assert len(MODELS) > 20


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_model_states_its_kind(model):
    assert isinstance(getattr(model, "kind", None), TableKind)


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_model_classifies_exactly_its_fields(model):
    fields = {field.name for field in [*model._meta.local_fields, *model._meta.local_many_to_many]}
    assert set(model.data_map) == fields
    assert {type(kind) for kind in model.data_map.values()} == {DataClass}


@pytest.mark.parametrize("model", OWNED, ids=label)
def test_an_owned_table_has_an_owner_in_every_uniqueness(model):
    owner = owner_column(model)
    assert owner in {field.attname for field in model._meta.local_fields}
    assert [columns for columns in uniques(model) if owner not in columns] == []


@pytest.mark.parametrize("model", OWNED, ids=label)
def test_an_owned_table_points_at_no_other_owners_rows(model):
    """A foreign key between owned tables would cross shards; to reference tables it may point."""
    targets = [field.related_model for field in model._meta.local_fields if field.is_relation]
    assert [label(found) for found in targets if found.kind not in {TableKind.REFERENCE, TableKind.OPERATIONAL}] == []


@pytest.mark.parametrize("model", DIRECTORIES, ids=label)
def test_a_directory_is_unique_by_its_key(model):
    assert uniques(model)


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_moment_ends_in_at_and_a_day_in_date(model):
    """But for Django's own field, and an attribute's value, which is named by its type."""
    kinds = {
        field.name: field.get_internal_type()
        for field in model._meta.local_fields
        if field.name not in {"last_login", "date_value"}
    }
    moments = {name for name, kind in kinds.items() if kind == "DateTimeField"}
    days = {name for name, kind in kinds.items() if kind == "DateField"}
    assert [name for name in moments if not name.endswith(("_at", "_until"))] == []
    assert [name for name in days if not name.endswith("_date")] == []
