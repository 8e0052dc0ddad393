"""What goes into the lake: for each fact the query that reads it and the form it takes in Parquet.

The queries name tables of the modules below by their SQL names: an export streams whole tables, which no
query function of those modules is made for. Money and quantities travel as whole ten-thousandths and become
decimals in Parquet; ids only, never names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "int", "text", "day", "moment", "flag"]

_MONEY = "({column}::hugeint * 0.0001::decimal(4,4))::decimal(18,4)"
# Half up to four places, as the order's own totals are made; hugeint, because price times quantity passes
# 64 bits.
_UNIT_TIMES_QUANTITY = (
    "(case when unit_cost is null then null else sign(unit_cost::hugeint * quantity)::hugeint"
    " * ((abs(unit_cost::hugeint * quantity) + 5000) // 10000) * 0.0001::decimal(4,4) end)::decimal(18,4)"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database gives it: its name, the SQL that reads it, its kind; texts say if they may be null."""

    name: str
    sql: str
    kind: Kind
    is_nullable: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One sub-folder of the lake.

    key: the id whose highest `revision` counts; table, alias, changed_at: the rows that tell what is new
    (for lines those of their order); joins: further tables; parquet: the DuckDB expressions of the file's
    columns over those of `columns`; day: by which column a file is sorted.
    """

    name: str
    key: str
    table: str
    alias: str
    changed_at: str
    revision: str
    columns: Sequence[Column]
    parquet: Sequence[str]
    day: str
    joins: str = ""

    def select(self, extra_join: str = "") -> tuple[str, Sequence[Column]]:
        """Return "FROM …" and the columns to read."""
        return f"FROM {self.table} {self.alias} {self.joins} {extra_join}", self.columns


def _money(column: str, name: str | None = None) -> str:
    return f"{_MONEY.format(column=column)} as {name or column}"


ORDERS = Fact(
    name="orders",
    key="order_id",
    table="activity_order",
    alias="o",
    changed_at="updated_at",
    revision="revision",
    joins="LEFT JOIN staff_store s ON s.id = o.store_id",
    columns=[
        Column("order_id", "o.id", "id"),
        Column("customer_id", "o.owner_id", "id"),
        Column("occurred_at", "o.occurred_at", "moment"),
        Column("order_date", "o.order_date", "day"),
        Column("currency", "o.currency", "text"),
        Column("net_amount", "o.net_amount", "int"),
        Column("costed_amount", "o.costed_amount", "int"),
        Column("cost_amount", "o.cost_amount", "int"),
        Column("full_price_amount", "o.full_price_amount", "int"),
        Column("line_count", "o.line_count", "int"),
        Column("store", "s.code", "text", is_nullable=True),
        Column("channel", "NULLIF(o.channel, '')", "text", is_nullable=True),
        Column("revision", "o.revision", "int"),
    ],
    parquet=[
        "order_id::uuid as order_id",
        "customer_id::uuid as customer_id",
        "occurred_at::timestamp as occurred_at",
        "order_date::date as order_date",
        "currency",
        _money("net_amount"),
        _money("costed_amount"),
        _money("cost_amount"),
        _money("full_price_amount"),
        "line_count::integer as line_count",
        "store",
        "channel",
        "revision::integer as revision",
    ],
    day="order_date",
)

LINES = Fact(
    name="lines",
    key="order_id",
    table="activity_order",
    alias="o",
    changed_at="updated_at",
    revision="revision",
    joins="JOIN activity_orderline l ON l.order_id = o.id AND l.owner_id = o.owner_id",
    columns=[
        Column("order_id", "o.id", "id"),
        Column("customer_id", "o.owner_id", "id"),
        Column("order_date", "o.order_date", "day"),
        Column("sku", "l.sku", "text"),
        Column("category", "l.category", "text"),
        Column("brand", "l.brand", "text"),
        Column("quantity", "l.quantity", "int"),
        Column("net_amount", "l.net_amount", "int"),
        Column("full_price_amount", "l.net_amount + l.discount_amount", "int"),
        Column("unit_cost", "l.unit_cost", "int"),
        Column("revision", "o.revision", "int"),
    ],
    parquet=[
        "order_id::uuid as order_id",
        "customer_id::uuid as customer_id",
        "order_date::date as order_date",
        "sku",
        "category",
        "brand",
        _money("quantity"),
        _money("net_amount"),
        _money("full_price_amount"),
        f"{_UNIT_TIMES_QUANTITY} as cost_amount",
        "revision::integer as revision",
    ],
    day="order_date",
)

RETURNS = Fact(
    name="returns",
    key="return_id",
    table="activity_return",
    alias="r",
    changed_at="updated_at",
    revision="revision",
    columns=[
        Column("return_id", "r.id", "id"),
        Column("order_id", "r.order_id", "id"),
        Column("customer_id", "r.owner_id", "id"),
        Column("occurred_at", "r.occurred_at", "moment"),
        Column("return_date", "r.return_date", "day"),
        Column("currency", "r.currency", "text"),
        Column("net_amount", "r.net_amount", "int"),
        Column("costed_amount", "r.costed_amount", "int"),
        Column("cost_amount", "r.cost_amount", "int"),
        Column("revision", "r.revision", "int"),
    ],
    parquet=[
        "return_id::uuid as return_id",
        "order_id::uuid as order_id",
        "customer_id::uuid as customer_id",
        "occurred_at::timestamp as occurred_at",
        "return_date::date as return_date",
        "currency",
        _money("net_amount"),
        _money("costed_amount"),
        _money("cost_amount"),
        "revision::integer as revision",
    ],
    day="return_date",
)

SERVICE_COSTS = Fact(
    name="service_costs",
    key="cost_id",
    table="activity_servicecost",
    alias="c",
    changed_at="recorded_at",
    revision="1",
    columns=[
        Column("cost_id", "c.id", "id"),
        Column("customer_id", "c.owner_id", "id"),
        Column("cost_date", "c.cost_date", "day"),
        Column("kind", "c.cost_kind", "text"),
        Column("amount", "c.amount", "int"),
        Column("currency", "c.currency", "text"),
    ],
    parquet=[
        "cost_id::uuid as cost_id",
        "customer_id::uuid as customer_id",
        "cost_date::date as cost_date",
        "kind",
        _money("amount"),
        "currency",
        "1::integer as revision",
    ],
    day="cost_date",
)

CUSTOMERS = Fact(
    name="customers",
    key="customer_id",
    table="customers_customer",
    alias="k",
    changed_at="updated_at",
    revision="revision",
    columns=[
        Column("customer_id", "k.id", "id"),
        Column("linked_id", "k.canonical_id", "id"),
        Column("kind", "k.customer_kind", "text"),
        Column("joined_date", "k.joined_date", "day"),
        Column("is_erased", "CASE WHEN k.erased_at IS NULL THEN 0 ELSE 1 END", "int"),
    ],
    parquet=[
        "customer_id::uuid as customer_id",
        "linked_id::uuid as linked_id",
        "kind",
        "joined_date::date as joined_date",
        "is_erased = 1 as is_erased",
    ],
    day="customer_id",
)

HEADS = (ORDERS, RETURNS, SERVICE_COSTS)
"""Facts whose own rows tell what changed; lines follow their order."""

FACTS = (ORDERS, LINES, RETURNS, SERVICE_COSTS, CUSTOMERS)
