"""Loyalty, value to come, models: the figures on screen are the stored ones, and nothing is said that is not known."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.insights import services
from troth.insights.models import AnalysisRun, CustomerOutlook, MeasureSettings, ReportFrame, RunStatus
from troth.insights.tests.making import NOW, make_customer, make_order, make_outlook
from troth.insights.tests.test_conditions import score_of

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)
PAGES = ("loyalty", "expected", "models")
LAYERS = [
    ["diamond", 3, "900.0000", 500.5, 450.25, 560.75, 0.98], ["new", 2, "-10.0000", 20.0, 15.0, 30.0, 0.5],
]  # fmt: skip
TYPES = [
    ["true", None, True, 2, "800.0000", 400.0, 0.3], ["true", "trust", False, 1, "50.0000", 60.0, 0.9],
    ["spurious", "price", True, 1, "40.0000", 40.5, 0.3], ["none", None, True, 1, "0.0000", 20.0, 0.3],
]  # fmt: skip
QUARTERS = [["best", 1, "700.0000", 300.0, 280.0, 330.0, 81.5], ["passing", 4, "190.0000", 220.5, 185.25, 260.75, 40.0]]
ACTIONS = [["thank", "expected", 3, 410.0], ["win_back", "at_risk", 2, 99.5]]
TRIALS = [["pareto_nbd", 1.2, 0.98, 0.9], ["as_before", 1.25, 1.1, None], ["bg_nbd", 1.3, 0.97, 0.8]]
TENTHS = [
    ["pareto_nbd", "2025-11-30", 1, 10, 0.4, 0.2, 0.6, 0.5], ["pareto_nbd", "2025-11-30", 2, 10, 3.4, 3.1, 3.7, 3.25],
    ["as_before", "2025-11-30", 1, 10, 0.1, None, None, 0.5],
]  # fmt: skip
TOLD = {
    "is_fitted": True, "winner": "pareto_nbd", "runner_up": "as_before", "reason": "clearly_better", "gap": 0.05,
    "gap_error": 0.01, "ahead_days": 91, "unit": "days", "model": "ParetoNBDModel",
    "params": [["r", 2.0, 0.1, 1.8, 2.2], ["alpha", 20.0, 1.0, 18.0, 22.0], ["s", 0.5, 0.1, 0.3, 0.7],
               ["beta", 30.0, 5.0, 20.0, 40.0]],
    "covariance": [[0.01, 0, 0, 0], [0, 0.01, 0, 0], [0, 0, 0.04, 0], [0, 0, 0, 0]],
    "converged": True, "at_limit": [], "log_likelihood": -123.4, "customers": 5, "spend_model": "GammaGammaModel",
    "spend_params": [["p", 6.0, 1, 5, 7], ["q", 4.0, 1, 3, 5], ["v", 15.0, 1, 14, 16]], "spend_reason": "gamma_gamma",
    "margin": 0.3, "months": 12, "until": "2027-03-01", "annual_discount": 0.1,
}  # fmt: skip
MONEY = ("made", "potential", "potential_low", "potential_high")
FRAMES = {
    "value_layers": (["band", "customers", *MONEY, "alive"], LAYERS, {}),
    "loyalty_types": (
        ["loyalty_type", "loyalty_hold", "type_is_assumed", "customers", "window_revenue", "potential", "confidence"],
        TYPES, {},
    ),
    "quadrant": (
        ["quarter", "customers", *MONEY, "loyalty_index"], QUARTERS,
        {"loyal_from": 60.0, "valuable_from": 250.0, "valuable_share": 0.2},
    ),
    "actions": (["action", "stake_kind", "customers", "stake"], ACTIONS, {}),
    "index_histogram": (
        ["low", "high", "customers"], [[0.0, 50.0, 2], [50.0, 100.0, 3]],
        {"customers": 5, "mean": 55.25, "median": 61.5, "confidence": 0.353},
    ),
    "potential_curve": (
        ["customers", "customers_share", "value_share"], [[0, 0.0, 0.0], [1, 0.2, 0.6], [5, 1.0, 1.0]],
        {"customers": 5, "total": 520.5, "months": 12, "mean": 104.1, "median": 20.0,
         "histogram": [[0.0, 100.0, 4], [100.0, 200.0, 1]]},
    ),
    "ladder": (["rung", "customers", "customers_share", "revenue", "revenue_share"], [], {}),
    "model_trials": (["name", "mae", "calibration", "coverage"], TRIALS, TOLD),
    "model_tenths": (["name", "origin", "tenth", "customers", "foretold", "low", "high", "came"], TENTHS, {}),
    "model_tracking": (
        ["week_end", "came", "expected", "came_so_far", "expected_so_far"], [["2026-02-22", 7.0, 6.4, 107.0, 99.6]], {},
    ),
}  # fmt: skip


def store(**changed):
    """A finished analysis with these frames; changed: facts of `model_trials` that differ."""
    settings = MeasureSettings.objects.create(
        version=1, assumed_margin=Decimal("0.3"), created_at=NOW, created_by="test", bands={"window_days": 365}
    )
    run = AnalysisRun.objects.create(
        as_of_date=TODAY, status=RunStatus.DONE, settings=settings, currency="CNY", started_at=NOW, finished_at=NOW,
        started_by="test",
    )  # fmt: skip
    for name, (columns, rows, facts) in FRAMES.items():
        more = changed if name == "model_trials" else {}
        ReportFrame.objects.create(run=run, name=name, columns=columns, rows=rows, facts=facts | more)
    return run


def text_of(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def get(browser, name):
    response = browser.get(f"/value/{name}/")
    assert response.status_code == 200
    return response.content.decode()


def option(page, chart):
    found = re.search(rf'<script id="{chart}-option" type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    return json.loads(found[1])


def row_of(page, card, head):
    """The cells of one row of a picture's table."""
    part = page.split(f'id="{card}"')[1]
    rows = [text_of(row) for row in re.findall(r"<tr>(.*?)</tr>", part, flags=re.DOTALL)]
    return next(row for row in rows if row.strip().startswith(head)).strip()


