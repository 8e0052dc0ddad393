"""Random arms and waits, to the edge: pure."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest

from troth.care.journeys import chance, moments
from troth.care.journeys.chance import arm_of
from troth.care.journeys.document.shapes import Split, Wait

SPLIT = Split.model_validate(
    {
        "id": "draw",
        "type": "split",
        "arms": [
            {"code": "a", "share": 15},
            {"code": "b", "share": 65},
            {"code": "c", "share": 20, "is_control": True},
        ],
    }
)
ANNA = UUID(int=7)


@pytest.mark.parametrize(
    ("place", "arm"), [(0, "a"), (1_499, "a"), (1_500, "b"), (7_999, "b"), (8_000, "c"), (9_999, "c")]
)
def test_each_place_belongs_to_the_arm_of_its_share(monkeypatch, place, arm):
    monkeypatch.setattr(chance.chance, "place_of", lambda *names: place)
    assert arm_of(SPLIT, "hello", ANNA) == arm


def test_the_arm_is_drawn_by_journey_step_salt_and_person_and_nothing_else(monkeypatch):
    asked = []
    monkeypatch.setattr(chance.chance, "place_of", lambda *names: asked.append(names) or 0)
    arm_of(SPLIT, "hello", ANNA)
    assert asked == [("hello", "draw", "", ANNA.hex)]


def test_the_shares_come_out_as_asked_for():
    drawn = Counter(arm_of(SPLIT, "hello", UUID(int=number)) for number in range(10_000))
    assert {arm: round(count / 100) for arm, count in drawn.items()} == {"a": 15, "b": 65, "c": 20}


@pytest.mark.parametrize(
    ("since", "given", "until"),
    [
        # 2 March 2026 is a Monday; nine in Shanghai is one in UTC.
        ((2, 1, 0), {"at": "09:00"}, (2, 1, 0)),  # that very moment included
        ((2, 1, 1), {"at": "09:00"}, (3, 1, 0)),
        ((2, 0, 59), {"at": "09:00"}, (2, 1, 0)),
        ((2, 1, 0), {"at": "09:00", "weekdays": ["mon"]}, (2, 1, 0)),
        ((2, 1, 1), {"at": "09:00", "weekdays": ["mon"]}, (9, 1, 0)),
        ((2, 1, 1), {"at": "09:00", "weekdays": ["sat", "sun"]}, (7, 1, 0)),
        ((2, 1, 0), {"days": 5, "at": "08:59", "weekdays": ["sat"]}, (14, 0, 59)),
        ((2, 1, 0), {"hours": 2, "minutes": 5}, (2, 3, 5)),
        # Half past midnight of the third in Shanghai is still the second in UTC.
        ((2, 16, 30), {"at": "00:45", "weekdays": ["tue"]}, (2, 16, 45)),
    ],
)
def test_a_wait_ends_at_the_next_such_time_of_the_persons_day(since, given, until):
    step = Wait.model_validate({"id": "pause", "type": "wait"} | given)
    found = moments.ends_at(step, _march(*since), "Asia/Shanghai")
    assert found == _march(*until)


def _march(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)
