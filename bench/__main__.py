"""Runs the benchmarks one after the other and writes one table to docs/benchmarks.md, with the machine named.

    python -m bench [--only NAME …] [--small] [--soak [--rounds N]]

`make bench` runs it beside a PostgreSQL that waits for the disk. With --only the page keeps the other rows as they were
last measured on this machine, and says of which day they are. --small is for checking that everything runs, --soak for
sizes that take hours; neither writes the page. The rounds of kill -9 and the random operations may be run in slices:
each --soak of `crash` or `ledger_machine` goes on where the last ended and writes docs/soak.md. The rivals of the
models have an environment of their own, which `make rivals` makes; without it they are left out, and the page says so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench.scratch_database import migrated_once

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / ".make" / "bench"
CDNOW = ROOT.parent / "shared" / "data" / "cdnow_master.csv"  # where the tests look for it; not ours to ship
PAGE = ROOT / "docs" / "benchmarks.md"
Found = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was done, what was measured, what it is compared with, what is wanted."""

    what: str
    measured: Callable[[Found], str]
    beside: Callable[[Found], str] = lambda _found: "–"
    wanted: str = "–"


@dataclass(frozen=True)
class Benchmark:
    """One script with its arguments for a small, a usual and a long run, and the rows it fills."""

    name: str
    small: list[str]
    usual: list[str]
    soak: list[str]
    rows: list[Row]


def _fit(name: str, called: str, wanted: str) -> Row:
    """A row of the models: seconds of ours, beside each rival's with the likelihood that both reached."""

    def measured(found: Found) -> str:
        fit = found["fits"].get(name)
        return f"{fit['customers']:,} customers in {fit['seconds']} s" if fit else "the data are not on this machine"

    def one(rival: str, told: Found) -> str:
        if "skipped" in told:
            return f"{rival}: {told['skipped']}"
        likely = "as likely or better" if told["is_as_likely"] else "less likely"
        return f"{rival} {told['seconds']:,.1f} s: ×{told['times_faster']:,} faster, {likely}"

    def beside(found: Found) -> str:
        rivals = found["fits"].get(name, {}).get("rivals", {})
        return "; ".join(one(rival, told) for rival, told in rivals.items()) or "–"

    return Row(called, measured, beside, wanted)


