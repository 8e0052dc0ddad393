"""Runs the project's checks, times them, and says what passed, what failed and what could not be done.

    python -m tools.prove quickly       linters, types, layers, messages, fast tests on SQLite: a minute on two cores
    python -m tools.prove everything    that, the slow tests, the browser, PostgreSQL, the production settings
    python -m tools.prove afresh        the property tests with examples that nobody has seen, on both databases

A check that this machine cannot make is named at the end; with CI=true or TROTH_TEST_ALL=1 it has failed.
"""

import os
import secrets
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.machine import browser_lack, containers_lack, postgres_lack, spark_lack
from tools.postgres import NoPostgresError, database_url, end_cleanly_on_sigterm

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORKERS = "2"
# Where tests also wait, for a browser, for PostgreSQL, for what is killed, one more than cores keeps them busy. Five at
# most: each may bring 64 clients to a race, and PostgreSQL is started for 400 (tools/postgres.py).
MORE_WORKERS = str(min((os.cpu_count() or 2) + 1, 5))
FAST = "not slow and not browser and not postgres"
BARE = ("-o", "DJANGO_SETTINGS_MODULE=")  # the process that hands the tests out needs no Django
IN_FULL = ("-n", MORE_WORKERS, "--durations=40", "--durations-min=3", *BARE)
EXPLORING = ("-n", WORKERS, "--hypothesis-profile=explore")
# What the fast tests need of pytest's plugins: the others take seconds to import, in each worker.
LEAN = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "xdist.plugin,pytest_django.plugin,_hypothesis_pytestplugin",
}
# What pytest rewrote of the tests is kept, also where the environment keeps Python from it.
COMPILED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / ".make" / "pycache")}


@dataclass
class Report:
    """What happened: (name, seconds, outcome), and the sentences about what could not be done."""

    lines: list[tuple[str, float, str]] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    is_strict: bool = os.environ.get("CI") == "true" or os.environ.get("TROTH_TEST_ALL") == "1"

    @property
    def failed(self) -> bool:
        """Tell whether anything failed, or was left out where nothing may be."""
        has_failure = any(outcome == "FAILED" for _, _, outcome in self.lines)
        return has_failure or (self.is_strict and bool(self.lacks))

    def lack(self, sentence: str) -> None:
        """Note what could not be done."""
        self.lacks.append(sentence)
        print(f"\nNOT DONE: {sentence}", flush=True)

    def show(self) -> None:
        """Print the table of checks and what could not be done."""
        print("\n" + "-" * 72)
        for name, seconds, outcome in self.lines:
            print(f"{outcome:8}{seconds:7.1f} s  {name}")
        for sentence in self.lacks:
            print(f"NOT DONE           {sentence}")
        if self.lacks and self.is_strict:
            print("This run may leave nothing out, so it has failed.")
        print("-" * 72, flush=True)


def run(report: Report, name: str, command: Iterable[object], **environment: str) -> None:
    """Run one check in the project's folder, its output shown as it comes; note how it went."""
    print(f"\n=== {name}", flush=True)
    started = time.monotonic()
    words, variables = [str(part) for part in command], {**os.environ, **COMPILED, **environment}
    code = subprocess.run(words, cwd=ROOT, env=variables, check=False).returncode
    report.lines.append((name, time.monotonic() - started, "FAILED" if code else "ok"))


STATIC: dict[str, list[object]] = {
    "ruff": [BIN / "ruff", "check", "--quiet", "."],
    "layers": [BIN / "lint-imports", "--no-logo"],
    "messages": [BIN / "python", "tools/messages.py", "check"],
    "mypy": [BIN / "mypy", "--no-error-summary", "troth", "tests", "tools", "bench"],
}


def static_checks_aside() -> tuple[list[tuple[str, float, str]], str]:
    """Linters, types, layers and translations: the lines of the report, and what the failed ones said."""
    lines, said = [], []
    for name, command in STATIC.items():
        started = time.monotonic()
        words = [str(part) for part in command]
        done = subprocess.run(
            words, cwd=ROOT, env={**os.environ, **COMPILED}, capture_output=True, text=True, check=False
        )
        lines.append((name, time.monotonic() - started, "FAILED" if done.returncode else "ok"))
        if done.returncode:
            said.append(f"\n=== {name}\n{done.stdout}{done.stderr}")
    return lines, "".join(said)


