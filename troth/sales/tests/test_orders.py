"""An order from the till to the points, in one call."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from troth.activity.models import Order
from troth.activity.orders import Outcome
from troth.customers import services as customers
from troth.events.models import Event
from troth.ledger import services as ledger
from troth.ledger.models import Account, Entry, Lot
from troth.programs.models import Membership
from troth.sales import services as sales
from troth.sales.models import OrderEvaluation

from .conftest import ACTOR, BASE, FRIDAY, NOW, a_return, bring_back, buy, line, publish_next

pytestmark = pytest.mark.django_db


def test_an_order_earns_and_says_why(currency, publish, an_order):
    currency()
    publish()
    order = an_order("100.50", "25.90")
    (sold,) = buy(order)
    assert (sold.recorded.outcome, sold.error) == (Outcome.CREATED, None)
    (brought,) = sold.brought
    assert [(award.rule, award.amount) for award in brought.awards] == [("base", 126)]
    assert [(one.rule, str(one.reason), one.amount) for one in brought.outcomes] == [("base", "fired", 126)]
    assert sold.balances["points"].balance == 126
    account = Account.objects.get()
    assert (account.owner_id, account.balance) == (order.customer_id, 126)
    step = OrderEvaluation.objects.get()
    assert (step.step, step.cause, step.order_id) == (1, "order", sold.order_id)
    assert step.postings[0]["amount"] == 126


def test_history_and_orders_before_the_first_version_bring_nothing(currency, publish, an_order):
    currency()
    publish()
    old = an_order("100", occurred_at=an_order().occurred_at.replace(year=2025))
    results = buy(an_order("100", is_history=True), old)
    assert [sold.brought for sold in results] == [(), ()]
    assert (Entry.objects.count(), Lot.objects.count(), OrderEvaluation.objects.count()) == (0, 0, 0)


def test_the_same_order_again_moves_nothing_and_answers_what_it_brings(currency, publish, an_order):
    # lesson: confirm pressed twice on a bad line counts twice
    currency()
    publish()
    order = an_order("100")
    first, twin = buy(order, order)
    (again,) = buy(order)
    assert [one.recorded.outcome for one in (twin, again)] == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert [one.brought[0].awards for one in (twin, again)] == [first.brought[0].awards] * 2
    assert (Account.objects.get().balance, OrderEvaluation.objects.count(), Lot.objects.count()) == (100, 1, 1)


def test_orders_of_one_customer_in_a_batch_meet_each_others_counters(currency, publish, an_order, person):
    currency()
    publish(BASE.replace("effect:", "caps: [{per: member, period: month, points: 150}], effect:"))
    results = buy(an_order("100"), an_order("100"), an_order("100", customer=person()), an_order("100"))
    assert [sum(award.amount for award in one.brought[0].awards) for one in results] == [100, 50, 100, 0]
    assert str(results[3].brought[0].outcomes[0].reason) == "cap_reached"


def test_a_batch_brings_what_its_orders_bring_one_by_one(currency, publish, an_order, person):
    currency()
    publish(BASE + "  - {code: second, name: Second, nth: {every: 2}, effect: {type: fixed, points: 7}}\n")
    one, two = person(), person()
    together = buy(*(an_order("10", customer=one) for _ in range(5)))
    alone = [buy(an_order("10", customer=two))[0] for _ in range(5)]
    awards = [[[(award.rule, award.amount) for award in sold.brought[0].awards] for sold in found]
              for found in (together, alone)]  # fmt: skip
    assert awards[0] == awards[1] == [[("base", 10)], [("base", 10), ("second", 7)]] * 2 + [[("base", 10)]]


def test_a_changed_order_is_corrected_by_the_difference(currency, publish, an_order):
    currency()
    publish()
    order = an_order("100")
    buy(order)
    more = replace(order, lines=(line(1, "130"),))
    (grown,) = buy(more)
    assert (grown.recorded.outcome, [one.amount for one in grown.brought[0].postings]) == (Outcome.CHANGED, [30])
    (shrunk,) = buy(replace(order, lines=(line(1, "90"),)))
    assert [one.amount for one in shrunk.brought[0].postings] == [-30, -10]
    assert Account.objects.get().balance == 90
    assert Event.objects.filter(name="sales.order.unwound").count() == 2


def test_a_changed_order_keeps_what_came_back_out_of_account(currency, publish, an_order):
    currency()
    publish()
    order = an_order("100", "50")
    (sold,) = buy(order)
    bring_back(a_return(order, sold.order_id, (2, "1", "50")))
    buy(replace(order, lines=(line(1, "120"), line(2, "50"))))
    assert Account.objects.get().balance == 120


def test_an_order_that_was_history_earns_nothing_when_it_changes(currency, publish, an_order):
    currency()
    publish()
    order = an_order("100", is_history=True)
    buy(order)
    (changed,) = buy(replace(order, lines=(line(1, "120"),)))
    assert (changed.recorded.outcome, changed.brought) == (Outcome.CHANGED, ())
    assert Entry.objects.count() == 0


@pytest.mark.slow
def test_a_late_order_is_judged_by_the_version_and_tier_of_its_moment(currency, publish, an_order):
    # lesson: changing a rule rewrites old points; earned on one document, never re-awarded on another
    currency()
    tiers = """tiers:
  ladder:
    - {code: basic, name: Basic}
    - {code: gold, name: Gold, reach: {points: 100}}
