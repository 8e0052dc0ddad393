"""How fast facts leave the database for the lake: all of them, then some more, then nothing new.

    python bench/lake_export.py [--orders 1000000] [--lines 3] [--more 10000] [--json FILE]

On PostgreSQL where DATABASE_URL names one (a database of its own is made beside it), else on SQLite. The bare read of
the same rows, thrown away, is printed as the limit.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import made_orders
from bench.scratch_database import scratch_database


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def bare_read() -> int:
    """Read the same columns of orders and lines and throw them away."""
    from troth.insights.lake.facts import LINES, ORDERS
    from troth.insights.lake.source import snapshot

    rows = 0
    with snapshot() as source:
        for fact in (ORDERS, LINES):
            select = f"FROM {fact.table} {fact.alias} {fact.joins}"
            rows += sum(block.num_rows for block in source.blocks(select, fact.columns))
    return rows


def measure(*, orders: int, lines: int, more: int) -> dict[str, Any]:
    """Fill, export whole, export what was added, export nothing; seconds and rows a second of each."""
    from troth.insights.lake import exporting

    customers = max(1, orders // 20)
    made_orders.fill(customers=customers, first=0, last=orders, lines=lines)
    bare_seconds, _ = timed(bare_read)
    with TemporaryDirectory() as folder:
        lake = Path(folder)

        def export() -> int:
            return exporting.export(lake, now=datetime.now(UTC)).total_rows

        full_seconds, full_rows = timed(export)
        made_orders.fill(customers=customers, first=orders, last=orders + more, lines=lines)
        more_seconds, more_rows = timed(export)
        same_seconds, _ = timed(export)
        megabytes = sum(file.stat().st_size for file in lake.rglob("*.parquet")) / 1e6
    return {
        "rows": full_rows,
        "full_seconds": round(full_seconds, 2),
        "full_rows_per_second": round(full_rows / full_seconds),
        "bare_read_seconds": round(bare_seconds, 2),
        "times_bare_read": round(full_seconds / bare_seconds, 2),
        "increment_rows": more_rows,
        "increment_seconds": round(more_seconds, 2),
        "nothing_new_seconds": round(same_seconds, 2),
        "lake_megabytes": round(megabytes, 1),
        "peak_memory_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=3, help="lines of each order")
    parser.add_argument("--more", type=int, default=10_000, help="orders added before the second export")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    args = parser.parse_args()
    with scratch_database("troth_bench_export") as vendor:
        figures = measure(orders=args.orders, lines=args.lines, more=args.more)
    result = {"benchmark": "lake_export", "database": vendor, "orders": args.orders, **figures}
    for name, value in result.items():
        print(f"{name:24} {value}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