def pytest(report: Report, name: str, selection: str, *more: str, **environment: str) -> None:
    """Run the tests of one selection of markers; what was skipped, and why, is shown by pytest.

    How long each took is kept in .make/, in a file named like the run.
    """
    results = ROOT / ".make" / f"{name.replace(',', '').replace(' ', '-')}.xml"
    results.unlink(missing_ok=True)
    options = ["--dist", "worksteal", "-rfEs", f"--junit-xml={results}"]
    command = [BIN / "pytest", *options, *more]
    run(report, name, [*command, "-m", selection], **environment)
    if results.exists():
        report.lines[-1] = (f"{name}: {_counts(results)}", *report.lines[-1][1:])


def _counts(results: Path) -> str:
    """Return "812 passed, 0 failed, 3 skipped" of a JUnit file that our own pytest wrote."""
    suite = ET.parse(results).getroot().find("testsuite")
    if suite is None:
        return "no result"
    tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return f"{tests - skipped - failed} passed, {failed} failed, {skipped} skipped"


def quickly(report: Report) -> None:
    """The inner loop: the static checks beside the tests, and by name the tests that take the most of it.

    Tables are made from the models: that they agree with the migrations is for `everything` to prove.
    """
    with ThreadPoolExecutor(1) as beside:
        static = beside.submit(static_checks_aside)
        slowest = ("-n", WORKERS, "--durations=10", "--durations-min=0.5")
        pytest(report, "fast tests on SQLite", FAST, "--no-migrations", *BARE, *slowest, DATABASE_URL="", **LEAN)
        lines, said = static.result()
    report.lines[:0] = lines
    print(said, end="", flush=True)


def everything(report: Report) -> None:
    """All that a change must pass: the static checks beside what is fetched and the first tests, then the others."""
    with ThreadPoolExecutor(1) as beside:
        static = beside.submit(static_checks_aside)
        lacks = {"tests of the analysis on Spark": spark_lack(), "browser tests": browser_lack()}
        without_postgres = postgres_lack()
        production_checks(report)
        run(report, "front end", ["npm", "test", "--silent", "--prefix", "frontend"])
        container_files(report)
        for what, lack in lacks.items():
            if lack:
                report.lack(f"{what}: {lack}")
        if lacks["browser tests"]:
            pytest(report, "tests on SQLite", "not postgres and not browser", *IN_FULL, DATABASE_URL="")
        else:
            pytest(report, "tests on SQLite, with browser", "not postgres", *IN_FULL, DATABASE_URL="")
        lines, said = static.result()
    report.lines[:0] = lines
    print(said, end="", flush=True)
    # The browser's tests are not run again: they see the same pages.
    on_postgres(report, "tests on PostgreSQL", "not browser", *IN_FULL, lack=without_postgres)


def afresh(report: Report) -> None:
    """The property tests with a thousand random examples, or as many as a test names: what is found becomes a test."""
    pytest(report, "random examples on SQLite", "hypothesis and not postgres", *EXPLORING, DATABASE_URL="")
    on_postgres(report, "random examples on PostgreSQL", "hypothesis", *EXPLORING, lack=postgres_lack())


def production_checks(report: Report) -> None:
    """Settings as in production must raise no warning; models and migrations must agree."""
    production = {
        "TROTH_ENV": "production",
        "TROTH_SECRET_KEY": secrets.token_urlsafe(64),
        "TROTH_ALLOWED_HOSTS": "troth.example",
    }
    manage = [BIN / "python", "manage.py"]
    run(report, "check --deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], **production)
    run(report, "migrations", [*manage, "makemigrations", "--check", "--dry-run"])


def container_files(report: Report) -> None:
    """Lint Dockerfile and compose.yaml, which no engine builds here."""
    if lack := containers_lack():
        report.lack(f"lint of Dockerfile and compose.yaml: {lack}")
        return
    command = ["npm", "run", "--silent", "--prefix", "tools/containers", "lint"]
    run(report, "Dockerfile, compose.yaml", command)


def on_postgres(report: Report, name: str, selection: str, *more: str, lack: str) -> None:
    """Run tests on PostgreSQL, unless there is none."""
    try:
        if lack:
            raise NoPostgresError(lack)
        with database_url() as url:
            pytest(report, name, selection, *more, DATABASE_URL=url)
    except NoPostgresError as error:
        report.lack(f"{name}: {error}")


def main(arguments: list[str]) -> int:
    """Run what was asked for; return the exit code."""
    choices: dict[str, Callable[[Report], None]] = {"quickly": quickly, "everything": everything, "afresh": afresh}
    if len(arguments) != 1 or arguments[0] not in choices:
        print(__doc__)
        return 2
    end_cleanly_on_sigterm()
    report = Report()
    started = time.monotonic()
    try:
        choices[arguments[0]](report)
    except KeyboardInterrupt:
        return 130
    report.show()
    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    print(f"{'FAILED' if report.failed else 'ok'} after {minutes} min {seconds:02d} s", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
