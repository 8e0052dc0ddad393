"""The worked cases of the field, figure by figure, and what the calculators refuse."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth import value

STUDIO: dict[str, Any] = {
    "own": [800, 750, 700, 500, 3200],
    "referred": [0, 800, 1550, 3050, 2700],
    "acquisition_cost": 850,
    "service_costs": [0, 100, 100, 100, 100],
}


def test_the_design_studio_is_worth_12_800() -> None:
    found = value.plain_value(**STUDIO)
    assert found.brought == 14_050
    assert found.brought - found.acquisition_cost == 13_200
    assert found.total == 12_800


def test_the_design_studios_first_sale_alone_lost_50() -> None:
    assert value.plain_value(own=[800], acquisition_cost=850).total == -50


def test_the_formula_for_a_customer_to_come() -> None:
    found = value.expected_plain_value(
        expected_purchases=Decimal("4.5"),
        mean_purchase=Decimal("120.20"),
        acquisition_cost=90,
        service_cost=25,
        net_from_referrals=Decimal("-10.40"),
    )
    assert found.own == Decimal("540.900")
    assert found.total == Decimal("415.500")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"own": []}, "own"),
        ({"own": [Decimal("NaN")]}, "own"),
        ({"own": [1.5]}, "own"),
        ({"own": [True]}, "own"),
        ({"acquisition_cost": -1}, "acquisition_cost"),
        ({"service_costs": [100, -1]}, "service_costs"),
    ],
)
def test_plain_value_refuses(change: dict[str, Any], field: str) -> None:
    with pytest.raises(value.TermsError) as refusal:
        value.plain_value(**{**STUDIO, **change})
    assert refusal.value.field == field


FIVE_BANDS = [
    value.Band("diamond", 300, 1.0),
    value.Band("gold", 1000, 0.278),
    value.Band("silver", 2000, 1 / 9.4),
    value.Band("ordinary", 4700, 0.02),
    value.Band("new", 2000, 0.008),
]


def test_five_points_more_attrition_in_each_of_the_five_bands() -> None:
    found = value.attrition_table(FIVE_BANDS, more_churn=0.05, base_loss=99.2)
    assert found["added_customers"].to_list() == pytest.approx([15, 50, 100, 235, 100])
    assert [round(100 * share, 1) for share in found["share_of_new_loss"]] == [13.1, 12.3, 9.7, 4.5, 0.8]
    assert [round(100 * share, 1) for share in found["rise_over_base"]] == [15.1, 14.0, 10.7, 4.7, 0.8]


def test_one_diamond_is_worth_so_many_of_the_others() -> None:
    found = value.attrition_table(FIVE_BANDS, base_loss=99.2)
    assert [round(number, 1) for number in found["customers_per_best"]] == [1.0, 3.6, 9.4, 50.0, 125.0]


def test_the_loss_so_far_follows_from_the_churn_of_each_band() -> None:
    bands = [value.Band("best", 100, 50.0, churn=0.1), value.Band("rest", 1000, 2.0, churn=0.25)]
    found = value.attrition_table(bands, more_churn=0.1)
    assert found["base_loss"].to_list() == [500.0, 500.0]
    assert found["share_of_new_loss"].to_list() == [pytest.approx(500 / 1500), pytest.approx(200 / 1200)]


def test_a_band_that_earns_nothing_has_no_share_rather_than_a_division_by_zero() -> None:
    found = value.attrition_table([value.Band("best", 10, 0.0), value.Band("rest", 10, -1.0)])
    assert found["customers_per_best"].to_list() == [None, None]
    assert found["share_of_new_loss"].to_list() == [None, None]
    assert found["rise_over_base"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("bands", "more_churn", "field"),
    [
        ([], 0.05, "bands"),
        ([value.Band("a", 1, 1.0), value.Band("a", 1, 1.0)], 0.05, "bands"),
        ([value.Band("a", -1, 1.0)], 0.05, "customers of a"),
        ([value.Band("a", 1, 1.0, churn=1.2)], 0.05, "churn of a"),
        ([value.Band("a", 1, float("nan"))], 0.05, "profit of a"),
        ([value.Band("a", 1, 1.0)], 5, "more_churn"),
    ],
)
def test_the_attrition_table_refuses(bands: list[value.Band], more_churn: float, field: str) -> None:
    with pytest.raises(value.TermsError) as refusal:
        value.attrition_table(bands, more_churn=more_churn)
    assert refusal.value.field == field


def test_four_introductions_of_which_half_buy_double_the_new_customers() -> None:
    chain = value.referral_chain(introductions=4, conversion=0.5)
    assert chain.factor == 2
    found = value.referral_rounds(chain, rounds=4)
    assert found["new"].to_list() == [1, 2, 4, 8]
    assert found["base"].to_list() == [1, 3, 7, 15]
    assert found["introduced"].to_list() == [0, 4, 8, 16]


def test_where_the_chain_breaks() -> None:
    chain = value.referral_chain(introductions=1.6, conversion=0.25)
    assert chain.factor == pytest.approx(0.4)
    assert chain.break_even_introductions == 4
    assert chain.break_even_conversion == 0.625
    assert value.referral_chain(introductions=0, conversion=0).break_even_conversion is None


@given(st.floats(0, 0.99), st.floats(0, 1))
def test_a_chain_below_one_never_outgrows_its_limit(introductions: float, conversion: float) -> None:
    chain = value.referral_chain(introductions=introductions, conversion=conversion)
    base = value.referral_rounds(chain, start=1, rounds=60)["base"][-1]
    assert base <= 1 / (1 - chain.factor) + 1e-9


def test_delivered_value_is_what_they_get_less_what_it_takes() -> None:
    found = value.delivered_value(
        benefits={"product": 40, "service": 25, "staff": 10, "image": 5}, costs={"money": 45, "time": 5, "effort": 10}
    )
    assert found.net == 20
    assert found.ratio == pytest.approx(80 / 60)
    assert value.delivered_value(benefits={"product": 1}, costs={}).ratio is None
    with pytest.raises(value.TermsError, match="must be one of product"):
        value.delivered_value(benefits={"colour": 1}, costs={})


def test_the_value_map_places_us_among_the_competitors() -> None:
    offers = pl.DataFrame({"name": ["we", "rival", "cheap"], "quality": [9, 8, 4], "price": [100, 120, 80]})
    found = value.value_map(offers)
    assert found["relative_quality"].to_list() == pytest.approx([9 / 7, 8 / 7, 4 / 7])
    assert found["relative_price"].to_list() == pytest.approx([1.0, 1.2, 0.8])
    assert found["place"].to_list() == ["better", "fair", "worse"]


@pytest.mark.parametrize(
    ("offers", "field"),
    [
        (pl.DataFrame({"name": ["we"], "quality": [1], "price": [1]}), "offers"),
        (pl.DataFrame({"name": ["we", "we"], "quality": [1, 1], "price": [1, 1]}), "name"),
        (pl.DataFrame({"name": ["we", "b"], "quality": [1, 0], "price": [1, 1]}), "quality"),
        (pl.DataFrame({"name": ["we", "b"], "quality": [1, 1], "price": [1.0, None]}), "price"),
        (pl.DataFrame({"name": ["we", "b"], "quality": [1, 1]}), "offers"),
    ],
)
def test_the_value_map_refuses(offers: pl.DataFrame, field: str) -> None:
    with pytest.raises(value.TermsError) as refusal:
        value.value_map(offers)
    assert refusal.value.field == field
