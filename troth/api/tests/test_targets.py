"""Targets over the API: set with exact text, followed, reviewed, given up; refusals name the field."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from troth.api.tests.conftest import Api
from troth.insights.models import AnalysisRun, MeasureSettings, ReportFrame, RunStatus, Target, TargetReview
from troth.kit import clock


@pytest.fixture
def told(api):
    """An analysis that tells the share of buyers who come back."""
    now = clock.utc_now()
    settings = MeasureSettings.objects.create(version=1, assumed_margin=Decimal("0.3"), created_at=now, created_by="t")
    run = AnalysisRun.objects.create(
        as_of_date=date(2026, 1, 31), status=RunStatus.DONE, settings=settings, currency="CNY", started_at=now,
        finished_at=now, started_by="test",
    )  # fmt: skip
    ReportFrame.objects.create(
        run=run, name="indicators", columns=["indicator", "value"], rows=[["repeat_rate", "0.3500"]]
    )


def set_one(api: Api, **changes):
    body = {"indicator": "repeat_rate", "goal": "0.45", "due_date": "2999-06-30", "reason": "the new journey"}
    return api.post("/targets", body | changes)


def test_a_target_is_set_followed_reviewed_and_given_up(api, told):
    made = set_one(api)
    assert made.status_code == 201
    found = made.json()
    names = ("indicator", "start", "start_date", "goal", "due_date", "actual", "reviews")
    assert {name: found[name] for name in names} == {
        "indicator": "repeat_rate", "start": "0.35", "start_date": "2026-01-31", "goal": "0.45",
        "due_date": "2999-06-30", "actual": "0.35", "reviews": [],
    }  # fmt: skip
    assert (found["course"], found["expected_now"]) == ("on_course", "0.35")
    assert found["series"] == [{"as_of_date": "2026-01-31", "value": "0.35"}]

    review = api.post(f"/targets/{found['id']}/reviews", {"note": "half of it by the second mail"})
    assert (review.status_code, review.json()["actual"]) == (201, "0.35")
    assert api.get(f"/targets/{found['id']}").json()["reviews"][0]["note"] == "half of it by the second mail"
    assert [one["id"] for one in api.get("/targets").json()["items"]] == [found["id"]]

    assert api.send("POST", f"/targets/{found['id']}/drop").status_code == 204
    assert api.get("/targets").json() == {"items": []}
    gone = api.get(f"/targets/{found['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "target_not_found")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"goal": "1.5"}, "goal"), ({"goal": "0.35"}, "goal"), ({"due_date": "2020-01-01"}, "due_date")],
)
def test_what_cannot_be_a_target_is_refused_and_nothing_is_set(api, told, changes, field):
    refused = set_one(api, **changes)
    assert (refused.status_code, refused.json()["fields"]["field"]) == (422, field)
    assert Target.objects.count() == 0


def test_sent_again_it_is_set_once(api, told):
    body = {"indicator": "repeat_rate", "goal": "0.45", "due_date": "2999-06-30"}
    first, second = (api.send("POST", "/targets", body, idempotency_key="same") for _ in range(2))
    assert first.json() == second.json()
    assert Target.objects.count() == 1


def test_an_unknown_target_takes_no_review(api, told):
    refused = api.post(f"/targets/{uuid4()}/reviews", {"note": "x"})
    assert (refused.status_code, refused.json()["code"]) == (404, "target_not_found")
    assert TargetReview.objects.count() == 0
