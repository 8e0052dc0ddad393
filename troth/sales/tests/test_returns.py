"""Returns unwind everything that an order brought for the goods, and nothing else."""

from datetime import timedelta
from decimal import Decimal

import pytest

from troth.activity.models import Return
from troth.activity.orders import NewLine, Outcome
from troth.events.models import Event
from troth.ledger import services as ledger
from troth.ledger.models import Account
from troth.ledger.operations import Owner, Reason, Spend
from troth.programs.models import BudgetSlice, Membership
from troth.sales.models import OrderEvaluation

from .conftest import ACTOR, BASE, FRIDAY, NOW, a_return, bring_back, buy, line, publish_next

pytestmark = pytest.mark.django_db

TIERS = """tiers:
  ladder:
    - {code: basic, name: Basic}
    - {code: gold, name: Gold, reach: {points: 150}}
"""


def balance():
    return Account.objects.get().balance


def spend(order, amount):
    (posted,) = ledger.post(
        [
            Spend(
                key=f"spend {amount}",
                owner=Owner("customer", order.customer_id),
                currency="points",
                occurred_at=FRIDAY + timedelta(hours=1),
                reason=Reason("test"),
                amount=amount,
            )
        ],
        actor=ACTOR,
        now=NOW,
    )
    assert posted.error is None
    return posted


def test_bought_earned_returned_and_the_points_are_gone(currency, publish, an_order):
    # lesson: buy, earn, return, keep the points
    currency()
    publish()
    order = an_order("100", "25.90")
    (sold,) = buy(order)
    (undone,) = bring_back(a_return(order, sold.order_id, (1, "1", "100"), (2, "1", "25.90")))
    assert undone.recorded.outcome is Outcome.CREATED
    assert balance() == 0
    assert [(one.amount, dict(one.detail)) for one in undone.brought[0].postings] == [(-125, {"from_own_lot": 125})]
    assert Event.objects.get(name="sales.order.unwound").data["moved"] == {"points": -125}


@pytest.mark.slow
def test_part_of_an_order_comes_back_again_and_again(currency, publish, an_order):
    # lesson: refund rounding: 33.35 × 3 earn 100; what is left earns 66, then 33, then nothing
    currency()
    publish()
    order = an_order(lines=[line(1, "100.05", quantity="3")])
    (sold,) = buy(order)
    assert balance() == 100
    for number, (left, amount) in enumerate([(66, "33.35"), (33, "33.35"), (0, "33.35")]):
        (undone,) = bring_back(a_return(order, sold.order_id, (1, "1", amount), external_id=f"R-{number}"))
        assert (undone.error, balance()) == (None, left)
    assert list(OrderEvaluation.objects.order_by("step").values_list("step", "cause")) == [
        (1, "order"),
        (2, "return"),
        (3, "return"),
        (4, "return"),
    ]


def test_several_returns_of_one_order_in_one_batch(currency, publish, an_order):
    currency()
    publish()
    order = an_order("60", "40")
    (sold,) = buy(order)
    results = bring_back(
        a_return(order, sold.order_id, (1, "1", "60"), external_id="A"),
        a_return(order, sold.order_id, (2, "1", "40"), external_id="B"),
    )
    assert [sum(one.amount for one in result.brought[0].postings) for result in results] in ([-60, -40], [-40, -60])
    assert balance() == 0


def test_a_return_again_moves_nothing(currency, publish, an_order):
    # lesson: an offline till's retry doubles the points
    currency()
    publish()
    order = an_order("100")
    (sold,) = buy(order)
    (first,) = bring_back(a_return(order, sold.order_id, (1, "1", "50")))
    (again,) = bring_back(a_return(order, sold.order_id, (1, "1", "50")))
    assert (again.recorded.outcome, again.recorded.document_id) == (Outcome.UNCHANGED, first.recorded.document_id)
    assert balance() == 0  # the only piece came back, so the line counts for nothing
    assert OrderEvaluation.objects.count() == 2


def test_what_was_spent_is_owed(currency, publish, an_order):
    # lesson: debit larger than the lots leaves no debt
    currency(shortfall="arrears", arrears_limit=1000)
    publish()
    order = an_order("100")
    (sold,) = buy(order)
    spend(order, 80)
    (undone,) = bring_back(a_return(order, sold.order_id, (1, "1", "100")))
    assert dict(undone.brought[0].postings[0].detail) == {"from_own_lot": 20, "arrears_made": 80}
    assert balance() == -80
    buy(an_order("100"))
    assert balance() == 20


