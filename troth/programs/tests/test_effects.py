"""Each effect, to the exact point."""

from decimal import Decimal

import pytest

from troth.programs import effect_words
from troth.programs.document import shapes
from troth.programs.evaluation import evaluate
from troth.programs.outcomes import Award, AwardKind, Evaluation, RuleOutcome
from troth.programs.state import MemberState
from troth.programs.tests.making import BASE, NOBODY, SATURDAY, amounts, basket, compiled, evaluated, points, reasons

pytestmark = pytest.mark.django_db  # the catalogue of the customer's fields is stored in part


def rule(effect: str, more: str = "") -> str:
    return f"rules:\n  - code: one\n    name: One\n    effect: {effect}\n{more}"


@pytest.mark.parametrize(
    ("effect", "lines", "wanted"),
    [
        ("{type: points_per_amount, points: 1}", [("A", "10.99", "1")], 10),
        ("{type: points_per_amount, points: 1}", [("A", "0.60", "1"), ("B", "0.60", "1")], 1),
        ("{type: points_per_amount, points: 1, rounding: {by: line}}", [("A", "0.60", "1"), ("B", "1.60", "1")], 1),
        ("{type: points_per_amount, points: 1, rounding: {mode: half_even}}", [("A", "2.50", "1")], 2),
        ("{type: points_per_amount, points: 1, rounding: {mode: half_even}}", [("A", "3.50", "1")], 4),
        ("{type: points_per_amount, points: 1, rounding: {mode: half_even}}", [("A", "2.5001", "1")], 3),
        ("{type: points_per_amount, points: 1.5, amount: 10}", [("A", "19.99", "1")], 2),
        ("{type: points_per_amount, points: 0.0001, amount: 0.0001}", [("A", "7", "1")], 7),
        ("{type: fixed, points: 50}", [("A", "1", "1")], 50),
        ("{type: per_item, points: 3}", [("A", "10", "2.5"), ("B", "1", "1")], 9),
        ("{type: per_item, points: 3, every: 2}", [("A", "10", "5")], 6),
        ("{type: stepped, steps: [{from: 50, points: 20}, {from: 100, points: 50}]}", [("A", "49.99", "1")], 0),
        ("{type: stepped, steps: [{from: 50, points: 20}, {from: 100, points: 50}]}", [("A", "99.99", "1")], 20),
        ("{type: stepped, steps: [{from: 50, points: 20}, {from: 100, points: 50}]}", [("A", "100", "1")], 50),
        ("{type: stepped, by: items, steps: [{from: 3, points: 20}]}", [("A", "1", "3")], 20),
    ],
)
def test_an_effect_gives_exactly(effect, lines, wanted):
    assert points(rule(effect), *lines) == wanted


def test_points_by_line_say_which_line_gave_how_many():
    found = evaluated(
        rule("{type: points_per_amount, points: 1, rounding: {by: line}}"), ("A", "2", "1"), ("B", "3", "1")
    )
    assert found.awards[0].lines == ((1, 2), (2, 3))


def test_a_multiplier_adds_to_the_unrounded_points_of_what_it_multiplies():
    text = BASE + "  - {code: double, name: Double, effect: {type: multiplier, factor: 2.5}}\n"
    # 10.90 earns 10; 1.5 × 10.90 = 16.35 on top
    assert amounts(evaluated(text, ("A", "10.90", "1"))) == [("base", 10), ("double", 16)]


def test_a_multiplier_of_some_lines_multiplies_only_those():
    lines = "{field: line.category, operator: is, value: Dairy}"
    text = BASE + f"  - {{code: dairy, name: Dairy, lines: {lines}, effect: {{type: multiplier, factor: 3}}}}\n"
    assert amounts(evaluated(text, ("Dairy", "4.50", "1"), ("Bread", "10", "1"))) == [("base", 14), ("dairy", 9)]


def test_a_multiplier_of_a_rule_that_did_not_fire_gives_nothing():
    text = """rules:
  - {code: base, name: B, when: {field: order.channel, operator: is, value: web},
     effect: {type: points_per_amount, points: 1}}
  - {code: twice, name: T, effect: {type: multiplier, factor: 2, of: [base]}}
"""
    found = evaluated(text, ("A", "10", "1"))
    assert found.awards == ()
    assert reasons(found) == {"base": "condition", "twice": "nothing_due"}


