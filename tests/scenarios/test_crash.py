"""Web, worker and PostgreSQL killed outright under load: nothing is lost, nothing happens twice (`bench/crash.py`)."""

import json
import os
import subprocess
import sys

import pytest

from tests.house.files import ROOT
from tools.postgres import binaries

pytestmark = pytest.mark.slow


@pytest.mark.postgres
@pytest.mark.skipif(binaries() is None, reason="needs PostgreSQL's own programs")
def test_whatever_is_killed_every_answered_call_happened_once(tmp_path):
    # lesson: confirm pressed twice on a bad line counts twice; an offline till's retry doubles the points
    assert killed(tmp_path, "postgresql", 3) == {"web": 1, "worker": 1, "postgres": 1}


def test_on_sqlite_too(tmp_path):
    assert killed(tmp_path, "sqlite", 2) == {"web": 1, "worker": 1}


def killed(tmp_path, database, rounds):
    found = tmp_path / "found.json"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    ran = subprocess.run(
        [sys.executable, "bench/crash.py", "--database", database, "--rounds", str(rounds), "--json", str(found)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(found.read_text())["killed"]
