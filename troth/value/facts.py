"""The facts that everything is computed from: orders, lines, returns, costs to serve, and who is whom.

A `Facts` brings whatever it is given (polars, pandas, Arrow, or a lake's files) to one shape, checks it
once and hands out Ibis tables. `order_date` is a business day in the company's zone: the cut into days is
made before the facts arrive here, and a moment with a zone is refused rather than cut somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import Any, Self

from troth.value.checks import Profile, check, empty_values, merge_problems, profile
from troth.value.engine import DuckEngine, Engine, Table
from troth.value.errors import FactsError, NoFrameError, Problem
from troth.value.later import ibis, pa, pl

MONEY = "decimal(18, 4)"

# Column, type (None: as given), and the default where the column is absent; the first ones are required.
REQUIRED = ...
Columns = dict[str, tuple[str | None, Any]]
ORDERS: Columns = {
    "customer_id": (None, REQUIRED),
    "order_date": ("date", REQUIRED),
    "net_amount": (MONEY, REQUIRED),
    "order_id": (None, None),
    "currency": ("string", None),
    "costed_amount": (MONEY, 0),
    "cost_amount": (MONEY, 0),
    "full_price_amount": (MONEY, "net_amount"),
    "store": ("string", None),
    "revision": ("int64", None),
}
RETURNS: Columns = {
    "customer_id": (None, REQUIRED),
    "return_date": ("date", REQUIRED),
    "net_amount": (MONEY, REQUIRED),
    "return_id": (None, None),
    "order_id": (None, None),
    "currency": ("string", None),
    "costed_amount": (MONEY, 0),
    "cost_amount": (MONEY, 0),
    "revision": ("int64", None),
}
LINES: Columns = {
    "customer_id": (None, REQUIRED),
    "order_date": ("date", REQUIRED),
    "category": ("string", REQUIRED),
    "order_id": (None, None),
    "sku": ("string", None),
    "revision": ("int64", None),
}
SERVICE_COSTS: Columns = {
    "customer_id": (None, REQUIRED),
    "cost_date": ("date", REQUIRED),
    "amount": (MONEY, REQUIRED),
    "currency": ("string", None),
}
CUSTOMERS: Columns = {"customer_id": (None, REQUIRED), "canonical_id": (None, REQUIRED)}
SHAPES: dict[str, Columns] = {
    "orders": ORDERS,
    "returns": RETURNS,
    "lines": LINES,
    "service_costs": SERVICE_COSTS,
    "customers": CUSTOMERS,
}
DATES = {
    "orders": "order_date",
    "returns": "return_date",
    "lines": "order_date",
    "service_costs": "cost_date",
}
# What makes a row the same row in a later revision.
KEYS = {"orders": ("order_id",), "returns": ("return_id",), "lines": ("order_id",)}


class Facts:
    """Orders and what belongs to them, as frames (polars, pandas or Arrow).

    `orders` needs `customer_id`, `order_date`, `net_amount`; other names are mapped by `columns`
    (`{"customer_id": "client", …}`). Optional: `order_id`, `currency`, `costed_amount` (the part whose unit
    cost is known), `cost_amount` (of that part), `full_price_amount`, `store` (its code), `revision`. `returns` needs
    `customer_id`, `return_date`, `net_amount` (positive) and names its order in `order_id` where known;
    `lines` needs `customer_id`, `order_date`, `category`; `service_costs` needs `customer_id`, `cost_date`,
    `amount`; `customers` needs `customer_id` and `canonical_id`, and counts the facts of a merged customer
    under the latter (which must itself be final). Amounts are kept to ten-thousandths, rounded half away
    from zero.

    `currency` keeps the facts of that currency only; without it, more than one is refused. `today` refuses
    facts of a later day. Raises `FactsError` at the first calculation (or `check()`).
    """

    def __init__(
        self,
        orders: Any,
        *,
        returns: Any = None,
        lines: Any = None,
        service_costs: Any = None,
        customers: Any = None,
        columns: Mapping[str, str] | None = None,
        currency: str | None = None,
        today: date | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.engine = engine or DuckEngine()
        self.currency = currency
        self.today = today
        given = {
            "orders": orders,
            "returns": returns,
            "lines": lines,
            "service_costs": service_costs,
            "customers": customers,
        }
        arrow = {name: arrow_of(frame) for name, frame in given.items() if frame is not None}
        if columns:
            arrow["orders"] = renamed(arrow["orders"], columns)
        self._raw = {name: self.engine.register(table) for name, table in arrow.items()}

    @cached_property
    def days(self) -> dict[date, Table]:
        """The stored purchase days, by the day up to which they reach; see `troth.value.days`."""
        return {}

    @cached_property
    def monthly(self) -> dict[Any, pl.DataFrame]:
        """Small monthly tables already computed, by day and margin: the columns of `trend`."""
        return {}

    def close(self) -> None:
        """Give the engine back; the facts cannot be asked any more."""
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def has(self, fact: str) -> bool:
        """Whether a fact (`orders`, `returns`, `lines`, `service_costs`, `customers`) was given."""
        return fact in self._raw

    def check(self) -> Profile:
        """Rows, days and currency of the orders; raises `FactsError` with every problem found."""
        return self.profile

    @cached_property
    def profile(self) -> Profile:
        """Rows, days and currency of the orders, checked. Raises `FactsError`."""
        return profile(self.engine, self.orders)

    @cached_property
    def _checked(self) -> bool:
        columns = {name: self._columns(name) for name in self._raw}
        check(self.engine, self._raw, columns, DATES, currency=self.currency, today=self.today)
        return True

    def as_of(self, day: date | None) -> date:
        """The day asked for, or the last day with an order."""
        last = self.profile.last_date
        if day is None and last is None:
            raise FactsError(
                Problem("no_facts", "orders", "order_date", 0, "there are no orders", "name the day in as_of")
            )
        return day or last  # type: ignore[return-value]  # one of the two is a day, as checked above

    @cached_property
    def orders(self) -> Table:
        """The orders, checked, in the columns of `SHAPES`, as an Ibis table. Raises `FactsError`."""
        return self._ready("orders")

    @cached_property
    def returns(self) -> Table:
        """The returns, checked, in the columns of `SHAPES`, as an Ibis table. Raises `FactsError`."""
        return self._ready("returns")

    @cached_property
    def lines(self) -> Table:
        """The lines, checked, in the columns of `SHAPES`, as an Ibis table. Raises `FactsError`."""
        return self._ready("lines")

    @cached_property
    def service_costs(self) -> Table:
        """The service costs, checked, in the columns of `SHAPES`, as an Ibis table. Raises `FactsError`."""
        return self._ready("service_costs")

    def has_links(self) -> bool:
        """Whether returns can name their orders."""
        return self.has("returns") and all("order_id" in self._raw[fact].columns for fact in ("orders", "returns"))

    def is_plain_log(self) -> bool:
        """Whether the orders tell amounts only: no costs, no full prices."""
        return not {"costed_amount", "cost_amount", "full_price_amount"} & set(self._raw["orders"].columns)

    def is_superseded(self, fact: str) -> bool:
        """Whether later revisions of a row may stand beside earlier ones."""
        return self._has_revisions(fact)

    def _has_revisions(self, fact: str) -> bool:
        return fact in KEYS and {"revision", *KEYS[fact]} <= set(self._raw[fact].columns)

    def _ready(self, fact: str) -> Table:
        assert self._checked
        table = self._shape(fact)
        if self.is_superseded(fact):
            table = latest(self.engine, table, KEYS[fact], self._heads(fact))
        if self.currency is not None and "currency" in self._raw[fact].columns:
            table = table.filter(table.currency == self.currency)
        return self.under_canonical(table)

    def _heads(self, fact: str) -> Table | None:
        """The orders, for their lines: a revision that left an order without lines is told by the order alone."""
        return self._shape("orders") if fact == "lines" and self._has_revisions("orders") else None

    def _shape(self, fact: str) -> Table:
        return self._raw[fact].select(**self._columns(fact))

    def _columns(self, fact: str) -> dict[str, Any]:
        """Our columns of a fact; a day or amount that is none becomes null and is found by the check."""
        raw = self._raw[fact]
        missing = [n for n, (_, default) in SHAPES[fact].items() if default is REQUIRED and n not in raw.columns]
        if missing:
            raise FactsError(*(missing_column(fact, name, raw.columns) for name in missing))
        return {name: shaped_column(raw, name, *spec) for name, spec in SHAPES[fact].items()}

    @cached_property
    def _merged(self) -> Table | None:
        if not self.has("customers"):
            return None
        customers = self._shape("customers")
        merged = customers.filter(customers.canonical_id != customers.customer_id)
        stored = self.engine.store(merged.rename(merged_id="customer_id"))
        if problems := list(merge_problems(self.engine, stored)):
            raise FactsError(*problems)
        return stored if self.engine.row(stored.agg(rows=stored.count()))["rows"] else None

    def under_canonical(self, table: Table) -> Table:
        """Return the table with a merged customer's rows under the record he was merged into."""
        merged = self._merged
        if merged is None:
            return table
        joined = table.left_join(merged, table.customer_id == merged.merged_id)
        mapped = joined.mutate(customer_id=ibis.coalesce(joined.canonical_id, joined.customer_id))
        return mapped.drop("merged_id", "canonical_id")