def test_what_was_spent_is_written_off(currency, publish, an_order):
    # lesson: negative silently set to zero: it is recorded
    currency(shortfall="write_off")
    publish()
    order = an_order("100")
    (sold,) = buy(order)
    spend(order, 80)
    (undone,) = bring_back(a_return(order, sold.order_id, (1, "1", "100")))
    assert dict(undone.brought[0].postings[0].detail) == {"from_own_lot": 20, "written_off": 80}
    assert balance() == 0


def test_a_return_whose_points_may_not_be_owed_is_refused_and_changes_nothing(currency, publish, an_order):
    currency(shortfall="refuse")
    publish(BASE + TIERS)
    poor, rich = an_order("100"), an_order("70")
    sold, other = buy(poor, rich)
    spend(poor, 150)
    before = (Event.objects.count(), OrderEvaluation.objects.count(), Membership.objects.values().get())
    refused, accepted = bring_back(
        a_return(poor, sold.order_id, (1, "1", "100")),
        a_return(rich, other.order_id, (1, "1", "0"), lines=()),
    )
    assert refused.error.code == "shortfall_refused"
    assert accepted.error.code == "return_refused"
    assert (Event.objects.count(), OrderEvaluation.objects.count(), Membership.objects.values().get()) == before
    assert (balance(), Return.objects.count()) == (20, 0)


@pytest.mark.slow
def test_a_refused_return_holds_up_no_other(currency, publish, an_order, person):
    currency(shortfall="refuse")
    publish()
    poor, rich = an_order("100"), an_order("70", customer=person())
    sold, other = buy(poor, rich)
    spend(poor, 50)
    refused, accepted = bring_back(
        a_return(poor, sold.order_id, (1, "1", "100")), a_return(rich, other.order_id, (1, "1", "70"))
    )
    assert (refused.error.code, accepted.error) == ("shortfall_refused", None)
    assert Account.objects.get(owner_id=rich.customer_id).balance == 0


def test_a_return_takes_back_the_tier_that_the_order_earned(currency, publish, an_order):
    # lesson: returns do not revert tier, limits, counters
    currency()
    publish(BASE + TIERS)
    small, large = an_order("60"), an_order("100", occurred_at=FRIDAY + timedelta(hours=1))
    _first, sold = buy(small, large)
    assert sold.brought[0].standing.tier == "gold"
    (undone,) = bring_back(a_return(large, sold.order_id, (1, "1", "100")))
    assert (undone.brought[0].standing.tier, balance()) == ("basic", 60)
    assert undone.brought[0].standing.figures.points == 60


def test_spending_points_demotes_nobody(currency, publish, an_order):
    # lesson: spending points demotes (tier read from the balance)
    currency()
    publish(BASE + TIERS)
    buy(an_order("160"))
    spend(an_order(), 160)
    (sold,) = buy(an_order("1"))
    assert (sold.brought[0].standing.tier, sold.brought[0].standing.figures.points) == ("gold", 161)


@pytest.mark.slow
def test_a_return_gives_back_what_caps_and_budgets_had_counted(currency, publish, an_order):
    # lesson: returns do not revert tier, limits, counters
    currency()
    publish(
        BASE.replace("effect:", "caps: [{per: member, period: month, points: 120}], budget: pot, effect:")
        + "budgets:\n  - {code: pot, points: 1000}\n"
    )
    order = an_order("100")
    (sold,) = buy(order)
    (capped,) = buy(an_order("100"))
    assert [one.amount for one in capped.brought[0].awards] == [20]
    assert sum(BudgetSlice.objects.values_list("used", flat=True)) == 120
    bring_back(a_return(order, sold.order_id, (1, "1", "100")))
    assert sum(BudgetSlice.objects.values_list("used", flat=True)) == 20
    (after,) = buy(an_order("100"))
    assert [one.amount for one in after.brought[0].awards] == [100]
    assert balance() == 120  # the second order keeps its 20


