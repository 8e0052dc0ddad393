"""The whole analysis of a generated lake, and a million scores into the database.

    python bench/analyse.py [--customers 1000000] [--orders 20000000] [--cache DIR] [--json FILE]

Measured: scores, reports, and putting the scores in place: the first time, and once more over those already there.
The bare grouping of the orders by customer in DuckDB is printed as the limit of the reading part. PostgreSQL where
DATABASE_URL names one (a database of its own is made beside it), else SQLite. The lake is generated once and kept.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import duckdb

from bench import value_lake
from bench.scratch_database import scratch_database

BARE = """
select customer_id, count(*), count(distinct order_date), min(order_date), max(order_date), sum(net_amount),
  sum(cost_amount)
from read_parquet('{lake}/orders/*.parquet') group by customer_id
"""


def bare_group_by(lake: Path) -> float:
    started = time.perf_counter()
    with duckdb.connect(config={"threads": 2}) as duck:
        duck.execute(f"create temp table grouped as {BARE.format(lake=lake)}")
    return time.perf_counter() - started


def measure(lake: Path) -> dict[str, Any]:
    """Analyse and store twice; seconds by stage."""
    from django.conf import settings

    from troth import value
    from troth.access.actors import system_actor
    from troth.insights import analysis, measuring, services
    from troth.insights.models import AnalysisRun
    from troth.staff.models import Company

    actor, now = system_actor("bench"), datetime.now(UTC)
    Company.objects.create(name="Bench", currency="CNY")
    terms_row = services.settings_in_force(actor=actor, now=now)
    figures: dict[str, Any] = {}
    with TemporaryDirectory() as kept:
        settings.LAKE_DIR = Path(kept)
        for turn in ("first", "again"):
            run = AnalysisRun.objects.create(
                as_of_date=date.fromisoformat(value_lake.AS_OF), settings=terms_row, currency="CNY",
                started_at=now, started_by=actor.code,
            )  # fmt: skip
            started, watch = time.perf_counter(), analysis.Stopwatch()
            terms: value.Terms = measuring.terms_of(terms_row)
            findings = analysis.measure(
                lake, as_of=run.as_of_date, terms=terms, loyalty=measuring.loyalty_of(terms_row), currency="CNY",
                report=lambda *_: None, watch=watch,
            )  # fmt: skip
            with watch.stage("write"):
                analysis.store(run, findings, lake=Path(kept), actor=actor, now=now, is_comparable=turn == "again")
            figures[f"{turn}_seconds"] = round(time.perf_counter() - started, 1)
            figures |= {f"{turn}_{stage}_seconds": seconds for stage, seconds in watch.seconds.items()}
            figures["scores"] = run.customer_count
            del findings
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=20_000_000)
    parser.add_argument("--cache", help="folder for the generated lake")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    args = parser.parse_args()
    cache = value_lake.cache_folder(args.cache)
    lake = value_lake.generate(cache, customers=args.customers, orders=args.orders)
    bare = bare_group_by(lake)
    with scratch_database("troth_bench_analyse") as vendor:
        figures = measure(lake)
    result = {
        "benchmark": "analyse",
        "database": vendor,
        "customers": args.customers,
        "orders": args.orders,
        **figures,
        "bare_group_by_seconds": round(bare, 1),
        "peak_memory_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    for name, value in result.items():
        print(f"{name:26} {value}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
