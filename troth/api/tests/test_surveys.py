"""Surveys by the API: made, published, asked, answered, counted; each refusal named."""

from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Permission
from troth.customers import services as customers
from troth.kit.clock import utc_now
from troth.voice.models import Answer, AnswerSheet, Invitation

DOCUMENT = {
    "title": {"en": "How was it?", "zh": "这次感觉如何？"},
    "main": "happy",
    "pages": [
        {"code": "p1", "questions": [{"code": "happy", "type": "csat", "text": "Happy?", "is_required": True}]},
        {"code": "p2", "questions": [{"code": "words", "type": "text", "text": "More?"}]},
    ],
}


@pytest.fixture
def visit(api):
    assert (
        api.post("/surveys", {"code": "visit", "name": "Visit", "kind": "csat", "document": DOCUMENT}).status_code
        == 201
    )
    published = api.post("/surveys/visit/publish", {"note": "first"})
    assert (published.status_code, published.json()["version"]) == (201, 1)
    return "visit"


@pytest.mark.slow
def test_a_survey_is_found_with_its_questions(api, visit):
    found = api.get("/surveys/visit").json()
    assert (found["state"], found["version"], found["draft"]) == ("open", 1, None)
    assert found["document"]["pages"][0]["questions"][0]["code"] == "happy"
    assert [one["code"] for one in api.get("/surveys").json()["items"]] == ["visit"]


@pytest.mark.slow
def test_a_draft_is_refused_if_somebody_saved_meanwhile(api, visit):
    revision = api.get("/surveys/visit").json()["revision"]
    body = {"document": DOCUMENT | {"thanks": "Thanks"}, "revision": revision}
    assert api.send("PUT", "/surveys/visit/draft", body).status_code == 200
    stale = api.send("PUT", "/surveys/visit/draft", body)
    assert (stale.status_code, stale.json()["code"]) == (409, "survey_changed")


def test_what_contradicts_itself_is_named(api):
    wrong = {
        "title": "T",
        "main": "gone",
        "pages": [{"code": "p1", "questions": [{"code": "q", "type": "choice", "text": "Q"}]}],
    }
    api.post("/surveys", {"code": "bad", "name": "Bad", "kind": "nps", "document": wrong})
    refused = api.post("/surveys/bad/publish", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "survey_invalid")
    assert {one["path"] for one in refused.json()["fields"]["problems"]} == {"main", "q"}


@pytest.mark.parametrize("document", [{"title": "T\x00"}, {"pages": "x"}, {"evil": 1}, {"pages": [{"code": "P 1"}]}])
def test_a_shape_that_is_none_is_refused_and_nothing_kept(api, document):
    refused = api.post("/surveys", {"code": "bad", "name": "Bad", "kind": "nps", "document": document})
    assert (refused.status_code, refused.json()["code"]) == (422, "survey_invalid")
    assert api.get("/surveys").json()["items"] == []


@pytest.mark.slow
def test_an_invitation_gives_a_link_that_is_answered_once(api, visit, lin):
    body = {"invitations": [{"key": "o-1", "customer_id": lin["id"], "subject": "order:1", "is_sent": False}]}
    [asked] = api.post("/surveys/visit/invitations", body).json()["items"]
    assert asked["is_invited"]
    assert "/p/s/" in asked["link"]
    [again] = api.post("/surveys/visit/invitations", body).json()["items"]
    assert again["id"] == asked["id"]
    assert Invitation.objects.count() == 1
    said = {"answers": {"happy": 4, "words": "Very good"}, "invitation_id": asked["id"], "language": "en"}
    sheet = api.post("/surveys/visit/answers", said)
    assert (sheet.status_code, sheet.json()["score"], sheet.json()["subject"]) == (201, 4, "order:1")
    refused = api.post("/surveys/visit/answers", said)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_answered")
    [other] = api.post(
        "/surveys/visit/invitations", {"invitations": [{"key": "o-2", "customer_id": lin["id"], "is_sent": False}]}
    ).json()["items"]
    assert (other["is_invited"], other["reason"], other["link"]) == (False, "asked_lately", None)


@pytest.mark.parametrize(
    "answers", [{}, {"happy": 6}, {"happy": "x\ud800"}, {"gone": 1}, {"happy": 4, "words": 5}, {"happy": [4]}]
)
def test_answers_that_do_not_fit_are_refused_and_nothing_kept(api, visit, lin, answers):
    refused = api.post("/surveys/visit/answers", {"answers": answers, "customer_id": lin["id"]})
    assert refused.status_code == 422
    assert not AnswerSheet.objects.exists()


