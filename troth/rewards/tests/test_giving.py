"""What rewards given away cost, and that the value to come is told net of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from troth.insights import rewarding
from troth.insights.tests.making import make_company, make_customer
from troth.rewards.giving import gift_costs, given_away
from troth.rewards.models import Redemption, Reward

pytestmark = pytest.mark.django_db
AT = datetime(2026, 2, 1, 4, tzinfo=UTC)


def test_gifts_are_shared_by_all_and_what_points_bought_is_not_counted_twice():
    make_company(as_of_date=date(2026, 3, 1))
    ann = make_customer()
    reward = Reward.objects.create(code="tea", name="Tea", created_at=AT, updated_at=AT)
    rows = [
        {"is_gift": True, "quantity": 2, "unit_cost": Decimal(15)},
        {"is_gift": False, "unit_cost": Decimal(99)},
        {"is_gift": True, "unit_cost": Decimal(50), "state": "cancelled"},
        {"is_gift": True, "unit_cost": Decimal(70), "cost_currency": "USD"},
    ]
    for number, row in enumerate(rows):
        told = {"owner_id": ann, "reward": reward, "operation_key": str(number), "cost_currency": "CNY",
                "state": "fulfilled", "occurred_at": AT, "recorded_at": AT, "updated_at": AT} | row  # fmt: skip
        Redemption.objects.create(**told)
    assert given_away(AT, AT + timedelta(days=1), "CNY") == 30
    assert list(gift_costs(AT, AT + timedelta(days=1), "CNY")) == [(ann, AT, Decimal(30))]
    scores = pl.DataFrame({"customer_id": [str(ann)], "window_revenue": [Decimal(1500)]})
    found = rewarding.measured(scores, as_of=date(2026, 3, 1), currency="CNY", days=365)
    assert (found.share, found.other_share) == (0.02, 0.02)
    assert found.frame.facts["given_away"] == "30.0000"
