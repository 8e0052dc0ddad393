"""What holds of every evaluation: more never earns less, rounding is exact, caps and budgets are never exceeded."""

from dataclasses import replace
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from troth.programs.document.shapes import Mode
from troth.programs.effects import rounded
from troth.programs.evaluation import evaluate
from troth.programs.outcomes import difference
from troth.programs.state import MemberState
from troth.programs.tests.making import NOBODY, basket, compiled

pytestmark = pytest.mark.django_db

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
cents = st.integers(1, 500_00).map(lambda units: str(Decimal(units) / 100))
lines = st.lists(
    st.tuples(st.sampled_from(["Dairy", "Bread", "Tobacco"]), cents, st.integers(1, 5).map(str)), min_size=1, max_size=5
)

MANY = """excludes: {categories: [Tobacco]}
groups: [{code: best, take: best}]
budgets: [{code: shared, points: 900}]
rules:
  - {code: base, name: B, effect: {type: points_per_amount, points: 3, amount: 2}, caps: [{per: order, points: 400}]}
  - {code: dairy, name: D, lines: {field: line.category, operator: is, value: Dairy},
     effect: {type: multiplier, factor: 2.5}}
  - {code: pieces, name: P, group: best, effect: {type: per_item, points: 2}}
  - {code: steps, name: S, group: best,
     effect: {type: stepped, steps: [{from: 50, points: 20}, {from: 300, points: 70}]}}
  - {code: even, name: E,
     effect: {type: points_per_amount, points: 1, amount: 7, rounding: {by: line, mode: half_even}}, budget: shared}
caps: [{code: daily, per: member, period: day, points: 700}]
"""


CHOOSY = """excludes:
  lines:
    any: [{field: line.category, operator: starts_with, value: Tob}, {field: line.brand, operator: is, value: none}]
badges: [{code: fan, name: Fan}]
rules:
  - {code: base, name: B, effect: {type: points_per_amount, points: 1}}
  - code: all
    name: A
    when:
      all:
        - {field: order.net_amount, operator: at_least, value: 40}
        - {field: order.categories, operator: has_any_of, value: [Dairy]}
        - {field: order.quantity, operator: at_most, value: 9.5}
    effect: {type: fixed, points: 5}
  - code: any
    name: Y
    when:
      any:
        - {field: order.line_count, operator: at_least, value: 4}
        - {not: {field: order.channel, operator: is, value: web}}
    lines: {not: {field: line.category, operator: is, value: bread}}
    effect: {type: per_item, points: 2}
  - {code: fifth, name: F, when: {field: member.order_number, operator: at_least, value: 5}, nth: {every: 2},
     effect: {type: badge, badge: fan}}
"""


@pytest.fixture
def programme():
    return compiled(MANY)


@pytest.fixture(params=[MANY, CHOOSY])
def either(request):
    return compiled(request.param)


@pytest.mark.slow
@QUICK
@given(bought=lines, more=lines, count=st.integers(0, 6))
def test_without_the_reasons_it_is_the_same(either, bought, more, count):
    state = MemberState(order_count=count)
    for one in (basket(*bought), basket(*bought, *more), basket(*more)):  # conditions over lines remember
        told = evaluate(either, one, state)
        assert evaluate(either, one, state, explains=False) == replace(told, outcomes=())


@pytest.mark.slow
@QUICK
@given(bought=lines, more=lines)
def test_more_of_the_same_goods_never_earns_less(programme, bought, more):
    few = evaluate(programme, basket(*bought), NOBODY)
    many = evaluate(programme, basket(*bought, *more), NOBODY)
    assert many.points.get("points", 0) >= few.points.get("points", 0)
    assert many.eligible_amount >= few.eligible_amount


@pytest.mark.slow
@QUICK
@given(bought=lines, used=st.integers(0, 800), left=st.integers(0, 900))
def test_no_cap_and_no_budget_is_ever_exceeded(programme, bought, used, left):
    key = "cap:daily:2026-11-20"
    state = MemberState(counters={key: used}, left={"budget:shared:": left})
    found = evaluate(programme, basket(*bought), state)
    by_rule = {award.rule: award.amount for award in found.awards}
    assert by_rule.get("base", 0) <= 400
    assert sum(by_rule.values()) <= max(700 - used, 0)
    assert found.counters.get(key, 0) == sum(by_rule.values())
    assert found.budgets.get("budget:shared:", 0) == by_rule.get("even", 0) <= left
    assert all(award.amount > 0 for award in found.awards)


@pytest.mark.slow
@QUICK
@given(bought=lines)
def test_the_same_again_is_the_same_and_differs_in_nothing(programme, bought):
    one = basket(*bought)
    first, second = evaluate(programme, one, NOBODY), evaluate(programme, one, NOBODY)
    assert first == second
    assert difference(first, second).awards == ()


@pytest.mark.slow
@QUICK
@given(bought=lines)
def test_every_rule_says_why_and_awards_are_those_that_fired(programme, bought):
    found = evaluate(programme, basket(*bought), NOBODY)
    assert [one.rule for one in found.outcomes] == ["base", "dairy", "pieces", "steps", "even"]
    fired = {one.rule: one.amount for one in found.outcomes if one.has_fired}
    assert fired == {award.rule: award.amount for award in found.awards}
    assert not {"pieces", "steps"} <= fired.keys(), "the best of a group is one"


@given(st.integers(0, 10**15), st.integers(1, 10**9), st.sampled_from(list(Mode)))
def test_rounding_is_that_of_exact_decimals(numerator, denominator, mode):
    exact = (Decimal(numerator) / Decimal(denominator)).normalize()
    if exact * denominator != numerator:  # more digits than the context holds: only whole quotients are compared
        return
    way = ROUND_FLOOR if mode is Mode.FLOOR else ROUND_HALF_EVEN
    assert rounded(numerator, denominator, mode) == int(exact.to_integral_value(way))


@pytest.mark.slow
@QUICK
@given(bought=lines, amount=cents)
def test_parts_paid_otherwise_are_spread_to_the_last_ten_thousandth(bought, amount):
    total = sum(Decimal(one[1]) for one in bought)
    found = basket(*bought, tags={"gift_card_amount": amount})
    shared = sum(line.deductions[2] for line in found.lines)
    assert shared == int(min(Decimal(amount), total) * 10_000)
    assert all(0 <= line.deductions[2] <= line.net_amount + 1 for line in found.lines)


@pytest.mark.slow
@QUICK
@given(bought=lines, part=st.integers(0, 100))
def test_what_is_left_after_a_return_never_earns_more(programme, bought, part):
    whole = basket(*bought, tags={"tax_amount": "3.21"})
    line = whole.lines[0]
    back = (
        Decimal(line.quantity) / 10_000 * part / 100,
        (Decimal(line.net_amount) / 10_000 * part / 100).quantize(Decimal("0.0001")),
    )
    less = whole.without({line.line_no: (back[0].quantize(Decimal("0.0001")), back[1])})
    before, after = evaluate(programme, whole, NOBODY), evaluate(programme, less, NOBODY)
    assert after.points.get("points", 0) <= before.points.get("points", 0)
    assert after.tier_spend <= before.tier_spend