def test_loyalty_shows_the_stored_figures(sign_in, company):
    run = store()
    ann = make_customer(name="Ann Stone")
    columns = ["customer_id", "loyalty", "value", "quarter"]
    ReportFrame.objects.create(
        run=run, name="quadrant_sample", columns=columns, rows=[[str(ann), 81.5, 300.0, "best"]], facts={}
    )
    page = get(sign_in(), "loyalty")
    text = text_of(page)
    for said in (
        "55.3 mean of all; half have 61.5 or more", "Loyal customers 1",
        "20.0% of all, with an index of 60 or more", "of these, 2 assumed",
        "Nobody asked 80% of the customers what they think", "Orders tell 35% of what the index weighs.",
        "Ask this 1 customer first", "A sample of 1 of 5 customers", "the best 20% by value, from ¥250.00 on",
    ):  # fmt: skip
        assert said in text, said
    assert row_of(page, "loyalty-types", "True loyalty") == "True loyalty 3 60.0% 2 ¥850.00 ¥460.00"
    assert row_of(page, "loyalty-holds", "Spurious loyalty") == "Spurious loyalty Price 1 20.0% 1 ¥40.00 ¥40.50"
    assert row_of(page, "loyalty-value", "Neither").startswith("Neither 4 80.0% 40.0 ¥190.00 ¥220.50 ¥185.25 ¥260.75")
    cells = option(page, "loyalty-types")["series"][0]["data"]
    assert [(cell["title"], cell["value"][2]) for cell in cells] == [
        ("Latent loyalty", 0), ("True loyalty", 3), ("No loyalty", 1), ("Spurious loyalty", 1),
    ]  # fmt: skip
    (cloud,) = option(page, "loyalty-value")["series"]
    assert cloud["data"] == [[81.5, 300.0, "Ann Stone", str(ann), 300.0]]
    for link in (
        "/value/people/?loyalty_type=true", "/value/people/?loyalty_type=spurious&loyalty_hold=price",
        "/value/people/?loyalty_type=true&loyalty_hold=unheld", "/value/people/?quarter=passing",
    ):  # fmt: skip
        assert link in unescape(page), link


