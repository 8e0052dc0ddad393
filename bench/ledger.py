"""How many points operations a second the ledger posts, beside pgbench on the same PostgreSQL in the same run.

    python -m tools.postgres --durable -- python bench/ledger.py [--members 100000] [--clients 3] [--seconds 5]
        [--rounds 5] [--batch 500] [--json FILE]

pgbench is its own TPC-B-like transaction, scale 20, 16 clients. Earns and spends are bare `ledger.post` in batches,
by client processes on the same machine. The three take turns, each round; the medians of the rounds and their
ratios are printed. The commits wait for the disk (synchronous_commit on), and the ledger is proved at the end.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.ledger_seed import CURRENCY, owner, seed  # noqa: E402  the path first
from bench.scratch_database import scratch_database  # noqa: E402  the path first
from tools.postgres import binaries  # noqa: E402  the path first

PGBENCH_SCALE, PGBENCH_CLIENTS = 20, 16


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=3, help="processes that post")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with scratch_database("troth_bench_ledger") as vendor:
        if vendor != "postgresql":
            sys.exit("DATABASE_URL names no PostgreSQL; run it through python -m tools.postgres --durable -- …")
        seed(arguments.members)
        pgbench("-i", "-q", "-s", str(PGBENCH_SCALE))
        rounds = [measure(arguments) for _round in range(arguments.rounds)]
        prove()
    tps, earns, spends = (statistics.median(one[name] for one in rounds) for name in ("pgbench", "Earn", "Spend"))
    found = {
        "members": arguments.members,
        "clients": arguments.clients,
        "batch": arguments.batch,
        "pgbench_tps": round(tps),
        "earns_per_second": round(earns),
        "spends_per_second": round(spends),
        "earns_times_pgbench": round(earns / tps, 2),
        "spends_times_pgbench": round(spends / tps, 2),
        "rounds": rounds,
    }
    for name, value in found.items():
        print(f"{name:24} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Return one round: transactions a second of pgbench, operations a second of each kind."""
    from django.db import connection

    seconds = str(max(1, round(arguments.seconds)))
    told = pgbench("-n", "-c", str(PGBENCH_CLIENTS), "-j", "2", "-T", seconds)
    tps = re.search(r"tps = ([0-9.]+)", told)
    if tps is None:
        sys.exit(told)
    found = {"pgbench": float(tps[1])}
    connection.close()  # each process has its own
    for kind in ("Earn", "Spend"):
        with multiprocessing.get_context("fork").Pool(arguments.clients) as pool:
            jobs = [(kind, arguments, number) for number in range(arguments.clients)]
            found[kind] = sum(pool.starmap(post_for, jobs))
    return {name: round(value, 1) for name, value in found.items()}


def post_for(kind: str, arguments: argparse.Namespace, number: int) -> float:
    """Post batches for some seconds; return operations a second. Everything must succeed."""
    from django.db import connection

    from troth.access.actors import system_actor
    from troth.kit import clock
    from troth.ledger import services as ledger

    actor, chance = system_actor("bench"), random.Random()
    ledger.post(operations(kind, arguments, chance), actor=actor, now=clock.utc_now())  # connect, warm up
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < arguments.seconds:
        answers = ledger.post(operations(kind, arguments, chance), actor=actor, now=clock.utc_now())
        refused = [answer.error for answer in answers if answer.is_refused]
        if refused:
            raise RuntimeError(f"refused: {refused[0]}")
        done += len(answers)
    spent = time.perf_counter() - started
    connection.close()
    return done / spent


def operations(kind: str, arguments: argparse.Namespace, chance: random.Random) -> list[Any]:
    """Return a batch on members chosen at random."""
    from troth.kit import clock
    from troth.ledger import operations as kinds
    from troth.ledger.operations import Owner, Reason

    make, now, reason = getattr(kinds, kind), clock.utc_now(), Reason("order", {"order": "bench"})
    run = f"{chance.getrandbits(64):016x}"
    return [
        make(
            key=f"{run}-{place}",
            owner=Owner("customer", owner(chance.randint(1, arguments.members))),
            currency=CURRENCY,
            occurred_at=now,
            reason=reason,
            amount=3,
        )
        for place in range(arguments.batch)
    ]


def pgbench(*options: str) -> str:
    """Run pgbench on the scratch database; return what it printed."""
    folder = binaries()
    if folder is None:
        sys.exit("pgbench is not on this machine; on Debian: apt-get install postgresql-contrib")
    command = [str(folder / "pgbench"), *options, os.environ["DATABASE_URL"]]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"pgbench failed: {ran.stderr}")
    return ran.stdout


def prove() -> None:
    """End with an error if the ledger is not sound after all that."""
    from troth.kit import clock
    from troth.ledger.proofs import prove as prove_ledger

    broken = [verdict for verdict in prove_ledger(clock.utc_now()) if not verdict.holds]
    if broken:
        sys.exit(f"the ledger is broken: {broken[0]}")


if __name__ == "__main__":
    main()
