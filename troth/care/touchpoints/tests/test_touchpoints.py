"""The journey map: touchpoints in their order, measured where customers were asked or complained."""

from datetime import UTC, datetime

import pytest

from troth.access.actors import system_actor
from troth.care.models import Stage, Touchpoint
from troth.care.touchpoints import queries, services
from troth.care.touchpoints.errors import TouchpointRefusedError
from troth.care.touchpoints.services import TouchpointFields
from troth.kit.ids import new_id
from troth.staff.models import Company
from troth.value.voice.bands import BANDS, ScoreKind

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def company(db):
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")


def save(**changes):
    fields = {"code": "till", "stage": Stage.BUY, "name": "Till", "name_zh": "收银"} | changes
    return services.save_touchpoint(TouchpointFields(**fields), actor=ACTOR, now=NOW)


def test_ours_are_a_map_to_begin_with_and_come_once():
    assert services.begin_with_ours(actor=ACTOR, now=NOW) == 12
    assert services.begin_with_ours(actor=ACTOR, now=NOW) == 0
    stages = [stage for stage, _points in queries.journey_map(NOW)]
    assert stages == list(Stage)


def test_what_was_measured_stands_at_its_point(monkeypatch):
    save(survey="after-buying", category="till")
    save(code="post", stage=Stage.RECEIVE, survey="parcel")
    save(code="talk", stage=Stage.NOTICE)
    nps, csat = BANDS[ScoreKind.NPS], BANDS[ScoreKind.CSAT]
    buying, parcel = queries.Score(new_id(), 4.0, 9, csat), queries.Score(new_id(), 9.0, 4, nps)
    monkeypatch.setattr(queries, "_scores", lambda codes, since: {"after-buying": buying, "parcel": parcel})
    monkeypatch.setattr(queries, "_complaints", lambda codes, since, until: {"till": 3})
    rows = {one.touchpoint.code: one for _stage, points in queries.journey_map(NOW) for one in points}
    assert (rows["till"].score, rows["till"].feeling, rows["till"].complaints) == (4.0, 0.75, 3)
    assert (rows["post"].score, rows["post"].feeling, rows["post"].answers) == (None, None, 4)  # too few to say
    assert (rows["talk"].answers, rows["talk"].complaints) == (None, None)


def test_without_surveys_and_complaints_nothing_is_measured():
    save(survey="unheard", category="unheard")
    ((_stage, (row,)),) = queries.journey_map(NOW)
    assert (row.score, row.answers, row.complaints) == (None, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [{"code": "a b"}, {"stage": "unheard"}, {"name": " "}, {"asks": "a" * 401}, {"position": 1001}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_touchpoint_is_not_kept(wrong):
    with pytest.raises(TouchpointRefusedError) as refused:
        save(**wrong)
    assert refused.value.fields["field"] == next(iter(wrong))
    assert Touchpoint.objects.count() == 0