def test_value_to_come_shows_the_stored_figures(sign_in, company):
    store()
    ann, bob = make_customer(name="Ann Stone"), make_customer(name="Bob Frost")
    make_outlook(ann, potential_value=Decimal("700.25"), potential_high=Decimal(800))
    make_outlook(bob, action="win_back", stake=Decimal("99.5"), stake_kind="at_risk", action_reason="lost_and_worth_it")
    page = get(sign_in(), "expected")
    text = text_of(page)
    for said in (
        "¥465 to ¥591",
        "¥104.10 half bring ¥20.00 or more",
        "next 12 calendar months, until 1 Mar 2027",
        "a margin of 30.0%, discounted by 10% a year",
    ):
        assert said in text, said
    assert row_of(page, "value-layers", "Diamond") == "Diamond 3 ¥900.00 ¥500.50 ¥450.25 ¥560.75 98.0%"
    lines = option(page, "value-layers")["series"][1]["markLine"]["data"]
    assert lines == [[{"coord": [0, 1350.25]}, {"coord": [0, 1460.75]}], [{"coord": [1, 15]}, {"coord": [1, 30]}]]
    assert row_of(page, "next-actions", "Win back").startswith("Win back 2 ¥99.50 at risk Lost by their own rhythm")
    assert "/value/people/?action=win_back" in page
    assert "expected to bring 60.0% of it" in text
    assert row_of(page, "potential-concentration", "20%") == "20% 60.0%"
    assert row_of(page, "potential-spread", "¥100 and more") == "¥100 and more 1"
    keep = text_of(page.split('aria-label="Whom to keep first"')[1])
    assert "Bob Frost ¥99.50 90.0% Win back Lost by their own rhythm" in keep
    assert "Ann Stone" not in keep.split("Of whom most is expected")[0]
    assert "Ann Stone ¥700.25 ¥180.00 ¥800.00 ¥321.50 90.0% Thank" in keep


@pytest.mark.slow
def test_models_say_which_and_why(sign_in, company):
    store()
    page = get(sign_in(), "models")
    text = text_of(page)
    for said in (
        "Pareto/NBD is in use: foretelling the purchases of 91 days it misses a customer's by 1.20 on average, going"
        " on as before by 1.25.",
        # α ÷ r = 10; its interval is 10 × exp(±1.96 × √(0.01 + 0.01)).
        "customers buy every 10.0 days on average (7.6 to 13.2)",
        # 1 − (30 ÷ 60)^0.5
        "Of a hundred new customers 29.3 leave for good within a month",
        # p × v ÷ (q − 1)
        "On a day with a purchase they spend ¥30.00 on average.",
        "Fitted to 5 customers.",
    ):  # fmt: skip
        assert said in text, said
    assert row_of(page, "model-trials", "As before").startswith("As before 1.250 110.0% –")
    assert row_of(page, "model-tenths", "2 10") == "2 10 3.40 3.10 3.70 3.25"
    assert row_of(page, "model-tracking", "22 Feb 2026") == "22 Feb 2026 7 6 107 100"
    assert "Pareto/NBD alpha 20 1 18 22" in text
    names = [one["name"] for one in option(page, "model-tenths")["series"]]
    assert names[-2:] == ["Foretold", "Actual"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": "as_good_and_truer"}, "is no sure difference; and of all purchases that came it foretold 98.0%"),
        (
            {"reason": "baseline", "winner": "as_before", "runner_up": "pareto_nbd", "converged": False},
            "Nothing beats going on as before here: over 91 days it misses a customer's purchases by 1.25, Pareto/NBD"
            " by 1.20. Chances and values need a model all the same: Pareto/NBD is in use.",
        ),
        ({"at_limit": ["beta"]}, "Held at the limit of the search: beta."),
        ({"spend_model": "RobustSpendModel", "spend_params": [["mean", 41.0, 1, 39, 43], ["credibility", 2, 1, 1, 3]],
          "spend_reason": "infinite_mean"}, "they spend ¥41.00 on average"),
        ({"model": "BetaGeoModel", "params": [["r", 0.5, 0, 0, 0], ["alpha", 5, 0, 0, 0], ["a", 1.0, 0, 0, 0],
          ["b", 3.0, 0, 0, 0]]}, "After a purchase, of a hundred customers 25.0 do not come back"),
    ],
)  # fmt: skip
def test_every_outcome_has_its_sentence(sign_in, company, changed, said):
    store(**changed)
    page = get(sign_in(), "models")
    assert said in text_of(page)
    if changed.get("winner") == "as_before":
        assert "Pareto/NBD, purchases a head in the 91 days after 30 Nov 2025" in text_of(page)
        assert "The fit did not end surely" in text_of(page)
    assert get(sign_in(language="zh-hans"), "models")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_where_no_model_was_fitted_that_is_said(sign_in, company, language):
    run = store()
    run.frames.filter(name="model_trials").update(facts={"is_fitted": False}, rows=[])
    browser = sign_in(language=language)
    sentence = {"en": "The past is too short for a model", "zh-hans": "历史太短，还不能建模"}[language]
    for name in ("expected", "models"):
        assert sentence in get(browser, name)
    page = get(browser, "loyalty")
    assert sentence not in page
    assert "¥220.50" not in page