def as_facts(facts: Any) -> Facts:
    """What is given, or an orders frame as facts."""
    return facts if isinstance(facts, Facts) else Facts(facts)


def arrow_of(frame: Any) -> pa.Table:
    """An Arrow table of a polars, pandas or Arrow frame."""
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame.to_arrow()
    if type(frame).__module__.partition(".")[0] == "pandas":
        return pa.Table.from_pandas(frame, preserve_index=False)
    raise NoFrameError(f"{type(frame).__name__} is no frame: pass polars, pandas or pyarrow")


def polars_of(given: Any, table: str, columns: Iterable[str]) -> pl.DataFrame:
    """A polars, pandas or Arrow frame, or a result that holds one, as polars; refuses missing columns."""
    frame = pl.from_arrow(arrow_of(getattr(given, "frame", given)))
    assert isinstance(frame, pl.DataFrame)
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise FactsError(*(missing_column(table, name, frame.columns) for name in missing))
    return frame


def renamed(table: pa.Table, columns: Mapping[str, str]) -> pa.Table:
    missing = [given for given in columns.values() if given not in table.column_names]
    if missing:
        raise FactsError(*(missing_column("orders", name, table.column_names) for name in missing))
    names = {given: ours for ours, given in columns.items()}
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def missing_column(fact: str, name: str, columns: Any) -> Problem:
    way_out = f"name it so or map it with columns=; there are {', '.join(columns)}"
    return Problem("missing_column", fact, name, 0, "column is missing", way_out)


