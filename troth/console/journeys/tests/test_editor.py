"""The editor of journeys: parts as forms, steps put in, moved and taken out, two editors, the text beside it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.care.journeys import services
from troth.care.journeys.document.reading import draft_values, read_document
from troth.care.models import Journey
from troth.console.conftest import SignIn

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR = system_actor("test")
TEXT = """\
# A comment that stays.
journey: hello
name: {en: Hello, zh: 你好}
entry: {type: list}
steps:
  - {id: pause, type: wait, days: 2}
  - id: who
    type: branch
    ways:
      - code: from-beijing
        name: {en: From Beijing, zh: 北京客户}
        when: {field: address.city, operator: is, value: 北京}
        steps:
          - {id: mark, type: tag, tag: beijing}
  - {id: over, type: end}
"""
HTMX = {"HX-Request": "true"}


@pytest.fixture
def journey(company) -> Journey:
    return services.create_journey(actor=ACTOR, now=NOW, text=TEXT)


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMIN)


def steps(journey: Journey) -> list[dict[str, Any]]:
    journey.refresh_from_db()
    found: list[dict[str, Any]] = draft_values(journey.draft_text)["steps"]
    return found


def post(desk: Client, journey: Journey, path: str, **data: Any):
    journey.refresh_from_db()
    return desk.post(f"/journeys/{journey.id}/edit/{path}", {"revision": journey.revision} | data, headers=HTMX)


@pytest.mark.slow
def test_the_flow_shows_every_step_way_and_words(desk: Client, journey: Journey):
    page = desk.get(f"/journeys/{journey.id}/edit/").content.decode()
    for word in ("From Beijing", "2 days", "put on “beijing”", "Otherwise", "Add a way", "Who enters"):
        assert word in page, word


@pytest.mark.slow
def test_a_step_is_changed_and_the_rest_of_the_text_stays(desk: Client, journey: Journey):
    form = desk.get(f"/journeys/{journey.id}/edit/part/steps-0/", headers=HTMX).content.decode()
    assert 'name="p.days" value="2"' in form
    answer = post(desk, journey, "part/steps-0/", **{"p.days": "3", "p.at": "10:00", "p.weekdays": ["mon", "tue"]})
    assert answer.status_code == 200
    assert json.loads(answer["HX-Trigger-After-Settle"]) == {"journey-saved": {"place": "steps-0"}}
    assert answer["HX-Retarget"] == "#flow"
    assert steps(journey)[0] == {"id": "pause", "type": "wait", "days": 3, "at": "10:00", "weekdays": ["mon", "tue"]}
    assert journey.draft_text.startswith("# A comment that stays.")
    read_document(journey.draft_text)


@pytest.mark.slow
def test_a_wrong_value_is_named_at_its_field_and_nothing_is_saved(desk: Client, journey: Journey):
    before = journey.draft_text
    answer = post(desk, journey, "part/steps-0/", **{"p.days": "two"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert "Save it unfinished" in answer.content.decode()
    journey.refresh_from_db()
    assert journey.draft_text == before
    assert post(desk, journey, "part/steps-0/", **{"p.days": "two", "anyway": "yes"}).status_code == 200
    assert steps(journey)[0]["days"] == "two"
    page = desk.get(f"/journeys/{journey.id}/edit/").content.decode()
    assert "1 thing keeps it from being published" in page


@pytest.mark.slow
def test_a_step_is_added_between_and_in_a_way(desk: Client, journey: Journey):
    kinds = desk.get(f"/journeys/{journey.id}/edit/add/steps/1/", headers=HTMX).content.decode()
    assert "Wait for an event" in kinds
    assert post(desk, journey, "add/steps/1/?kind=tag", **{"p.tag": "warm"}).status_code == 200
    assert [one["id"] for one in steps(journey)] == ["pause", "tag-1", "who", "over"]
    assert post(desk, journey, "add/steps-2-otherwise/0/?kind=wait", **{"p.hours": "5"}).status_code == 200
    # The form says the whole: a day that was offered and emptied is gone.
    assert steps(journey)[2]["otherwise"] == [{"id": "wait-1", "type": "wait", "hours": 5}]
    assert desk.get(f"/journeys/{journey.id}/edit/add/steps/1/?kind=end", headers=HTMX).status_code == 200
    assert steps(journey)[1] == {"id": "end-1", "type": "end"}
    for path in ("add/steps/9/", "add/steps-0-otherwise/0/", "add/name/0/", "add/steps-2-ways-7-steps/0/"):
        assert desk.get(f"/journeys/{journey.id}/edit/{path}").status_code == 404, path


@pytest.mark.slow
def test_a_branch_asks_for_its_first_way_and_gets_another(desk: Client, journey: Journey):
    condition = json.dumps({"all": [{"field": "address.city", "operator": "is", "value": "上海"}]})
    unfinished = {"p.ways.0.name.en": "Shanghai", "p.ways.0.when": json.dumps({"all": [{"field": ""}]})}
    before = steps(journey)
    refused = post(desk, journey, "add/steps/0/?kind=branch", **unfinished)
    shown = refused.content.decode()
    assert (refused.status_code, "no field is chosen yet" in shown) == (422, True)
    assert 'value="Shanghai"' in shown  # nothing that was typed is lost
    assert 'name="p.ways.0.when"' in shown
    assert steps(journey) == before
    data = {"p.ways.0.name.en": "Shanghai", "p.ways.0.when": condition}
    assert post(desk, journey, "add/steps/0/?kind=branch", **data).status_code == 200
    branch = steps(journey)[0]
    assert branch["id"] == "branch-1"
    assert branch["ways"][0]["when"] == {"field": "address.city", "operator": "is", "value": "上海"}
    data = {"p.name.en": "Suzhou", "p.when": condition.replace("上海", "苏州")}
    assert post(desk, journey, "part/steps-0/way/", **data).status_code == 200
    assert [one["code"] for one in steps(journey)[0]["ways"]] == ["way-1", "way-2"]
    assert post(desk, journey, "part/steps-0-ways-1/move/", to="up").status_code == 200
    assert [one["code"] for one in steps(journey)[0]["ways"]] == ["way-2", "way-1"]
    assert post(desk, journey, "part/steps-0-ways-0/remove/").status_code == 200
    assert [one["code"] for one in steps(journey)[0]["ways"]] == ["way-1"]
    read_document(journey.draft_text)


@pytest.mark.slow
def test_steps_move_up_and_down_and_out(desk: Client, journey: Journey):
    assert post(desk, journey, "part/steps-1/move/", to="up").status_code == 200
    assert [one["id"] for one in steps(journey)] == ["who", "pause", "over"]
    assert post(desk, journey, "part/steps-0/move/", to="up").status_code == 404
    assert post(desk, journey, "part/steps-0/remove/").status_code == 200
    assert [one["id"] for one in steps(journey)] == ["pause", "over"]
    assert post(desk, journey, "part/steps-7/remove/").status_code == 404
    assert post(desk, journey, "part/name/remove/").status_code == 404


@pytest.mark.slow
def test_two_editors_do_not_overwrite_each_other(desk: Client, journey: Journey):
    opened = journey.revision
    assert post(desk, journey, "part/steps-0/", **{"p.days": "3"}).status_code == 200
    before = steps(journey)
    answer = desk.post(f"/journeys/{journey.id}/edit/part/steps-0/", {"revision": opened, "p.days": "9"}, headers=HTMX)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#flow-note"
    assert "Somebody saved this journey" in answer.content.decode()
    assert steps(journey) == before


@pytest.mark.slow
def test_who_enters_goal_exits_and_limits(desk: Client, journey: Journey):
    form = desk.get(f"/journeys/{journey.id}/edit/part/entry/", headers=HTMX).content.decode()
    assert "p.entry.type" in form
    renewed = post(desk, journey, "part/entry/", **{"p.entry.type": "date", "renew": "yes"}).content.decode()
    assert "p.entry.of" in renewed
    assert "p.entry.festival" in renewed
    data = {
        "p.entry.type": "date", "p.entry.of": "festival", "p.entry.festival": "mid_autumn", "p.entry.days": "-3",
        "p.entry.at": "09:30", "p.reentry.rule": "after_days", "p.reentry.days": "300",
        "p.audience": json.dumps({"all": []}),
    }  # fmt: skip
    answer = post(desk, journey, "part/entry/", **data)
    assert answer.status_code == 200, answer.content.decode()[:9000]
    journey.refresh_from_db()
    values = draft_values(journey.draft_text)
    assert values["entry"] == {"type": "date", "of": "festival", "festival": "mid_autumn", "days": -3, "at": "09:30"}
    assert values["reentry"] == {"rule": "after_days", "days": 300}
    assert (
        post(
            desk, journey, "part/head/", **{"p.name.en": "Moon", "p.priority": "70", "p.service_only": "yes"}
        ).status_code
        == 200
    )
    goal = {"p.event": "activity.order.recorded", "p.within_days": "14", "p.ends": "yes"}
    answer = post(desk, journey, "part/goal/", **goal)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    exits = {"p.name.en": "Bought", "p.event": "activity.order.recorded"}
    assert post(desk, journey, "part/exits-new/", **exits).status_code == 200
    journey.refresh_from_db()
    document = read_document(journey.draft_text)
    assert document.goal is not None
    assert (document.name.en, document.priority) == ("Moon", 70)
    assert document.service_only
    assert (document.goal.within_days, document.goal.ends) == (14, True)
    assert [(one.code, one.event) for one in document.exits] == [("exit-1", "activity.order.recorded")]
    assert post(desk, journey, "part/goal/remove/").status_code == 200
    assert post(desk, journey, "part/exits-0/remove/").status_code == 200
    journey.refresh_from_db()
    assert {"goal", "exits"} & draft_values(journey.draft_text).keys() == set()


@pytest.mark.slow
def test_shares_of_a_split_keep_their_steps(desk: Client, journey: Journey):
    data = {
        "arm.code": ["arm-1", "control"], "arm.en": ["Call", "Nothing"], "arm.zh": ["", ""],
        "arm.share": ["80", "20"], "arm.control": ["no", "yes"],
    }  # fmt: skip
    assert post(desk, journey, "add/steps/0/?kind=split", **data).status_code == 200
    assert post(desk, journey, "add/steps-0-arms-0-steps/0/?kind=tag", **{"p.tag": "called"}).status_code == 200
    data["arm.share"] = ["70", "30"]
    assert post(desk, journey, "part/steps-0/", **data).status_code == 200
    arms = steps(journey)[0]["arms"]
    assert [(one["code"], one["share"], one.get("is_control", False)) for one in arms] == [
        ("arm-1", 70, False), ("control", 30, True),
    ]  # fmt: skip
    assert arms[0]["steps"] == [{"id": "tag-1", "type": "tag", "tag": "called"}]
    data["arm.share"] = ["70", "40"]
    assert post(desk, journey, "part/steps-0/", **data).status_code == 422


@pytest.mark.slow
def test_the_text_is_the_same_document_in_yaml_and_json(desk: Client, journey: Journey):
    path = f"/journeys/{journey.id}/edit/text/"
    assert "A comment that stays" in desk.get(path).content.decode()
    assert "&quot;journey&quot;: &quot;hello&quot;" in desk.get(f"{path}?as=json").content.decode()
    broken = desk.post(path, {"text": "journey: [", "revision": journey.revision}, follow=True).content.decode()
    assert "Line 1" in broken
    assert desk.get(f"/journeys/{journey.id}/edit/").status_code == 302  # parts cannot be shown: to the text
    journey.refresh_from_db()
    as_json = json.dumps(draft_values(TEXT), ensure_ascii=False)
    assert desk.post(path, {"text": as_json, "revision": journey.revision}).status_code == 302
    journey.refresh_from_db()
    assert read_document(journey.draft_text).journey == "hello"
    stale = desk.post(path, {"text": "mine: 1", "revision": 1})
    assert stale.status_code == 422
    assert "mine: 1" in stale.content.decode()


@pytest.mark.slow
def test_what_is_no_place_is_not_found(desk: Client, journey: Journey):
    for path in ("part/steps-9/", "part/steps/", "part/steps-1-ways-4/", "part/journey/", "part/steps-0-days/"):
        assert desk.get(f"/journeys/{journey.id}/edit/{path}").status_code == 404, path


@pytest.mark.slow
def test_who_may_only_look_cannot_change(sign_in: SignIn, journey: Journey):
    desk = sign_in(Role.AGENT)
    assert desk.get(f"/journeys/{journey.id}/").status_code == 200
    for path in ("", "part/steps-0/", "add/steps/0/", "text/"):
        assert desk.get(f"/journeys/{journey.id}/edit/{path}").status_code == 403, path
    assert desk.post(f"/journeys/{journey.id}/stop/").status_code == 403


@pytest.mark.slow
def test_hostile_values_are_shown_as_text(desk: Client, journey: Journey):
    evil = "<script>alert(1)</script>"
    assert post(desk, journey, "part/steps-1-ways-0-steps-0/", **{"p.tag": evil[:60]}).status_code == 200
    page = desk.get(f"/journeys/{journey.id}/edit/").content.decode()
    assert evil not in page
    assert "&lt;script&gt;" in page