@pytest.mark.parametrize("name", PAGES)
def test_an_analysis_from_before_these_reports_asks_for_another(sign_in, company, name):
    store().frames.all().delete()
    assert "The last analysis was made before this report existed." in get(sign_in(), name)


@pytest.mark.parametrize("name", PAGES)
def test_without_an_analysis_or_the_right_there_is_nothing(sign_in, company, name):
    assert "empty-state" in get(sign_in(), name)
    assert sign_in(Role.CLERK).get(f"/value/{name}/").status_code == 403


def test_people_behind_an_action_show_what_is_at_stake(sign_in, company):
    store()
    ann, bob = make_customer(name="Ann Stone"), make_customer(name="Bob Frost")
    for one, fields in ((ann, {"action": "win_back", "stake": Decimal("34.5"), "potential_value": None}), (bob, {})):
        score_of(one)
        make_outlook(one, **fields)
    page = sign_in().get("/value/people/?action=win_back").content.decode()
    assert "Ann Stone" in page
    assert "Bob Frost" not in page
    assert "next: Win back" in page
    assert "¥34.50" in page
    assert "/segments/new/?action=win_back" in page
    everybody = sign_in(Role.ANALYST).get("/value/people/").content.decode()
    assert "Money at stake" not in everybody


def buyers(count):
    """Made-up customers of different pace, a third of whom stop."""
    for number in range(count):
        customer, gap = make_customer(name=f"Person {number}"), 4 + number % 23
        until = 250 if number % 3 == 0 else 5
        for days in range(320 - number % 60, until, -gap):
            make_order(customer, TODAY - timedelta(days=days), str(20 + number * 7 % 90), cost="8")


