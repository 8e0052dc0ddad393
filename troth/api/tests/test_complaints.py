"""Complaints by API: opened once, handled, closed with the customer's word."""

from base64 import b64encode

import pytest

from troth.access.permissions import Permission
from troth.customers.models import Customer
from troth.ledger.models import Transaction
from troth.voice.models import Case

from .test_currencies import api_of

__all__ = ["api_of"]
pytestmark = pytest.mark.django_db

BODY = {"external_id": "weibo-1", "channel": "social", "text": "A week late.", "category": "delivery-late"}


@pytest.mark.slow
def test_a_complaint_is_opened_once_and_carried_to_its_end(api):
    opened = api.post("/complaints", BODY | {"email": "ann@example.com", "name": "Ann"})
    assert opened.status_code == 201, opened.content
    case = opened.json()
    assert (case["state"], case["channel"], case["severity"], case["round"]) == ("new", "social", "medium", 1)
    assert [(one["kind"], one["target_seconds"]) for one in case["clocks"]] == [
        ("acknowledge", 4 * 3600),
        ("answer", 16 * 3600),
        ("resolve", 40 * 3600),
    ]
    again = api.post("/complaints", BODY | {"email": "ann@example.com"})
    assert (again.json()["number"], Case.objects.count()) == (case["number"], 1)
    conflict = api.post("/complaints", BODY | {"text": "Other"})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "case_key_conflict")
    path = f"/complaints/{case['number']}"
    assert api.post(f"{path}/messages", {"text": "Which?", "awaits_answer": True}).json()["state"] == "waiting"
    assert api.post(f"{path}/words", {"text": "The red one."}).json()["state"] == "working"
    assessed = api.post(f"{path}/assess", {"category": "delivery-wrong", "severity": "high"}).json()
    assert (assessed["category"], assessed["severity"]) == ("delivery-wrong", "high")
    remedy = {"external_id": "r1", "kind": "refund", "amount": "20.00", "currency": "CNY"}
    assert api.post(f"{path}/remedies", remedy).json()["state"] == "given"
    early = api.post(f"{path}/close", {"cause": "stock"})
    assert (early.status_code, early.json()["code"]) == (409, "case_state")
    decision = {"verdict": "upheld", "text": "Sorry.", "cause": "supplier"}
    assert api.post(f"{path}/resolve", decision).json()["word"] == "asked"
    done = api.post(f"{path}/word", {"is_satisfied": True}).json()
    assert (done["state"], done["word"], done["cause"]) == ("closed", "satisfied", "supplier")
    assert [one["amount"] for one in api.get(path).json()["remedies"]] == ["20.00"]
    listed = api.get("/complaints", state="closed").json()
    assert [one["number"] for one in listed["items"]] == [case["number"]]


@pytest.mark.slow
def test_an_email_comes_in(api):
    raw = b"From: Ann <ann@example.com>\r\nMessage-ID: <1@x>\r\nSubject: Late\r\n\r\nWhere is it?"
    body = {"message": b64encode(raw).decode()}
    first, second = api.post("/complaints/emails", body).json(), api.post("/complaints/emails", body).json()
    assert (first["is_new"], second["is_new"], first["number"] == second["number"]) == (True, False, True)
    automatic = b64encode(b"From: a@example.com\r\nAuto-Submitted: auto-replied\r\n\r\nAway").decode()
    assert api.post("/complaints/emails", {"message": automatic}).json() == {"number": None, "is_new": False}
    assert api.post("/complaints/emails", {"message": "AAAA"}).status_code == 422
    assert Customer.objects.count() == 1


@pytest.mark.slow
def test_words_that_nothing_proves_are_judged_once(api):
    def send(number: int, subject: str) -> str:
        raw = f"From: Ann <ann@example.com>\r\nMessage-ID: <{number}@x>\r\nSubject: {subject}\r\n\r\nWhere is it?"
        answer = api.post("/complaints/emails", {"message": b64encode(raw.encode()).decode()}).json()
        return str(answer["number"])

    number = send(1, "Late")
    assert send(2, f"Re: {number}") == number
    found = api.get(f"/complaints/{number}").json()
    (words,) = found["unproven_words"]
    assert (found["is_sender_proven"], words["text"]) == (False, "Where is it?")
    judged = api.post(f"/complaints/{number}/words/{words['id']}", {"is_customer": True})
    assert judged.json()["unproven_words"] == []
    assert api.post(f"/complaints/{number}/words/{words['id']}", {"is_customer": False}).status_code == 422


