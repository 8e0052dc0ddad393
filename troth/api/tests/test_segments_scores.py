"""Segments, conditions and scores through the API."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from troth.access.permissions import Permission
from troth.insights import queries
from troth.insights import services as insights
from troth.insights.market_models import CustomerMarket
from troth.insights.models import AnalysisRun, CustomerOutlook, CustomerScore, MeasureSettings, ReportFrame, RunStatus
from troth.insights.tests.making import make_churn, make_outlook
from troth.kit import clock
from troth.segments import services as segments
from troth.segments.refreshing import refresh_members

from .conftest import ACTOR

REASONS = [{"code": "band", "place": 0.1}]
IN_SHANGHAI = {"all": [{"field": "address.city", "operator": "is", "value": "上海"}]}


@pytest.fixture
def segment(company):
    act = {"actor": ACTOR, "now": clock.utc_now()}
    made = segments.create_segment(name="Shanghai", name_zh="上海客户", definition=IN_SHANGHAI, **act)
    segments.publish(segment_id=made.id, **act)
    return made


def test_a_segment_is_listed_with_its_definition_in_words(api, lin, segment):
    refresh_members(actor=ACTOR, now=clock.utc_now(), segment_id=segment.id)
    (listed,) = api.get("/segments").json()["items"]
    assert (listed["name"], listed["name_zh"], listed["version"], listed["member_count"]) == (
        "Shanghai",
        "上海客户",
        1,
        1,
    )
    detail = api.get(f"/segments/{segment.id}").json()
    assert detail["definition"] == IN_SHANGHAI
    assert "上海" in detail["sentence"]


@pytest.mark.slow
def test_the_stored_members_are_listed(api, lin, segment):
    api.post("/customers", {"name": "Ann", "city": "Paris"})
    assert api.get(f"/segments/{segment.id}/members").json()["items"] == []
    refresh_members(actor=ACTOR, now=clock.utc_now(), segment_id=segment.id)
    (member,) = api.get(f"/segments/{segment.id}/members").json()["items"]
    assert member["id"] == lin["id"]
    assert [one["id"] for one in api.get("/customers", segment_id=str(segment.id)).json()["items"]] == [lin["id"]]


@pytest.mark.slow
def test_a_condition_is_counted_without_being_stored(api, lin):
    api.post("/customers", {"name": "Ann", "city": "Paris"})
    answer = api.post("/segments/evaluate", {"definition": IN_SHANGHAI}).json()
    assert (answer["count"], answer["sample_ids"]) == (1, [lin["id"]])
    assert "上海" in answer["sentence"]
    assert api.get("/segments").json()["items"] == []


@pytest.mark.slow
def test_a_key_without_the_right_to_personal_data_cannot_count_by_them(api_with, api, lin):
    masked = api_with(Permission.SEGMENTS_VIEW, Permission.CUSTOMERS_VIEW)
    answer = masked.post("/segments/evaluate", {"definition": IN_SHANGHAI})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (403, "condition_invalid")
    (named,) = problem["fields"]["problems"]
    assert (named["path"], named["code"]) == ("all[0].field", "field_withheld")
    assert named["message"] == (
        "“City” (address.city) is personal data: asking by it needs the permission “See names, phones, e-mails and"
        " addresses unmasked” (customers.view_personal)"
    )
    shown, everything = (one.get("/condition-fields").json()["items"] for one in (masked, api))
    left_out = {field["code"] for field in everything} - {field["code"] for field in shown}
    assert left_out == {
        "customer.gender", "customer.age", "customer.birthday", "address.region", "address.city", "address.district",
        "address.postcode",
    }  # fmt: skip


@pytest.mark.slow
def test_a_key_without_the_right_to_personal_data_finds_by_whole_identities_only(api_with, api, lin):
    masked = api_with(Permission.CUSTOMERS_VIEW)
    refused = masked.get("/customers", city="上海")
    assert (refused.status_code, refused.json()["code"]) == (403, "filter_personal")
    assert refused.json()["fields"] == {"field": "city", "permission": "customers.view_personal"}

    def found(one, text):
        return [row["id"] for row in one.get("/customers", text=text).json()["items"]]

    for guess in ("林", "lin", "linyu", "138001", "+861380013", "lin@", "Lin@Example"):
        assert found(masked, guess) == [], guess
    for whole in ("138 0013 8000", "+8613800138000", "lin@example.com", "C-1", "8000"):
        assert found(masked, whole) == [lin["id"]], whole
    assert found(api, "林") == found(api, "138001") == [lin["id"]]
    api.post("/customers", {"customer_kind": "company", "name": "Meridian Tea"})
    assert len(found(masked, "meridian")) == 1


@pytest.mark.parametrize("definition", [{}, {"all": "x"}, {"field": "no.such", "operator": "is", "value": 1}])
def test_a_condition_that_makes_no_sense_names_each_problem(api, definition):
    response = api.post("/segments/evaluate", {"definition": definition})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "condition_invalid")
    assert problem["fields"]["problems"][0].keys() == {"path", "code", "message"}


def test_the_fields_of_conditions_are_listed_with_operators(api):
    fields = {one["code"]: one for one in api.get("/condition-fields").json()["items"]}
    assert {"code": "is", "takes": "one"} in fields["address.city"]["operators"]
    assert set(fields["customer.kind"]["choices"]) == {"person", "company"}


def test_an_unknown_segment_is_not_found(api):
    for path in ("", "/members"):
        assert api.get(f"/segments/{uuid4()}{path}").json()["code"] == "segment_not_found"
    assert api.get("/customers", segment_id=str(uuid4())).status_code == 404


@pytest.fixture
def score(api, lin):
    settings = MeasureSettings.objects.create(
        version=1, assumed_margin=Decimal("0.3"), created_at=clock.utc_now(), created_by="test"
    )
    run = AnalysisRun.objects.create(
        as_of_date=date(2026, 3, 2), status=RunStatus.DONE, settings=settings, currency="JPY",
        started_at=clock.utc_now(), finished_at=clock.utc_now(), started_by="test",
    )  # fmt: skip
    names = {field.name for field in CustomerScore._meta.get_fields()}
    codes = {"rfm_segment": "loyal", "band": "gold", "status": "active", "rung": "first_time_buyer"}
    known = {
        "owner_id": lin["id"], "run_id": run.id, "as_of_date": run.as_of_date, "computed_at": clock.utc_now(),
        "first_purchase_date": date(2026, 1, 1), "last_purchase_date": date(2026, 3, 1), **codes,
        "revenue": Decimal("1200"), "discount_share": Decimal("0.125"), "reasons": REASONS,
    }  # fmt: skip
    rest = {name: 1 for name in names - known.keys() if not name.endswith("_before")}
    return CustomerScore.objects.create(**rest, **known)


def test_a_score_is_given_with_exact_text_and_its_reasons(api, lin, score):
    body = api.get(f"/customers/{lin['id']}/scores").json()
    assert (body["customer_id"], body["currency"], body["revenue"], body["discount_share"]) == (
        lin["id"],
        "JPY",
        "1200",
        "0.125",
    )
    assert (body["band"], body["status"], body["reasons"]) == (
        "gold",
        "active",
        REASONS,
    )


@pytest.mark.slow
def test_the_outlook_stands_beside_the_score(api, lin, score):
    assert api.get(f"/customers/{lin['id']}/scores").json()["outlook"] is None
    row = make_outlook(lin["id"])
    found = api.get(f"/customers/{lin['id']}/scores").json()["outlook"]
    told = {
        name: found[name] for name in ("loyalty_index", "probability_alive", "potential_value", "stake", "made_value")
    }
    assert told == {
        "loyalty_index": "72.4", "probability_alive": "0.9", "potential_value": "200", "stake": "200",
        "made_value": "321.5",
    }  # fmt: skip
    assert (found["loyalty_type"], found["loyalty_hold"], found["quarter"], found["attitude"]) == (
        "true",
        None,
        "best",
        None,
    )
    assert found["type_reasons"] == row.type_reasons
    assert (found["action"], found["action_reason"], found["stake_kind"]) == ("thank", "loyal_and_valuable", "expected")
    without = dict.fromkeys(("probability_alive", "alive_low", "alive_high", "potential_value", "stake"))
    CustomerOutlook.objects.update(action="", action_reason="", stake_kind="", **without)
    found = api.get(f"/customers/{lin['id']}/scores").json()["outlook"]
    assert [found[name] for name in ("probability_alive", "potential_value", "stake", "action", "stake_kind")] == [
        None
    ] * 5


def test_the_risk_of_leaving_stands_beside_the_score_with_its_reasons(api, lin, score):
    assert api.get(f"/customers/{lin['id']}/scores").json()["leaving"] is None
    row = make_churn(lin["id"])
    assert api.get(f"/customers/{lin['id']}/scores").json()["leaving"] == {
        "probability": "0.6667", "ahead_days": 30, "as_of_date": "2026-03-01", "reasons": row.reasons,
    }  # fmt: skip


def test_markets_come_with_their_corners_and_curve_and_stand_beside_the_score(api, lin, score):
    assert api.get("/markets").json()["items"] == []
    corners = {"advocate": 40, "mercenary": 10, "hostage": 5, "defector": 5}
    curve = {"floor": 0.1, "ceiling": 0.9, "steepness": 0.15, "knee": 50.0, "knee_low": 42.0, "knee_high": 61.0}
    rivals = {"level": 0.62, "low": 0.5, "high": 0.74, "source": "wallet"}
    north = {"market": "North", "asked": 60, "stayed": 45, **corners, **rivals, **curve, "is_flat": False}
    small = dict.fromkeys(north) | dict.fromkeys(corners, 1) | {"market": "East", "asked": 4, "stayed": 2}
    small |= {"source": "unknown"}
    run = queries.latest_run()
    ReportFrame.objects.create(
        run=run, name="markets", columns=list(north), rows=[list(small.values()), list(north.values())],
        facts={"by": "store", "satisfied_from": 75.0},
    )  # fmt: skip
    told = api.get("/markets").json()
    assert (told["market_by"], told["satisfied_from"]) == ("store", 75)
    east, shown = told["items"]
    assert (east["curve"], east["competition"], east["competition_source"]) == (None, None, "unknown")
    assert (shown["corners"], shown["competition"]) == (corners, 0.62)
    assert shown["curve"] == curve | {"is_flat": False}
    CustomerMarket.objects.create(
        owner_id=lin["id"], run_id=uuid4(), as_of_date=date(2026, 3, 1), computed_at=clock.utc_now(), market="North",
        satisfaction=25, stayed=True, corner="hostage",
    )  # fmt: skip
    (one,) = api.get(f"/customers/{lin['id']}/scores").json()["markets"]
    assert one == {"market": "North", "satisfaction": "25", "stayed": True, "corner": "hostage"}


def test_a_customer_without_a_score_is_told_why(api, lin):
    response = api.get(f"/customers/{lin['id']}/scores")
    assert (response.status_code, response.json()["code"]) == (404, "score_not_found")


def test_scores_need_their_scope(api_with, lin, score):
    assert api_with(Permission.CUSTOMERS_VIEW).get(f"/customers/{lin['id']}/scores").status_code == 403


def test_the_rules_of_measuring_are_told_as_they_are_in_force(api, company):
    found = api.get("/measure-settings").json()
    assert (found["version"], found["created_at"], found["bands"]["gold"]) == (0, None, "0.1")
    insights.change_settings(
        actor=ACTOR, now=clock.utc_now(), assumed_margin=Decimal("0.2"),
        bands={"gold": "0.12", "new_days": 60}, rfm={"purchases": [2, 4, 8, 16]},
        loyalty={"weights": {"trust": "5"}, "client_wallet": "0.6", "market_by": "store"},
    )  # fmt: skip
    found = api.get("/measure-settings").json()
    assert (found["version"], found["assumed_margin"]) == (2, "0.2")
    assert (found["bands"]["gold"], found["bands"]["silver"], found["bands"]["new_days"]) == ("0.12", "0.2", 60)
    assert found["rfm"] == {"recency_days": None, "purchases": [2, 4, 8, 16], "revenue": None}
    weights = {one["indicator"]: one["weight"] for one in found["weights"]}
    assert (weights["trust"], weights["satisfaction"]) == (5, 2)
    assert (found["client_wallet"], found["market_by"], found["types"]["trust_from"]) == ("0.6", "store", "75")
