"""A PostgreSQL for tests and benchmarks: DATABASE_URL if it is set, else a throw-away cluster.

    python -m tools.postgres [--durable] -- COMMAND …      run COMMAND with DATABASE_URL set; exit as it did

The cluster is made with this machine's binaries in a temporary folder, listens on a free loopback port, has a
random password, runs as user postgres where we are root (the server refuses root), and ends with us whatever
happens. It does not wait for the disk unless `--durable` is given, which measurements need.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_SECONDS = 30
PR_SET_PDEATHSIG = 1

# Tests may lose their data; they may not lose time.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Races bring 64 clients each, and every worker of a test run may be at one of them.
SETTINGS = {"shared_buffers": "512MB", "max_connections": "400", "max_wal_size": "2GB", "jit": "off"}


class NoPostgresError(Exception):
    """There is no PostgreSQL to be had; the message says why."""


def binaries() -> Path | None:
    """Return the folder with initdb and postgres: the newest of Debian's, else that of the PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    if newest := max(versions, key=lambda path: int(path.parts[-3]), default=None):
        return newest.parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@contextmanager
def database_url(*, is_durable: bool = False) -> Iterator[str]:
    """Yield the address of a PostgreSQL database that may be written to.

    Raises:
        NoPostgresError: none is configured and none can be started.
    """
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        yield given
        return
    found = binaries()
    if found is None:
        raise NoPostgresError("no server on this machine; on Debian: apt-get install postgresql; or set DATABASE_URL")
    folder = Path(tempfile.mkdtemp(prefix="troth-postgres-"))
    try:
        with _cluster(found, folder, is_durable) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _cluster(found: Path, folder: Path, is_durable: bool) -> Iterator[str]:
    password, port = secrets.token_urlsafe(16), _free_port()
    identity = _identity(folder)
    secret = folder / "password"
    secret.write_text(password, encoding="ascii")
    if identity:
        os.chown(secret, identity["user"], identity["group"])
    data = folder / "data"
    command = [str(found / "initdb"), "-D", str(data), "-U", "troth", "--pwfile", str(secret), "--no-sync"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **identity)
    if made.returncode:
        raise NoPostgresError(f"initdb failed: {made.stderr.strip()}")
    server = _start(found, folder, port, is_durable, identity)
    try:
        _wait_until_ready(server, port, folder)
        yield f"postgres://troth:{password}@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown: end the sessions, then stop
        try:
            server.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _identity(folder: Path) -> dict[str, Any]:
    """Return whom to run as: postgres where we are root, ourselves otherwise."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgresError("PostgreSQL refuses to run as root and there is no user postgres") from None
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _start(found: Path, folder: Path, port: int, is_durable: bool, identity: dict[str, Any]) -> subprocess.Popen[bytes]:
    settings = SETTINGS | ({} if is_durable else NOT_DURABLE)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(found / "postgres"), "-D", str(folder / "data"), *options]
    command += ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  this program has one thread
            **identity,
        )


def _end_with_parent() -> None:
    """Have the server shut down when this process is killed outright; leave Ctrl-C of the terminal to us."""
    os.setpgrp()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        # The status file says "ready" once sessions are let in.
        status = folder / "data" / "postmaster.pid"
        if status.exists() and "ready" in status.read_text(encoding="utf-8"):
            return
        time.sleep(0.05)
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")
    raise NoPostgresError(f"PostgreSQL did not start on port {port}: {log.strip()[-800:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_cleanly_on_sigterm() -> None:
    """Turn SIGTERM into SystemExit, so that what was started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def main(arguments: list[str]) -> int:
    """Run the command beside a database; return its exit code."""
    is_durable = arguments[:1] == ["--durable"]
    rest = arguments[1:] if is_durable else arguments
    if rest[:1] != ["--"] or not rest[1:]:
        print(__doc__)
        return 2
    end_cleanly_on_sigterm()
    try:
        with database_url(is_durable=is_durable) as url:
            return subprocess.run(rest[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode
    except NoPostgresError as error:
        print(f"PostgreSQL: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
