"""Goods that a programme lists cost an order no query, further programmes two each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from troth.ledger.models import Account

from .conftest import BASE, buy, line

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
GOODS = [f"sku-{number}" for number in range(650)]


def programme(number):
    return BASE.replace("programme: club", f"programme: club-{number}") + f"excludes: {{skus: [{', '.join(GOODS)}]}}\n"


def queries_of(*orders):
    with CaptureQueriesContext(connection) as seen:
        assert [one.error for one in buy(*orders)] == [None] * len(orders)
    return len(seen)


# lesson: 144 programmes × 6,500 products: 55 s to open
def test_an_order_takes_no_query_for_goods_and_two_for_a_further_programme(currency, publish, person, an_order):
    currency()
    publish(programme(0))
    one, two = person(), person()
    goods = [line(1, "10", sku=GOODS[-1]), line(2, "5", sku="else")]
    buy(an_order(customer=one, lines=goods))
    alone = queries_of(an_order(customer=one, lines=goods))
    for number in range(1, 12):
        publish(programme(number))
    buy(an_order(customer=two, lines=goods))
    assert queries_of(an_order(customer=two, lines=goods)) <= alone + 2 * 11
    assert Account.objects.get(owner_id=two).balance == 2 * 12 * 5
