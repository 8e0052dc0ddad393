"""Causes by number, what handling complaints earned, and the care calendar over the API."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.kit import clock
from troth.voice.complaints import services
from troth.voice.complaints.services import NewCase
from troth.voice.models import Case, RecoveryReport, RootCause

ACTOR = system_actor("test")


@pytest.fixture
def named(company):
    """Three complaints: two of one cause, one of which nobody knows why."""
    now = clock.utc_now()
    causes = [RootCause.objects.create(code=code, name=code.title()) for code in ("made_up", "other_made_up")]
    for number, cause in enumerate([causes[0], causes[0], causes[1], None]):
        case = services.open_case(NewCase(key=f"k{number}", channel="phone", text="Broken"), actor=ACTOR, now=now)
        Case.objects.filter(id=case.id).update(cause=cause)


def test_complaints_are_counted_by_cause(api, named):
    found = api.get("/complaint-causes").json()
    told = [(one["cause"], one["count"], round(one["share"], 4), one["cumulative"]) for one in found["items"]]
    assert told == [("made_up", 2, 0.6667, pytest.approx(2 / 3)), ("other_made_up", 1, 0.3333, 1.0)]
    assert found["unknown"] == 1
    days = datetime.fromisoformat(found["until"]) - datetime.fromisoformat(found["since"])
    assert days == timedelta(days=89)
    assert api.get("/complaint-causes?until=2020-01-31").json()["items"] == []
    assert api.get("/complaint-causes?since=yesterday").status_code == 422


def test_what_recovery_earned_is_told_as_last_measured(api, company):
    never = api.get("/complaint-recovery").json()
    assert (never["as_of"], never["measured_at"], never["items"]) == (None, None, [])
    drawn = {f"{name}_more_{end}": 0.6 for name in ("came_back", "spent") for end in ("low", "high")}
    row = {"outcome": "well", "people": 1, "came_back": 1.0, "came_back_low": 0.2, "came_back_high": 1.0} | drawn
    row |= {"control_came_back": 0.4, "came_back_more": 0.6, "spent": 20.0, "control_spent": 8.0, "spent_more": 12.0}
    result = {"rows": [row, row | {"people": 2}], "currency": "CNY", "window_days": 180, "too_recent": 2}
    at = datetime(2026, 11, 20, tzinfo=UTC)
    RecoveryReport.objects.create(as_of_date=at.date(), result=result, created_at=at)
    found = api.get("/complaint-recovery").json()
    assert (found["as_of"], found["currency"], found["too_recent"], found["unmatched"]) == ("2026-11-20", "CNY", 2, 0)
    told = [(one["came_back"], one["spent_more"], one["came_back_more_low"]) for one in found["items"]]
    assert told == [(1.0, 12.0, None), (1.0, 12.0, 0.6)]


def test_a_month_of_the_care_calendar_knows_festivals_and_days_worked_instead(api, company):
    found = {one["day"]: one for one in api.get("/care-calendar?month=2026-02").json()["items"]}
    assert len(found) == 28
    spring = found["2026-02-17"]
    assert (spring["kind"], spring["lunar"]) == ("holiday", "正月初一")
    assert "春节" in [one["name_zh"] for one in spring["festivals"]]
    assert found["2026-02-14"]["kind"] == "makeup_workday"
    assert len(api.get("/care-calendar").json()["items"]) in range(28, 32)
    assert api.get("/care-calendar?month=2026-13").status_code == 422
