"""How long it takes to let a past of orders earn that were recorded as history, through the service itself.

    python bench/history.py [--orders 50000] [--members 20000] [--json FILE]

Orders have three lines and are judged by twenty active rules, in the order of time; points, tiers, reasons and events
are stored. On PostgreSQL in a database of its own beside that of DATABASE_URL, else on SQLite.
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
    parser.add_argument("--orders", type=int, default=50_000)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with scratch_database("troth_bench_history") as database:
        from troth.access.actors import system_actor
        from troth.kit import clock
        from troth.kit.collecting import collect_less
        from troth.kit.proofs import all_proofs, examine
        from troth.sales import services as sales

        collect_less()  # as the command and the worker do
        sale_data.record_past(arguments.members, arguments.orders, is_history=True)
        now = clock.utc_now()
        started = time.perf_counter()
        award = sales.award_history(
            actor=system_actor("bench"),
            now=now,
            from_date=now.date() - timedelta(days=60),
            to_date=now.date() + timedelta(days=1),
            approved_by="user:reviewer",
        )
        seconds = time.perf_counter() - started
        broken = [proof.code for proof in all_proofs() if not examine(proof).holds]
        if broken or award.orders != arguments.orders:
            raise SystemExit(f"{award.orders} of {arguments.orders} orders, broken: {broken}")
    found = {
        "database": database,
        "orders": award.orders,
        "points": award.points["points"],
        "seconds": round(seconds, 1),
        "orders_per_second": round(award.orders / seconds),
    }
    for name, value in found.items():
        print(f"{name:20} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
