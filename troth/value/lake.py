"""A lake: a folder of Parquet files, one sub-folder a fact, with a manifest that says how to read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from troth.value.engine import Engine, Table, engine_named
from troth.value.errors import FactsError, Problem
from troth.value.facts import KEYS, SHAPES, Facts
from troth.value.later import pa

SCHEMA = 1


class Lake(Facts):
    """The facts of a lake's folder.

    The manifest (`manifest.json`) holds `schema` and `superseded`, the number of rows per fact that a later
    revision replaces: where it is 0 the files are read as they are, elsewhere (and without a manifest) the
    highest revision of each id counts. A manifest that lists `files` ({"orders": ["orders/0.parquet", …]})
    has only these read, so that a file left by a broken export counts for nothing. Sub-folders may be
    missing or empty. `memory_limit` ("2GB"), `threads` and `temp_directory` bound the engine, which is
    the one given, or of this name (`duckdb`, `spark`), else that of `TROTH_ENGINE`, else DuckDB.

    Raises `FactsError` for a folder that is none, a schema this library does not know, and listed files
    that are not there; what is wrong inside the facts is raised at the first calculation, as by `Facts`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        memory_limit: str | None = "2GB",
        threads: int | None = None,
        temp_directory: str | Path | None = None,
        currency: str | None = None,
        today: date | None = None,
        engine: str | Engine | None = None,
    ) -> None:
        self.path = Path(path)
        self.manifest = read_manifest(self.path)
        files = {fact: files_of(self.path, fact, self.manifest) for fact in SHAPES}
        bounds = {"memory_limit": memory_limit, "threads": threads, "temp_directory": temp_directory}
        self.engine = engine if isinstance(engine, Engine) else engine_named(engine, **bounds)
        self.currency = currency
        self.today = today
        self._raw: dict[str, Table] = {fact: self.engine.scan(paths) for fact, paths in files.items() if paths}
        self._raw.setdefault("orders", self.engine.register(no_orders()))

    def is_superseded(self, fact: str) -> bool:
        """Whether later revisions stand beside earlier ones; where the manifest counts none, they do not."""
        count = self.manifest.get("superseded", {}).get(fact)
        if fact not in KEYS or count == 0:
            return False
        return super().is_superseded(fact)


def read_manifest(path: Path) -> Mapping[str, Any]:
    if not path.is_dir():
        raise FactsError(fault("no_lake", path.name, "no such folder", "export the facts first, or correct the path"))
    file = path / "manifest.json"
    if not file.exists():
        return {}
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise FactsError(fault("bad_manifest", file.name, "no valid JSON", "export the facts again")) from None
    if manifest.get("schema") != SCHEMA:
        what = f"schema {manifest.get('schema')!r}, but this version reads {SCHEMA}"
        raise FactsError(fault("unknown_schema", file.name, what, "export the facts again with this version"))
    return dict(manifest)


def files_of(path: Path, fact: str, manifest: Mapping[str, Any]) -> list[Path]:
    if "files" not in manifest:
        return sorted((path / fact).glob("*.parquet"))
    files = [path / name for name in manifest["files"].get(fact, [])]
    missing = [file.name for file in files if not file.exists()]
    if missing:
        what = f"{len(missing)} listed files are missing: {', '.join(missing[:3])}"
        raise FactsError(fault("missing_file", fact, what, "export the facts again"))
    return files


def no_orders() -> pa.Table:
    names = {"customer_id": pa.string(), "order_date": pa.date32(), "net_amount": pa.decimal128(18, 4)}
    return pa.schema(names.items()).empty_table()


def fault(code: str, name: str, what: str, way_out: str) -> Problem:
    return Problem(code, "lake", name, 0, what, way_out)
