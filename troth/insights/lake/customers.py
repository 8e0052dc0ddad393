"""The customers' file: written anew by each export, every record with the one it ends at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from troth.value.later import duckdb

from . import engine
from .facts import CUSTOMERS
from .manifest import LakeFile, sync_directory, sync_file
from .source import Source
from .writing import WRITE

MAX_DOUBLINGS = 32


def write(
    opened: duckdb.DuckDBPyConnection, lake: Path, source: Source, export: str, report: Callable[[int], None]
) -> list[LakeFile]:
    """Write all customer records and return the file."""
    (lake / CUSTOMERS.name).mkdir(parents=True, exist_ok=True)
    path = f"{CUSTOMERS.name}/{export}.parquet"
    with engine.session(opened) as duck:
        rows = _load(duck, source, report)
        _follow_links(duck)
        duck.execute(
            "COPY (SELECT c.customer_id, coalesce(l.linked_id, c.customer_id) AS canonical_id,"
            " c.kind, c.joined_date,"
            " c.is_erased FROM customers c LEFT JOIN links l USING (customer_id) ORDER BY c.customer_id)"
            f" TO {engine.quoted(lake / path)} {WRITE}"
        )
    sync_file(lake / path)
    sync_directory(lake / CUSTOMERS.name)
    return [LakeFile(path, rows)]


def _load(duck: duckdb.DuckDBPyConnection, source: Source, report: Callable[[int], None]) -> int:
    duck.execute(
        "CREATE TEMP TABLE customers"
        " (customer_id uuid, linked_id uuid, kind varchar, joined_date date, is_erased boolean)"
    )
    rows = 0
    for block in source.blocks(f"FROM {CUSTOMERS.table} {CUSTOMERS.alias}", CUSTOMERS.columns):
        duck.register("block", block)
        duck.execute(f"INSERT INTO customers SELECT {', '.join(CUSTOMERS.parquet)} FROM block")
        duck.unregister("block")
        rows += block.num_rows
        report(rows)
    return rows


def _follow_links(duck: duckdb.DuckDBPyConnection) -> None:
    """Let each merged record point at the end of its chain: every round doubles the length that is
    followed.
    """
    duck.execute("CREATE TEMP TABLE links AS SELECT customer_id, linked_id FROM customers WHERE linked_id IS NOT NULL")
    for _round in range(MAX_DOUBLINGS):
        (changed,) = duck.execute(
            "UPDATE links SET linked_id = n.linked_id FROM links n WHERE n.customer_id = links.linked_id"
        ).fetchone() or (0,)
        if not changed:
            return
