"""Pages by cursor: each goes on after the last row of the one before, whatever was added meanwhile."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from .problems import CursorInvalidError

Row = TypeVar("Row", bound=Model)
DEFAULT_LIMIT = 50
MAX_LIMIT = 200


class Paging(BaseModel):
    """Which page of a list."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many items at most.")
    cursor: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="`next_cursor` of the page before; left out for the first.",
    )


PagingQuery = Annotated[Paging, Query(...)]


def page(found: QuerySet[Row], paging: Paging, *, keys: Sequence[str]) -> tuple[list[Row], str | None]:
    """Return one page of rows and the cursor of the next page, None on the last.

    keys: the fields to sort by, "-" for descending; together they must be unique and never null.

    Raises:
        CursorInvalidError: the cursor does not come from this list.
    """
    ordered = found.order_by(*keys)
    if paging.cursor is not None:
        ordered = ordered.filter(_after(keys, _values(found.model, keys, paging.cursor)))
    rows = list(ordered[: paging.limit + 1])
    if len(rows) <= paging.limit:
        return rows, None
    return rows[: paging.limit], cursor_after(rows[paging.limit - 1], keys)


def cursor_after(row: Model, keys: Sequence[str]) -> str:
    """Return the cursor of what comes after the row, in a list sorted by the keys."""
    values = [getattr(row, key.lstrip("-")) for key in keys]
    texts = [value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values]
    return urlsafe_b64encode(json.dumps([",".join(keys), *texts]).encode()).decode().rstrip("=")


def _after(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition of rows that stand after these values."""
    condition = Q()
    same = Q()
    for key, value in zip(keys, values, strict=True):
        name, operator = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
        condition |= same & Q(**{f"{name}__{operator}": value})
        same &= Q(**{name: value})
    return condition


def _storable(text: str) -> str:
    """Return the text, unless no database takes it."""
    text.encode()  # half a character (a lone surrogate) raises a ValueError
    if "\x00" in text:
        raise CursorInvalidError
    return text


def _values(model: type[Model], keys: Sequence[str], cursor: str) -> list[Any]:
    try:
        raw = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if not isinstance(raw, list) or len(raw) != len(keys) + 1 or raw[0] != ",".join(keys):
            raise CursorInvalidError
        fields: list[Any] = [model._meta.get_field(key.lstrip("-")) for key in keys]
        values = [field.to_python(_storable(str(text))) for field, text in zip(fields, raw[1:], strict=True)]
        # Moments are kept in UTC, where the first and the last of some offset do not exist.
        return [value.astimezone(UTC) if isinstance(value, datetime) else value for value in values]
    except (ValueError, binascii.Error, ValidationError, RecursionError, OverflowError) as error:
        raise CursorInvalidError from error