def shaped_column(raw: Table, name: str, kind: str | None, default: Any) -> Any:
    if name not in raw.columns:
        if isinstance(default, str):
            return raw[default].try_cast(kind)
        return ibis.literal(default).cast(kind or "string") if default is not None else ibis.null(kind or "string")
    column = raw[name]
    if kind is None:
        return column
    if kind == "date" and column.type().is_date():
        return column
    return column if str(column.type()) == kind else column.try_cast(kind)


def latest(engine: Engine, table: Table, key: tuple[str, ...], heads: Table | None = None) -> Table:
    """Only the highest revision of each key; with `heads`, the highest that these or the rows know.

    Rows above the first revision are few: one small table of them tells which earlier rows are superseded,
    and the many others are read without sorting or grouping.
    """
    first = engine.row(table.agg(first=table.revision.min()))["first"]
    known = table.select(*key, "revision")
    if heads is not None:
        known = ibis.union(known, heads.select(*key, "revision"))
    later = known.filter(known.revision > first)
    keys = [later[name].name(f"newest_{name}") for name in key]
    newest = engine.store(later.group_by(keys).agg(newest=later.revision.max()))
    joined = table.left_join(newest, [table[name] == newest[f"newest_{name}"] for name in key])
    kept = joined.filter(joined.newest.isnull() | (joined.revision == joined.newest))
    return kept.drop("newest", *(f"newest_{name}" for name in key))


@contextmanager
def frame_in(frame: Any, *columns: str) -> Iterator[tuple[Engine, Table]]:
    """An engine and a table over a frame of figures; refuses missing columns and empty values."""
    table = arrow_of(getattr(frame, "frame", frame))
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise FactsError(*(missing_column("customers", name, table.column_names) for name in missing))
    engine = DuckEngine()
    try:
        registered = engine.register(table)
        if problems := empty_values(engine, "customers", registered, columns):
            raise FactsError(*problems)
        yield engine, registered
    finally:
        engine.close()
