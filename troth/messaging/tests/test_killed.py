"""Processes that decide and hand over, really killed, again and again."""

import json
import random
from collections import Counter

import pytest

from troth.kit.tests.killing import kill_some, starter
from troth.messaging.delivering import SLICE

PEOPLE = 200

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def start(tmp_path):
    """A function that starts a process on a database of its own."""
    with starter("troth.messaging.tests.killable", tmp_path, str(tmp_path / "handed_over"), str(PEOPLE)) as start:
        yield start


def test_killed_again_and_again_nothing_is_decided_or_handed_over_twice_or_left_out(start, tmp_path):
    """lesson: resume restarts the list (five copies); restart skips those fetched but unsent."""
    chance = random.Random(4711)
    start("begin").finish()
    kills = kill_some(start, chance, after=(0.1, 0.8))
    assert kills >= 1
    found = json.loads(start("look").finish())

    handed_over = Counter((tmp_path / "handed_over").read_text().split())
    states = found["states"]
    sent = {contact for contact, state in states.items() if state == "sent"}
    unknown = {contact for contact, state in states.items() if state == "unknown"}
    assert (found["keys"], len(states), len(sent) + len(unknown)) == (PEOPLE, PEOPLE, PEOPLE)
    assert set(handed_over.values()) == {1}
    assert sent <= handed_over.keys() <= sent | unknown
    assert len(unknown) <= kills * SLICE
    assert found["events"].get("messaging.contact.sent", 0) == len(sent)
    assert found["events"].get("messaging.contact.unknown", 0) == len(unknown)
