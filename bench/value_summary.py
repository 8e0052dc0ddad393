"""Time a log of purchases becoming one row a customer, beside a bare DuckDB group-by of the same file.

    python bench/value_summary.py [--rows 10000000] [--customers 500000] [--rounds 3] [--cache DIR] [--json FILE]
    python bench/value_summary.py --small          # seconds; for checking that it runs

The log is one Parquet file of customer, day and amount, kept in --cache, else in TROTH_BENCH_CACHE. Ours is the whole
of `value.summary`, from opening and checking the file to the frame; the bare one groups by day and customer, then by
customer, for what the models need and nothing else. Rounds are interleaved; medians are told, and processor time
beside them, which other work on the machine touches less.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.value_lake import AS_OF, DAYS, FILES, MACROS, ORDERS, START, cache_folder
from troth import value

THREADS = 2
MEMORY_LIMIT = "2GB"
END = date.fromisoformat(AS_OF)
BARE = """
create temp table bare as
with days as (
  select customer_id, order_date, sum(net_amount) as amount from read_parquet('{log}') group by all
)
select customer_id, count(*) - 1 as frequency, max(order_date) - min(order_date) as recency,
       date '{end}' - min(order_date) as age, (sum(amount) - min_by(amount, order_date)) / (count(*) - 1) as money
from days group by customer_id
"""


def generate(cache: Path, *, customers: int, rows: int) -> Path:
    """The folder of a lake that holds nothing but the log, made now if the cache has none."""
    lake = cache / f"log-{customers}-{rows}"
    log = lake / "orders" / "log.parquet"
    if log.exists():
        return lake
    log.parent.mkdir(parents=True, exist_ok=True)
    parts = lake / "parts"
    parts.mkdir(exist_ok=True)
    connection = connected()
    connection.execute(MACROS)
    for number in range(FILES):
        span = {"first": rows * number // FILES, "last": rows * (number + 1) // FILES}
        path = parts / f"{number:02}.parquet"
        connection.execute(ORDERS.format(start=START, days=DAYS, customers=customers, path=path, **span))
    chosen = (
        f"select customer_id::varchar as customer_id, order_date, net_amount from read_parquet('{parts}/*.parquet')"
    )
    connection.execute(f"copy ({chosen}) to '{log}.part' (format parquet)")
    connection.close()
    for part in parts.iterdir():
        part.unlink()
    parts.rmdir()
    Path(f"{log}.part").rename(log)
    return lake


def connected() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY_LIMIT})
    connection.execute("set enable_progress_bar = false")
    return connection


def bare(lake: Path) -> int:
    connection = connected()
    connection.execute(BARE.format(log=lake / "orders" / "log.parquet", end=AS_OF))
    (rows,) = connection.execute("select count(*) from bare").fetchone() or (0,)
    return int(rows)


def summary(lake: Path) -> int:
    with value.Lake(lake, memory_limit=MEMORY_LIMIT, threads=THREADS) as facts:
        return value.summary(facts, as_of=END).height


def histories(lake: Path) -> int:
    with value.Lake(lake, memory_limit=MEMORY_LIMIT, threads=THREADS) as facts:
        ((_, counted),) = value.models.histories_of(facts, as_of=END)
        return int(counted.total)


WAYS: dict[str, Callable[[Path], int]] = {"bare": bare, "summary": summary, "histories": histories}


def measured(lake: Path, rounds: int) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    cpu: dict[str, list[float]] = {name: [] for name in WAYS}
    counts: dict[str, int] = {}
    for _ in range(rounds):
        for name, way in WAYS.items():
            started, cpu_started = time.perf_counter(), time.process_time()
            counts[name] = way(lake)
            seconds[name].append(time.perf_counter() - started)
            cpu[name].append(time.process_time() - cpu_started)
    assert len(set(counts.values())) == 1, counts
    found: dict[str, Any] = {"customers": counts["bare"]}
    for name in WAYS:
        found[f"{name}_seconds"] = round(statistics.median(seconds[name]), 2)
        found[f"{name}_cpu_seconds"] = round(statistics.median(cpu[name]), 2)
    return found | {
        "times_bare": ratio(seconds["summary"], seconds["bare"]),
        "times_bare_cpu": ratio(cpu["summary"], cpu["bare"]),
        "histories_times_bare": ratio(seconds["histories"], seconds["bare"]),
    }


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' own ratios."""
    return round(statistics.median(one / other for one, other in zip(ours, theirs, strict=True)), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", help="where the generated log is kept")
    parser.add_argument("--json", type=Path, help="also write the result here")
    parser.add_argument("--small", action="store_true", help="100,000 rows, one round")
    arguments = parser.parse_args()
    if arguments.small:
        arguments.rows, arguments.customers, arguments.rounds = 100_000, 5_000, 1
    lake = generate(cache_folder(arguments.cache), customers=arguments.customers, rows=arguments.rows)
    found = {"benchmark": "value_summary", "rows": arguments.rows, **measured(lake, arguments.rounds)}
    text = json.dumps(found, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
