"""Workers really killed, again and again: nobody is lost, nothing is done twice."""

import json
import random

import pytest

from troth.kit.tests.killing import kill_some, starter

PEOPLE = 60
STEPS = 11

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def start(tmp_path):
    """A function that starts a process on a database of its own."""
    with starter("troth.care.journeys.tests.killable", tmp_path, str(PEOPLE)) as start:
        yield start


def test_killed_again_and_again_everybody_gets_every_act_once(start):
    """lesson: Resume restarts the list; restart skips those fetched but unsent."""
    start("begin").finish()
    assert kill_some(start, random.Random(4711), after=(0.05, 0.35)) >= 1
    found = json.loads(start("look").finish())
    assert (found["people"], found["runs"], found["visits"]) == (PEOPLE, PEOPLE, STEPS * PEOPLE)
    assert (found["posted"], found["posted_to"], found["other_runs"]) == ([3], PEOPLE, PEOPLE)
    acts = ("messages", "webhooks", "tasks", "coupons", "attributes", "tags", "invitations")
    assert found["each"] == {name: [PEOPLE, PEOPLE] for name in acts}
    assert {step: sum(outcomes.values()) for step, outcomes in found["counts"].items()} == dict.fromkeys(
        found["counts"], PEOPLE
    )