"""
    golden = (
        BASE + "  - {code: gold, name: Gold, when: {field: member.tier, operator: any_of, value: [gold]},"
        " effect: {type: fixed, points: 10}}\n" + tiers
    )
    version = publish(golden)
    publish_next(version, golden.replace("points: 1}", "points: 2}"), NOW + timedelta(days=10))
    (first,) = buy(an_order("100", occurred_at=FRIDAY))
    (second,) = buy(an_order("10", occurred_at=FRIDAY + timedelta(days=2)))
    (late,) = buy(an_order("10", occurred_at=FRIDAY - timedelta(days=2)), now=NOW + timedelta(days=20))
    (new,) = buy(an_order("10", occurred_at=NOW + timedelta(days=11)), now=NOW + timedelta(days=20))
    awards = [[(one.rule, one.amount) for one in sold.brought[0].awards] for sold in (first, second, late, new)]
    assert awards == [[("base", 100)], [("base", 10), ("gold", 10)], [("base", 10)], [("base", 20), ("gold", 10)]]
    assert [sold.brought[0].version_number for sold in (first, late, new)] == [1, 1, 2]


def test_what_is_paid_otherwise_earns_nothing(currency, publish, an_order):
    # lesson: a wallet topped up with itself
    currency()
    publish(BASE + "excludes: {categories: [Gift card]}\n")
    lines = [line(1, "100", category="Gift card"), line(2, "50", category="Tea")]
    (sold,) = buy(an_order(lines=lines, tags={"points_amount": "15.00"}))
    # 15.00 paid by points are spread over both lines: 5.00 of them belong to the tea
    assert [one.amount for one in sold.brought[0].awards] == [45]


def test_asking_what_an_order_would_bring_writes_nothing(currency, publish, an_order):
    currency()
    publish()
    good, bad = an_order("100.90"), an_order("5", currency="nothing")
    events = Event.objects.count()
    asked, refused = sales.evaluate_orders([good, bad], actor=ACTOR, now=NOW)
    assert [one.amount for one in asked.brought[0].awards] == [100]
    assert refused.error.code == "order_refused"
    counts = [model.objects.count() for model in (Order, OrderEvaluation, Entry, Membership)]
    assert (counts, Event.objects.count()) == ([0, 0, 0, 0], events)


@pytest.mark.slow
def test_asking_promises_what_recording_gives_each_order_by_itself(currency, publish, an_order):
    currency()
    publish(BASE.replace("effect:", "budget: pot, effect:") + "budgets: [{code: pot, points: 150}]\n")
    first, second = an_order("100"), an_order("120")
    asked = sales.evaluate_orders([first, second], actor=ACTOR, now=NOW)
    assert [one.balances["points"].balance for one in asked] == [100, 120]  # the pot is whole for each
    (given,) = buy(first)
    (promised, brought) = (one.brought[0] for one in (asked[0], given))
    assert (promised.awards, promised.outcomes, promised.standing) == (
        brought.awards,
        brought.outcomes,
        brought.standing,
    )
    assert asked[0].balances == given.balances
    (now_left,) = sales.evaluate_orders([second], actor=ACTOR, now=NOW)
    assert now_left.balances["points"].balance == 150


def test_asking_says_what_cannot_be_paid_or_used(currency, publish, an_order):
    currency()
    publish()
    unpaid = an_order("100", tags={"points_paid": "points:5", "points_amount": "1"})
    uncouponed = an_order("100", tags={"coupons": "NOSUCHCODE"})
    codes = [one.error.code for one in sales.evaluate_orders([unpaid, uncouponed], actor=ACTOR, now=NOW)]
    assert codes == ["insufficient_points", "coupon_unknown"]


def test_asking_about_an_order_that_stands_tells_the_difference(currency, publish, an_order):
    currency()
    publish()
    order = an_order("100")
    buy(order)
    (same, more) = sales.evaluate_orders([order, replace(order, lines=(line(1, "130"),))], actor=ACTOR, now=NOW)
    assert [one.amount for one in same.brought[0].awards] == [100]
    assert (more.brought[0].awards[0].amount, more.balances["points"].balance) == (130, 130)
    assert Entry.objects.filter(account_id=None).count() == 1


def test_a_refused_order_holds_up_no_other(currency, publish, an_order):
    # lesson: one rejected item of many
    currency()
    publish()
    bad, good = an_order("100", currency="x"), an_order("7")
    refused, sold = buy(bad, good)
    assert (refused.error.code, sold.brought[0].awards[0].amount) == ("order_refused", 7)


def test_a_merged_customers_cards_earn_together(currency, publish, an_order, person):
    # lesson: merged customers' second card dead
    currency()
    publish(BASE.replace("effect:", "caps: [{per: member, period: month, points: 150}], effect:"))
    first, second = person(), person()
    buy(an_order("100", customer=first))
    customers.merge(canonical_id=first, merged_id=second, reason="test", actor=ACTOR, now=NOW)
    (sold,) = buy(an_order("100", customer=second))
    assert [one.amount for one in sold.brought[0].awards] == [50]
    assert sold.balances["points"].balance == 150


def test_decimal_bills_earn_by_exact_amounts(currency, publish, an_order):
    # lesson: float −1e-14 refuses a valid coupon; whole points cannot clear a decimal bill
    currency()
    publish(BASE.replace("points: 1", "points: 10"))
    (sold,) = buy(an_order("0.10", "0.20", "0.70"))
    assert [one.amount for one in sold.brought[0].awards] == [10]
    assert Order.objects.get().net_amount == Decimal("1.00")


def test_an_order_is_recorded_without_points_that_are_no_longer_given_out(currency, publish, an_order):
    currency()
    currency("cups", unit_kind="stamps")
    stamps = "  - {code: cups, name: Cups, effect: {type: stamps, stamps: 2, currency: cups}}\n"
    publish(BASE + stamps)
    ledger.change_currency(actor=ACTOR, now=NOW, code="cups", is_active=False)
    order = an_order("10")
    (sold,) = buy(order)
    postings = {one.code: (one.amount, one.refused) for one in sold.brought[0].postings}
    assert postings == {"points": (10, ""), "cups": (0, "point_currency_closed")}
    assert list(Entry.objects.values_list("currency__code", flat=True).distinct()) == ["points"]
    (back,) = bring_back(a_return(order, sold.order_id, (1, "1", "10")))
    assert (back.error, list(Account.objects.values_list("balance", flat=True).order_by("balance"))[-1]) == (None, 0)
