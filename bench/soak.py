"""The long runs, kept: each adds itself to docs/soak.json, and docs/soak.md says what they come to together.

So fifty rounds can be run in slices, on a machine that is free for an hour at a time. A run that failed is kept, too.
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "docs" / "soak.json"
PAGE = ROOT / "docs" / "soak.md"
WANTED = 50
"""Rounds of kill -9 that are to have been run."""
Run = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of long run: its name in the log, how its line begins, and what all its runs come to in words."""

    name: str
    head: str
    how: str
    said: Callable[[Sequence[Run]], str]


def runs(kind: Kind, log: Path = LOG) -> list[dict[str, Any]]:
    """Return the runs kept so far, the oldest first."""
    return _all(log).get(kind.name, [])


def _all(log: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(log.read_text(encoding="utf-8"))
    return found


def rounds_done(log: Path = LOG) -> int:
    """Return how many rounds of kill -9 went well until now."""
    return sum(one["rounds"] for one in runs(CRASH, log))


def keep(kind: Kind, run: Run, log: Path = LOG, page: Path = PAGE) -> None:
    """Add a run to the log, and bring the page to what all of its kind come to."""
    kept = _all(log)
    kept[kind.name] = [*kept.get(kind.name, []), dict(run)]
    parts = [
        f"{json.dumps(name)}: [\n" + ",\n".join(f"  {json.dumps(one)}" for one in ran) + "\n]"
        for name, ran in kept.items()
    ]
    log.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
    page.write_text(with_row(page.read_text(encoding="utf-8"), kind, kept[kind.name]), encoding="utf-8")


def with_row(text: str, kind: Kind, kept: Sequence[Run]) -> str:
    """Return the page with the line of this kind as the runs have it."""
    before, found, rest = text.partition(kind.head)
    if not found:
        raise SystemExit(f"{PAGE.name} has no line that begins “{kind.head}”")
    return before + row(kind, kept) + rest[rest.index("\n") :]


def row(kind: Kind, kept: Sequence[Run]) -> str:
    """Return the line of the table: what all runs come to, when and where they were made."""
    if not kept:
        return f"{kind.head} {kind.how} | nothing yet | – |"
    days = sorted({one["day"] for one in kept})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    where = "; ".join(sorted({one["machine"] for one in kept}))
    return f"{kind.head} {kind.how} | {kind.said(kept)} | {when}, {where} |"


def total(kept: Sequence[Run]) -> dict[str, Any]:
    """Return what all runs of kill -9 come to."""
    killed: dict[str, int] = defaultdict(int)
    for one in kept:
        for victim, times in one["killed"].items():
            killed[victim] += times
    sums = {name: sum(one[name] for one in kept) for name in ("rounds", "calls", "orders")}
    return {**sums, "killed": dict(sorted(killed.items())), "failed": _failed(kept)}


def operations(kept: Sequence[Run]) -> dict[str, Any]:
    """Return what all runs against the plain ledger come to, with the operations of each database."""
    databases: dict[str, int] = defaultdict(int)
    for one in kept:
        databases[one["database"]] += one["operations"]
    sums = {name: sum(one[name] for one in kept) for name in ("sequences", "batches", "operations", "refused")}
    return {**sums, "databases": dict(sorted(databases.items())), "failed": _failed(kept)}


def _failed(kept: Sequence[Run]) -> int:
    return sum(bool(one.get("failed")) for one in kept)


def _many(kept: Sequence[Run]) -> str:
    return "1 run" if len(kept) == 1 else f"{len(kept)} runs"


def _outcome(kept: Sequence[Run], well: str) -> str:
    """Return these words, or how many runs failed and how the last of them did."""
    if not (failed := _failed(kept)):
        return well
    last = [one["failed"] for one in kept if one.get("failed")][-1]
    words = " ".join(last.replace("|", "/").split())
    return f"**{failed} of {len(kept)} runs failed**, the last so: {words[:300]}"


def _crashes_said(kept: Sequence[Run]) -> str:
    found = total(kept)
    deaths = ", ".join(f"{victim} {times}" for victim, times in found["killed"].items())
    rounds = f"{found['rounds']} of {WANTED} rounds" if found["rounds"] < WANTED else f"{found['rounds']} rounds"
    outcome = _outcome(kept, "0 lost, 0 done twice, every first answer given again, the ledger proved after each round")
    return (
        f"{rounds} in {_many(kept)} (killed: {deaths}); {found['calls']:,} answered"
        f" calls, {found['orders']:,} orders: {outcome}"
    )


def _operations_said(kept: Sequence[Run]) -> str:
    found = operations(kept)
    databases = ", ".join(f"{name} {many:,}" for name, many in found["databases"].items())
    outcome = _outcome(
        kept, "every answer, every refusal's reason and every balance, now and as of then, the same, every proof held"
    )
    return (
        f"{found['operations']:,} operations ({databases}; {found['refused']:,} of them refused) in"
        f" {found['batches']:,} batches, {found['sequences']:,} sequences from an empty ledger,"
        f" {_many(kept)}: {outcome}"
    )


CRASH = Kind("crash", "| kill -9 of web, worker and PostgreSQL under load", "([how](../bench/crash.py))", _crashes_said)
MACHINE = Kind(
    "ledger_machine",
    "| random operations, against a ledger of lists and loops",
    "([how](../bench/ledger_machine.py))",
    _operations_said,
)


def revision() -> str:
    """Return which commit this is, with a plus where files were changed since; empty outside of a repository."""

    def said(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    commit = said("rev-parse", "--short", "HEAD")
    return f"{commit}+" if commit and said("status", "--porcelain", "--untracked-files=no") else commit
