"""Random operations for long: the real ledger beside one of lists and loops, on SQLite and on PostgreSQL.

    python bench/ledger_machine.py [--sequences 400] [--seed N] [--keep] [--json FILE]

The state machine of `troth/ledger/tests/test_machine.py`, which every change passes with a few thousand operations,
with as many as are wanted. Each sequence begins with an empty ledger of drawn rules and posts fifty batches of one to
five operations. What must hold: each answer and each refusal's reason, and after each batch every balance, are those of
the plain ledger; at the end of each sequence every proof holds, and what was so at earlier moments can be asked again.
With --keep a run adds itself to those before (`bench/soak.py`), and draws what none of them drew.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import soak  # noqa: E402  the path first
from bench.scratch_database import scratch_database  # noqa: E402  the path first

SEQUENCES, STEPS = 400, 50
AT_ONCE = 20
"""Sequences of one seed: Hypothesis remembers all that it drew under one."""


def main() -> None:
    """Run both databases, one after the other; the exit code is 1 if the two ledgers came to differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=SEQUENCES, help="on each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="add the runs to docs/soak.json and docs/soak.md")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    kept = soak.runs(soak.MACHINE) if arguments.keep else []
    seed = max((one["next_seed"] for one in kept), default=arguments.seed)
    found: list[dict[str, Any]] = []
    for url in dict.fromkeys(["", os.environ.get("DATABASE_URL", "")]):
        # A process each: Django is bound to one database.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:
            one = aside.submit(run, url, arguments.sequences, seed).result()
        found.append(one)
        seed = one["next_seed"]
        if arguments.keep:
            soak.keep(soak.MACHINE, one)
    if arguments.json:
        shown = soak.operations(soak.runs(soak.MACHINE) if arguments.keep else found)
        arguments.json.write_text(json.dumps(shown, indent=1), encoding="utf-8")
    if failed := [one["failed"] for one in found if one.get("failed")]:
        sys.exit("\n".join(failed))


def run(url: str, sequences: int, seed: int) -> dict[str, Any]:
    """Run so many sequences on the database of this address, on a SQLite of its own where it is empty.

    `failed` says in which the ledgers differed first, and ends the run.
    """
    import hypothesis

    hypothesis.settings.register_profile("soak", database=None)
    hypothesis.settings.load_profile("soak")
    os.environ["DATABASE_URL"] = url
    with scratch_database("troth_bench_machine"):
        return run_here(sequences, seed)


def run_here(sequences: int, first_seed: int) -> dict[str, Any]:
    """Run so many sequences on the database of this process."""
    import hypothesis
    from django.db import connection

    from troth.ledger.tests import test_machine

    counts: Counter[str] = Counter(dict.fromkeys(("sequences", "batches", "operations", "refused"), 0))

    class Counted(test_machine.Ledger):
        def teardown(self) -> None:
            super().teardown()
            refused = sum(answer.is_refused for answer in self.answers)
            counts.update(sequences=1, batches=len(self.then), operations=len(self.answers), refused=refused)

    result: dict[str, Any] = {
        "day": datetime.now(UTC).date().isoformat(),
        "revision": soak.revision(),
        "machine": f"{os.cpu_count()} cores",
        "database": f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}",
        "seed": first_seed,
        "next_seed": first_seed,
    }
    began = time.monotonic()
    for done in range(0, sequences, AT_ONCE):
        this = result["next_seed"]
        result["next_seed"] += 1
        try:
            test_machine.run(hypothesis.seed(this)(type("Part", (Counted,), {})), min(AT_ONCE, sequences - done), STEPS)
        except Exception as wrong:
            traceback.print_exc()
            result["failed"] = f"{result['database']}, seed {this}: {wrong!r}"
            break
        finally:
            result |= counts
        print(f"{result['database']}: {dict(counts)} in {time.monotonic() - began:.0f} s", flush=True)
    return result


if __name__ == "__main__":
    main()
