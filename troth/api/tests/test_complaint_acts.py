"""What is done to a complaint on its way, by API: given to somebody, noted, rejected, merged, opened again."""

import pytest

from troth.access.permissions import Permission
from troth.customers.models import Customer
from troth.staff.models import StaffMember, Store
from troth.voice.models import Case, CaseEntry

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BODY = {"channel": "social", "text": "A week late.", "category": "delivery-late", "email": "ann@example.com"}


@pytest.fixture
def opened(api):
    """Opens a complaint and returns its path."""

    def make(external_id: str = "weibo-1", **fields) -> str:
        found = api.post("/complaints", BODY | {"external_id": external_id} | fields)
        assert found.status_code == 201, found.content
        return f"/complaints/{found.json()['number']}"

    return make


def test_a_complaint_is_given_to_a_team_and_to_somebody(api, opened):
    path = opened()
    li = StaffMember.objects.create(code="li", name="Li")
    given = api.post(f"{path}/assign", {"team": "desk", "assignee": "li"}).json()
    assert (given["team"], given["state"]) == ("desk", "working")
    assert Case.objects.get().assignee_id == li.id
    assert api.post(f"{path}/assign", {}).json()["team"] == "desk", "left out: as it is"
    assert Case.objects.get().assignee_id is None
    assert api.post(f"{path}/assign", {"assignee": "nobody"}).status_code == 404


def test_told_in_person_the_clock_of_acknowledgement_stops(api, opened):
    path = opened(email="", phone="")
    states = {one["kind"]: one["state"] for one in api.get(path).json()["clocks"]}
    assert states == {"acknowledge": "running", "answer": "running", "resolve": "running"}
    told = api.post(f"{path}/acknowledge", None).json()
    assert {one["kind"]: one["state"] for one in told["clocks"]} == states | {"acknowledge": "stopped"}
    assert told["acknowledged_at"] is not None


def test_a_note_is_for_colleagues_and_a_cause_is_named(api, opened):
    path = opened()
    assert api.post(f"{path}/notes", {"text": "The driver was new."}).status_code == 200
    assert CaseEntry.objects.filter(entry_kind="note").get().text == "The driver was new."
    assert api.post(f"{path}/cause", {"cause": "supplier"}).json()["cause"] == "supplier"
    wrong = api.post(f"{path}/cause", {"cause": "unheard"})
    assert (wrong.status_code, api.get(path).json()["cause"]) == (422, "supplier")


def test_waiting_ends_by_hand_once(api, opened):
    path = opened()
    api.post(f"{path}/messages", {"text": "Which?", "awaits_answer": True})
    assert api.post(f"{path}/go-on", None).json()["state"] == "working"
    again = api.post(f"{path}/go-on", None)
    assert (again.status_code, again.json()["code"]) == (409, "case_state")


def test_what_is_no_complaint_is_put_away_and_comes_back(api, opened):
    path = opened()
    away = api.post(f"{path}/reject", {"text": "Praise."}).json()
    assert (away["state"], {one["state"] for one in away["clocks"]} <= {"void", "stopped"}) == ("rejected", True)
    back = api.post(f"{path}/reopen", {"text": "It was none."}).json()
    assert (back["state"], back["round"]) == ("working", 2)


def test_a_duplicate_is_merged_and_the_other_answered(api, opened):
    first, second = opened(), opened("weibo-2")
    into = first.rpartition("/")[2]
    stays = api.post(f"{second}/merge", {"into": into}).json()
    assert (stays["number"], api.get(second).json()["state"]) == (into, "merged")
    itself = api.post(f"{first}/merge", {"into": into})
    assert (itself.status_code, api.get(first).json()["state"]) == (422, "new")
    stranger = opened("weibo-3", email="bob@example.com")
    refused = api.post(f"{stranger}/merge", {"into": into})
    assert (refused.status_code, api.get(stranger).json()["state"]) == (422, "new")
    assert Customer.objects.count() == 2


def test_who_may_only_look_does_none_of_it(api_with, opened):
    path = opened()
    reader = api_with(Permission.CASES_VIEW)
    for act in ("assign", "acknowledge", "notes", "go-on", "cause", "reject", "reopen", "merge"):
        assert reader.post(f"{path}/{act}", {}).status_code == 403
    assert Case.objects.get().state == "new"


def test_the_list_is_narrowed_by_everything_that_sorts_a_board(api, opened):
    StaffMember.objects.create(code="li", name="Li")
    Store.objects.create(code="s1", name="Nanjing Road")
    late = opened().rpartition("/")[2]
    wrong = opened("weibo-2", category="delivery-wrong", channel="phone", store="s1").rpartition("/")[2]
    api.post(f"/complaints/{wrong}/assign", {"team": "drivers", "assignee": "li"})

    def numbers(**narrowed) -> list[str]:
        answer = api.get("/complaints", **narrowed)
        assert answer.status_code == 200, answer.content
        return [one["number"] for one in answer.json()["items"]]

    assert numbers() == [wrong, late]
    for name, value in (
        ("severity", "high"),
        ("channel", "phone"),
        ("category", "delivery-wrong"),
        ("team", "drivers"),
        ("assignee", "li"),
        ("store", "s1"),
    ):
        assert numbers(**{name: value}) == [wrong], name
    assert numbers(severity="medium", channel="social") == [late]
    assert numbers(severity="high", channel="social") == []
    opened_at = api.get(f"/complaints/{wrong}").json()["opened_at"]
    assert numbers(since=opened_at) == [wrong]
    assert numbers(since="2100-01-01T00:00:00Z") == []
    assert api.get("/complaints", severity="dreadful").status_code == 422
    assert api.get("/complaints", assignee="nobody").status_code == 404
