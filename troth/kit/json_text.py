"""JSON as text: made by the quickest encoder there is here, and kept in a column that only the program reads.

A jsonb column parses what is written and stores it larger than its text; that is worth it where SQL looks inside.
"""

import json
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from pydantic_core import to_json


def json_text(value: Any) -> str:
    """Return plain values as JSON without needless spaces: lists, dicts, texts, numbers, ids, moments, enums."""
    try:
        return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()
    except TypeError:  # what it has no words for, such as Decimal, keys that are no texts, numbers beyond 64 bits
        return to_json(value).decode()


def sorted_json(value: Any) -> bytes:
    """Return JSON values as JSON that is the same whatever the order of their keys."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # numbers beyond 64 bits, half a pair of surrogates
        return json.dumps(value, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder).encode()


class JsonTextField(models.TextField[Any, Any]):
    """Plain values to the program, JSON text to the database."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else json_text(value)

    def value_to_string(self, obj: Any) -> Any:
        return self.value_from_object(obj)
