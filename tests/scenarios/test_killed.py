"""Workers really killed while mail comes in, a survey goes out and visits are planned: nothing twice, nothing lost.

Sending, journeys and imports have tests of this kind of their own, and `test_crash.py` kills whole servers.
"""

import json
import random
from itertools import cycle

import pytest

from troth.kit.tests.killing import kill_some, starter

PEOPLE = 60

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_killed_again_and_again_each_is_heard_asked_and_visited_once(tmp_path):
    with starter("tests.scenarios.killable", tmp_path, str(tmp_path / "mail"), str(PEOPLE)) as start:
        start("begin").finish()
        work = cycle(("mail", "mail", "survey", "visits"))
        assert kill_some(lambda _word: start(next(work)), random.Random(4711), after=(0.1, 0.6)) >= 1
        found = json.loads(start("look").finish())

    assert found["mail"] == [0, [":2,S"]]
    assert found["texts"] == sorted(f"Ring number {number} came broken." for number in range(PEOPLE))
    counts = ("cases", "numbers", "opened", "answers", "invited", "visits", "visit_tasks")
    assert {name: found[name] for name in counts} == dict.fromkeys(counts, PEOPLE)
    assert found["steps"] == found["escalated"] == found["case_tasks"] > PEOPLE
    everybody = 2 * PEOPLE  # those who wrote agreed to no survey
    assert (found["customers"], found["invitations"]) == (everybody, everybody)
    assert found["sending"] == ["done", everybody, PEOPLE, everybody - PEOPLE]
    assert found["asked"] == [PEOPLE, PEOPLE, everybody]
    assert (found["plans_run"], found["keys"]) == (1, everybody + PEOPLE)
