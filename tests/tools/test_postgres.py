"""The throw-away cluster comes, goes, and tells what its command said."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tools import postgres

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(postgres.binaries() is None, reason="no PostgreSQL server on this machine"),
]

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tools.postgres", "--", sys.executable, "-c"]
ASK = "import os, psycopg; print(psycopg.connect(os.environ['DATABASE_URL']).execute('show {}').fetchone()[0])"


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)


def test_the_command_finds_a_database_that_is_gone_afterwards():
    done = run(ASK.format("data_directory"))
    assert (done.returncode, done.stderr) == (0, "")
    folder = Path(done.stdout.strip())
    assert folder.name == "data"
    assert not folder.parent.exists()


def test_the_exit_code_is_the_commands():
    assert run("raise SystemExit(7)").returncode == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_server_ends_with_us_however_we_end(number):
    code = ASK.format("data_directory") + "; import time; print('up', flush=True); time.sleep(60)"
    parent = subprocess.Popen(
        [*COMMAND, f"import sys; sys.stdout.reconfigure(line_buffering=True); {code}"],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert parent.stdout is not None
    data = Path(parent.stdout.readline().strip())
    assert parent.stdout.readline() == "up\n"
    server = int(re.match(r"\d+", (data / "postmaster.pid").read_text()).group())
    try:
        parent.send_signal(number)
        parent.wait(timeout=60)
        assert is_gone(server)
    finally:
        with suppress(ProcessLookupError):  # nothing of the group is left, as it should be after SIGTERM
            os.killpg(parent.pid, signal.SIGKILL)


def is_gone(process: int, seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
