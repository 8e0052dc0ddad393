"""A batch goes in short transactions; each order is recorded whole or not at all."""

import pytest
from django.db import transaction

from troth.activity.models import Order
from troth.activity.orders import Outcome
from troth.sales import attempts
from troth.sales.models import OrderEvaluation

from .conftest import buy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def parts(monkeypatch):
    """Two orders a transaction; returns how many orders went together, transaction by transaction."""
    done: list[int] = []
    whole = attempts.without_refused

    def counted(items, perform, refusal):
        done.append(len(items))
        return whole(items, perform, refusal)

    monkeypatch.setattr(attempts, "PART", 2)
    monkeypatch.setattr("troth.sales.recording.without_refused", counted)
    return done


def test_a_batch_in_parts_answers_in_its_order(currency, publish, an_order, person, parts):
    currency()
    publish()
    orders = [an_order(str(10 * (place + 1)), customer=person()) for place in range(5)]
    results = buy(*orders)
    assert parts == [2, 2, 1]
    assert [one.recorded.outcome for one in results] == [Outcome.CREATED] * 5
    assert [one.balances["points"].balance for one in results] == [10, 20, 30, 40, 50]
    again = buy(*orders)
    assert [one.recorded.outcome for one in again] == [Outcome.UNCHANGED] * 5


def test_what_was_recorded_before_an_interruption_stays_whole(currency, publish, an_order, person, parts, monkeypatch):
    currency()
    publish()
    orders = [an_order("10", customer=person()) for _ in range(3)]
    work = attempts.again_after_deadlock

    def interrupted(attempt):
        if len(parts) == 2:
            raise KeyboardInterrupt
        return work(attempt)

    with monkeypatch.context() as patched:
        patched.setattr(attempts, "again_after_deadlock", interrupted)
        with pytest.raises(KeyboardInterrupt):
            buy(*orders)
    assert (Order.objects.count(), OrderEvaluation.objects.count()) == (2, 2)
    outcomes = [one.recorded.outcome for one in buy(*orders)]
    assert outcomes == [Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.CREATED]
    assert (Order.objects.count(), OrderEvaluation.objects.count()) == (3, 3)


def test_a_batch_is_one_transaction_where_the_caller_has_one_or_an_order_stands_twice(
    currency, publish, an_order, person, parts
):
    currency()
    publish()
    orders = [an_order("10", customer=person()) for _ in range(3)]
    with transaction.atomic():
        buy(*orders)
    twice = [an_order("10", customer=person()), an_order("20", customer=person())]
    results = buy(*twice, twice[0])
    assert [one.recorded.outcome for one in results] == [Outcome.CREATED, Outcome.CREATED, Outcome.UNCHANGED]
    assert parts == [3, 3]
