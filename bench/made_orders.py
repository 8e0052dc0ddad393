"""Fill a database with made-up customers, orders and lines by set-based SQL, on SQLite and on PostgreSQL.

One row of each kind is made by the models, so that defaults and new columns are right; the database then multiplies it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

SEED = datetime(2024, 1, 1, tzinfo=UTC)
SECONDS_APART = 13


def fill(*, customers: int, first: int, last: int, lines: int) -> None:
    """Add orders number `first` to `last` − 1; with `first` 0 also the customers."""
    from django.db import connection, transaction

    from troth.activity.models import Order, OrderLine
    from troth.customers.models import Customer

    is_postgres = connection.vendor == "postgresql"
    moment, day = _moment_sql(is_postgres), _day_sql(is_postgres)
    with transaction.atomic():
        if not first:
            seed = Customer.objects.create(id=UUID(int=2**64), created_at=SEED, updated_at=SEED)
            _multiply(Customer, seed, {"id": _id_sql("n", is_postgres)}, 0, customers)
            seed.delete()
        order = _seed_order()
        owner = _id_sql(f"n % {customers}", is_postgres)
        changes = {
            "id": _id_sql("n", is_postgres), "owner_id": owner, "external_id": "'b' || n", "fingerprint": "'b' || n",
            "occurred_at": moment, "recorded_at": moment, "updated_at": moment, "order_date": day,
            "net_amount": "300000 + n % 900000", "full_price_amount": "300000 + n % 900000", "line_count": str(lines),
        }  # fmt: skip
        _multiply(Order, order, changes, first, last)
        line = _seed_line()
        for number in range(1, lines + 1):
            changes = {
                "owner_id": owner, "order_id": _id_sql("n", is_postgres), "line_no": str(number),
                "sku": f"'sku ' || (n * 7 + {number}) % 20000", "category": f"'category ' || (n + {number}) % 40",
                "brand": "'brand ' || n % 300",
            }  # fmt: skip
            _multiply(OrderLine, line, changes, first, last)
        order.delete()
        line.delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if not is_postgres else "VACUUM ANALYZE")


def _multiply(model: Any, seed: Any, changes: dict[str, str], first: int, last: int) -> None:
    from django.db import connection

    meta = model._meta
    columns = [field.column for field in meta.concrete_fields if field.column in changes or not field.primary_key]
    values = [changes.get(column, f"seed.{column}").replace("%", "%%") for column in columns]
    series = (
        f"generate_series({first}, {last} - 1) AS numbers(n)"
        if connection.vendor == "postgresql"
        else f"(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last} - 1)"
        " SELECT n FROM s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)}"
            f" FROM {series}, (SELECT * FROM {meta.db_table} WHERE {meta.pk.column} = %s) seed",
            [meta.pk.get_db_prep_value(seed.pk, connection)],
        )


def _seed_order() -> Any:
    from troth.activity.models import Order

    return Order.objects.create(
        id=UUID(int=2**64), owner_id=UUID(int=0), source="bench", external_id="seed", occurred_at=SEED,
        order_date=date(2024, 1, 1), currency="CNY", net_amount=Decimal(30), full_price_amount=Decimal(30),
        costed_amount=Decimal(20), cost_amount=Decimal(15), channel="store", fingerprint="x", recorded_at=SEED,
        updated_at=SEED,
    )  # fmt: skip


def _seed_line() -> Any:
    from troth.activity.models import OrderLine

    return OrderLine.objects.create(
        owner_id=UUID(int=0), order_id=UUID(int=2**64), line_no=1, sku="x", name="Made-up goods", category="x",
        quantity=Decimal(1), unit_price=Decimal(10), discount_amount=Decimal("0.5"), net_amount=Decimal("9.5"),
        unit_cost=Decimal("6.6"),
    )  # fmt: skip


def _id_sql(number: str, is_postgres: bool) -> str:
    return f"lpad(to_hex({number}), 32, '0')::uuid" if is_postgres else f"printf('%032x', {number})"


def _moment_sql(is_postgres: bool) -> str:
    if is_postgres:
        return f"timestamptz '2024-01-01 00:00+00' + n * interval '{SECONDS_APART} seconds'"
    return f"strftime('%Y-%m-%d %H:%M:%S', '2024-01-01', (n * {SECONDS_APART}) || ' seconds')"


def _day_sql(is_postgres: bool) -> str:
    if is_postgres:
        return f"(timestamp '2024-01-01' + n * interval '{SECONDS_APART} seconds')::date"
    return f"strftime('%Y-%m-%d', '2024-01-01', (n * {SECONDS_APART}) || ' seconds')"
