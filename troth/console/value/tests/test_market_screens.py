"""Satisfaction × competition on screen: the stored figures, a reason where there are none, markets defined by hand."""

from decimal import Decimal

import pytest

from troth.access.permissions import Role
from troth.console.customers import behind
from troth.insights.market_models import CustomerMarket
from troth.insights.models import MeasureSettings, ReportFrame
from troth.insights.queries import People
from troth.insights.tests.making import NOW, make_customer
from troth.insights.tests.test_conditions import members
from troth.kit.ids import new_id

from .test_outlook_screens import TODAY, get, option, row_of, store, text_of

pytestmark = pytest.mark.django_db
COLUMNS = [
    "market", "customers", "asked", "stayed", "satisfaction", "advocate", "mercenary", "hostage", "defector",
    "advocate_revenue", "mercenary_revenue", "hostage_revenue", "defector_revenue", "level", "low", "high", "source",
    "answers", "floor", "ceiling", "steepness", "knee", "knee_low", "knee_high", "is_flat",
]  # fmt: skip
NORTH = [
    "North", 200, 60, 45, 70.0, 40, 10, 5, 5, "900.0000", "80.0000", "70.0000", "60.0000", 0.62, 0.5, 0.74, "wallet",
    31, 0.1, 0.9, 0.15, 50.0, 42.0, 61.0, False,
]  # fmt: skip
SOUTH = [
    "South", 90, 55, 50, 66.0, 30, 2, 20, 3, "400.0000", "20.0000", "300.0000", "10.0000", 0.1, None, None, "entered",
    0, 0.91, 0.91, 0.0, None, None, None, True,
]  # fmt: skip
SMALL = [
    "East", 8, 4, 3, 75.0, 2, 1, 1, 0, "40.0000", "20.0000", "30.0000", "0.0000", None, None, None, "unknown", 0,
    *[None] * 7,
]  # fmt: skip
POINTS = [["North", 25.0, 10, 2, 0.06, 0.51], ["North", 100.0, 50, 43, 0.74, 0.93], ["South", 50.0, 55, 50, 0.8, 0.96]]


def measured(rows=(NORTH, SOUTH, SMALL), by="attribute:town", wanted="attribute:town", **facts):
    run = store()
    MeasureSettings.objects.filter(id=run.settings_id).update(
        loyalty={"market_by": wanted, "competition": {"South": "0.1"}}
    )
    told = {"by": by, "satisfied_from": 75.0, "fewest": 50, "asked": 119, "scores": 300, "left_out": 0} | facts
    ReportFrame.objects.create(run=run, name="markets", columns=COLUMNS, rows=list(rows), facts=told)
    columns = ["market", "satisfaction", "asked", "stayed", "low", "high"]
    ReportFrame.objects.create(run=run, name="market_points", columns=columns, rows=POINTS, facts={})
    return run


def test_a_market_shows_its_curve_its_corners_and_what_they_mean(sign_in, company):
    measured()
    page = get(sign_in(), "markets")
    text = text_of(page)
    for said in (
        "Markets 3", "2 with enough answers for a curve", "26 21.8% of the answers",
        "staying rises from 10% to 90%, most steeply at 50 points (between 42 and 61)",
        "So it is where competition is strong: only the well satisfied stay.",
        "Competition: 62% (50%–74%): what 31 customers spend elsewhere.",
        "Satisfied, stays 40", "67% of the answers · revenue of ¥900 in 365 days",
    ):  # fmt: skip
        assert said in text, said
    assert row_of(page, "market-curves", "South") == "South 10%, entered 55 58% 91% flat 30 2 20 3"
    assert row_of(page, "market-curves", "East") == "East not known 4 75% 75% – 2 1 1 0"
    curve, dots = option(page, "market-near")["series"]
    assert (curve["data"][10], curve["markLine"]["data"]) == (0.5, [{"xAxis": 10}])
    seen = {
        place: (dot["value"], dot["symbolSize"]) for place, dot in enumerate(dots["data"]) if dot["value"] is not None
    }
    assert seen == {5: (0.2, 9.8), 20: (0.86, 22.0)}
    assert dots["showAllSymbol"] is True, "not only those above a label of the axis"
    assert [dots["data"][place].get("url", "") for place in (0, 5, 20)] == [
        "", "/value/people/?market=North&satisfaction=25", "/value/people/?market=North&satisfaction=100",
    ]  # fmt: skip
    assert page.count("market=North&amp;satisfaction=25") == 1  # in the table of the same figures
    assert "/value/people/?market=North&corner=hostage" in page.replace("&amp;", "&")
    assert len(option(page, "market-curves")["series"]) == 2