BENCHMARKS = [
    Benchmark(
        "journeys", ["--people", "2000", "--due", "1000"], [], ["--people", "5000000", "--due", "500000"],
        [
            Row(
                "move on whoever is due in a journey of so many, by branch, draw, tag and wait",
                lambda f: f"{f['due']:,} of {f['people']:,} people in {f['tag_seconds']} s,"
                f" {f['tag_people_per_second']:,}/s",
                wanted="100,000 of 1,000,000 in a minute",
            ),
            Row(
                "the same with a message, judged by the send decision",
                lambda f: f"{f['message_seconds']} s, {f['message_people_per_second']:,}/s",
            ),
            Row("let people into a journey", lambda f: f"{f['entered_per_second']:,} people/s"),
            Row("its memory at most", lambda f: f"{f['message_memory_megabytes']:,} MB", wanted="under 500 MB"),
        ],
    ),
    Benchmark(
        "imports", ["--lines", "5000"], [], ["--lines", "10000000"],
        [
            Row(
                "import a file of order lines",
                lambda f: f"{f['lines']:,} lines in {f['seconds']} s, {f['lines_per_second']:,} lines/s",
                lambda f: f"bare COPY of the same rows {f['bare_copy_seconds']} s: ×{f['times_bare_copy']}",
                "1,000,000 in under 60 s",
            ),
            Row("its memory at most", lambda f: f"{f['peak_memory_megabytes']:,} MB", wanted="under 1,000 MB"),
        ],
    ),
    Benchmark(
        "programs_evaluation", ["--baskets", "1000"], [], ["--baskets", "200000"],
        [
            Row(
                "evaluate orders of three lines by 20 rules, on one core",
                lambda f: f"{f['evaluations_per_second']:,}/s; with making the baskets"
                f" {f['with_making_baskets_per_second']:,}/s",
                wanted="8,000/s",
            ),
        ],
    ),
    Benchmark(
        "lake_export", ["--orders", "2000", "--more", "200"], [], ["--orders", "10000000"],
        [
            Row(
                "export the database to the lake",
                lambda f: f"{f['rows']:,} rows in {f['full_seconds']} s, {f['full_rows_per_second']:,} rows/s",
                lambda f: f"bare read of the same rows {f['bare_read_seconds']} s: ×{f['times_bare_read']}",
            ),
            Row("export what is new", lambda f: f"{f['increment_rows']:,} rows in {f['increment_seconds']} s"),
            Row("export when nothing is new", lambda f: f"{f['nothing_new_seconds']} s"),
        ],
    ),
    Benchmark(
        "analyse", ["--customers", "2000", "--orders", "20000"], [],
        ["--customers", "5000000", "--orders", "100000000"],
        [
            Row(
                "score customers from the lake and write the scores back",
                lambda f: f"{f['customers']:,} customers, {f['orders']:,} orders: {f['first_seconds']} s",
                lambda f: f"bare DuckDB group-by {f['bare_group_by_seconds']} s",
                "1 M customers, 20 M orders in under 180 s",
            ),
            Row("once more over the old scores", lambda f: f"{f['again_seconds']} s"),
            Row("its memory at most", lambda f: f"{f['peak_memory_megabytes']:,} MB", wanted="under 4,000 MB"),
        ],
    ),
    Benchmark(
        "models", ["--small"], ["--cdnow", str(CDNOW)] if CDNOW.exists() else [], ["--customers", "5000000"],
        [
            _fit("bg_nbd", "fit BG/NBD", "×20 lifetimes, ×15 pymc-marketing"),
            _fit("pareto_nbd_cdnow", "fit Pareto/NBD to all of CDNOW", "×15 lifetimes"),
            _fit("pareto_nbd", "fit Pareto/NBD", "in seconds"),
            _fit("gamma_gamma", "fit Gamma-Gamma", "×8 both"),
            Row(
                "value of every customer with its interval",
                lambda f: f"{f['customers']:,} in {f['seconds']['lifetime_value_of_all']} s",
            ),
            Row("of one who has just bought", lambda f: f"{f['seconds']['lifetime_value_of_one'] * 1000:.1f} ms"),
        ],
    ),
    Benchmark(
        "value_summary", ["--small"], [], ["--rows", "100000000", "--customers", "5000000"],
        [
            Row(
                "a log of purchases to frequency, recency, T and money of each customer",
                lambda f: f"{f['rows']:,} rows, {f['customers']:,} customers in {f['summary_seconds']} s",
                lambda f: f"bare DuckDB, grouped by day and customer, {f['bare_seconds']} s: ×{f['times_bare']}",
                "×1.5",
            ),
            Row(
                "the same log to counted histories for a fit",
                lambda f: f"{f['histories_seconds']} s",
                lambda f: f"×{f['histories_times_bare']}",
                "×1.5",
            ),
        ],
    ),
    Benchmark(
        "segments", ["--people", "2000"], [], ["--people", "2000000"],
        [
            Row(
                "count a segment of seven conditions, with a sample",
                lambda f: f"{f['people']:,} people: {f['nested_of_seven: live count and sample, seconds']} s",
            ),
            Row("store its members", lambda f: f"{f['nested_of_seven: first members stored, seconds']} s"),
            Row("renew it, nothing changed", lambda f: f"{f['nested_of_seven: renewal without change, seconds']} s"),
        ],
    ),
    Benchmark(
        "orders", ["--members", "500", "--seconds", "1", "--rounds", "1"], [], ["--members", "1000000"],
        [
            Row(
                "whole orders that earn, through the service in batches of 500",
                lambda f: f"{f['service_orders_per_second']:,} orders/s",
                lambda f: f"pgbench TPC-B {f['pgbench_tps']:,} tps: ×{f['service_times_pgbench']}",
                "×0.5, aim ×1",
            ),
            Row(
                "the same through POST /orders/batch",
                lambda f: f"{f['batch_orders_per_second']:,} orders/s",
                lambda f: f"×{f['batch_times_pgbench']}",
                "×0.4",
            ),
            Row(
                "one by one through POST /orders from 64 clients",
                lambda f: f"{f['single_orders_per_second']:,} orders/s, {f['single_p50_ms']} ms (median),"
                f" {f['single_p99_ms']} ms (99 of 100)",
                lambda f: f"×{f['single_times_pgbench']}",
                "×0.2",
            ),
        ],
    ),
    Benchmark(
        "ledger", ["--members", "500", "--clients", "2", "--seconds", "1", "--rounds", "1", "--batch", "100"], [],
        ["--members", "1000000"],
        [
            Row(
                "post points that are earned, in batches of 500",
                lambda f: f"{f['earns_per_second']:,}/s",
                lambda f: f"pgbench TPC-B {f['pgbench_tps']:,} tps: ×{f['earns_times_pgbench']}",
                "×1.5",
            ),
            Row(
                "post points that are spent, in batches of 500",
                lambda f: f"{f['spends_per_second']:,}/s",
                lambda f: f"×{f['spends_times_pgbench']}",
                "×1",
            ),
        ],
    ),
    Benchmark(
        "ledger_proof", ["--entries", "20000", "--beside", "10000", "--batches", "1"], [], ["--entries", "100000000"],
        [
            Row(
                "prove the ledger",
                lambda f: f"{f['entries']:,} entries in {f['proof_seconds']} s",
                wanted="10,000,000 in under 60 s",
            ),
            Row(
                "earn and spend in that ledger, 500 at once",
                lambda f: f"{f['earns_milliseconds_a_batch'][0]} ms, {f['spends_milliseconds_a_batch'][0]} ms",
                lambda f: f"in one of {f['beside']:,} entries:"
                f" ×{f['earns_times_small']}, ×{f['spends_times_small']}",
                "at most ×1.3",
            ),
        ],
    ),
    Benchmark(
        "coupons",
        ["--codes", "2000", "--members", "500", "--clients", "2", "--seconds", "1", "--rounds", "1", "--batch", "50"],
        [], ["--codes", "10000000"],
        [
            Row("make coupon codes, all different", lambda f: f"{f['codes']:,}, {f['codes_per_second']:,}/s"),
            Row(
                "hand out coupons of one campaign, in batches of 500",
                lambda f: f"{f['assigns_per_second']:,}/s",
                lambda f: f"pgbench TPC-B {f['pgbench_tps']:,} tps: ×{f['assigns_times_pgbench']}",
            ),
            Row(
                "use coupons of one campaign, in batches of 500",
                lambda f: f"{f['uses_per_second']:,}/s",
                lambda f: f"×{f['uses_times_pgbench']}",
            ),
            Row(
                "redeem points for one reward with counted stock, in batches of 500",
                lambda f: f"{f['redeems_per_second']:,}/s",
                lambda f: f"×{f['redeems_times_pgbench']}",
                "×0.2",
            ),
        ],
    ),
    Benchmark(
        "rehearsal", ["--orders", "2000", "--members", "200"], [], ["--orders", "3333334"],
        [
            Row(
                "rehearse a draft beside the version in force, twenty rules each",
                lambda f: f"{f['lines']:,} lines in {f['seconds']} s",
                wanted="1,000,000 in under 60 s",
            ),
        ],
    ),
    Benchmark(
        "history", ["--orders", "600", "--members", "100"], [], ["--orders", "1000000", "--members", "100000"],
        [
            Row(
                "let past orders earn: judged in the order of time by twenty rules, with points, tiers, reasons",
                lambda f: f"{f['orders']:,} orders of three lines in {f['seconds']} s,"
                f" {f['orders_per_second']:,}/s",
            ),
        ],
    ),
    Benchmark(
        "messages", ["--messages", "2000"], [], ["--messages", "10000000"],
        [
            Row(
                "decide about messages, write them and hand them over to a sink",
                lambda f: f"{f['messages']:,}, {f['whole_per_second']:,}/s (deciding {f['decided_per_second']:,}/s,"
                f" writing and handing over {f['handed_over_per_second']:,}/s)",
                wanted="2,000/s",
            ),
            Row(
                "their memory after a tenth and at the end",
                lambda f: f"{f['memory_after_a_tenth_megabytes']} MB, {f['memory_at_the_end_megabytes']} MB a client",
                wanted="flat",
            ),
        ],
    ),
    Benchmark(
        "crash", ["--rounds", "1"], [], ["--keep"],
        [
            Row(
                "kill -9 of web, worker and PostgreSQL under load",
                lambda f: f"{f['rounds']} rounds, {f['orders']:,} orders, {f['calls']:,} calls: none lost or doubled"
                if not f.get("failed")
                else f"{f['rounds']} rounds, and a run that failed",
            ),
        ],
    ),
    Benchmark(
        "ledger_machine", ["--sequences", "1"], ["--sequences", "20"], ["--keep"],
        [
            Row(
                "random operations, against a ledger of lists and loops, on both databases",
                lambda f: f"{f['operations']:,} operations in {f['batches']:,} batches, {f['refused']:,} refused:"
                " the same answers, reasons and balances, every proof held"
                if not f["failed"]
                else f"{f['operations']:,} operations, and {f['failed']} runs that failed",
            ),
        ],
    ),
]  # fmt: skip