@pytest.mark.slow
def test_of_somebody_erased_scores_stay_and_nothing_is_added(api, visit, lin):
    asked_for = {"invitations": [{"key": "o-1", "customer_id": lin["id"], "is_sent": False}]}
    [asked] = api.post("/surveys/visit/invitations", asked_for).json()["items"]
    api.post("/surveys/visit/answers", {"answers": {"happy": 2, "words": "I am Lin"}, "customer_id": lin["id"]})
    customers.erase_customer(actor=system_actor("test"), now=utc_now(), customer_id=UUID(lin["id"]))
    [kept] = api.get("/surveys/visit/answers", customer_id=lin["id"]).json()["items"]
    assert (kept["score"], [one["text"] for one in kept["answers"]]) == (2, ["", ""])
    for way, status, code in (
        ({"customer_id": lin["id"]}, 409, "customer_erased"),
        ({"invitation_id": asked["id"]}, 404, "survey_link_refused"),
        ({"invitation_id": asked["id"], "customer_id": lin["id"]}, 409, "customer_erased"),
    ):
        refused = api.post("/surveys/visit/answers", {"answers": {"happy": 5, "words": "Me again"}, **way})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    again = {"invitations": [{"key": "o-2", "customer_id": lin["id"], "is_sent": False}]}
    [spared] = api.post("/surveys/visit/invitations", again).json()["items"]
    assert (spared["id"], spared["is_invited"], spared["reason"], spared["link"]) == (None, False, "erased", None)
    assert AnswerSheet.objects.count() == 1
    assert Invitation.objects.count() == 1
    assert not Answer.objects.exclude(text="").exists()
    results = api.get("/surveys/visit/results").json()
    assert (results["complete"], results["value"]) == (1, 0.0)


@pytest.mark.slow
def test_words_are_for_those_who_may_see_them(api, api_with, visit, lin):
    api.post("/surveys/visit/answers", {"answers": {"happy": 4, "words": "I am Lin"}, "customer_id": lin["id"]})
    [seen] = api.get("/surveys/visit/answers", customer_id=lin["id"]).json()["items"]
    assert [one["text"] for one in seen["answers"]] == ["", "I am Lin"]
    masked = api_with(Permission.SURVEYS_VIEW).get("/surveys/visit/answers")
    assert [one["text"] for one in masked.json()["items"][0]["answers"]] == [None, None]


@pytest.mark.slow
def test_the_score_comes_with_its_interval(api, visit, lin):
    api.post("/surveys/visit/answers", {"answers": {"happy": 5}, "customer_id": lin["id"]})
    found = api.get("/surveys/visit/results").json()
    assert (found["kind"], found["complete"], found["value"], found["method"]) == ("csat", 1, 1.0, "wilson")
    assert round(found["low"], 4) == 0.2065
    empty = api.post("/surveys", {"code": "new", "name": "New", "kind": "nps"})
    assert UUID(empty.json()["id"])
    assert api.get("/surveys/new/results").json()["value"] is None


VALUE = {
    "title": "Worth",
    "pages": [
        {
            "code": "p1",
            "questions": [
                {
                    "code": "worth", "type": "value", "text": "Worth?", "parts": ["product", "money"],
                    "rivals": [{"code": "them", "text": {"en": "Them", "zh": "他们"}}],
                }
            ],
        }
    ],
}  # fmt: skip


@pytest.mark.slow
def test_what_customers_get_for_what_they_give_is_told_with_intervals(api, visit):
    assert api.get(f"/surveys/{visit}/delivered-value").json() == {"survey": "visit", "questions": []}
    api.post("/surveys", {"code": "worth", "name": "Worth", "kind": "value", "document": VALUE})
    assert api.get("/surveys/worth/delivered-value").json()["questions"] == []
    api.post("/surveys/worth/publish", {})
    for product, money in ((9, 7), (6, 2), (8, 9), (3, 4)):
        rated = {"us": {"product": product, "money": money}, "them": {"product": 5}}
        assert api.post("/surveys/worth/answers", {"answers": {"worth": rated}}).status_code == 201
    (question,) = api.get("/surveys/worth/delivered-value").json()["questions"]
    us, them = question["rated"]
    # 6.5 got; given 11 less 5.5. Nets 9-4, 6-9, 8-2, 3-7: 1 on average, deviation √(82 ÷ 3); t of 3 is 3.1824.
    assert (us["who"], us["answers"], us["benefit"], us["cost"], us["net"]) == ("us", 4, 6.5, 5.5, 1.0)
    assert us["parts"] == [{"part": "product", "mark": 6.5}, {"part": "money", "mark": 5.5}]
    assert round(us["net_low"], 3) == round(1 - 3.1824463 * (82 / 3) ** 0.5 / 2, 3)
    assert us["net_high"] == 9  # no further than the scale
    assert round(us["ratio"], 4) == 1.1818
    assert (us["lead"], us["place"]) == (None, None)
    assert (them["name"], them["name_zh"], them["net"], them["lead_low"]) == ("Them", "他们", None, None)


def test_without_the_scope_nothing_is_done(api_with, visit):
    reader = api_with(Permission.SURVEYS_VIEW)
    assert reader.post("/surveys", {"name": "X", "kind": "nps"}).status_code == 403
    assert api_with(Permission.ORDERS_VIEW).get("/surveys/visit").status_code == 403
