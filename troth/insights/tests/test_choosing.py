"""How long customers took to choose: from the first visit to the first order, over merged records."""

from datetime import UTC, date, datetime

import pytest

from troth.activity.models import Visit
from troth.insights import choosing

from .making import make_company, make_customer, make_order

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)


def visit(owner, moment):
    Visit.objects.create(owner_id=owner, visit_kind="store", occurred_at=moment, recorded_at=moment)


def test_days_from_the_first_visit_to_the_first_order():
    make_company()
    ann, bo, carl, dora = (make_customer() for _ in range(4))
    before = make_customer(canonical_id=ann)
    visit(before, datetime(2026, 1, 31, 17, 0, tzinfo=UTC))  # February 1 in Shanghai
    visit(ann, datetime(2026, 2, 5, 4, 0, tzinfo=UTC))
    make_order(ann, date(2026, 2, 11))
    make_order(ann, date(2026, 2, 20))
    visit(bo, datetime(2026, 2, 5, 4, 0, tzinfo=UTC))
    make_order(bo, date(2026, 2, 1))  # bought before any visit
    visit(carl, datetime(2026, 2, 5, 4, 0, tzinfo=UTC))  # has not bought
    visit(dora, datetime(2026, 2, 5, 4, 0, tzinfo=UTC))
    make_order(dora, date(2026, 3, 2))  # not yet on the day
    found = choosing.read(DAY)
    assert found.select("customer_id", "indicator", "value", "measured_date").rows() == [
        (str(ann), "days_to_choose", 10.0, date(2026, 2, 11))
    ]
    assert choosing.read(date(2026, 1, 31)).is_empty()
