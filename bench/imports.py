"""A file of a million order lines into the database, through the importer that users use.

    python bench/imports.py [--lines 1000000] [--json FILE]

On PostgreSQL where DATABASE_URL names one (a database of its own is made beside it), else on SQLite. The customers are
imported first, from a file of their own. One order in five has its lines scattered over the file. Printed as the limit:
a bare COPY of the very rows that the import wrote into copies of the same tables, with their indexes.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import polars as pl

from bench.scratch_database import scratch_database

LINES_PER_ORDER = 4
ORDERS_PER_CUSTOMER = 12
TABLES = ("activity_documentkey", "activity_order", "activity_orderline", "events_event")


def write_files(folder: Path, lines: int) -> tuple[Path, Path]:
    """Write the files, the same ones every time."""
    orders = max(1, lines // LINES_PER_ORDER)
    customers = max(1, orders // ORDERS_PER_CUSTOMER)
    person = pl.int_range(customers, eager=True)
    people = pl.DataFrame({"customer id": "C" + person.cast(pl.String), "city": "Shanghai"})
    people.write_csv(folder / "customers.csv")
    line = pl.DataFrame({"line": pl.int_range(lines, eager=True)})
    order = pl.col("line") // LINES_PER_ORDER
    order = pl.when(order % 5 == 0).then((pl.col("line") * 7919) % orders).otherwise(order) % orders
    line = line.with_columns(order.alias("order"))
    minute = (pl.col("order") * 7) % (3 * 365 * 24 * 60)
    cents = (pl.col("line") * 37) % 9_900 + 100
    quantity = pl.col("line") % 3 + 1
    begin = datetime(2021, 1, 1)  # noqa: DTZ001  files write wall-clock time
    net = cents * quantity
    line.select(
        pl.format("A{}", pl.col("order")).alias("order id"),
        pl.format("C{}", (pl.col("order") * 31) % customers).alias("customer id"),
        (pl.lit(begin) + pl.duration(minutes=minute)).dt.to_string("%Y-%m-%d %H:%M:%S").alias("order date"),
        pl.format("SKU{}", pl.col("line") % 20_000).alias("sku"),
        pl.format("Product {}", pl.col("line") % 20_000).alias("product name"),
        pl.format("Department {}", pl.col("line") % 40).alias("category"),
        quantity.alias("quantity"),
        _money(cents).alias("unit price"),
        _money(net).alias("amount"),
        pl.format("S{}", pl.col("order") % 200).alias("store"),
    ).write_csv(folder / "lines.csv")
    return folder / "customers.csv", folder / "lines.csv"


def _money(cents: pl.Expr) -> pl.Expr:
    return pl.format("{}.{}", cents // 100, (cents % 100).cast(pl.String).str.pad_start(2, "0"))


class Memory:
    """The most memory that this process held at once, sampled while something runs."""

    def __init__(self) -> None:
        self.peak_megabytes = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        stop = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(stop,), daemon=True)
        sampler.start()
        try:
            yield
        finally:
            stop.set()
            sampler.join()

    def _sample(self, stop: threading.Event) -> None:
        while not stop.wait(0.02):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.peak_megabytes = max(self.peak_megabytes, pages * resource.getpagesize() / 1e6)


def bare_copy() -> tuple[float, int]:
    """Copy the rows that were written into copies of their tables; return seconds and rows."""
    from django.db import connection

    seconds, rows = 0.0, 0
    with connection.cursor() as cursor:
        for table in TABLES:
            content = io.BytesIO()
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT csv)") as copy:
                for part in copy:
                    content.write(part)
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            data = content.getbuffer()
            started = time.perf_counter()
            with cursor.copy(f"COPY bare_{table} FROM STDIN (FORMAT csv)") as copy:
                for start in range(0, len(data), 1 << 20):
                    copy.write(data[start : start + (1 << 20)])
            seconds += time.perf_counter() - started
            rows += cursor.rowcount
    return seconds, rows


def measure(lines: int, vendor: str) -> dict[str, Any]:
    from django.db import connection

    from troth.access.actors import system_actor
    from troth.activity.models import OrderLine
    from troth.imports import services
    from troth.imports.targets import Shape
    from troth.staff.models import Company

    actor = system_actor("bench")
    Company.objects.create(name="Bench", currency="CNY", time_zone="Asia/Shanghai")

    def bring(path: Path, shape: Shape) -> Any:
        started, cpu = time.perf_counter(), time.process_time()
        run = services.import_file(path, shape=shape, actor=actor, now=datetime.now(UTC))
        services.work_off(run)
        assert run.report["refused_rows"] == 0, run.report
        return run, time.perf_counter() - started, time.process_time() - cpu

    with TemporaryDirectory() as folder:
        people, orders = write_files(Path(folder), lines)
        megabytes = orders.stat().st_size / 1e6
        customers_run, customers_seconds, _cpu = bring(people, Shape.CUSTOMERS)
        memory = Memory()
        with memory.watched():
            run, seconds, cpu_seconds = bring(orders, Shape.LINES)
    assert OrderLine.objects.count() == lines
    figures = {
        "lines": lines,
        "orders": run.report["done"]["orders_created"],
        "file_megabytes": round(megabytes, 1),
        "seconds": round(seconds, 1),
        "lines_per_second": round(lines / seconds),
        "own_cpu_seconds": round(cpu_seconds, 1),
        "peak_memory_megabytes": round(memory.peak_megabytes),
        "customers": customers_run.report["done"]["customers_created"],
        "customers_seconds": round(customers_seconds, 1),
    }
    if vendor == "postgresql":
        connection.ensure_connection()
        bare_seconds, bare_rows = bare_copy()
        figures |= {
            "bare_copy_rows": bare_rows,
            "bare_copy_seconds": round(bare_seconds, 1),
            "times_bare_copy": round(seconds / bare_seconds, 2),
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    args = parser.parse_args()
    with scratch_database("troth_bench_imports") as vendor:
        figures = measure(args.lines, vendor)
    result = {"benchmark": "imports", "database": vendor, **figures}
    for name, value in result.items():
        print(f"{name:24} {value}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
