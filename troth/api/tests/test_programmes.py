"""Programmes over the API: read, checked, written as drafts, rehearsed; people review and publish."""

from datetime import UTC, datetime

import pytest

from troth.access.permissions import Permission
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.ledger import services as ledger
from troth.programs import services as programs
from troth.programs.models import Programme

from .conftest import ACTOR

START = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = """programme: club
name: {en: Club, zh: 会员俱乐部}
currency: CNY
unit_costs: {points: 0.01}
rules:
  - {code: base, name: {en: One per yuan, zh: 一元一分}, effect: {type: points_per_amount, points: 1}}
tiers:
  ladder:
    - {code: basic, name: Basic}
    - {code: silver, name: Silver, reach: {spend: 100}}
"""
DOUBLE = TEXT.replace("points: 1}", "points: 2}")


@pytest.fixture
def club(api):
    """A published programme."""
    ledger.create_currency(actor=ACTOR, now=START, code="points", rules=ledger.CurrencyRules(name="Points"))
    programs.establish(actor=ACTOR, now=START, text=TEXT, effective_at=START, reviewed_by="user:reviewer")


@pytest.mark.slow
def test_what_is_in_force_is_read(api, club):
    assert [one["code"] for one in api.get("/programmes").json()["items"]] == ["club"]
    found = api.get("/programmes/club").json()
    assert (found["version"], found["version_in_force"], found["draft_state"]) == (1, 1, "none")
    assert found["document"]["rules"][0]["effect"] == {"type": "points_per_amount", "points": "1"}
    assert [one["number"] for one in api.get("/programmes/club/versions").json()["items"]] == [1]
    version = api.get("/programmes/club/versions/1").json()
    assert (version["text"], version["changes"]) == (TEXT, [])
    assert api.get("/programmes/club/versions/2").status_code == 404
    assert api.get("/programmes/other").status_code == 404


@pytest.mark.slow
def test_a_document_is_checked_by_line_and_says_what_it_changes(api, club):
    wrong = api.post("/programme-documents/evaluate", {"text": TEXT.replace("points: 1}", "points: many}")}).json()
    assert (wrong["is_valid"], wrong["problems"][0]["line"]) == (False, 6)
    assert wrong["problems"][0]["path"] == "rules[0].effect.points"
    right = api.post("/programme-documents/evaluate", {"text": DOUBLE}).json()
    assert (right["is_valid"], right["programme"]) == (True, "club")
    [change] = right["changes"]
    assert (change["part"], change["facet"]) == ("Rule “One per yuan”", "Effect")
    assert change["after"].startswith("2 points for every ¥1")


@pytest.mark.slow
def test_a_draft_is_written_and_handed_in_but_never_published(api, club):
    saved = api.send("PUT", "/programmes/club/draft", {"text": DOUBLE, "expected_revision": 1})
    assert saved.status_code == 409  # somebody saved it since
    revision = api.get("/programmes/club").json()["revision"]
    saved = api.send("PUT", "/programmes/club/draft", {"text": DOUBLE, "expected_revision": revision}).json()
    assert (saved["draft_state"], saved["draft_text"]) == ("editing", DOUBLE)
    assert api.post("/programmes/club/draft/submit", None).json()["draft_state"] == "submitted"
    assert Programme.objects.get().version_number == 1
    made = api.post("/programmes", {"text": TEXT.replace("programme: club", "programme: next")})
    assert (made.status_code, made.json()["version_in_force"]) == (201, None)
    wrong = api.post("/programmes", {"text": "rules: ["})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "programme_invalid")


@pytest.mark.slow
def test_a_rehearsal_is_asked_for_and_read(api, club, lin, an_order):
    assert api.post("/orders", an_order(lin)).status_code == 201
    days = {"from_date": "2026-01-01", "to_date": "2026-12-31", "text": DOUBLE, "name": "Double"}
    asked = api.post("/programmes/club/rehearsals", days)
    assert (asked.status_code, asked.json()["state"], asked.json()["progress"]) == (201, "queued", None)
    run(Job.objects.get(name="sales.rehearse").id)
    found = api.get(f"/rehearsals/{asked.json()['id']}").json()
    assert (found["state"], found["progress"], found["result"]["orders"]) == ("done", 1.0, 1)
    result = found["result"]
    assert (result["draft"]["points"], result["compared"]["points"]) == ({"points": 59}, {"points": 29})  # of 29.70
    assert (result["gaining"], result["losing"]) == (1, 0)
    assert result["gainers"][0]["customer_id"] == lin["id"]
    assert [one["name"] for one in api.get("/programmes/club/rehearsals").json()["items"]] == ["Double"]
    assert api.post(f"/rehearsals/{found['id']}/cancel", None).status_code == 422


def test_each_needs_its_scope(api_with, club):
    reader = api_with(Permission.PROGRAMS_VIEW)
    assert reader.get("/programmes/club").status_code == 200
    assert reader.send("PUT", "/programmes/club/draft", {"text": DOUBLE}).status_code == 403
    assert api_with(Permission.ORDERS_VIEW).get("/programmes").status_code == 403
