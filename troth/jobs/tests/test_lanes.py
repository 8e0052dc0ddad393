"""Two lanes that do not wait for each other, and lose and double nothing however they end."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.db import connection

from troth.kit.tests.killing import PATIENCE, environment_in, finish

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LANES = ("prompt", "long")
FILE = "killed.sqlite3"
DONE = {"status": "succeeded", "attempt": 1, "is_held": False, "step": 3, "rows": 3}
GIVEN_BACK = {"attempt": 0, "is_held": False, "step": 1, "rows": 1}


class Workers:
    """The worker of both lanes on a database of its own, and what its jobs tell by files."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = environment_in(folder)
        self.started = []

    def start(self, module, *words):
        command = [sys.executable, "-m", f"troth.jobs.tests.{module}", *words, str(self.folder)]
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.started.append(process)
        return process

    def do(self, word):
        return finish(self.start("killable", word))

    def run(self):
        process = self.start("supervised")
        assert process.stdout.readline() == "working\n"
        return process

    def look(self):
        """Return of each lane how its job stands and how many rows it wrote."""
        jobs = self.ask("SELECT name, status, attempt, lease_token IS NOT NULL, checkpoint FROM jobs_job")
        rows = [name.split()[0] for (name,) in self.ask("SELECT name FROM jobs_schedule WHERE NOT is_enabled")]
        return {
            lane: {
                "status": status,
                "attempt": attempt,
                "is_held": bool(is_held),
                "step": json.loads(checkpoint).get("step"),
                "rows": rows.count(lane),
            }
            for name, status, attempt, is_held, checkpoint in jobs
            for lane in [name.removeprefix("test.")]
        }

    def abandon(self):
        """Let the leases of the killed run out, instead of waiting for it."""
        self.ask("UPDATE jobs_job SET lease_until = '2026-01-05 12:00:00+00:00' WHERE status = 'running'")

    def ask(self, sql):
        """Return what a statement finds, without a process that takes seconds to start."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.folder / FILE, timeout=PATIENCE, isolation_level=None)) as found:
            return found.execute(sql).fetchall()

    def open(self, *lanes):
        for lane in lanes:
            (self.folder / f"{lane}.gate").touch()

    def wait_for(self, *names):
        self.until(lambda: all((self.folder / name).exists() for name in names))

    def until(self, holds):
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Return a folder with what was prepared once: on SQLite, the database."""
    return tmp_path_factory.mktemp("begun")


@pytest.fixture
def workers(tmp_path, begun):
    """Return workers with a job of each lane asked for, the long one first."""
    found = Workers(tmp_path)
    if (begun / FILE).exists():
        shutil.copy(begun / FILE, tmp_path / FILE)
    else:
        found.do("begin")
        if (tmp_path / FILE).exists():
            shutil.copy(tmp_path / FILE, begun / FILE)
    yield found
    for process in found.started:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.communicate()


def test_a_prompt_job_ends_while_a_long_one_runs(workers):
    process = workers.run()
    workers.open("prompt")
    workers.wait_for("long.begun", "prompt.done")
    assert workers.look() == {
        "prompt": DONE,
        "long": DONE | {"status": "running", "is_held": True, "step": 1, "rows": 1},
    }
    workers.open("long")
    workers.wait_for("long.done")
    workers.until(lambda: workers.look()["long"]["status"] == "succeeded")
    process.terminate()
    finish(process)
    assert workers.look() == {"prompt": DONE, "long": DONE}


def test_one_process_does_what_waits_in_both_lanes(workers):
    workers.open(*LANES)
    workers.do("drain")
    assert workers.look() == {"prompt": DONE, "long": DONE}


def test_stopped_in_both_lanes_the_jobs_are_given_back_and_go_on(workers):
    process = workers.run()
    workers.wait_for("long.begun", "prompt.begun")
    process.terminate()
    finish(process)
    found = workers.look()
    assert {lane: found[lane] | GIVEN_BACK for lane in LANES} == found
    workers.open(*LANES)
    workers.do("drain")
    assert workers.look() == {"prompt": DONE, "long": DONE}


def test_killed_in_both_lanes_nothing_is_lost_or_doubled(workers):
    process = workers.run()
    workers.wait_for("long.begun", "prompt.begun")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    workers.abandon()
    workers.open(*LANES)
    process = workers.run()
    workers.wait_for("long.done", "prompt.done")
    workers.until(lambda: all(job["status"] == "succeeded" for job in workers.look().values()))
    process.terminate()
    finish(process)
    assert workers.look() == {"prompt": DONE | {"attempt": 2}, "long": DONE | {"attempt": 2}}


def test_lanes_whose_parent_is_killed_give_back_their_jobs(workers):
    process = workers.run()
    workers.wait_for("long.begun", "prompt.begun")
    process.kill()
    workers.until(lambda: all(job["attempt"] == 0 for job in workers.look().values()))
    found = workers.look()
    assert {lane: found[lane] | GIVEN_BACK for lane in LANES} == found


def test_a_lane_that_is_killed_is_started_again_while_the_other_goes_on(workers):
    process = workers.run()
    workers.wait_for("long.begun", "prompt.begun")
    os.kill(int((workers.folder / "long.begun").read_text()), signal.SIGKILL)
    workers.wait_for("long.ended")
    workers.abandon()  # of the living one too: it has its token, and goes on
    workers.open(*LANES)
    workers.wait_for("long.done", "prompt.done")
    workers.until(lambda: all(job["status"] == "succeeded" for job in workers.look().values()))
    process.terminate()
    finish(process)
    found = workers.look()
    assert (found["long"], found["prompt"]["rows"]) == (DONE | {"attempt": 2}, 3)
