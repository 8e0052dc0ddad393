"""The card of loyalty and value to come: stored figures, codes as sentences, what is not known said so."""

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

import polars as pl
import pytest
from django.utils import translation

from troth.access.permissions import Role
from troth.console import formats
from troth.console.customers import outlook
from troth.insights import history, loyal
from troth.insights.tests.making import make_churn, make_outlook
from troth.kit.clock import utc_now
from troth.value import next_action
from troth.value.loyalty import types

HOLDS = ("monopoly", "kinship", "incentive", "price", "convenience", "inertia")
TYPE_CODES = (
    "type.behaviour_high", "type.behaviour_low", "type.attitude_high", "type.attitude_low", "type.attitude_not_asked",
    "type.no_hold_seen", "type.hold_not_known", *(f"type.hold_{hold}" for hold in HOLDS),
)  # fmt: skip


def shown(browser, customer):
    page = browser.get(f"/customers/{customer.id}/").content.decode()
    found = re.search(r'<section class="card[^"]*" id="outlook">.*?</section>', page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


@pytest.mark.slow
def test_the_card_shows_what_is_stored(sign_in, people):
    make_outlook(people.wang.id)
    text = shown(sign_in(), people.wang)
    for said in (
        "Thank", "Loyal and among the most valuable. ¥200.00 is expected in the coming year.",
        "Loyalty index 72.4", "Behaviour 72.4", "Intention not asked",
        "Attitude not asked", "Known by 35% of what the index weighs",
        "True loyalty assumed", "Buys like the loyal: 72.4 points of behaviour, 60 are needed.",
        "Attitude was not asked: the type is assumed from the orders alone.",
        "Still there 90.0% 85.0% to 93.0%", "Purchases in a year 12.5", "Value to come ¥200.00 ¥180.00 to ¥225.25",
        "Made value ¥321.50",
    ):  # fmt: skip
        assert said in text, said
    chinese = shown(sign_in(language="zh-hans"), people.wang)
    for said in ("忠诚指数 72.4", "真忠诚", "活客概率 90.0% 85.0% 至 93.0%", "潜在价值 ¥200.00", "既成价值 ¥321.50"):
        assert said in chinese, said


@pytest.mark.slow
def test_the_value_net_of_points_stands_beside_the_gross_one(sign_in, people):
    make_outlook(people.wang.id, net_value=Decimal("190.5"), net_low=Decimal(171), net_high=Decimal(214),
                 reward_share=Decimal("0.0125"))  # fmt: skip
    browser = sign_in()
    text = shown(browser, people.wang)
    assert "Net of points and rewards ¥190.50 after 1.25% of revenue for them" in text
    make_outlook(people.anna.id, net_value=Decimal(200), reward_share=Decimal(0))
    assert "Net of points" not in shown(browser, people.anna)


@pytest.mark.slow
def test_the_influence_value_is_the_third_layer(sign_in, people):
    make_outlook(people.wang.id, referred=2, influence_value=Decimal("45.5"))
    assert "Influence value ¥45.50 2 customers brought" in shown(sign_in(), people.wang)


@pytest.mark.slow
def test_the_last_months_are_small_lines_and_words(sign_in, people, settings, tmp_path):
    settings.LAKE_DIR = tmp_path
    make_outlook(people.wang.id)
    browser = sign_in()
    keep(tmp_path, people.wang, 0, 60.0, None)
    assert "Over the last months" not in shown(browser, people.wang)  # one day makes no line
    keep(tmp_path, people.wang, 40, 41.25, 0.5)
    keep(tmp_path, people.wang, 80, 20.0, 0.25)
    text = shown(browser, people.wang)
    first = formats.day(utc_now().date() - timedelta(days=80))
    assert f"Over the last months Loyalty index 20.0 on {first}, 60.0 last" in text
    assert f"Still there 25.0% on {first}, 50.0% last" in text


def keep(lake, customer, days_ago, index, alive):
    frame = pl.DataFrame(
        {
            "customer_id": [str(customer.id)], "loyalty_index": [index], "probability_alive": [alive],
            "potential_value": [None], "made_value": [0.0],
        },
        schema_overrides=dict.fromkeys(("probability_alive", "potential_value"), pl.Float64),
    )  # fmt: skip
    history.write(lake, frame, utc_now().date() - timedelta(days=days_ago))


@pytest.mark.slow
def test_a_hold_and_money_at_risk_are_named(sign_in, people):
    reasons = [
        {"code": "type.behaviour_high", "points": 66.8, "from": 60.0},
        {"code": "type.attitude_low", "points": 41.0, "from": 60.0},
        {"code": "type.hold_price", "share": 0.38},
    ]
    make_outlook(
        people.anna.id, loyalty_type="spurious", loyalty_hold="price", type_is_assumed=False, type_reasons=reasons,
        attitude=Decimal(41), action="win_back", action_reason="lost_and_worth_it", stake=Decimal("34.5"),
        stake_kind="at_risk", probability_alive=Decimal("0.0004"), alive_low=Decimal(0), alive_high=Decimal("0.0008"),
    )  # fmt: skip
    text = shown(sign_in(), people.anna)
    for said in (
        "Spurious loyalty Price", "Held by price: 38% of the full price was taken off.", "Attitude 41.0",
        "Does not like us much: 41 points of attitude, 60 are needed.", "¥34.50 a year is at risk.",
        "Still there under 0.1%",
    ):  # fmt: skip
        assert said in text, said
    assert "assumed" not in text


@pytest.mark.slow
def test_without_a_model_nothing_is_said_of_what_is_to_come(sign_in, people):
    unknown = ("probability_alive", "alive_low", "alive_high", "expected_purchases", "potential_value", "potential_low")
    without = dict.fromkeys((*unknown, "potential_high", "stake"))
    make_outlook(people.wang.id, action="", action_reason="", stake_kind="", **without)
    text = shown(sign_in(), people.wang)
    assert "The past of the orders is too short for a model" in text
    assert "Loyalty index 72.4" in text
    for unsaid in ("Still there", "Next best action", "Value to come ¥"):
        assert unsaid not in text


@pytest.mark.slow
def test_there_is_no_card_without_an_outlook_or_the_right_to_it(sign_in, people):
    assert shown(sign_in(), people.li) == ""
    make_outlook(people.wang.id)
    assert shown(sign_in(Role.CLERK), people.wang) == ""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_code_has_a_sentence(language):
    with translation.override(language):
        said = [outlook.type_reason({"code": code, "points": 50, "from": 60.0, "share": 0.4}) for code in TYPE_CODES]
        assert len({one.text for one in said}) == len(TYPE_CODES)
    source = chain.from_iterable(re.findall(r'Action\.\w+, "(\w+)"\)', text) for text in [_source(next_action)])
    codes = list(source)
    assert len(codes) == 11
    assert all(outlook.action_reason(code) for code in codes)
    assert outlook.type_reason({"code": "type.of_tomorrow"}) is None
    assert outlook.type_reason({"code": "type.hold_of_tomorrow"}) is None
    known = set(re.findall(r'"(type\.[a-z_]+)"', _source(types)))
    assert known <= set(TYPE_CODES)


def _source(module):
    with open(module.__file__, encoding="utf-8") as file:
        return file.read()


def test_a_chance_is_never_quite_sure():
    assert [outlook.chance(Decimal(text)) for text in ("1", "0.9995", "0.999", "0.5", "0.001", "0.0009")] == [
        "over 99.9%", "over 99.9%", "99.9%", "50.0%", "0.1%", "under 0.1%",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_risk_of_leaving_stands_with_what_it_means_and_why(sign_in, people):
    make_outlook(people.wang.id)
    browser = sign_in()
    assert "Risk of leaving" not in shown(browser, people.wang)
    make_churn(people.wang.id)
    said = shown(browser, people.wang)
    assert "66.7%" in said
    assert "Chance to buy nothing in the 30 days after 1 Mar 2026" in said
    assert "Silent for 2.5 of their own usual gaps; usual: 0.6 for leaving" in said
    assert "Complaints in 182 days: 0.0; usual: 1.0 for staying" in said
    assert "There was a purchase since" not in said
    told = outlook.risk(people.wang.id, "CNY", has_bought_since=True)
    assert told is not None
    assert told["since"] == "There was a purchase since: the next analysis tells it anew."
    assert "流失风险" in shown(sign_in(language="zh-hans"), people.wang)


@pytest.mark.slow
def test_the_parts_of_the_index_and_the_share_of_wallet_are_told(sign_in, people, settings, tmp_path):
    settings.LAKE_DIR = tmp_path
    day = date(2026, 3, 1)
    part = {
        "indicator": "trust", "group": "attitude", "value": 4.0, "points": 75.0, "weight": 2.0, "counted": 2.0,
        "contribution": 52.4, "confidence": 0.5, "source": "surveys", "measured_date": day,
    }  # fmt: skip
    more = {"indicator": "referrals", "value": 1.0, "points": 50.0, "counted": 0.0, "contribution": 0.0}
    rows = pl.DataFrame([{"number": 0, **one} for one in (part, part | more)])
    loyal.write(tmp_path, loyal.Parts(pl.Series([str(people.wang.id)]), rows))
    make_outlook(
        people.wang.id, wallet_share=Decimal("0.42"), wallet_low=Decimal("0.3"), wallet_high=Decimal("0.61"),
        wallet_source="asked",
    )  # fmt: skip
    text = shown(sign_in(), people.wang)
    assert "told in a survey, 1 Mar 2026, 50% sure" in text
    assert "4.0 of 5" in text
    assert "52.4" in text
    assert "Only counts where it lifts the index." in text
    assert "30% to 61%, asked" in text
