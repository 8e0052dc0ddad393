"""Rows written past the ORM: what is stored is what was given, on both databases."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection

from troth.activity.models import DocumentKey
from troth.events.models import Event
from troth.kit import rows
from troth.kit.among import array_of
from troth.kit.ids import new_id
from troth.kit.json_text import json_text
from troth.kit.reading import fetch

pytestmark = pytest.mark.django_db

AWKWARD = [
    "", "NULL", "null", "a,b", "{x}", 'say "so"', "back\\slash", " edge ", "恒客", "line\nbreak", "it's", "%s",
    "tab\tstop", "\r\n", "\\N", "\\.", "\\t", "ends with \\", "\x1f\x7f", "\u2028",
]  # fmt: skip
COLUMNS = ("document_kind", "source", "external_id", "document_id", "owner_id")


def test_awkward_texts_are_stored_and_found_as_they_are():
    owner = new_id()
    rows.insert_missing(DocumentKey, COLUMNS, [("order", "till", text, new_id(), owner) for text in AWKWARD])
    assert sorted(DocumentKey.objects.values_list("external_id", flat=True)) == sorted(AWKWARD)
    found = DocumentKey.objects.filter(external_id__among=AWKWARD, owner_id__among=[owner])
    assert sorted(one for (one,) in fetch(found.values_list("external_id"))) == sorted(AWKWARD)


def test_awkward_values_are_inserted_as_they_are():
    owner, now = new_id(), datetime(2026, 11, 22, 5, 0, 0, 1, tzinfo=UTC)
    rows.insert(DocumentKey, COLUMNS, [("order", "till", text, new_id(), str(owner)) for text in AWKWARD])
    assert sorted(DocumentKey.objects.values_list("external_id", flat=True)) == sorted(AWKWARD)

    columns = ("id", "owner_id", "name", "occurred_at", "recorded_at", "actor", "data")
    stored = {"texts": AWKWARD, "number": 1.5, "none": None, "nested": [{"a": [True]}]}
    rows.insert(Event, columns, [(new_id(), owner, "made.up", now, now, "", json_text(stored))])
    (event,) = Event.objects.filter(owner_id=owner)
    assert (event.data, event.occurred_at, event.actor) == (stored, now, "")


def test_what_is_there_stays_and_holds_up_nothing_else():
    first, second = new_id(), new_id()
    rows.insert_missing(DocumentKey, COLUMNS, [("order", "till", "1", first, first)])
    rows.insert_missing(
        DocumentKey, COLUMNS, [("order", "till", "1", second, second), ("order", "till", "2", second, second)]
    )
    assert dict(DocumentKey.objects.values_list("external_id", "document_id")) == {"1": first, "2": second}


def test_nothing_to_insert_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        rows.insert_missing(DocumentKey, COLUMNS, [])


@pytest.mark.postgres
def test_every_kind_of_value_comes_back_out_of_an_array():
    if connection.vendor != "postgresql":
        pytest.skip("arrays are PostgreSQL's")
    moment = datetime(2026, 11, 22, 5, 0, 0, 1, tzinfo=UTC)
    kinds = {
        "uuid": [UUID(int=5), None],
        "bigint": [2**62, -1, None],
        "boolean": [True, False, None],
        "date": [date(2026, 11, 22), None],
        "timestamptz": [moment, None],
        "text": [*AWKWARD, None],
    }
    with connection.cursor() as cursor:
        for kind, values in kinds.items():
            cursor.execute(f"SELECT * FROM unnest(%s::{kind}[])", [array_of(values)])
            assert [value for (value,) in cursor.fetchall()] == values
