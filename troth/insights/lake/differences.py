"""Which rows of the database the lake lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from troth.value.later import duckdb, pa

from . import engine
from .facts import LINES, ORDERS, Fact
from .manifest import Manifest


@dataclass(slots=True)
class Differences:
    """ids: rows the lake does not hold in their present revision; superseded: rows of the lake that they
    replace, by fact; is_lake_ahead: the lake knows a later revision than the database, which was set back
    to an older state."""

    ids: list[str] = field(default_factory=list)
    superseded: dict[str, int] = field(default_factory=dict)
    is_lake_ahead: bool = False


def find(
    opened: duckdb.DuckDBPyConnection, lake: Path, held: Manifest, fact: Fact, keys: Iterable[pa.Table]
) -> Differences:
    """Compare (id, revision) pairs of the database with the fact's files."""
    with engine.session(opened) as duck:
        duck.execute("CREATE TEMP TABLE keys (id uuid, revision integer)")
        for block in keys:
            duck.register("block", block)
            duck.execute("INSERT INTO keys SELECT id::uuid, revision FROM block")
            duck.unregister("block")
        files = held.paths(lake, fact.name)
        if not files:
            return Differences(ids=_column(duck, "SELECT id::varchar FROM keys"))
        duck.execute(
            f"CREATE TEMP TABLE known AS SELECT f.{fact.key} AS id, max(f.revision) AS revision"
            f" FROM {engine.scan(files)} f SEMI JOIN keys k ON k.id = f.{fact.key} GROUP BY 1"
        )
        return Differences(
            ids=_column(
                duck,
                "SELECT k.id::varchar FROM keys k LEFT JOIN known n USING (id) WHERE n.revision IS"
                " DISTINCT FROM k.revision",
            ),
            superseded=_superseded(duck, lake, held, fact),
            is_lake_ahead=bool(
                _column(duck, "SELECT 1 FROM keys k JOIN known n USING (id) WHERE n.revision > k.revision LIMIT 1")
            ),
        )


def _superseded(duck: duckdb.DuckDBPyConnection, lake: Path, held: Manifest, fact: Fact) -> dict[str, int]:
    duck.execute(
        "CREATE TEMP TABLE old AS SELECT n.id, n.revision FROM known n JOIN keys k USING (id)"
        " WHERE k.revision > n.revision"
    )
    counts = {fact.name: _column(duck, "SELECT count(*) FROM old")[0]}
    if fact is ORDERS and (files := held.paths(lake, LINES.name)):
        same_revision = "old.id = l.order_id AND old.revision = l.revision"
        query = f"SELECT count(*) FROM {engine.scan(files)} l JOIN old ON {same_revision}"
        counts[LINES.name] = _column(duck, query)[0]
    return {name: count for name, count in counts.items() if name in held.superseded}


def _column(duck: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    return [value for (value,) in duck.execute(query).fetchall()]
