"""The lists behind the figures of a currency: in order, page by page, and without reading the whole ledger."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from troth.ledger import queries
from troth.ledger.models import PointCurrency
from troth.ledger.tests.conftest import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def currency(make_currency, desk, member) -> PointCurrency:
    """Points earned on six days, told in another order, twice on one day, and spent on two."""
    made: PointCurrency = make_currency()
    for day, amount in ((3, 30), (1, 10), (5, 50), (2, 20), (2, 21), (4, 40)):
        desk.done("Earn", member, amount=amount, at=NOW - day * DAY)
    for day, amount in ((0, 7), (1, 8)):
        desk.done("Spend", member, amount=amount, at=NOW - day * DAY)
    return made


def pages(currency, purposes, limit, **span):
    """Return what each page shows, until nothing is left."""
    found, before = [], None
    while page := queries.movements(currency, purposes, before=before, limit=limit, **span):
        found.append([one.points for one in page])
        before = page[-1].id
    return found


def test_movements_are_shown_the_latest_first_and_each_once(currency):
    span = {"start": NOW - 10 * DAY, "end": NOW + DAY}
    assert pages(currency, ["issued"], 4, **span) == [[10, 21, 20, 30], [40, 50]]
    assert pages(currency, ["issued", "redeemed"], 3, **span) == [[-7, -8, 10], [21, 20, 30], [40, 50]]
    assert pages(currency, ["issued"], 1, **span) == [[10], [21], [20], [30], [40], [50]]
    assert pages(currency, ["issued"], 9, start=NOW - 3 * DAY, end=NOW - DAY) == [[21, 20, 30]]
    assert queries.movements(currency, ["expired"], **span) == []


def test_movements_of_a_day_long_ago_are_found_by_an_index(currency):
    with CaptureQueriesContext(
        connection,
    ) as ran:
        queries.movements(currency, ["issued"], start=NOW - 4 * DAY, end=NOW - 3 * DAY)
    asked = next(one["sql"] for one in ran if "ledger_entry" in one["sql"])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of a page is read faster as a whole
            cursor.execute(f"EXPLAIN {asked}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
        plan = str(cursor.fetchall())
    assert "entry_moved" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
