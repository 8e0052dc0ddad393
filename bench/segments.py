"""How long a live count and a renewal of a segment take at 260,000 people with orders and merged records.

    python bench/segments.py [--people 260000] [--json FILE]

On PostgreSQL, in a database of its own beside that of DATABASE_URL. People and orders are made up inside the
database: eight orders of two lines a person, one record in twenty merged into another. Users of other systems
report 40 minutes to rebuild one segment of this size.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.scratch_database import scratch_database

PEOPLE = """
INSERT INTO customers_customer (
  id, canonical_id, customer_kind, name, family_name, given_name, search_key, birth_date, is_lunar_birthday,
  gender, language, time_zone, country, region, city, district, street, postcode, joined_date, source,
  is_made_up, created_at, updated_at, revision)
SELECT md5('c' || n)::uuid, CASE WHEN n %% 20 = 0 THEN md5('c' || (n - 1))::uuid END,
  'person', '', '', '', '',
  DATE '1950-01-01' + n %% 20000, false,
  (ARRAY['female','male',''])[1 + n %% 3], 'zh-hans', '', 'CN', '',
  (ARRAY['Shanghai','Beijing','Guangzhou','Shenzhen','Chengdu'])[1 + n %% 5], '', '', '',
  DATE '2020-01-01' + n %% 2000, '', true, now(), now(), 1
FROM generate_series(1, %s) n"""

ORDERS = """
INSERT INTO activity_order (
  id, owner_id, source, external_id, occurred_at, order_date, currency, net_amount, full_price_amount,
  costed_amount, cost_amount, line_count, channel, tags, is_history, fingerprint, revision,
  recorded_at, updated_at)
SELECT md5('o' || n)::uuid, md5('c' || (1 + floor(power(random(), 2) * %s))::int)::uuid, 'bench', n::text,
  now(),
  CURRENT_DATE - (random() * 700)::int, 'CNY', (random() * 3000000)::bigint, 3000000, 0, 0, 2,
  (ARRAY['store','web'])[1 + n %% 2], '{}', true, '', 1, now(), now()
FROM generate_series(1, %s) n"""

LINES = """
INSERT INTO activity_orderline (
  owner_id, order_id, line_no, sku, name, category, brand, quantity, unit_price, discount_amount, net_amount)
SELECT owner_id, id, k, 'sku ' || (random() * 5000)::int, '', 'category ' || (random() * 60)::int,
  'brand ' || (random() * 300)::int, 10000, net_amount / 2, 0, net_amount / 2
FROM activity_order, generate_series(1, 2) k"""


def leaf(field: str, operator: str, value: Any, **params: Any) -> dict[str, Any]:
    found = {"field": field, "operator": operator, "value": value}
    return {**found, "with": params} if params else found


CASES: dict[str, dict[str, Any]] = {
    "city": leaf("address.city", "is", "shanghai"),
    "valuable_gone_quiet": {
        "all": [
            leaf("orders.spend", "at_least", "1000", days=365),
            leaf("orders.last_date", "at_least_days_ago", 60),
        ]
    },
    "three_brands_in_90_days": leaf("goods.brands", "has_any_of", ["brand 7", "brand 8", "brand 9"], days=90),
    "nested_of_seven": {
        "any": [
            {
                "all": [
                    leaf("orders.count", "at_least", 10),
                    {"not": leaf("goods.categories", "has_any_of", ["category 3"])},
                ]
            },
            {
                "all": [
                    leaf("customer.birthday", "anniversary_in_period", "next_month"),
                    leaf("orders.average", "more_than", "150"),
                    {
                        "any": [
                            leaf("goods.spend", "at_least", "500", categories=["category 5", "category 6"]),
                            leaf("orders.channels", "has_all_of", ["store", "web"]),
                            leaf("customer.age", "between", [30, 45]),
                        ]
                    },
                ]
            },
        ]
    },
}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return round(time.perf_counter() - started, 2), result


def fill(people: int) -> None:
    """Make people, orders and lines up inside the database."""
    from django.db import connection

    from troth.staff.models import Company

    Company.objects.create(name="Bench", currency="CNY")
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [people])
        cursor.execute(ORDERS, [people, people * 8])
        cursor.execute(LINES)
        cursor.execute("VACUUM ANALYZE")


def measure() -> dict[str, Any]:
    """Count each case live, store its members, renew them unchanged; let 80 % of the people enter one."""
    from troth.access.actors import system_actor
    from troth.kit import clock
    from troth.kit.conditions.reading import read
    from troth.segments import queries, services
    from troth.segments.refreshing import refresh_members

    actor, now, fields = system_actor("bench"), clock.utc_now(), queries.catalogue()
    figures: dict[str, Any] = {}

    def renew(segment_id: Any) -> Any:
        return refresh_members(actor=actor, now=now, segment_id=segment_id)

    for label, definition in CASES.items():
        condition = read(definition, fields)
        seconds, found = timed(partial(queries.preview, condition, fields, queries.as_of(now), seconds=600))
        figures[f"{label}: members"] = found.count
        figures[f"{label}: live count and sample, seconds"] = seconds
        segment = services.create_segment(actor=actor, now=now, name=label, definition=definition)
        services.publish(actor=actor, now=now, segment_id=segment.id)
        figures[f"{label}: first members stored, seconds"] = timed(partial(renew, segment.id))[0]
        figures[f"{label}: renewal without change, seconds"] = timed(partial(renew, segment.id))[0]
        if label == "city":
            services.save_draft(actor=actor, now=now, segment_id=segment.id, definition={"all": []})
            services.publish(actor=actor, now=now, segment_id=segment.id)
            seconds, refreshed = timed(partial(renew, segment.id))
            figures["from a city to everybody: entered, each with an event"] = refreshed.entered_count
            figures["from a city to everybody: renewal, seconds"] = seconds
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=260_000)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    args = parser.parse_args()
    with scratch_database("troth_bench_segments") as vendor:
        if vendor != "postgresql":
            sys.exit("DATABASE_URL names no PostgreSQL; run it through python -m tools.postgres -- …")
        fill(args.people)
        figures = measure()
    result = {
        "benchmark": "segments",
        "database": vendor,
        "people": args.people,
        "orders": args.people * 8,
        **figures,
    }
    for name, value in result.items():
        print(f"{name:56} {value}")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
