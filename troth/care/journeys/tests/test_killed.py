"""Workers really killed, again and again: nobody is lost, nothing is done twice."""

import json
import os
import random
import subprocess
import sys

import pytest
from django.db import connection

from troth.kit.tests.killing import finish, kill_some

PEOPLE = 120

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a process on a database of its own."""
    environment = os.environ | {"TROTH_DATA_DIR": str(tmp_path / "data")}
    if connection.vendor == "postgresql":
        at = connection.settings_dict
        environment["DATABASE_URL"] = (
            f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST'] or 'localhost'}:{at['PORT'] or 5432}/{at['NAME']}"
        )
    else:
        environment["DATABASE_URL"] = f"sqlite:///{tmp_path / 'killed.sqlite3'}"

    def process(what):
        command = [sys.executable, "-m", "troth.care.journeys.tests.killable", what, str(PEOPLE)]
        found = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert found.stdout.readline() == "working\n"
        return found

    return process


def test_killed_again_and_again_everybody_gets_everything_once(start):
    """lesson: Resume restarts the list; restart skips those fetched but unsent."""
    finish(start("begin"))
    assert kill_some(start, random.Random(4711), after=(0.05, 0.35)) >= 1
    found = json.loads(finish(start("look")))
    assert (found["people"], found["runs"], found["visits"]) == (PEOPLE, PEOPLE, 4 * PEOPLE)
    assert (found["posted"], found["posted_to"]) == ([2], PEOPLE)
    assert found["counts"] == {
        "<entry>": {"entered": PEOPLE},
        "first": {"done": PEOPLE},
        "pause": {"done": PEOPLE},
        "second": {"done": PEOPLE},
        "mark": {"done": PEOPLE},
        "<left>": {"finished": PEOPLE},
    }