@pytest.mark.slow
def test_a_complaint_of_nobody_is_given_its_customer_once(api, api_with, lin):
    wang = api.post("/customers", {"name": "Wang"}).json()["id"]
    path = f"/complaints/{api.post('/complaints', BODY).json()['number']}"
    whose = {"customer_id": lin["id"]}
    assert api_with(Permission.CASES_VIEW).post(f"{path}/customer", whose).status_code == 403
    unknown = api.post(f"{path}/customer", {"customer_id": "00000000-0000-7000-8000-000000000000"})
    assert (unknown.status_code, api.get(path).json()["customer_id"]) == (404, None)
    for _twice in range(2):
        assert api.post(f"{path}/customer", whose).json()["customer_id"] == lin["id"]
    other = api.post(f"{path}/customer", {"customer_id": wang})
    assert (other.status_code, other.json()["code"]) == (422, "case_refused")
    assert api.get(path).json()["customer_id"] == lin["id"]


@pytest.mark.slow
def test_wrong_fields_and_unknown_numbers_are_refused(api):
    for changes in ({"channel": "fax"}, {"text": ""}, {"category": "nothing"}, {"email": "x"}, {"more": 1}):
        assert api.post("/complaints", BODY | changes).status_code == 422, changes
    assert api.get("/complaints/2611-000000").status_code == 404
    assert Case.objects.count() == 0


@pytest.mark.slow
def test_a_key_without_the_right_reads_no_words(api, api_with):
    number = api.post("/complaints", BODY).json()["number"]
    reader = api_with(Permission.CASES_VIEW)
    assert reader.get(f"/complaints/{number}").json()["text"] == ""
    assert reader.post("/complaints", BODY).status_code == 403
    assert reader.get("/mystery-visits").status_code == 403


@pytest.fixture
def waiting(api_of):
    """The number of a case, and the address of 5,000 points that Ann's key asked for in it."""
    ann = api_of("ann")
    ann.post("/point-currencies", {"code": "points", "name": "Points"})
    number = ann.post("/complaints", BODY | {"email": "ann@example.com"}).json()["number"]
    remedy = {"external_id": "r1", "kind": "points", "points": 5_000, "point_currency": "points", "note": "Rang twice"}
    asked = ann.post(f"/complaints/{number}/remedies", remedy).json()
    assert asked["state"] == "waiting"
    return number, f"/complaint-remedies/{asked['id']}"


@pytest.mark.slow
def test_a_large_remedy_is_approved_by_a_key_of_somebody_else_and_once(api_of, waiting):
    number, path = waiting
    ann = api_of("ann")
    (listed,) = ann.get("/complaint-remedies", state="waiting").json()["items"]
    assert (listed["complaint"], listed["points"], listed["note"]) == (number, 5_000, "Rang twice")
    refused = ann.post(f"{path}/approve", None)
    assert (refused.status_code, refused.json()["code"]) == (409, "case_remedy_state")
    assert Transaction.objects.count() == 0
    approved = api_of("bo").post(f"{path}/approve", None).json()
    assert approved["state"] == "given"
    assert approved["decided_by"] != approved["requested_by"]
    again = api_of("cy").post(f"{path}/approve", None)
    assert (again.status_code, again.json()["code"]) == (409, "case_remedy_state")
    assert [(one.amount, one.reason) for one in Transaction.objects.all()] == [(5_000, "remedy")]
    assert ann.get("/complaint-remedies", state="waiting").json()["items"] == []
    assert ann.get(path).json() == approved
    customer = approved["customer_id"]
    assert [one["id"] for one in ann.get("/complaint-remedies", customer_id=customer).json()["items"]] == [listed["id"]]


@pytest.mark.slow
def test_a_remedy_turned_down_gives_nothing(api_of, api_with, waiting):
    _number, path = waiting
    reader = api_with(Permission.CASES_VIEW)
    assert reader.get(path).json()["note"] == ""
    assert reader.post(f"{path}/approve", None).status_code == 403
    worker = api_with(Permission.CASES_VIEW, Permission.CASES_WORK)
    assert worker.post(f"{path}/decline", None).status_code == 403
    assert api_of("ann").post(f"{path}/decline", None).json()["state"] == "declined"
    assert api_of("bo").post(f"{path}/approve", None).status_code == 409
    assert Transaction.objects.count() == 0
    unknown = api_of("bo").post("/complaint-remedies/019a2f30-0000-7000-8000-000000000001/approve", None)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "case_remedy_not_found")