def test_another_market_is_chosen_and_a_protected_one_is_called_so(sign_in, company):
    measured()
    browser = sign_in()
    text = text_of(browser.get("/value/markets/?market=South").content.decode())
    assert "91% stay at any satisfaction" in text
    assert "A protected market: 20 dissatisfied customers stay" in text
    text = text_of(browser.get("/value/markets/?market=East").content.decode())
    assert "4 customers told how satisfied they are; a curve needs 50." in text
    assert "How strong the competition is nobody has said" in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"wanted": ""}, "No markets yet"),
        ({"wanted": "department"}, "Defined, not measured yet"),
        ({"rows": (), "asked": 0}, "Nobody has said how satisfied they are"),
        ({"rows": (), "asked": 7}, "7 customers said how satisfied they are, but nothing is kept"),
    ],
)
def test_an_empty_page_says_what_is_missing(sign_in, company, changed, said):
    measured(**changed)
    assert said in text_of(get(sign_in(), "markets"))


def test_an_analysis_of_before_asks_for_a_new_one(sign_in, company):
    store()
    assert "Not measured yet" in text_of(get(sign_in(), "markets"))


def test_a_loyalty_manager_defines_markets_and_their_competition(sign_in, company):
    measured()
    browser = sign_in(Role.MANAGER)
    page = browser.get("/value/markets/define/").content.decode()
    assert "estimated: 62% (50%–74%): what 31 customers spend elsewhere" in text_of(page)
    given = {
        "by": "attribute:town",
        "satisfied_from": "50",
        "market": ["North", "South", "East"],
        "level": ["80", "", " 5% "],
    }
    assert browser.post("/value/markets/define/", given).status_code == 302
    newest = MeasureSettings.objects.latest("version").loyalty
    assert (newest["market_by"], newest["competition"]) == ("attribute:town", {"North": "0.8000", "East": "0.0500"})
    assert Decimal(newest["satisfied_from"]) == 50
    assert browser.post("/value/markets/define/", given | {"by": "department"}).status_code == 302
    newest = MeasureSettings.objects.latest("version").loyalty
    assert (newest["market_by"], newest["competition"]) == ("department", {})  # levels were of other markets


@pytest.mark.parametrize("level", ["101", "-1", "much", "NaN"])
def test_a_level_that_cannot_be_changes_nothing(sign_in, company, level):
    measured()
    given = {"by": "attribute:town", "satisfied_from": "75", "market": ["North"], "level": [level]}
    answer = sign_in().post("/value/markets/define/", given)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert MeasureSettings.objects.count() == 1


def test_who_may_only_look_defines_nothing(sign_in, company):
    measured()
    browser = sign_in(Role.AGENT)
    assert "Define markets" not in get(browser, "markets")
    assert browser.get("/value/markets/define/").status_code == 403


def test_a_corner_of_a_market_leads_to_its_people_and_to_a_segment(sign_in, company):
    measured()
    wanted = People(market="North", corner="hostage")
    assert behind.in_words(wanted) == ["market: North", "in the market: Dissatisfied, stays"]
    (part,) = behind.definition_of(wanted)["all"]
    assert part == {
        "field": "outlook.markets", "operator": "has_any_of", "value": ["North"], "with": {"corners": ["hostage"]},
    }  # fmt: skip
    wanted = People(market="North", satisfaction="75")
    assert behind.in_words(wanted) == ["market: North", "satisfaction: about 75 points"]
    (part,) = behind.definition_of(wanted)["all"]
    assert part == {
        "field": "outlook.markets", "operator": "has_any_of", "value": ["North"], "with": {"satisfactions": ["75"]},
    }  # fmt: skip
    (part,) = behind.definition_of(People(corner="hostage"))["all"]
    assert part == {"field": "outlook.corners", "operator": "has_any_of", "value": ["hostage"]}


def test_a_segment_of_a_corner_holds_those_who_stand_there_in_that_market(company):
    ann, bo = make_customer(), make_customer()
    told = {"run_id": new_id(), "as_of_date": TODAY, "computed_at": NOW, "satisfaction": 25, "stayed": True}
    for owner, market, corner in ((ann, "North", "hostage"), (ann, "South", "defector"), (bo, "North", "defector")):
        CustomerMarket.objects.create(owner_id=owner, market=market, corner=corner, **told)
    assert members(behind.definition_of(People(market="North", corner="hostage"))) == {ann}
    assert members(behind.definition_of(People(market="north", corner="defector"))) == {bo}
    assert members(behind.definition_of(People(corner="defector"))) == {ann, bo}


def test_a_dot_leads_to_those_of_its_satisfaction_in_that_market(company):
    """From 22.5 points on, and below 27.5."""
    people = {}
    for points in ("22.4", "22.5", "27.4", "27.5"):
        people[points] = make_customer()
        CustomerMarket.objects.create(
            owner_id=people[points], market="North", corner="hostage", satisfaction=Decimal(points), stayed=True,
            run_id=new_id(), as_of_date=TODAY, computed_at=NOW,
        )  # fmt: skip
    expected = {people["22.5"], people["27.4"]}
    wanted = People(market="North", satisfaction="25")
    assert members(behind.definition_of(wanted)) == expected
    assert members(behind.definition_of(People(satisfaction="25"))) == expected
    assert not members(behind.definition_of(People(market="South", satisfaction="25")))
