"""What points and rewards cost of each unit of revenue: from ledger and gifts, by hand; the value to come net of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from troth.access.actors import system_actor
from troth.insights import outlook, rewarding
from troth.insights.frames import Frame
from troth.kit.ids import new_id
from troth.ledger import operations as ops
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.ledger.operations import Outcome, Owner, Reason

from .making import make_company, make_customer

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
TODAY = date(2026, 3, 1)
AT = datetime(2026, 2, 1, 4, tzinfo=UTC)
REASON = Reason("test")


@pytest.fixture(autouse=True)
def company():
    return make_company(as_of_date=TODAY)


def posted(kind, owner, amount, *, at=AT, **more):
    named = {"key": str(new_id()), "owner": Owner("customer", owner), "currency": "points", "reason": REASON}
    operation = getattr(ops, kind)(**named, occurred_at=at, amount=amount, **more)
    (answer,) = ledger.post([operation], actor=ACTOR, now=max(at, AT))
    assert answer.outcome is Outcome.POSTED, answer.error


def scored(*rows):
    return pl.DataFrame(
        [(str(owner), Decimal(revenue)) for owner, revenue in rows],
        schema={"customer_id": pl.String, "window_revenue": pl.Decimal(18, 4)},
        orient="row",
    )


def measured(*rows):
    return rewarding.measured(scored(*rows), as_of=TODAY, currency="CNY", days=365)


def test_the_share_by_hand():
    ann, bo = make_customer(), make_customer()
    ledger.create_currency(actor=ACTOR, now=AT, code="points", rules=CurrencyRules(name="Points"))
    # 900 points at 0.02 and 100 whose cost nobody told; 300 redeemed, none expired.
    posted("Earn", ann, 900, unit_cost=Decimal("0.02"), cost_currency="CNY")
    posted("Earn", ann, 100)
    posted("Spend", ann, 300)
    posted("Earn", ann, 5_000, at=AT - timedelta(days=400), unit_cost=Decimal(9), cost_currency="CNY")  # long ago
    found = measured((ann, 2_000), (bo, 1_000))
    (row,) = found.frame.rows
    told = dict(zip(found.frame.columns, row, strict=True))
    assert (told["issued"], told["costed_share"], told["unit_cost"]) == (1_000, 0.9, 0.02)
    assert (told["issue_rate"], told["breakage"], told["share"]) == (0.5, 0, 0.01)
    assert (found.share, found.other_share) == (0.01, 0.0)
    assert found.collectors["customer_id"].to_list() == [str(ann)]
    assert found.frame.facts["sold"] == 2_000
    assert found.frame.facts["collectors"] == 1


def test_what_expired_is_not_paid_for():
    ann = make_customer()
    ledger.create_currency(actor=ACTOR, now=AT, code="points", rules=CurrencyRules(name="Points"))
    cost = {"unit_cost": Decimal("0.01"), "cost_currency": "CNY"}
    posted("Earn", ann, 100, **cost, expires_at=AT + timedelta(days=1))
    end = AT + timedelta(days=2)
    (answer,) = ledger.post(
        [ops.Expire(key="end", owner=Owner("customer", ann), currency="points", reason=REASON, occurred_at=end)],
        actor=ACTOR,
        now=end,
    )
    assert answer.outcome is Outcome.POSTED
    posted("Earn", ann, 300, at=end, **cost)
    posted("Spend", ann, 300, at=end)
    found = measured((ann, 400))
    (row,) = found.frame.rows
    told = dict(zip(found.frame.columns, row, strict=True))
    assert (told["expired"], told["redeemed"], told["breakage"]) == (100, 300, 0.25)
    assert found.share == round(1 * 0.01 * 0.75, 4)


def test_nothing_sold_and_no_points_cost_nothing():
    found = measured()
    assert (found.share, found.other_share, found.frame.rows) == (0.0, 0.0, [])


def test_the_value_to_come_net_of_it():
    frame = pl.DataFrame(
        {
            "customer_id": ["ann", "bo"],
            "potential_value": [400.0, 200.0],
            "potential_low": [300.0, 100.0],
            "potential_high": [500.0, 250.0],
        }
    )
    costs = rewarding.RewardCosts(0.02, 0.005, pl.DataFrame({"customer_id": ["ann"]}), Frame("x", [], []))

    class Fitted:
        margin = 0.4

    ann, bo = outlook._net(frame, Fitted(), costs).to_dicts()
    assert (ann["net_value"], ann["net_low"], ann["net_high"]) == pytest.approx((380, 285, 475))
    assert bo["net_value"] == pytest.approx(200 - 200 / 0.4 * 0.005)
    nobody = outlook._net(frame, None, costs)
    assert nobody["net_value"].to_list() == [None, None]
    assert nobody["reward_share"].to_list() == [None, None]