@pytest.mark.slow
def test_the_pages_of_a_real_analysis_agree_with_the_stored_customers(sign_in, company, tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    company.as_of_date = TODAY
    company.save()
    buyers(120)
    services.analyse(actor=system_actor("test"), now=NOW)
    stored = list(CustomerOutlook.objects.all())
    browser = sign_in()
    for name in PAGES:
        assert get(sign_in(Role.ANALYST, language="zh-hans") if name == "loyalty" else browser, name)
    page = get(browser, "expected")
    counts = {}
    for one in stored:
        counts[one.get_action_display()] = counts.get(one.get_action_display(), 0) + 1
    for label, count in counts.items():
        assert row_of(page, "next-actions", label).startswith(f"{label} {count} ")
        people = browser.get(
            "/value/people/", {"action": next(o.action for o in stored if o.get_action_display() == label)}
        )
        assert f"{count} customer" in text_of(people.content.decode())
    best = max(stored, key=lambda one: one.potential_value)
    assert f"¥{best.potential_value:,.2f}" in text_of(page.split('aria-label="Of whom most is expected"')[1])
    total = sum(item["value"] for item in option(page, "value-layers")["series"][1]["data"])
    assert total == pytest.approx(float(sum(one.potential_value for one in stored)), abs=0.05)


NET = ("net_value", "net_low", "net_high")
REWARDS = (
    ["currency", "issued", "costed_share", "unit_cost", "redeemed", "expired", "issue_rate", "breakage", "share"],
    [["points", 1000.0, 0.9, 0.02, 300.0, 100.0, 0.5, 0.25, 0.0075]],
    {"collectors": 4, "sold": 2000.0, "revenue": 3000.0, "given_away": "15.0000", "share": 0.0125,
     "other_share": 0.005, "days": 365},
)  # fmt: skip


def with_net(run, rewards=REWARDS):
    """The same analysis, of a company with points: what is net stands beside what is gross."""
    layers = ReportFrame.objects.get(run=run, name="value_layers")
    layers.columns = [*layers.columns, *NET]
    layers.rows = [[*row, row[3] * 0.9, row[4] * 0.9, row[5] * 0.9] for row in layers.rows]
    layers.save()
    columns, rows, facts = rewards
    ReportFrame.objects.create(run=run, name="reward_costs", columns=columns, rows=rows, facts=facts)


def test_the_value_to_come_stands_net_of_points_beside_the_gross_one(sign_in, company):
    with_net(store())
    page = get(sign_in(), "expected")
    text = text_of(page)
    for said in (
        "Net of points and rewards ¥468 ¥52 less; ¥419 to ¥532",
        "1.25% of revenue for who collects points, 0.50% for the others, by the last 365 days",
        "points 1,000 0.500 0.0200 90% 300 100 25.0% 0.75%", "Rewards given away: ¥15.00",
    ):  # fmt: skip
        assert said in text, said
    assert row_of(page, "value-layers", "Diamond") == ("Diamond 3 ¥900.00 ¥500.50 ¥450.25 ¥560.75 ¥450.45 98.0%")


@pytest.mark.slow
def test_what_is_missing_for_the_net_value_is_said(sign_in, company):
    run, browser = store(), sign_in()
    assert "Net of points" not in text_of(get(browser, "expected"))
    columns, _rows, facts = REWARDS
    with_net(run, (columns, [["points", 1000.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0]], facts))
    assert "No programme states what a point costs" in text_of(get(browser, "expected"))
    ReportFrame.objects.filter(name="reward_costs").update(rows=[])
    assert "No points were given in this time." in text_of(get(browser, "expected"))


def scored(name, **fields):
    return score_of(make_customer(name=name), **fields).owner_id


@pytest.mark.slow
def test_the_moves_on_the_ladder_lead_to_their_people(sign_in, company):
    store()
    scored("Ann", rung="at_least_repeat_buyer", rung_before="first_time_buyer")
    scored("Bob", rung="first_time_buyer", rung_before="")
    browser = sign_in()
    page = browser.get("/value/people/?rung_before=first_time_buyer&rung=at_least_repeat_buyer").content.decode()
    assert "rung a month before: First-time buyer" in page
    assert "Ann" in page
    assert "Bob" not in page
    page = browser.get("/value/people/?rung_before=no_buyer").content.decode()
    assert "no buyer yet a month before" in page
    assert "Bob" in page
    assert "Ann" not in page
    editor = browser.get("/segments/new/?rung_before=no_buyer").content.decode()
    assert "score.rung_before" in editor


def test_under_an_action_those_with_most_at_stake_come_first(sign_in, company):
    store()
    rich, poor, none = (scored(name, revenue=revenue) for name, revenue in (("Rich", 900), ("Poor", 10), ("None", 500)))
    for one, stake in ((rich, "5"), (poor, "70"), (none, None)):
        make_outlook(one, action="hold", stake=stake)
    page = sign_in().get("/value/people/?action=hold").content.decode()
    places = [page.index(f">{name}</a>") for name in ("Poor", "Rich", "None")]
    assert places == sorted(places)


@pytest.mark.slow
def test_who_brought_others_is_shown_with_what_they_brought(sign_in, company):
    run, browser = store(), sign_in()
    assert "Keep the ready-made customer attribute “Brought by” (referred_by)" in text_of(get(browser, "expected"))
    ann = make_customer(name="Ann Stone")
    facts = {"is_recorded": True, "told": 4, "links": 3, "unknown": 1, "circular": 0, "introducers": 2, "bought": 2}
    ReportFrame.objects.create(
        run=run, name="influence", columns=["customer_id", "referred", "reach", "influence_value"],
        rows=[[str(ann), 2, 3, 45.0]], facts=facts | {"total": 85.0},
    )  # fmt: skip
    text = text_of(get(browser, "expected"))
    for said in (
        "3 customers were brought by 2 others; 2 of them have bought, and brought a profit of ¥85.00",
        "Left out: 1 whose introducer is not recognised, 0 that lead back", "Ann Stone 2 3 ¥45.00",
    ):  # fmt: skip
        assert said in text, said
