"""Time the scores of a generated lake, beside the bare DuckDB group-by of the same orders.

    python bench/value_scores.py [--customers N] [--orders N] [--rounds 3] [--cache DIR] [--reports]
    python bench/value_scores.py --small          # seconds; for checking that it runs

Prints one JSON object. Each round runs in processes of their own, first the bare group-by, then the scores,
so that both meet the same machine and memory is counted by itself. The lake is kept in --cache, else in
TROTH_BENCH_CACHE.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.value_lake import AS_OF, cache_folder, generate
from troth import value

THREADS = 2
MEMORY_LIMIT = "2GB"
LIMIT_SECONDS = 120
LIMIT_BYTES = 4 * 1024**3
BARE = """
create temp table bare as
select customer_id, count(*), min(order_date), max(order_date), sum(net_amount)
from read_parquet('{orders}/*.parquet') group by customer_id
"""


def bare_group_by(lake: Path) -> dict[str, Any]:
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY_LIMIT})
    connection.execute("set enable_progress_bar = false")
    return {"seconds": timed(lambda: connection.execute(BARE.format(orders=lake / "orders")))}


def all_scores(lake: Path) -> dict[str, Any]:
    """Opening, checking, scoring, and the frame in memory."""
    found: list[value.Scores] = []
    as_of = date.fromisoformat(AS_OF)

    def score() -> None:
        with value.Lake(lake, memory_limit=MEMORY_LIMIT, threads=THREADS) as facts:
            found.append(value.scores(facts, as_of=as_of))

    return {"seconds": timed(score), "rows": found[0].frame.height}


def all_reports(lake: Path) -> dict[str, Any]:
    """Scores, and every report frame that an analysis keeps."""
    as_of = date.fromisoformat(AS_OF)
    seconds: dict[str, float] = {}
    with value.Lake(lake, memory_limit=MEMORY_LIMIT, threads=THREADS) as facts:
        result: list[value.Scores] = []
        seconds["scores"] = timed(lambda: result.append(value.scores(facts, as_of=as_of)))
        of_customers: tuple[Callable[..., Any], ...] = (
            value.pyramid,
            value.pareto,
            value.by_status,
            value.by_rung,
            value.top_customers,
            value.scatter,
        )
        for report in of_customers:
            seconds[report.__name__] = timed(partial(report, result[0]))
        of_facts: tuple[Callable[..., Any], ...] = (value.trend, value.cohorts)
        for report in of_facts:
            seconds[report.__name__] = timed(partial(report, facts, as_of=as_of))
        start = date(as_of.year - 1, as_of.month, as_of.day)
        seconds["active_waterfall"] = timed(lambda: value.active_waterfall(facts, start=start, end=as_of))
    return {"seconds": sum(seconds.values()), "by_report": seconds}


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 3)


def in_process(work: Callable[[Path], dict[str, Any]], lake: Path) -> dict[str, Any]:
    """The result with the peak memory of a process that did nothing else."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=measured, args=(work, lake, sender))
    process.start()
    sender.close()
    try:
        result = receiver.recv()
    finally:
        process.join()
    return dict(result)


def measured(work: Callable[[Path], dict[str, Any]], lake: Path, sender: Any) -> None:
    result = work(lake)
    result["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sender.send(result)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    lake = generate(cache_folder(arguments.cache), customers=arguments.customers, orders=arguments.orders)
    bare, scored = [], []
    for _ in range(arguments.rounds):
        bare.append(in_process(bare_group_by, lake))
        scored.append(in_process(all_scores, lake))
    seconds = statistics.median(run["seconds"] for run in scored)
    limit = statistics.median(run["seconds"] for run in bare)
    peak = max(run["peak_bytes"] for run in scored)
    found = {
        "benchmark": "value_scores",
        "customers": arguments.customers,
        "orders": arguments.orders,
        "lines": arguments.orders * 2,
        "rounds": arguments.rounds,
        "threads": THREADS,
        "memory_limit": MEMORY_LIMIT,
        "scores_seconds": seconds,
        "scores_rows": scored[0]["rows"],
        "orders_per_second": round(arguments.orders / seconds),
        "peak_bytes": peak,
        "bare_group_by_seconds": limit,
        "ratio_to_bare_group_by": round(seconds / limit, 2),
        "is_within_limits": seconds <= LIMIT_SECONDS and peak <= LIMIT_BYTES,
        "versions": {"python": platform.python_version(), "duckdb": duckdb.__version__},
    }
    if arguments.reports:
        found["reports"] = in_process(all_reports, lake)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", help="folder for generated lakes")
    parser.add_argument("--reports", action="store_true", help="also time every report frame, once")
    parser.add_argument("--small", action="store_true", help="2,000 customers, 20,000 orders, one round")
    arguments = parser.parse_args()
    if arguments.small:
        arguments.customers, arguments.orders, arguments.rounds = 2_000, 20_000, 1
    found = measure(arguments)
    print(json.dumps(found, indent=1))
    return 0 if found["is_within_limits"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