def test_cashback_counts_in_minor_units_of_money():
    text = rule("{type: points_per_amount, points: 2, amount: 1, currency: cashback}")
    assert evaluated(text, ("A", "19.95", "1")).points == {"cashback": 39}  # 2 % of 19.95, in cents


def test_stamps_coupons_badges_and_tier_points():
    text = """badges: [{code: baker, name: Baker}]
rules:
  - {code: cup, name: Cup, lines: {field: line.category, operator: is, value: Coffee},
     effect: {type: stamps, stamps: 1, per: item, currency: cups}}
  - {code: gift, name: Gift, effect: {type: coupon, campaign: spring, count: 2}}
  - {code: status, name: Status, effect: {type: tier_points, points: 2, amount: 1}}
  - {code: plus, name: Plus, effect: {type: tier_points, points: 5}}
  - {code: bake, name: Bake, effect: {type: badge, badge: baker}}
"""
    found = evaluated(text, ("Coffee", "8", "2"), ("Bread", "2", "1"))
    kinds = [(one.rule, one.kind, one.amount, one.currency, one.reference) for one in found.awards]
    assert kinds == [
        ("cup", AwardKind.STAMPS, 2, "cups", ""),
        ("gift", AwardKind.COUPON, 2, "", "spring"),
        ("status", AwardKind.TIER_POINTS, 20, "", ""),
        ("plus", AwardKind.TIER_POINTS, 5, "", ""),
        ("bake", AwardKind.BADGE, 1, "", "baker"),
    ]
    assert (found.tier_points, found.points) == (25, {"cups": 2})
    again = evaluated(text, ("Coffee", "8", "2"), state=MemberState(badges=("baker",)))
    assert reasons(again)["bake"] == "done"


def test_the_nth_order_that_meets_the_conditions():
    text = rule("{type: fixed, points: 50}", "    nth: {every: 3}\n")
    key = "nth:one:"
    wanted = {0: 0, 1: 0, 2: 50, 3: 0, 5: 50}
    assert {n: points(text, ("A", "1", "1"), state=MemberState(counters={key: n})) for n in wanted} == wanted
    only = rule("{type: fixed, points: 50}", "    nth: {at: 2, period: year}\n")
    assert points(only, ("A", "1", "1"), state=MemberState(counters={"nth:one:2026": 1})) == 50
    assert points(only, ("A", "1", "1"), state=MemberState(counters={"nth:one:2026": 3})) == 0


@pytest.mark.parametrize(
    ("nth", "counters", "wanted"),
    [
        ("every: 3", {"nth:one:": 2, "given:nth:one:": 1}, 0),
        ("every: 3", {"nth:one:": 5, "given:nth:one:": 1}, 50),
        ("every: 3", {"nth:one:": 5, "given:nth:one:": 2}, 0),
        ("at: 2", {"nth:one:": 1, "given:nth:one:": 1}, 0),
    ],
)
def test_nobody_is_the_nth_twice_because_an_order_between_came_back(nth, counters, wanted):
    text = rule("{type: fixed, points: 50}", f"    nth: {{{nth}}}\n")
    found = evaluated(text, ("A", "1", "1"), state=MemberState(counters=counters))
    assert found.points.get("points", 0) == wanted
    assert reasons(found) == {"one": "fired" if wanted else "done"}
    assert found.counters == ({"nth:one:": 1, "given:nth:one:": 1} if wanted else {"nth:one:": 1})


def test_points_can_be_promised_for_later_and_for_a_time():
    text = rule(
        "{type: fixed, points: 5}", "    pending: {days: 14}\n    expires_days: 30\n    counts_for_tier: false\n"
    )
    found = evaluated(text, ("A", "1", "1"))
    assert (found.awards[0].pending_days, found.awards[0].expires_days, found.tier_points) == (14, 30, 0)


# --- what earns nothing


