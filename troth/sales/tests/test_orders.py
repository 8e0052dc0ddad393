"""An order from the till to the points, in one call."""

import pytest

from troth.activity.orders import Outcome
from troth.ledger.models import Account, Entry, Lot
from troth.sales.models import OrderEvaluation

from .conftest import buy

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
