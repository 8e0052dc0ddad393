"""Every benchmark still runs, on sizes of seconds, and fills its rows of the table."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import BENCHMARKS

ROOT = Path(__file__).resolve().parents[2]


ELSEWHERE = ("crash", "ledger_machine")
"""tests/scenarios/test_crash.py and tests/tools/test_soak.py run them."""


@pytest.mark.slow
@pytest.mark.postgres
def test_the_benchmarks_run_small_and_fill_the_table():
    chosen = [one for one in BENCHMARKS if one.name not in ELSEWHERE]
    names = [one.name for one in chosen]
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--small", "--only", *names],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + sum(len(one.rows) for one in chosen)
    assert not [row for row in rows if "failed" in row]
