"""A company for benchmarks of sales: members, a point currency, twenty active rules, orders of three lines."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

START = datetime(2025, 1, 1, tzinfo=UTC)
CATEGORIES = ("tea", "bakery", "dairy", "fruit", "household", "wine")
BRANDS = ("Shan", "Hai", "Feng", "Yun")
BATCH = 5_000

PROGRAMME = """
programme: bench
name: Bench
currency: CNY
unit_costs: {points: 0.01}
dayparts:
  morning: {from: "06:00", until: "11:00"}
  evening: {from: "17:00", until: "22:00"}
groups:
  - {code: bonus, take: best}
excludes: {categories: [gift card]}
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}}
  - code: tea
    name: Tea
    lines: {field: line.category, operator: is, value: tea}
    effect: {type: per_item, points: 2}
    caps: [{per: member, period: month, points: 500}]
  - code: big
    name: Big basket
    when: {field: order.net_amount, operator: at_least, value: 300}
    effect: {type: fixed, points: 20}
  - code: weekend
    name: Weekend
    group: bonus
    when: {field: time.weekday, operator: any_of, value: [saturday, sunday]}
    effect: {type: multiplier, factor: 2}
  - code: morning
    name: Morning
    group: bonus
    when: {field: time.daypart, operator: has_any_of, value: [morning]}
    effect: {type: fixed, points: 5}
  - code: evening
    name: Evening
    group: bonus
    when: {field: time.daypart, operator: has_any_of, value: [evening]}
    effect: {type: fixed, points: 3}
  - code: online
    name: Online
    when: {field: order.channel, operator: is, value: online}
    effect: {type: fixed, points: 10}
  - code: gold
    name: Gold
    when: {field: member.tier, operator: any_of, value: [gold]}
    effect: {type: multiplier, factor: 1.5}
  - code: steps
    name: Steps
    effect: {type: stepped, steps: [{from: 500, points: 30}, {from: 1000, points: 80}]}
  - {code: tenth, name: Tenth order, nth: {every: 10}, effect: {type: fixed, points: 100}}
"""
_BRAND_RULE = """  - code: brand-{number}
    name: Brand {number}
    when: {{field: order.net_amount, operator: at_least, value: {least}}}
    lines:
      all:
        - {{field: line.brand, operator: is, value: {brand}}}
        - {{field: line.category, operator: is, value: {category}}}
    effect: {{type: per_item, points: 1}}
"""
_TIERS = """
tiers:
  window: {type: rolling, months: 12}
  ladder:
    - {code: basic, name: Basic}
    - {code: silver, name: Silver, reach: {spend: 2000}}
    - {code: gold, name: Gold, reach: {spend: 10000}}
"""


def programme_text() -> str:
    """Return the programme: twenty rules, of which two to four give something for a usual order."""
    brands = "".join(
        _BRAND_RULE.format(number=number, brand=BRANDS[number % 4], category=CATEGORIES[number % 6], least=900 + number)
        for number in range(10)
    )
    return PROGRAMME + brands + _TIERS


def set_up(members: int) -> list[UUID]:
    """Make the company, its currency, its programme and so many members; return their ids."""
    from django.db import connection

    from troth.access.actors import system_actor
    from troth.customers.models import Customer
    from troth.kit import clock, rows
    from troth.ledger import services as ledger
    from troth.programs import services as programs
    from troth.staff import services as staff

    actor, now = system_actor("bench"), clock.utc_now()
    staff.set_up_company(name="Bench", currency="CNY", time_zone="Asia/Shanghai", actor=actor, now=now)
    rules = ledger.CurrencyRules(name="Points", shortfall="arrears", expiry_kind="year_end", expiry_count=2)
    ledger.create_currency(actor=actor, now=now, code="points", rules=rules)
    programs.establish(actor=actor, now=now, text=programme_text(), effective_at=START, reviewed_by="user:reviewer")
    ids = [rows.new_id_text() for _ in range(members)]
    columns = ("id", "name", "created_at", "updated_at", *_other_columns(Customer))
    others = tuple(_other_columns(Customer).values())
    rows.insert(Customer, columns, [(one, "Member", now, now, *others) for one in ids])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database that is more than a minute old is
    return [UUID(one) for one in ids]


def record_past(members: int, count: int, *, is_history: bool = False) -> None:
    """Make the company, so many members and so many orders of the last days; history has earned nothing yet."""
    from troth.access.actors import system_actor
    from troth.activity import services as activity
    from troth.kit import clock

    actor, made = system_actor("bench"), orders(set_up(members), seed=1, name="past")
    for start in range(0, count, BATCH):
        batch = [replace(one, is_history=is_history) for one in islice(made, min(BATCH, count - start))]
        activity.record_orders(batch, actor=actor, now=clock.utc_now())


def orders(members: list[UUID], *, seed: int, name: str) -> Iterator[Any]:
    """Yield orders of three lines, without end: of random members, two a second, the first of them a month ago."""
    from troth.activity.orders import NewLine, NewOrder
    from troth.kit import clock

    chance, now, number = random.Random(seed), clock.utc_now(), 0
    month_ago = now - timedelta(days=30)
    while True:
        number += 1
        lines = []
        for line_no in (1, 2, 3):
            quantity, price = chance.randint(1, 3), Decimal(chance.randint(500, 12000)).scaleb(-2)
            lines.append(
                NewLine(
                    line_no=line_no,
                    quantity=Decimal(quantity),
                    unit_price=price,
                    net_amount=price * quantity,
                    unit_cost=Decimal("6.20"),
                    sku=f"SKU-{chance.randint(1, 3000)}",
                    category=chance.choice(CATEGORIES),
                    brand=chance.choice(BRANDS),
                )
            )
        yield NewOrder(
            source="bench",
            external_id=f"{name}-{number}",
            customer_id=chance.choice(members),
            occurred_at=min(month_ago + timedelta(seconds=number // 2), now),
            currency="CNY",
            lines=tuple(lines),
            channel=chance.choice(("store", "store", "online")),
            tags={"payment": "wechat"},
        )


def _other_columns(model: Any) -> dict[str, Any]:
    """Return columns that have no default in the database, with an empty value each."""
    given = {"id", "name", "created_at", "updated_at"}
    found: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.column in given or field.null:
            continue
        found[field.column] = field.get_default()
    return found
