"""How long the proof of a large ledger takes, and what an operation costs in one beside a small one.

    python -m tools.postgres --durable -- python bench/ledger_proof.py [--entries 10000000] [--beside 100000]
        [--batches 40] [--json FILE]

The ledger is made inside the database (`ledger_seed`): of each 20 entries of a member 12 are of earns, 8 of spends,
with their lots and allocations. A small one stands beside it in a second database: batches of 500 earns and spends on
members chosen at random go to both in turns, from one client; medians are compared. At the end every claim about the
large one is examined as `troth prove` does it; each must hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.ledger import operations  # noqa: E402  the path first
from bench.ledger_seed import ENTRIES_PER_MEMBER, seed  # noqa: E402  the path first
from bench.scratch_database import scratch_database  # noqa: E402  the path first

BATCH, WARMING = 500, 5
KINDS = ("Earn", "Spend")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--beside", type=int, default=100_000, help="entries of the small ledger")
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    few, many = (entries // ENTRIES_PER_MEMBER for entries in (arguments.beside, arguments.entries))
    with scratch_database("troth_bench_ledger_proof") as vendor:
        if vendor != "postgresql":
            sys.exit("DATABASE_URL names no PostgreSQL; run it through python -m tools.postgres --durable -- …")
        seed(few)
        with a_copy() as copy:
            started = time.perf_counter()
            seed(many, after=few)
            seeded = time.perf_counter() - started
            large, small = batch_seconds(copy, many, few, arguments.batches)
            proved, seconds = prove()
    found = {
        "entries": arguments.entries,
        "beside": arguments.beside,
        "seed_seconds": round(seeded, 1),
        "proof_seconds": round(proved, 1),
        "entries_per_second": round(arguments.entries / proved),
    }
    for kind in KINDS:
        name = f"{kind.lower()}s"
        found[f"{name}_milliseconds_a_batch"] = [round(one[kind] * 1000, 1) for one in (large, small)]
        found[f"{name}_times_small"] = round(large[kind] / small[kind], 2)
    found["claims"] = {code: round(one, 2) for code, one in seconds.items()}
    for name, value in found.items():
        print(f"{name:30} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


@contextmanager
def a_copy() -> Iterator[Any]:
    """Yield a connection to a copy of the database as it is now."""
    from django.db import connection, connections

    name = connection.settings_dict["NAME"]
    connection.close()
    copy = connections.create_connection("default")
    copy.settings_dict = {**copy.settings_dict, "NAME": f"{name}_beside"}
    with psycopg.connect(os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}_beside" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}_beside" TEMPLATE "{name}"')
        try:
            yield copy
        finally:
            copy.close()
            server.execute(f'DROP DATABASE IF EXISTS "{name}_beside" WITH (FORCE)')


def batch_seconds(copy: Any, many: int, few: int, batches: int) -> list[dict[str, float]]:
    """Return the median times of a batch of each kind in the large ledger, and in its small copy."""
    from django.db import connections

    large, chance = connections["default"], random.Random(many)
    spent: list[dict[str, list[float]]] = [{kind: [] for kind in KINDS} for _ledger in (many, few)]
    for _batch in range(WARMING + batches):
        for place, (connection, members) in enumerate(((large, many), (copy, few))):
            connections["default"] = connection
            for kind in KINDS:
                spent[place][kind].append(
                    post(operations(kind, argparse.Namespace(batch=BATCH, members=members), chance))
                )
    connections["default"] = large
    return [{kind: statistics.median(one[kind][WARMING:]) for kind in KINDS} for one in spent]


def post(wanted: list[Any]) -> float:
    """Post a batch and return the seconds it took; everything must succeed."""
    from troth.access.actors import system_actor
    from troth.kit import clock
    from troth.ledger import services as ledger

    started = time.perf_counter()
    answers = ledger.post(wanted, actor=system_actor("bench"), now=clock.utc_now())
    spent = time.perf_counter() - started
    refused = [answer.error for answer in answers if answer.is_refused]
    if refused:
        sys.exit(f"refused: {refused[0]}")
    return spent


def prove() -> tuple[float, dict[str, float]]:
    """Return the seconds of the whole proof, and of each claim; end with an error if one is broken."""
    from troth.kit.proofs import examine_all
    from troth.ledger.proofs import PROOFS

    started = time.perf_counter()
    verdicts = list(examine_all(PROOFS))
    seconds = time.perf_counter() - started
    for verdict in verdicts:
        if not verdict.holds:
            sys.exit(f"{verdict.proof.code} is broken: {verdict.first}")
    return seconds, {verdict.proof.code: verdict.seconds for verdict in verdicts}


if __name__ == "__main__":
    main()