def test_excluded_goods_earn_nothing():
    text = "excludes: {categories: [Tobacco], lines: {field: line.net_amount, operator: more_than, value: 50}}\n" + BASE
    assert points(text, ("Tobacco", "20", "1"), ("Bread", "10", "1"), ("TV", "51", "1")) == 10


def test_parts_paid_otherwise_earn_nothing_in_proportion_to_every_line():
    """Half the order is tobacco, so half of the 20 paid by points was paid for the bread."""
    text = "excludes: {categories: [Tobacco]}\n" + BASE
    tags = {"points_amount": "20"}
    assert points(text, ("Tobacco", "50", "1"), ("Bread", "50", "1"), tags=tags) == 40
    assert (
        points(
            "excludes: {categories: [Tobacco], points: false}\n" + BASE,
            ("Tobacco", "50", "1"),
            ("Bread", "50", "1"),
            tags=tags,
        )
        == 50
    )


@pytest.mark.parametrize("tag", ["tax_amount", "shipping_amount", "gift_card_amount", "points_amount"])
def test_each_part_of_the_amount_can_earn_or_not(tag):
    key = {
        "tax_amount": "tax",
        "shipping_amount": "shipping",
        "gift_card_amount": "gift_cards",
        "points_amount": "points",
    }
    assert points(BASE, ("A", "100", "1"), tags={tag: "15.50"}) == 84
    assert points(f"excludes: {{{key[tag]}: false}}\n" + BASE, ("A", "100", "1"), tags={tag: "15.50"}) == 100


def test_a_free_order_earns_nothing_at_all():
    """lesson: 70 % voucher on goods at 40 % off: free orders."""
    text = BASE + "  - {code: hello, name: H, effect: {type: fixed, points: 100}}\n"
    found = evaluated(text, ("A", "0", "1"))
    assert (found.awards, found.orders, found.tier_visits) == ((), 0, 0)
    assert points(text, ("A", "10", "1"), tags={"points_amount": "10"}) == 0
    assert points(text, ("A", "10", "1"), tags={"points_amount": "999"}) == 0


def test_another_currency_earns_nothing_and_says_so():
    found = evaluated(BASE, ("A", "10", "1"), currency="USD")
    assert (found.awards, reasons(found)) == ((), {"base": "currency"})


def test_a_returned_line_leaves_what_the_others_earn():
    whole = basket(("A", "10", "2"), ("B", "5", "1"), tags={"points_amount": "3"})
    less = whole.without({1: (Decimal(1), Decimal(5))})
    assert [line.net_amount for line in less.lines] == [50_000, 50_000]
    assert [sum(line.deductions) for line in less.lines] == [10_000, 10_000]
    assert evaluate(compiled(BASE), less, NOBODY).points == {"points": 8}
    nothing = whole.without({1: (Decimal(2), Decimal(10)), 2: (Decimal(1), Decimal(5))})
    assert evaluate(compiled(BASE), nothing, NOBODY) == Evaluation(
        awards=(), outcomes=(RuleOutcome("base", "no_lines"),)
    )


def test_what_is_stored_can_be_read_again():
    text = BASE + "    caps: [{per: store, period: day, points: 100}]\n    pending: {days: 3}\n"
    found = evaluated("unit_costs: {points: 0.01}\n" + text, ("A", "10", "1"), at=SATURDAY)
    award = found.awards[0]
    assert Award.from_json(award.to_json()) == award
    assert [RuleOutcome.from_json(one.to_json()) for one in found.outcomes] == list(found.outcomes)
    state = MemberState("gold", {"a": True}, ("s",), ("day",), {"c": 1}, {"b": 2}, ("x",), 3, 4, 5)
    assert MemberState.from_json(state.to_json()) == state
    assert MemberState.from_json({}) == NOBODY


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"points": 30_000, "period": "month"}, "30,000 points per month"),
        ({"times": 1_200, "period": "day"}, "1,200 times per day"),
        ({"points": 1, "period": "lifetime"}, "1 point"),
    ],
)
def test_a_budget_is_told_with_its_thousands(given, text):
    one = shapes.Budget(code="b", **given)
    assert effect_words.budget(one, "CNY") == text
