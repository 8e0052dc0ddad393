"""Generate the benchmark's lake: made-up customers, orders and lines, the same for the same sizes.

Every value is a hash of its row number, so that threads and file order change nothing (a new version of
DuckDB may). Customers differ in pace (their weight is the square of a uniform number), start and length of
life, as real ones do.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import duckdb

START = "2022-01-01"
DAYS = 1096  # 2022-01-01 to 2024-12-31
AS_OF = "2025-01-01"
FILES = 20

# A uniform number in [0, 1) from a row number and a salt.
MACROS = """
create or replace macro u(i, salt) as (hash(i * 16 + salt) >> 11)::double / 9007199254740992.0;
create or replace macro customer_uuid(c) as md5('customer ' || c)::uuid;
create or replace macro order_uuid(i) as md5('order ' || i)::uuid;
"""

CUSTOMERS = """
copy (select customer_uuid(range) as customer_id, customer_uuid(range) as canonical_id, 'person' as kind,
             date '{start}' + (u(range, 1) * {days} * 0.8)::integer as joined_date, false as is_erased
      from range({customers}))
to '{path}' (format parquet)
"""

ORDERS = """
copy (
  with drawn as (
    select range as i, (floor({customers} * power(u(range, 2), 2)))::bigint as c from range({first}, {last})
  ), dated as (
    select i, c, u(c, 1) * {days} * 0.8 as joined, 1 - power(u(c, 3), 3) as life, u(i, 4) as age from drawn
  ), priced as (
    select i, c, date '{start}' + (joined + ({days} - 1 - joined) * life * age)::integer as order_date,
           (5 - 40 * ln(1 - u(i, 5)))::decimal(18,4) as full_price_amount,
           u(i, 6) < 0.8 as is_costed, u(i, 7) as discount
    from dated
  ), netted as (
    select *, (1 - greatest(discount - 0.7, 0))::decimal(5,4) as kept,
           (full_price_amount * kept)::decimal(18,4) as net_amount
    from priced
  )
  select order_uuid(i) as order_id, customer_uuid(c) as customer_id, order_date::timestamp as occurred_at,
         order_date, 'CNY' as currency, net_amount,
         case when is_costed then net_amount else 0 end::decimal(18,4) as costed_amount,
         case when is_costed then full_price_amount * 0.7 else 0 end::decimal(18,4) as cost_amount,
         full_price_amount, 2 as line_count, 'store ' || (i % 50) as store, 'store' as channel, 1 as revision
  from netted
) to '{path}' (format parquet, row_group_size 250000)
"""

LINES = """
copy (
  select order_id, customer_id, order_date, 'sku ' || (hash(order_id) + n) % 20000 as sku,
         'category ' || (hash(order_id) + n * 7) % 40 as category, 'brand' as brand,
         1::decimal(18,4) as quantity, (net_amount / 2)::decimal(18,4) as net_amount,
         (full_price_amount / 2)::decimal(18,4) as full_price_amount,
         (cost_amount / 2)::decimal(18,4) as cost_amount, 1 as revision
  from read_parquet('{orders}'), range(2) as r(n)
) to '{path}' (format parquet, row_group_size 250000)
"""

RETURNS = """
copy (
  select md5('return ' || order_id)::uuid as return_id, order_id, customer_id, occurred_at,
         least(order_date + 7, date '{as_of}') as return_date, currency,
         (net_amount / case when hash(order_id) % 3 = 0 then 1 else 2 end)::decimal(18,4) as net_amount,
         0::decimal(18,4) as costed_amount, 0::decimal(18,4) as cost_amount, 1 as revision
  from read_parquet('{orders}') where hash(order_id) % 50 = 0
) to '{path}' (format parquet)
"""


def generate(cache: Path, *, customers: int, orders: int) -> Path:
    """The folder of a lake of this size, made now if the cache has none."""
    lake = cache / f"lake-{customers}-{orders}"
    if (lake / "manifest.json").exists():
        return lake
    for fact in ("orders", "lines", "returns", "customers", "service_costs"):
        (lake / fact).mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 2,
        "memory_limit": "3GB",
        "temp_directory": tempfile.gettempdir(),
    }
    con = duckdb.connect(config=config)
    con.execute("set enable_progress_bar = false")
    con.execute(MACROS)
    con.execute(CUSTOMERS.format(start=START, days=DAYS, customers=customers, path=lake / "customers/0.parquet"))
    for number in range(FILES):
        paths = {fact: lake / fact / f"{number:02}.parquet" for fact in ("orders", "lines", "returns")}
        span = {"first": orders * number // FILES, "last": orders * (number + 1) // FILES}
        con.execute(ORDERS.format(start=START, days=DAYS, customers=customers, path=paths["orders"], **span))
        con.execute(LINES.format(orders=paths["orders"], path=paths["lines"]))
        con.execute(RETURNS.format(as_of=AS_OF, orders=paths["orders"], path=paths["returns"]))
    con.close()
    manifest = {"schema": 1, "exports": [], "superseded": {"orders": 0, "lines": 0, "returns": 0}}
    (lake / "manifest.json").write_text(json.dumps(manifest))
    return lake


def cache_folder(given: str | None) -> Path:
    """Where generated lakes are kept: the argument, else TROTH_BENCH_CACHE, else the temporary folder."""
    return Path(given or os.environ.get("TROTH_BENCH_CACHE") or Path(tempfile.gettempdir()) / "troth-bench")
