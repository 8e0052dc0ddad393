"""People by the million, made inside the database with a statement for each table, on PostgreSQL and on SQLite."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

# Ids are kind-0000-7000-8000-number: they grow as those of the program do.
PERSON, CONSENT = "01900000", "01900001"
NUMBERS = "WITH RECURSIVE made(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM made WHERE n + 1 < %s)"


def person(number: int) -> UUID:
    """Return the id of a person, from 0."""
    return UUID(f"{PERSON}-0000-7000-8000-{number:012x}")


def make(count: int, now: datetime) -> None:
    """Make so many people: every second speaks Chinese, they joined on 2,000 days from 2020 on."""
    from troth.customers.models import Customer

    is_postgres = connection.vendor == "postgresql"
    day = "DATE '2020-01-01' + n %% 2000" if is_postgres else "date('2020-01-01', '+' || (n %% 2000) || ' days')"
    fill(
        Customer,
        count,
        {
            "id": id_of(PERSON),
            "language": "CASE n %% 2 WHEN 0 THEN 'en' ELSE 'zh-hans' END",
            "joined_date": day,
        },
        {
            "customer_kind": "person",
            "name": "Made Up",
            "country": "CN",
            "is_made_up": True,
            "created_at": now,
            "updated_at": now,
        },
    )


def give_addresses(count: int, now: datetime) -> None:
    """Give the first so many an e-mail address, and their consent to everything."""
    from troth.customers.models import Consent, Identity

    address = {"owner_id": id_of(PERSON), "value": "'made-up-' || n || '@example.com'"}
    fill(Identity, count, address, {"identity_kind": "email", "is_primary": True, "created_at": now})
    act = {"id": id_of(CONSENT), "owner_id": id_of(PERSON)}
    said = {"purpose": "marketing", "channel": "any", "is_given": True, "source": "bench", "proof": "bench"}
    fill(Consent, count, act, {**said, "occurred_at": now, "recorded_at": now, "actor": "system:bench"})


def id_of(kind: str) -> str:
    """Return the expression of the id that the n-th row of a kind has."""
    if connection.vendor == "postgresql":
        return f"('{kind}-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
    return f"printf('{kind}000070008000%%012x', n)"


def fill(
    model: type[models.Model], count: int, made: Mapping[str, str], fixed: Mapping[str, Any], first: int = 0
) -> None:
    """Insert rows with n from the first up to the count: columns made of n, with one value, and the model's defaults.

    A per cent sign stands twice in what is made of n.
    """
    own = {
        field.column: field.get_default()
        for field in model._meta.concrete_fields
        if field.column and field.column not in made and not isinstance(field, models.AutoField)
    }
    fields = {field.column: field for field in model._meta.concrete_fields}
    values = {name: fields[name].get_db_prep_save(value, connection) for name, value in {**own, **fixed}.items()}
    columns = ", ".join(f'"{name}"' for name in (*made, *values))
    marks = ", ".join((*made.values(), *("%s" for _one in values)))
    statement = f'INSERT INTO "{model._meta.db_table}" ({columns}) {NUMBERS} SELECT {marks} FROM made'
    with connection.cursor() as cursor:
        cursor.execute(statement, [first, count, *values.values()])
