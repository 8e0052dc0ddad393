"""The long runs, kept: each adds itself to docs/soak.json, and docs/soak.md says what they come to together.

So fifty rounds can be run in slices, on a machine that is free for an hour at a time. A run that failed is kept, too.
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "docs" / "soak.json"
PAGE = ROOT / "docs" / "soak.md"
WANTED = 50
"""Rounds of kill -9 that are to have been run."""
HEAD = "| kill -9 of web, worker and PostgreSQL under load"
HOW = "([how](../bench/crash.py))"

Run = Mapping[str, Any]


def runs(log: Path = LOG) -> list[dict[str, Any]]:
    """Return the runs kept so far, the oldest first."""
    found: list[dict[str, Any]] = json.loads(log.read_text(encoding="utf-8"))["crash"]
    return found


def rounds_done(log: Path = LOG) -> int:
    """Return how many rounds went well until now."""
    return sum(one["rounds"] for one in runs(log))


def keep(run: Run, log: Path = LOG, page: Path = PAGE) -> None:
    """Add a run to the log, and bring the page to what all of them come to."""
    kept = [*runs(log), dict(run)]
    lines = ",\n".join(f"  {json.dumps(one)}" for one in kept)
    log.write_text(f'{{"crash": [\n{lines}\n]}}\n', encoding="utf-8")
    page.write_text(with_row(page.read_text(encoding="utf-8"), kept), encoding="utf-8")


def with_row(text: str, kept: Sequence[Run]) -> str:
    """Return the page with the row of the crashes as the runs have it."""
    before, found, rest = text.partition(HEAD)
    if not found:
        raise SystemExit(f"{PAGE.name} has no line that begins “{HEAD}”")
    return before + row(kept) + rest[rest.index("\n") :]


def total(kept: Sequence[Run]) -> dict[str, Any]:
    """Return what all runs come to."""
    killed: dict[str, int] = defaultdict(int)
    for one in kept:
        for victim, times in one["killed"].items():
            killed[victim] += times
    sums = {name: sum(one[name] for one in kept) for name in ("rounds", "calls", "orders")}
    return {**sums, "killed": dict(sorted(killed.items())), "failed": sum(bool(one.get("failed")) for one in kept)}


def row(kept: Sequence[Run]) -> str:
    """Return the line of the table: what all runs come to, when and where they were made."""
    found = total(kept)
    deaths = ", ".join(f"{victim} {times}" for victim, times in found["killed"].items())
    outcome = "0 lost, 0 done twice, every first answer given again, the ledger proved after each round"
    if found["failed"]:
        last = [one["failed"] for one in kept if one.get("failed")][-1].replace("|", "/")
        outcome = f"**{found['failed']} of {len(kept)} runs failed**, the last so: {last[:300]}"
    many = "1 run" if len(kept) == 1 else f"{len(kept)} runs"
    rounds = f"{found['rounds']} of {WANTED} rounds" if found["rounds"] < WANTED else f"{found['rounds']} rounds"
    result = (
        f"{rounds} in {many} (killed: {deaths}); {found['calls']:,} answered"
        f" calls, {found['orders']:,} orders: {outcome}"
    )
    days = sorted({one["day"] for one in kept})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    where = "; ".join(sorted({one["machine"] for one in kept}))
    return f"{HEAD} {HOW} | {result} | {when}, {where} |"


def revision() -> str:
    """Return which commit this is, with a plus where files were changed since; empty outside of a repository."""

    def said(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    commit = said("rev-parse", "--short", "HEAD")
    return f"{commit}+" if commit and said("status", "--porcelain", "--untracked-files=no") else commit
