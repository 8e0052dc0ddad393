"""How long the proof of a large ledger takes.

    python -m tools.postgres --durable -- python bench/ledger_proof.py [--entries 10000000] [--json FILE]

The ledger is made inside the database (`ledger_seed`): of each 20 entries of a member 12 are of earns, 8 of spends,
with their lots and allocations. Then every claim is examined as `troth prove` does it; each must hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.ledger_seed import ENTRIES_PER_MEMBER, seed  # noqa: E402  the path first
from bench.scratch_database import scratch_database  # noqa: E402  the path first


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with scratch_database("troth_bench_ledger_proof") as vendor:
        if vendor != "postgresql":
            sys.exit("DATABASE_URL names no PostgreSQL; run it through python -m tools.postgres --durable -- …")
        started = time.perf_counter()
        seed(arguments.entries // ENTRIES_PER_MEMBER)
        seeded = time.perf_counter() - started
        seconds = prove()
    found = {
        "entries": arguments.entries,
        "seed_seconds": round(seeded, 1),
        "proof_seconds": round(sum(seconds.values()), 1),
        "entries_per_second": round(arguments.entries / sum(seconds.values())),
        "claims": {code: round(one, 2) for code, one in seconds.items()},
    }
    for name, value in found.items():
        print(f"{name:24} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def prove() -> dict[str, float]:
    """Return the seconds that each claim took; end with an error if one is broken."""
    from troth.kit.proofs import examine
    from troth.ledger.proofs import PROOFS

    seconds = {}
    for proof in PROOFS:
        started = time.perf_counter()
        verdict = examine(proof)
        seconds[proof.code] = time.perf_counter() - started
        if not verdict.holds:
            sys.exit(f"{proof.code} is broken: {verdict.first}")
    return seconds


if __name__ == "__main__":
    main()