def main() -> int:
    """Run what was asked for; the exit code is 1 if a benchmark failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], choices=[benchmark.name for benchmark in BENCHMARKS])
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--small", action="store_const", dest="size", const="small", default="usual")
    sizes.add_argument("--soak", action="store_const", dest="size", const="soak")
    parser.add_argument("--rounds", type=int, help="of crash under --soak: so many now, in place of all that miss")
    arguments = parser.parse_args()
    chosen = [benchmark for benchmark in BENCHMARKS if not arguments.only or benchmark.name in arguments.only]
    more = {"crash": ["--rounds", str(arguments.rounds)]} if arguments.rounds and arguments.size == "soak" else {}
    with migrated_once():
        results = {one.name: _run(one, arguments.size, more.get(one.name, [])) for one in chosen}
    print("\n" + _table([(benchmark, results[benchmark.name]) for benchmark in chosen]))
    if arguments.size == "usual" and None not in results.values():
        _write_page()
    return 1 if None in results.values() else 0


def _write_page() -> None:
    """Write the page from the newest figures of this machine; what it has not measured yet is named below the table."""
    files = {benchmark.name: RESULTS / "usual" / f"{benchmark.name}.json" for benchmark in BENCHMARKS}
    there = {name: file for name, file in files.items() if file.exists()}
    measured = [one for one in BENCHMARKS if one.name in there]
    table = _table([(one, json.loads(there[one.name].read_text(encoding="utf-8"))) for one in measured])
    days = {name: datetime.fromtimestamp(file.stat().st_mtime, UTC).date() for name, file in there.items()}
    PAGE.write_text(_page(table, days, missing=[name for name in files if name not in there]), encoding="utf-8")
    print(f"written to {PAGE.relative_to(ROOT)}")


def _run(benchmark: Benchmark, size: str, more: Sequence[str]) -> Found | None:
    """Run one script in a process of its own; return its figures, or None if it failed."""
    result = RESULTS / size / f"{benchmark.name}.json"
    result.parent.mkdir(parents=True, exist_ok=True)
    result.unlink(missing_ok=True)
    print(f"\n=== {benchmark.name} ({size})", flush=True)
    arguments: list[str] = getattr(benchmark, size)
    command = [sys.executable, f"bench/{benchmark.name}.py", *arguments, *more, "--json", str(result)]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode or not result.exists():
        print(f"{benchmark.name} failed (exit code {done.returncode})", file=sys.stderr)
        return None
    found: Found = json.loads(result.read_text(encoding="utf-8"))
    return found


def _table(results: list[tuple[Benchmark, Found | None]]) -> str:
    lines = ["| What | Measured | Beside it | Wanted |", "| --- | --- | --- | --- |"]
    for benchmark, found in results:
        for row in benchmark.rows:
            measured = "failed" if found is None else row.measured(found)
            beside = "–" if found is None else row.beside(found)
            lines.append(f"| {row.what} | {measured} | {beside} | {row.wanted} |")
    return "\n".join(lines) + "\n"


def _page(table: str, days: Mapping[str, date], *, missing: Sequence[str]) -> str:
    day = datetime.now(UTC).date()
    older = [f"{name} on {measured}" for name, measured in days.items() if measured != day]
    note = f" Measured earlier: {', '.join(older)}." if older else ""
    left = f"\nNot measured on this machine yet: {', '.join(missing)}.\n" if missing else ""
    head = f"# Benchmarks\n\nWritten by `make bench` on {day}, on {machine()}. The data are generated.{note}"
    return f"{head}\n\n{table}{left}"


def machine() -> str:
    """Return what this machine is, in words."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.partition(":")[2].strip() for line in cpu.splitlines() if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB of memory, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, {_database()}"
    )


def _database() -> str:
    import psycopg

    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return "SQLite"
    with psycopg.connect(url) as connection:
        version = connection.execute("SHOW server_version").fetchone()
    return f"PostgreSQL {version[0].split()[0]}" if version else "PostgreSQL"


if __name__ == "__main__":
    sys.exit(main())
