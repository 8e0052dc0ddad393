"""Targets: set from where the indicator stands, followed along a straight line, reviewed, given up, refused by name."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from troth.access.actors import system_actor
from troth.events.models import Event
from troth.insights import analysis, targets
from troth.insights.errors import TargetNotFoundError, TargetRefusedError
from troth.insights.frames import Frame
from troth.insights.models import AnalysisRun, Indicator, MeasureSettings, ReportFrame, RunStatus, Target, TargetReview
from troth.insights.targets import Course
from troth.kit.ids import new_id

from .making import NOW, make_company

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
TODAY = date(2026, 3, 1)
DUE = date(2026, 6, 9)  # a hundred days on
D = Decimal


@pytest.fixture(autouse=True)
def company():
    make_company()


def analysed(day: date, **told: str) -> AnalysisRun:
    """A finished analysis that told these indicators."""
    settings, _made = MeasureSettings.objects.get_or_create(
        version=1, defaults={"assumed_margin": D("0.3"), "created_at": NOW, "created_by": "test"}
    )
    run = AnalysisRun.objects.create(
        as_of_date=day, status=RunStatus.DONE, settings=settings, currency="CNY", started_at=NOW, finished_at=NOW,
        started_by="test",
    )  # fmt: skip
    rows = [[code, value] for code, value in told.items()]
    ReportFrame.objects.create(run=run, name="indicators", columns=["indicator", "value"], rows=rows, facts={})
    return run


def set_one(**more) -> Target:
    terms: Any = {"indicator": "active", "goal": D(200), "due_date": DUE, "reason": "  double them "} | more
    return targets.set_target(actor=ACTOR, now=NOW, **terms)


def test_a_target_starts_where_the_indicator_stands_and_is_followed_along_a_line():
    analysed(TODAY, active="100.0000")
    row = set_one()
    assert (row.start, row.start_date, row.reason) == (100, TODAY, "double them")
    analysed(TODAY + timedelta(days=50), active="149.9999")
    (one,) = targets.progress(today=TODAY + timedelta(days=50))
    assert (one.actual, one.due_now, one.course) == (D("149.9999"), 150, Course.BEHIND)
    analysed(TODAY + timedelta(days=60), active="160.0000", index="50.0000")
    (one,) = targets.progress(today=TODAY + timedelta(days=60))
    assert (one.actual, one.due_now, one.course) == (160, 160, Course.ON_COURSE)
    assert [value for _day, value in one.series] == [100, D("149.9999"), 160]
    (late,) = targets.progress(today=DUE + timedelta(days=1))
    assert late.course == Course.MISSED
    analysed(TODAY + timedelta(days=70), active="200.0000")
    (done,) = targets.progress(today=DUE + timedelta(days=1))
    assert done.course == Course.REACHED
    assert Event.objects.get(name="insights.target.set").data == {
        "target": str(row.id), "indicator": "active", "due_date": "2026-06-09",
    }  # fmt: skip


def test_down_is_a_direction_too():
    analysed(TODAY, top_share="0.8000")
    set_one(indicator="top_share", goal=D("0.6"))
    for day, value, expected in (
        (10, "0.7900", Course.BEHIND),
        (20, "0.7500", Course.ON_COURSE),
        (30, "0.6", "reached"),
    ):
        analysed(TODAY + timedelta(days=day), top_share=value)
        (one,) = targets.progress(today=TODAY + timedelta(days=day))
        assert one.course == expected


def test_without_an_analysis_nothing_is_known_and_then_the_line_is_not():
    set_one()
    (one,) = targets.progress(today=TODAY)
    assert (one.course, one.actual, one.due_now) == (Course.UNKNOWN, None, None)
    analysed(TODAY + timedelta(days=1), active="10.0000")
    (one,) = targets.progress(today=TODAY + timedelta(days=1))
    assert (one.course, one.actual, one.due_now) == (Course.BEHIND, 10, None)


def test_a_review_keeps_what_was_and_what_was_learned():
    analysed(TODAY, active="100.0000")
    row = set_one()
    targets.review_target(actor=ACTOR, now=NOW, target_id=row.id, note=" The spring mail helped. ")
    analysed(TODAY + timedelta(days=9), active="120.0000")
    targets.review_target(actor=ACTOR, now=NOW + timedelta(days=9), target_id=row.id, note="Went on.")
    (one,) = targets.progress(today=TODAY + timedelta(days=9))
    assert [(review.actual, review.note) for review in one.reviews] == [
        (120, "Went on."), (100, "The spring mail helped."),
    ]  # fmt: skip


def test_a_dropped_target_is_no_longer_followed_and_stays_readable():
    row = set_one()
    targets.drop_target(actor=ACTOR, now=NOW, target_id=row.id)
    assert targets.progress(today=TODAY) == []
    assert Target.objects.get().dropped_by == ACTOR.code
    for act in (
        lambda: targets.drop_target(actor=ACTOR, now=NOW, target_id=row.id),
        lambda: targets.review_target(actor=ACTOR, now=NOW, target_id=row.id, note="x"),
        lambda: targets.review_target(actor=ACTOR, now=NOW, target_id=new_id(), note="x"),
    ):
        with pytest.raises(TargetNotFoundError):
            act()
    assert not TargetReview.objects.exists()


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"indicator": "happiness"}, "indicator"),
        ({"goal": D("NaN")}, "goal"),
        ({"goal": D(-1)}, "goal"),
        ({"goal": D(100)}, "goal"),  # stands there
        ({"indicator": "repeat_rate", "goal": D("1.1")}, "goal"),
        ({"indicator": "index", "goal": D(101)}, "goal"),
        ({"goal": D("1e30")}, "goal"),
        ({"due_date": TODAY}, "due_date"),
    ],
)
def test_a_target_without_sense_is_refused_and_not_kept(terms, field):
    analysed(TODAY, active="100.0000")
    with pytest.raises(TargetRefusedError) as refused:
        set_one(**terms)
    assert refused.value.fields["field"] == field
    assert not Target.objects.exists()
    assert not Event.objects.exists()


def test_a_review_says_something():
    row = set_one()
    with pytest.raises(TargetRefusedError, match="Write"):
        targets.review_target(actor=ACTOR, now=NOW, target_id=row.id, note="  ")


def test_indicators_are_read_from_the_reports_and_kept_when_those_are_forgotten(monkeypatch):
    kpis = ["span", "customers", "new_customers", "revenue", "profit", "repeat_rate"]
    frames = [
        Frame("kpis", kpis, [["month", 1, 1, "1", "1", 0.1], ["year", 90, 30, "9000.5000", "-10.0000", 0.654321]]),
        Frame("standing", ["day", "active_now"], [["2026-03-01", 70], ["2026-02-28", 80]]),
        Frame("index_histogram", ["low"], [], {"mean": 55.25}),
        Frame("loyalty_types", ["loyalty_type", "customers"], [["true", 3], ["true", 1], ["none", 12]]),
        Frame("value_layers", ["potential"], [[100.25], [20.5]]),
        Frame("pareto", ["x"], [], {"top_share": 0.81}),
    ]
    told = dict(targets.measured(frames).rows)
    assert told == {
        "active": "70.0000", "buyers": "90.0000", "new": "30.0000", "repeat_rate": "0.6543", "revenue": "9000.5000",
        "profit": "-10.0000", "index": "55.2500", "true_share": "0.2500", "to_come": "120.7500", "top_share": "0.8100",
    }  # fmt: skip
    assert set(told) == set(Indicator.values)
    assert targets.measured([]).rows == []
    for place in range(3):
        run = analysed(TODAY + timedelta(days=place), active=f"{place}.0000")
        run.started_at = datetime(2026, 3, 1 + place, tzinfo=NOW.tzinfo)
        run.save()
        ReportFrame.objects.create(run=run, name="kpis", columns=[], rows=[], facts={})
    monkeypatch.setattr(analysis, "KEPT_RUNS", 1)
    analysis._forget_old_frames()
    assert ReportFrame.objects.filter(name="kpis").count() == 1
    assert [value for _day, value in targets.series(Indicator.ACTIVE)] == [0, 1, 2]
