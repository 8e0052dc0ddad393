"""How long a rehearsal of a draft takes over generated orders, beside the version in force.

    python bench/rehearsal.py [--orders 333334] [--members 50000] [--json FILE]

Orders have three lines; both versions have twenty active rules. On PostgreSQL in a database of
its own beside that of DATABASE_URL, else on SQLite.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import sale_data  # noqa: E402  the path first
from bench.scratch_database import scratch_database  # noqa: E402  the path first


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=333_334)
    parser.add_argument("--members", type=int, default=50_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with scratch_database("troth_bench_rehearsal") as database:
        from troth.kit import clock
        from troth.kit.collecting import collect_less
        from troth.programs import queries as programs
        from troth.sales import services as sales

        sale_data.record_past(arguments.members, arguments.orders)
        today = clock.utc_now().date()
        draft = sale_data.programme_text().replace("points: 1}", "points: 2}", 1)
        collect_less()  # as the worker does, which rehearses
        started = time.perf_counter()
        result = sales.rehearse(
            draft,
            programme_id=programs.programme_by_code("bench").id,
            first_day=today - timedelta(days=60),
            last_day=today,
        )
        seconds = time.perf_counter() - started
    found = {
        "database": database,
        "orders": result.orders,
        "lines": result.lines,
        "seconds": round(seconds, 1),
        "lines_per_second": round(result.lines / seconds),
    }
    for name, value in found.items():
        print(f"{name:20} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
