"""Which rules count together, and what limits them."""

import pytest

from troth.programs.outcomes import Draw, difference
from troth.programs.state import MemberState
from troth.programs.tests.making import BASE, FRIDAY, SATURDAY, amounts, evaluated, points, reasons

pytestmark = pytest.mark.django_db  # the catalogue of the customer's fields is stored in part

OFFERS = """groups: [{code: offers, take: TAKE}]
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}}
  - {code: small, name: Small, group: offers, priority: 5, effect: {type: fixed, points: 5}}
  - {code: large, name: Large, group: offers, effect: {type: fixed, points: 20}}
"""


@pytest.mark.parametrize(
    ("take", "wanted", "why"),
    [
        ("all", [("small", 5), ("base", 10), ("large", 20)], {}),
        ("best", [("base", 10), ("large", 20)], {"small": "better_rule"}),
        ("first", [("small", 5), ("base", 10)], {"large": "earlier_rule"}),
    ],
)
def test_a_group_takes_all_the_best_or_the_first(take, wanted, why):
    found = evaluated(OFFERS.replace("TAKE", take), ("A", "10", "1"))
    assert amounts(found) == wanted
    assert {code: reason for code, reason in reasons(found).items() if reason != "fired"} == why


def test_the_best_is_judged_by_what_is_left_of_its_cap():
    text = OFFERS.replace("TAKE", "best").replace("points: 20}}", "points: 20}, caps: [{per: member, points: 20}]}")
    found = evaluated(text, ("A", "10", "1"), state=MemberState(counters={"cap:large.1:": 17}))
    assert amounts(found) == [("small", 5), ("base", 10)]


def test_an_exclusive_rule_silences_every_grouped_rule_but_no_base_rule():
    text = (
        OFFERS.replace("TAKE", "all")
        + "  - {code: alone, name: A, group: offers, exclusive: true, effect: {type: fixed, points: 3}}\n"
    )
    found = evaluated(text, ("A", "10", "1"))
    assert amounts(found) == [("base", 10), ("alone", 3)]
    assert reasons(found)["large"] == "exclusive_rule"


@pytest.mark.parametrize(
    ("cap", "state", "wanted"),
    [
        ("{per: order, points: 7}", {}, 7),
        ("{per: member, period: day, points: 15}", {"cap:base.1:2026-11-20": 9}, 6),
        ("{per: member, period: week, points: 15}", {"cap:base.1:2026-W47": 15}, 0),
        ("{per: member, period: month, points: 15}", {"cap:base.1:2026-11": 14}, 1),
        ("{per: member, period: quarter, points: 15}", {"cap:base.1:2026-Q4": 5}, 10),
        ("{per: member, period: year, points: 15}", {"cap:base.1:2026": 4}, 10),
        ("{per: member, points: 15}", {"cap:base.1:": 14}, 1),
        ("{per: member, period: day, times: 1}", {"cap:base.1:2026-11-20": 1}, 0),
        ("{per: member, period: day, times: 2}", {"cap:base.1:2026-11-20": 1}, 10),
        ("{per: member, period: day, points: 15}", {"cap:base.1:2026-11-19": 15}, 10),
    ],
)
def test_a_cap_leaves_what_is_left_of_it(cap, state, wanted):
    text = BASE + f"    caps: [{cap}]\n"
    assert points(text, ("A", "10", "1"), state=MemberState(counters=state)) == wanted


def test_a_cap_over_several_rules_counts_them_together():
    text = OFFERS.replace("TAKE", "all") + "caps: [{code: daily, per: member, period: day, points: 12}]\n"
    found = evaluated(text, ("A", "10", "1"))
    assert amounts(found) == [("small", 5), ("base", 7)]
    assert reasons(found) == {"base": "capped", "small": "fired", "large": "cap_reached"}
    assert found.counters == {"cap:daily:2026-11-20": 12}


def test_a_cap_of_a_store_is_a_shared_budget():
    text = BASE + "    caps: [{per: store, period: day, points: 100}]\n"
    found = evaluated(text, ("A", "10", "1"), store_id=4)
    assert found.budgets == {"cap:base.1:4:2026-11-20": 10}
    assert found.awards[0].draws == (Draw("cap:base.1:4:2026-11-20", 1, 0),)
    left = MemberState(left={"cap:base.1:4:2026-11-20": 3})
    assert points(text, ("A", "10", "1"), store_id=4, state=left) == 3


def test_a_budget_of_money_counts_what_points_cost():
    text = "unit_costs: {points: 0.008}\nbudgets: [{code: launch, money: 1}]\n" + BASE + "    budget: launch\n"
    found = evaluated(text, ("A", "10", "1"))
    assert (found.budgets, found.budget_sizes) == ({"budget:launch:": 800}, {"budget:launch:": 10_000})
    assert points(text, ("A", "10", "1"), state=MemberState(left={"budget:launch:": 799})) == 9


def test_a_fixed_award_is_given_whole_or_not_at_all():
    text = (
        "budgets: [{code: gifts, points: 100}]\n"
        "rules:\n"
        "  - {code: gift, name: G, budget: gifts, effect: {type: fixed, points: 30}}\n"
    )
    assert points(text, ("A", "1", "1"), state=MemberState(left={"budget:gifts:": 30})) == 30
    found = evaluated(text, ("A", "1", "1"), state=MemberState(left={"budget:gifts:": 29}))
    assert (found.awards, reasons(found)) == ((), {"gift": "budget_exhausted"})
    assert found.outcomes[0].values == {"budget": "gifts", "left": 29, "of": 30}


def test_what_a_budget_of_money_has_left_is_told_in_points():
    text = (
        "unit_costs: {points: 0.01}\nbudgets: [{code: pot, money: 3}]\n"
        "rules:\n  - {code: base, name: B, effect: {type: points_per_amount, points: 1}, budget: pot}\n"
    )
    found = evaluated(text, ("A", "80", "1"), state=MemberState(left={"budget:pot:": 5_000}))
    assert [(one.reason, one.amount, one.values) for one in found.outcomes] == [
        ("capped", 50, {"budget": "pot", "left": 50, "of": 80})
    ]


def test_a_budget_of_times_pays_for_coupons():
    text = (
        "budgets: [{code: gifts, times: 2}]\n"
        "rules:\n"
        "  - {code: gift, name: G, budget: gifts, effect: {type: coupon, campaign: c}}\n"
    )
    assert evaluated(text, ("A", "1", "1")).budgets == {"budget:gifts:": 1}
    assert evaluated(text, ("A", "1", "1"), state=MemberState(left={"budget:gifts:": 0})).awards == ()


def test_rules_are_valid_from_midnight_to_midnight_of_their_days():
    text = BASE + "    valid: {from: 2026-11-20, until: 2026-11-20}\n"
    assert (points(text, ("A", "10", "1"), at=FRIDAY), points(text, ("A", "10", "1"), at=SATURDAY)) == (10, 0)


def test_a_difference_takes_back_everything_an_order_brought():
    text = (
        "budgets: [{code: b, points: 99}]\n"
        + BASE
        + "    budget: b\n    caps: [{per: member, period: day, points: 50}]\n"
    )
    whole, half = evaluated(text, ("A", "20", "1")), evaluated(text, ("A", "8", "1"))
    found = difference(whole, half)
    assert [(award.rule, by) for award, by in found.awards] == [("base", -12)]
    assert (found.tier_points, found.tier_spend) == (-12, -120_000)
    assert (found.counters, found.budgets) == ({"cap:base.1:2026-11-20": -12}, {"budget:b:": -12})
    assert difference(whole, whole).counters == {}
