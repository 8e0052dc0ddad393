"""Targets on the screen: set in the unit people write, followed, reviewed, dropped, refused with the way out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from troth.access.permissions import Role
from troth.insights.models import Target, TargetReview
from troth.insights.tests.test_targets import analysed
from troth.kit.clock import utc_now

pytestmark = pytest.mark.django_db
PATH = "/value/targets/"


@pytest.fixture
def today(company) -> date:
    found: date = company.today(utc_now())
    return found


def given(today, **more):
    return {"indicator": "repeat_rate", "goal": "60%", "due_date": (today + timedelta(days=100)).isoformat(),
            "reason": "Second visit first"} | more  # fmt: skip


@pytest.mark.slow
def test_a_target_is_set_in_percent_followed_and_reviewed(sign_in, today):
    analysed(today - timedelta(days=1), repeat_rate="0.5000", revenue="9000.0000")
    desk = sign_in()
    page = desk.get(PATH).content.decode()
    for words in ("No target yet", "Share of buyers who come back (%) · now 50.0%", "Revenue of the year (¥)"):
        assert words in page, words
    assert desk.post(PATH, given(today)).status_code == 302
    row = Target.objects.get()
    assert (row.goal, row.start) == (Decimal("0.6"), Decimal("0.5"))
    analysed(today, repeat_rate="0.5500")
    page = desk.get(PATH).content.decode()
    for words in ("On course", "55.0%", "60.0%", "50.0%", "Second visit first", "from 50.0% to 55.0%"):
        assert words in page, words
    assert desk.post(f"{PATH}{row.id}/review/", {"note": "Stamps for the second visit work."}).status_code == 302
    assert TargetReview.objects.get().actual == Decimal("0.55")
    assert "Stamps for the second visit work." in desk.get(PATH).content.decode()
    assert desk.post(f"{PATH}{row.id}/drop/").status_code == 302
    assert "No target yet" in desk.get(PATH).content.decode()


@pytest.mark.slow
def test_what_cannot_be_a_target_is_refused_and_what_was_typed_stays(sign_in, today):
    desk = sign_in()
    for more, words in (
        ({"goal": "many"}, "Give a number as the goal."),
        ({"goal": "120"}, "Give a share from 0% to 100%."),
        ({"due_date": "soon"}, "“soon” is no day"),
        ({"due_date": "2020-01-01"}, "Choose a day that is still to come."),
        ({"indicator": "luck"}, "There is no indicator “luck”"),
    ):
        answer = desk.post(PATH, given(today, **more))
        assert answer.status_code == 422
        assert words in answer.content.decode(), words
        assert "Second visit first" in answer.content.decode()
    assert not Target.objects.exists()


def test_who_may_only_look_sets_nothing(sign_in, today):
    clerk = sign_in(Role.AGENT)
    assert b"Set a target" not in clerk.get(PATH).content
    clerk.post(PATH, given(today))
    assert not Target.objects.exists()


def test_in_chinese_too(sign_in, today):
    analysed(today, active="120.0000")
    desk = sign_in(language="zh-hans")
    desk.post(PATH, given(today, indicator="active", goal="1,000"))
    page = desk.get(PATH).content.decode()
    for words in ("目标", "仍在购买的客户", "1,000"):
        assert words in page, words
