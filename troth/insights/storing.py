"""Scores into the database: the old ones out, the new ones in by bulk copy, in the caller's transaction.

Readers see the old scores until the transaction commits, then the new ones, never a mixture.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from troth.value.later import csv, duckdb, pa, pl

from .lake.manifest import sync_directory, sync_file
from .market_models import CustomerMarket
from .models import (
    CustomerChurn,
    CustomerOutlook,
    CustomerScore,
    Introduction,
    ProductSuggestion,
)
from .prospect_models import Prospect

BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Target:
    """A table of what is told of customers; every run replaces its rows. values: column -> DuckDB expression."""

    table: str
    values: Mapping[str, str]

    def clear(self) -> None:
        """Delete every row."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table}")

    def count(self) -> int:
        """Return how many rows there are."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {self.table}")
            return int(cursor.fetchone()[0])


def _money(column: str) -> str:
    return f"({column} * 10000)::bigint"


def _fixed(column: str) -> str:
    """Of a float, to ten-thousandths."""
    return f"round({column} * 10000)::bigint"


_SCORES: dict[str, str] = {
    "owner_id": "customer_id",
    "run_id": "$run_id",
    "as_of_date": "$as_of_date::date",
    "computed_at": "$computed_at",
    "frequency": "frequency",
    "recency_days": "recency::integer",
    "age_days": "T::integer",
    "monetary_value": _fixed("monetary_value"),
    "purchases": "purchases",
    "orders": "orders",
    "days_since_last_purchase": "days_since_last_purchase",
    "first_purchase_date": "first_purchase_date",
    "last_purchase_date": "last_purchase_date",
    "revenue": _money("revenue"),
    "profit": _money("profit"),
    "profit_assumed_share": _fixed("profit_assumed_share"),
    "service_cost": _money("service_cost"),
    "returns": "returns",
    "returned": _money("returned"),
    "discount_share": _fixed("discount_share"),
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
    "band_place": _fixed("band_place"),
    "status": "status",
    "status_before": "coalesce(status_before, '')",
    "usual_gap_days": _fixed("usual_gap_days"),
    "sleeping_after_days": "sleeping_after_days",
    "lost_after_days": "lost_after_days",
    "rung": "rung",
    "rung_before": "coalesce(rung_before, '')",
    "reasons": "reasons",
}
_OUTLOOK: dict[str, str] = {
    "owner_id": "customer_id",
    "run_id": "$run_id",
    "as_of_date": "$as_of_date::date",
    "computed_at": "$computed_at",
    "probability_alive": _fixed("probability_alive"),
    "alive_low": _fixed("alive_low"),
    "alive_high": _fixed("alive_high"),
    "expected_purchases": _fixed("expected_purchases"),
    "made_value": _money("made_value"),
    "potential_value": _fixed("potential_value"),
    "potential_low": _fixed("potential_low"),
    "potential_high": _fixed("potential_high"),
    "net_value": _fixed("net_value"),
    "net_low": _fixed("net_low"),
    "net_high": _fixed("net_high"),
    "reward_share": _fixed("reward_share"),
    "referred": "referred",
    "influence_value": _fixed("influence_value"),
    "wallet_share": _fixed("wallet_share"),
    "wallet_low": _fixed("wallet_low"),
    "wallet_high": _fixed("wallet_high"),
    "wallet_source": "coalesce(wallet_source, '')",
    "loyalty_index": _fixed("loyalty_index"),
    "loyalty_confidence": _fixed("loyalty_confidence"),
    "behaviour": _fixed("behaviour"),
    "attitude": _fixed("attitude"),
    "loyalty_type": "loyalty_type",
    "loyalty_hold": "coalesce(loyalty_hold, '')",
    "type_is_assumed": "type_is_assumed",
    "type_confidence": _fixed("type_confidence"),
    "type_reasons": "type_reasons",
    "quarter": "quarter",
    "action": "coalesce(action, '')",
    "action_reason": "coalesce(action_reason, '')",
    "stake": _fixed("stake"),
    "stake_kind": "coalesce(stake_kind, '')",
}
_SUGGESTIONS: dict[str, str] = {
    "owner_id": "customer_id",
    "run_id": "$run_id",
    "as_of_date": "$as_of_date::date",
    "computed_at": "$computed_at",
    "products": "products",
}
_INTRODUCTIONS: dict[str, str] = {
    "owner_id": "customer_id",
    "run_id": "$run_id",
    "as_of_date": "$as_of_date::date",
    "computed_at": "$computed_at",
    "introducer_id": "introducer_id",
}
_MARKETS: dict[str, str] = {
    "owner_id": "customer_id",
    "run_id": "$run_id",
    "as_of_date": "$as_of_date::date",
    "computed_at": "$computed_at",
    "market": "market",
    "satisfaction": _fixed("satisfaction"),
    "stayed": "stayed",
    "corner": "corner",
}
_PROSPECTS: dict[str, str] = {
    "owner_id": "customer_id",
    "run_id": "$run_id",
    "as_of_date": "$as_of_date::date",
    "computed_at": "$computed_at",
    "rung": "rung",
    "reason": "reason",
    "source": "source",
    "known_date": "known_date",
}
_CHURN: dict[str, str] = {
    "owner_id": "customer_id",
    "run_id": "$run_id",
    "as_of_date": "$as_of_date::date",
    "computed_at": "$computed_at",
    "probability": _fixed("probability"),
    "ahead_days": "ahead_days",
    "reasons": "reasons",
}

SCORES = Target(CustomerScore._meta.db_table, _SCORES)
OUTLOOK = Target(CustomerOutlook._meta.db_table, _OUTLOOK)
STANDING = Target(SCORES.table, {name: _SCORES[name] for name in ("owner_id", "band", "status", "rung")})
SUGGESTIONS = Target(ProductSuggestion._meta.db_table, _SUGGESTIONS)
INTRODUCTIONS = Target(Introduction._meta.db_table, _INTRODUCTIONS)
MARKETS = Target(CustomerMarket._meta.db_table, _MARKETS)
PROSPECTS = Target(Prospect._meta.db_table, _PROSPECTS)
CHURN = Target(CustomerChurn._meta.db_table, _CHURN)


_IDS = ("owner_id", "introducer_id")  # SQLite keeps ids without dashes


def put(target: Target, frame: pl.DataFrame, **run: Any) -> int:
    """Let the rows of a frame take the place of all that is there; return how many there are.

    run: run_id, as_of_date, computed_at. Next to every row changes from day to day, so that writing them anew is
    cheaper than comparing; sorted by their key they go into its index one after the other.
    """
    target.clear()
    _fill(target.table, target, frame.sort("customer_id"), run)
    return frame.height


def leave_out_unscored(target: Target) -> int:
    """Delete the rows of people erased and of records merged since, who have no score; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {target.table} WHERE owner_id NOT IN (SELECT owner_id FROM {SCORES.table})")
        return int(cursor.rowcount)


