"""JSON as text: made by the quickest encoder there is here, and kept in a column that only the program reads.

A jsonb column parses what is written and stores it larger than its text; that is worth it where SQL looks inside.
"""

import json
from typing import Any

from django.db import models
from pydantic_core import to_json


def json_text(value: Any) -> str:
    """Return plain values as JSON without needless spaces: lists, tuples, dicts, texts, numbers, enums of texts.

    An enum takes twenty times as long as a text; where there are many, give `str(one)`.
    """
    return to_json(value).decode()


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
