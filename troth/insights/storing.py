"""Scores into the database: staged, then put in place by a few statements on whole sets, in the caller's
transaction.

Readers see the old scores until the transaction commits, then the new ones, never a mixture.
"""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import polars as pl
import pyarrow as pa
from django.db import connection
from pyarrow import csv

from .lake.manifest import sync_directory, sync_file
from .models import CustomerScore

STAGING = "score_staging"
TABLE = CustomerScore._meta.db_table
BATCH_ROWS = 50_000


def _money(column: str) -> str:
    return f"({column} * 10000)::bigint"


# Column of the table -> DuckDB expression over the frame of `value.scores` and the run.
VALUES: dict[str, str] = {
    "owner_id": "customer_id",
    "run_id": "$run_id",
    "as_of_date": "$as_of_date::date",
    "computed_at": "$computed_at",
    "frequency": "frequency",
    "recency_days": "recency::integer",
    "age_days": "T::integer",
    "monetary_value": "round(monetary_value * 10000)::bigint",
    "purchases": "purchases",
    "orders": "orders",
    "days_since_last_purchase": "days_since_last_purchase",
    "first_purchase_date": "first_purchase_date",
    "last_purchase_date": "last_purchase_date",
    "revenue": _money("revenue"),
    "profit": _money("profit"),
    "profit_assumed_share": "round(profit_assumed_share * 10000)::bigint",
    "service_cost": _money("service_cost"),
    "returns": "returns",
    "returned": _money("returned"),
    "discount_share": "round(discount_share * 10000)::bigint",
    "categories": "categories",
    "window_revenue": _money("window_revenue"),
    "window_profit": _money("window_profit"),
    "window_ordered": _money("window_ordered"),
    "window_assumed": _money("window_assumed"),
    "r_score": "r_score",
    "f_score": "f_score",
    "m_score": "m_score",
    "rfm": "rfm",
    "rfm_segment": "rfm_segment",
    "band": "band",
    "band_place": "round(band_place * 10000)::bigint",
    "status": "status",
    "status_before": "coalesce(status_before, '')",
    "usual_gap_days": "round(usual_gap_days * 10000)::bigint",
    "sleeping_after_days": "sleeping_after_days",
    "lost_after_days": "lost_after_days",
    "rung": "rung",
    "reasons": "reasons",
}


def stage(frame: pl.DataFrame, *, run_id: UUID, as_of_date: Any, computed_at: datetime) -> None:
    """Fill a temporary table like the scores' with the rows of `value.scores`."""
    columns = ", ".join(VALUES)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {STAGING}")
        cursor.execute(f"CREATE TEMP TABLE {STAGING} AS SELECT {columns} FROM {TABLE} WHERE 1 = 0")
    rows = _rows(frame, run_id=run_id, as_of_date=as_of_date, computed_at=computed_at)
    if connection.vendor == "postgresql":
        _copy(rows, columns)
    else:
        _insert(rows, columns)
    with connection.cursor() as cursor:  # so that what compares a million rows with a million is planned as that
        cursor.execute(f"CREATE UNIQUE INDEX {STAGING}_owner ON {STAGING} (owner_id)")
        cursor.execute(f"ANALYZE {STAGING}")


def replace() -> int:
    """Let the staged rows take the place of all scores; return how many there are."""
    names = list(VALUES)
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name != "owner_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE NOT EXISTS (SELECT 1 FROM {STAGING} s WHERE s.owner_id = {TABLE}.owner_id)"
        )
        cursor.execute(
            f"INSERT INTO {TABLE} ({', '.join(names)}) SELECT {', '.join(names)} FROM {STAGING} WHERE true"
            f" ON CONFLICT (owner_id) DO UPDATE SET {updates}"
        )
        cursor.execute(f"SELECT count(*) FROM {STAGING}")
        (count,) = cursor.fetchone()
        cursor.execute(f"DROP TABLE {STAGING}")
    return int(count)


def write_snapshot(lake: Path, frame: pl.DataFrame, as_of_date: Any) -> Path:
    """Keep the scores as of this day in the lake; a later run of the same day takes its place."""
    folder = lake / "scores"
    folder.mkdir(parents=True, exist_ok=True)
    target, partial = folder / f"{as_of_date}.parquet", folder / f".{as_of_date}.partial"
    frame.write_parquet(partial, compression="zstd")
    sync_file(partial)
    partial.replace(target)
    sync_directory(folder)
    return target


def _rows(frame: pl.DataFrame, **run: Any) -> Iterator[pa.RecordBatch]:
    values = ", ".join(f"{expression} AS {name}" for name, expression in VALUES.items())
    with duckdb.connect(config={"autoload_known_extensions": False}) as duck:
        duck.register("scores", frame.to_arrow())
        parameters = {
            "run_id": _id_text(run["run_id"]),
            "as_of_date": run["as_of_date"].isoformat(),
            "computed_at": _moment_text(run["computed_at"]),
        }
        relation = duck.sql(f"SELECT {values} FROM scores", params=parameters)
        yield from relation.to_arrow_reader(BATCH_ROWS)


def _copy(rows: Iterator[pa.RecordBatch], columns: str) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {STAGING} ({columns}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for batch in rows:
            text = io.BytesIO()
            csv.write_csv(batch, text, csv.WriteOptions(include_header=False, quoting_style="needed"))
            copy.write(text.getbuffer())


def _insert(rows: Iterator[pa.RecordBatch], columns: str) -> None:
    marks = ", ".join("?" for _ in VALUES)
    statement = f"INSERT INTO {STAGING} ({columns}) VALUES ({marks})"
    for batch in rows:
        lists = [_plain(batch.column(name), name) for name in batch.schema.names]
        connection.connection.executemany(statement, zip(*lists, strict=True))


def _plain(column: pa.Array, name: str) -> list[Any]:
    values: list[Any] = (column.cast(pa.string()) if pa.types.is_date(column.type) else column).to_pylist()
    return [text.replace("-", "") for text in values] if name == "owner_id" else values


def _id_text(given: UUID) -> str:
    return str(given) if connection.vendor == "postgresql" else given.hex


def _moment_text(moment: datetime) -> str:
    return moment.isoformat() if connection.vendor == "postgresql" else moment.strftime("%Y-%m-%d %H:%M:%S.%f")