def test_a_returned_order_no_longer_counts_as_the_nth(currency, publish, an_order):
    currency()
    third = "  - {code: third, name: Third, nth: {every: 3}, effect: {type: fixed, points: 500}}\n"
    publish(BASE + third)
    first, second = an_order("10"), an_order("10")
    sold, _second = buy(first, second)
    bring_back(a_return(first, sold.order_id, (1, "1", "10")))
    (now_second,) = buy(an_order("10"))
    assert [one.rule for one in now_second.brought[0].awards] == ["base"]
    (now_third,) = buy(an_order("10"))
    assert [one.rule for one in now_third.brought[0].awards] == ["base", "third"]


def test_what_others_reached_a_goal_with_cannot_be_brought_back_to_reach_it_again(currency, publish, an_order):
    # lesson: buy, earn, return, keep the points
    currency()
    third = "  - {code: third, name: Third, nth: {every: 3}, effect: {type: fixed, points: 30}}\n"
    goal = (
        "challenges:\n"
        "  - {code: goal, name: Goal, counts: amount, goal: 500, repeats: true, reward: {type: fixed, points: 50}}\n"
    )
    publish(BASE + third + goal)
    first, second, last = an_order("299"), an_order("200"), an_order("1")
    sold, also_sold, kept = buy(first, second, last)
    assert [one.rule for one in kept.brought[0].awards] == ["base", "third", "goal"]
    bring_back(a_return(first, sold.order_id, (1, "1", "299")), a_return(second, also_sold.order_id, (1, "1", "200")))
    assert balance() == 1 + 30 + 50
    bought = buy(an_order("299"), an_order("199"), an_order("1"))
    assert [[one.rule for one in done.brought[0].awards] for done in bought] == [["base"]] * 3
    assert balance() == 500 + 30 + 50
    bring_back(a_return(last, kept.order_id, (1, "1", "1")))  # whose order was the third and reached the goal
    (after,) = buy(an_order("1"))
    assert [one.rule for one in after.brought[0].awards] == ["base", "goal"]
    assert balance() == 500 + 50


def test_a_day_is_a_visit_as_long_as_any_order_of_it_stands(currency, publish, an_order):
    currency()
    publish(BASE + "tiers:\n  ladder: [{code: new, name: New}, {code: known, name: Known, reach: {visits: 2}}]\n")
    first, second = an_order("10"), an_order("20")
    sold, also_sold = buy(first, second)
    assert [one.brought[0].standing.figures.visits for one in (sold, also_sold)] == [1, 1]
    (left,) = bring_back(a_return(first, sold.order_id, (1, "1", "10")))
    assert left.brought[0].standing.figures.visits == 1, "the second order was made on that day, too"
    (third,) = buy(an_order("30"))
    assert third.brought[0].standing.figures.visits == 1
    (left,) = bring_back(a_return(second, also_sold.order_id, (1, "1", "20")))
    assert left.brought[0].standing.figures.visits == 1
    (left,) = bring_back(a_return(an_order("30"), third.order_id, (1, "1", "30")))
    assert left.brought[0].standing.figures.visits == 0
    (again,) = buy(an_order("5"))
    assert again.brought[0].standing.figures.visits == 1


def test_money_back_for_no_line_is_spread_over_what_is_left(currency, publish, an_order):
    currency()
    publish()
    order = an_order("60", "40")
    (sold,) = buy(order)
    new = a_return(order, sold.order_id, (1, "1", "30"))
    loose = new.lines[0].__class__(1, new.lines[0].quantity, new.lines[0].net_amount)
    bring_back(a_return(order, sold.order_id, lines=(loose,)))
    assert balance() == 70


def test_the_rules_of_the_day_judge_the_return_too(currency, publish, an_order):
    # lesson: editing a rule rewrites old points
    currency()
    version = publish()
    order = an_order("100", "50")
    (sold,) = buy(order)
    later = NOW + timedelta(days=1)
    publish_next(version, BASE.replace("points: 1", "points: 3"), later)
    bring_back(a_return(order, sold.order_id, (2, "1", "50")), now=later + timedelta(days=1))
    assert balance() == 100


@pytest.mark.slow
def test_a_line_without_a_quantity_stays_when_another_comes_back(currency, publish, an_order):
    currency()
    publish()
    order = an_order(lines=[line(1, "40", quantity="2"), NewLine(2, Decimal(0), Decimal(0), Decimal(15))])
    (sold,) = buy(order)
    bring_back(a_return(order, sold.order_id, (1, "1", "20")))
    assert Account.objects.get().balance == 35
    bring_back(a_return(order, sold.order_id, (1, "1", "20"), external_id="R2"))
    assert Account.objects.get().balance == 15