@contextmanager
def staged(target: Target, frame: pl.DataFrame) -> Iterator[str]:
    """Hold the rows of a frame in a temporary table within the block; yields its name."""
    columns, staging = ", ".join(target.values), f"{target.table}_staging"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {staging}")
        cursor.execute(f"CREATE TEMP TABLE {staging} AS SELECT {columns} FROM {target.table} WHERE 1 = 0")
    _fill(staging, target, frame, {})
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {staging}")  # so that what compares a million rows with a million is planned as that
        yield staging
        cursor.execute(f"DROP TABLE {staging}")


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


def _fill(table: str, target: Target, frame: pl.DataFrame, run: dict[str, Any]) -> None:
    columns, rows = ", ".join(target.values), _rows(target, frame, run)
    if connection.vendor == "postgresql":
        _copy(table, rows, columns)
    else:
        _insert(table, rows, columns)


def _rows(target: Target, frame: pl.DataFrame, run: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    """The values of a target in batches, so that no more than one is there as text."""
    values = ", ".join(f"{expression} AS {name}" for name, expression in target.values.items())
    with duckdb.connect(config={"autoload_known_extensions": False}) as duck:
        duck.register("found", frame.to_arrow())
        relation = duck.sql(f"SELECT {values} FROM found", params=_parameters(**run) if run else None)
        yield from relation.to_arrow_reader(BATCH_ROWS)


def _parameters(*, run_id: UUID, as_of_date: date, computed_at: datetime) -> dict[str, str]:
    return {
        "run_id": _id_text(run_id),
        "as_of_date": as_of_date.isoformat(),
        "computed_at": _moment_text(computed_at),
    }


def _copy(table: str, rows: Iterator[pa.RecordBatch], columns: str) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for batch in rows:
            text = io.BytesIO()
            csv.write_csv(batch, text, csv.WriteOptions(include_header=False, quoting_style="needed"))
            copy.write(text.getbuffer())


def _insert(table: str, rows: Iterator[pa.RecordBatch], columns: str) -> None:
    marks = ", ".join("?" for _ in columns.split(", "))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
    for batch in rows:
        lists = [_plain(batch.column(name), name) for name in batch.schema.names]
        connection.connection.executemany(statement, zip(*lists, strict=True))


def _plain(column: pa.Array, name: str) -> list[Any]:
    values: list[Any] = (column.cast(pa.string()) if pa.types.is_date(column.type) else column).to_pylist()
    return [text.replace("-", "") for text in values] if name in _IDS else values


def _id_text(given: UUID) -> str:
    return str(given) if connection.vendor == "postgresql" else given.hex


def _moment_text(moment: datetime) -> str:
    return moment.isoformat() if connection.vendor == "postgresql" else moment.strftime("%Y-%m-%d %H:%M:%S.%f")
