"""What needs a second person, through the API: adjustments, the past, the review of a programme."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from troth.activity import services as activity
from troth.activity.orders import NewLine, NewOrder
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.kit import clock
from troth.ledger.models import AdjustmentRequest, Transaction
from troth.programs import services as programs
from troth.programs.models import ProgrammeVersion
from troth.sales.models import HistoryAward

from .conftest import ACTOR
from .test_currencies import api_of

__all__ = ["api_of"]
pytestmark = pytest.mark.django_db
TEXT = """
programme: club
name: Club
currency: CNY
rules:
  - {code: base, name: Base, effect: {type: fixed, points: 5}}
"""
UNKNOWN = "019a2f30-0000-7000-8000-000000000001"


@pytest.fixture
def ann(api_of):
    client = api_of("ann")
    client.post("/point-currencies", {"code": "points", "name": "Points", "adjust_approval_limit": 100})
    return client


@pytest.fixture
def waiting(ann):
    lin = ann.post("/customers", {"name": "Lin"}).json()
    body = {"customer_id": lin["id"], "currency": "points", "key": "big", "amount": 500, "reason": "goodwill"}
    asked = ann.post("/adjustments", body | {"note": "Rang twice"}).json()
    return lin["id"], f"/adjustment-requests/{asked['request_id']}"


@pytest.mark.slow
def test_an_adjustment_is_approved_by_a_key_of_somebody_else_and_once(ann, api_of, waiting):
    lin, path = waiting
    (listed,) = ann.get("/adjustment-requests", state="waiting", customer_id=lin).json()["items"]
    assert (listed["amount"], listed["note"], listed["state"]) == (500, "Rang twice", "waiting")
    for own in (ann, api_of("ann")):
        refused = own.post(f"{path}/approve", None)
        assert (refused.status_code, refused.json()["code"]) == (403, "same_person")
    assert Transaction.objects.count() == 0
    approved = api_of("bo").post(f"{path}/approve", None)
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert approved.json()["transaction_id"] == str(Transaction.objects.get().id)
    again = api_of("cy").post(f"{path}/approve", None)
    assert (again.status_code, again.json()["code"]) == (409, "request_closed")
    assert ann.get(f"/customers/{lin}/points").json()["items"][0]["available"] == 500
    assert ann.get("/adjustment-requests", state="waiting").json()["items"] == []
    assert ann.get(path).json() == approved.json()


@pytest.mark.slow
def test_a_rejected_adjustment_moves_nothing(ann, api_of, api_with, waiting):
    _lin, path = waiting
    looker = api_with("points.view")
    assert looker.get(path).json()["note"] == ""
    assert looker.post(f"{path}/reject", None).status_code == 403
    assert looker.post(f"{path}/approve", None).status_code == 403
    assert ann.post(f"{path}/reject", None).json()["state"] == "rejected"
    assert api_of("bo").post(f"{path}/approve", None).status_code == 409
    assert (Transaction.objects.count(), AdjustmentRequest.objects.get().state) == (0, "rejected")
    assert ann.get(f"/adjustment-requests/{UNKNOWN}").status_code == 404


@pytest.mark.slow
def test_a_programme_is_reviewed_and_published_by_somebody_else(ann, api_of):
    bo = api_of("bo")
    ann.post("/programmes", {"text": TEXT})
    draft = "/programmes/club/draft"
    assert bo.post(f"{draft}/review", {"is_approved": True}).json()["code"] == "programme_state"
    ann.post(f"{draft}/submit", None)
    assert api_of("ann").post(f"{draft}/review", {"is_approved": True}).json()["code"] == "own_review"
    back = bo.post(f"{draft}/review", {"is_approved": False, "note": "Name it"}).json()
    assert (back["draft_state"], back["review_note"]) == ("rejected", "Name it")
    seen = ann.post(f"{draft}/submit", None).json()["revision"]
    ann.send("PUT", draft, {"text": TEXT.replace("5", "500")})
    ann.post(f"{draft}/submit", None)
    unseen = bo.post(f"{draft}/review", {"is_approved": True, "expected_revision": seen})
    assert unseen.json()["code"] == "draft_changed"
    assert bo.post(f"{draft}/publish", {}).status_code == 409
    assert bo.post(f"{draft}/review", {"is_approved": True}).json()["draft_state"] == "approved"
    early = bo.post(f"{draft}/publish", {"effective_at": "2020-01-01T00:00:00Z"})
    assert early.json()["code"] == "effective_too_early"
    assert ProgrammeVersion.objects.count() == 0
    version = bo.post(f"{draft}/publish", {"note": "First"})
    assert (version.status_code, version.json()["number"], version.json()["note"]) == (201, 1, "First")


@pytest.fixture
def past(ann):
    """An order that was recorded as history before the programme began, but lies in its time."""
    lin = ann.post("/customers", {"name": "Lin"}).json()
    at = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    order = NewOrder(
        "till", "1", UUID(lin["id"]), at, "CNY", (NewLine(1, Decimal(1), Decimal(25), Decimal(25)),), is_history=True
    )
    activity.record_orders([order], actor=ACTOR, now=clock.utc_now())
    start = datetime(2026, 1, 1, tzinfo=UTC)
    programs.establish(actor=ACTOR, now=clock.utc_now(), text=TEXT, effective_at=start, reviewed_by="user:x")
    return lin["id"]


@pytest.mark.slow
def test_past_orders_earn_once_somebody_else_approved(ann, api_of, past):
    days = {"from_date": "2026-03-01", "to_date": "2026-03-31"}
    asked = ann.post("/history-awards", days)
    assert (asked.status_code, asked.json()["state"], asked.json()["total"]) == (201, "asked", 1)
    path = f"/history-awards/{asked.json()['id']}"
    assert ann.post("/history-awards", days).json()["code"] == "history_award_refused"
    assert api_of("ann").post(f"{path}/approve", None).json()["code"] == "own_request"
    assert ann.get(path).json() == asked.json()
    assert api_of("bo").post(f"{path}/approve", None).json()["state"] == "queued"
    run(Job.objects.get(name="sales.award_history").id)
    done = ann.get(path).json()
    assert (done["state"], done["orders"], done["points"], done["refused"]) == ("done", 1, {"points": 5}, 0)
    assert ann.get("/history-awards").json()["items"] == [done]
    assert ann.get(f"/customers/{past}/points").json()["items"][0]["available"] == 5
    assert ann.get(f"/history-awards/{UNKNOWN}").status_code == 404


@pytest.mark.slow
def test_past_orders_that_are_declined_or_cancelled_earn_nothing(ann, api_of, past):
    days, bo = {"from_date": "2026-03-01", "to_date": "2026-03-31"}, api_of("bo")
    first = ann.post("/history-awards", days).json()["id"]
    assert bo.post(f"/history-awards/{first}/decline", None).json()["state"] == "declined"
    second = ann.post("/history-awards", days).json()["id"]
    assert ann.post(f"/history-awards/{second}/cancel", None).json()["state"] == "cancelled"
    assert bo.post(f"/history-awards/{second}/approve", None).status_code == 422
    assert (HistoryAward.objects.filter(orders__gt=0).count(), Transaction.objects.count()) == (0, 0)
