"""A member with points from an order, and what the desk needs to act on them."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from troth.access.actors import system_actor
from troth.activity.orders import NewLine, NewOrder
from troth.customers import services as customers
from troth.kit.clock import utc_now
from troth.ledger import services as ledger
from troth.ledger.services import CurrencyRules
from troth.programs import services as programs
from troth.sales import services as sales

ACTOR = system_actor("test")
PROGRAMME = """
programme: club
name: {en: Club, zh: 会员俱乐部}
currency: CNY
points: points
rules:
  - {code: base, name: {en: One per yuan, zh: 每元一分}, effect: {type: points_per_amount, points: 1}}
  - code: large
    name: {en: Large baskets, zh: 大额奖励}
    when: {field: order.eligible_amount, operator: at_least, value: "1000"}
    effect: {type: fixed, points: 500}
tiers:
  window: {type: rolling, months: 12}
  ladder:
    - {code: member, name: {en: Member, zh: 普通会员}}
    - {code: gold, name: {en: Gold, zh: 金卡}, reach: {spend: 1000}}
"""


@pytest.fixture
def member(company: Any) -> SimpleNamespace:
    """王小明 bought two mugs at 100 and a pot at 50: 250 points, of which corrections above 100 need two people."""
    now = utc_now()
    rules = CurrencyRules(
        name="Points", name_zh="积分", shortfall="arrears", adjust_approval_limit=100, time_zone="Asia/Shanghai"
    )
    ledger.create_currency(actor=ACTOR, now=now, code="points", rules=rules)
    start = now - timedelta(days=60)
    programs.establish(actor=ACTOR, now=now, text=PROGRAMME, effective_at=start, reviewed_by="user:reviewer")
    found = customers.create_customer(
        actor=ACTOR, now=now, name="王小明", identities=[customers.NewIdentity("phone", "13812345678")]
    )
    lines = (
        NewLine(1, Decimal(2), Decimal(100), Decimal(200), name="Mug"),
        NewLine(2, Decimal(1), Decimal(50), Decimal(50), name="Pot"),
    )
    order = NewOrder("pos", "A1", found.id, now - timedelta(days=3), "CNY", lines, channel="store")
    (sold,) = sales.record_orders([order], actor=ACTOR, now=now)
    assert sold.error is None
    return SimpleNamespace(id=found.id, order_id=sold.order_id, url=f"/customers/{found.id}/points/")
