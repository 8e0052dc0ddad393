"""From text to typed rows: one batch of a file becomes one frame, refusals aside.

Dates keep both readings until the whole file was seen. A doubtful cell refuses its row only where the row would mean
something else without it (`targets.ESSENTIAL`); elsewhere it is left empty and noted. A refused row stays in the frame
if its order is known, marked, for an order is taken whole or not at all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from troth.kit.money import SCALE
from troth.value.later import pl

from . import refusals
from .limits import Limits
from .options import DateOrderChoice, Options, OrderNumbers
from .reading import Batch
from .targets import ESSENTIAL, Shape, Target, ValueKind
from .values import dates, numbers, people, texts
from .values.column import Column

MAX_QUANTITY = 10**6 * SCALE
MAX_AMOUNT = 10**10 * SCALE
CUSTOMER_IDS = ("customer_id", "card", "phone", "email", "wechat_openid")
_TOTALS = [
    "合计",
    "总计",
    "小计",
    "共计",
    "汇总",
    "total",
    "totals",
    "subtotal",
    "grand total",
    "sum",
    "summe",
    "gesamt",
]


@dataclass
class Staged:
    """What one batch gave.

    Args:
        rows: typed columns, `row`, `key` (of the order or customer) and `is_refused`.
        refused: see `refusals`.
        noted: in the same form, the doubtful cells that were left empty; those of refused rows are among `refused`.
        evidence: per date target, cells that only one of the two readings fits.
    """

    rows: pl.DataFrame
    refused: pl.DataFrame
    noted: pl.DataFrame
    mended: Counter[str]
    evidence: dict[str, Counter[str]] = field(default_factory=dict)


class Stager:
    """Reads the cells of mapped columns by the options of one import."""

    def __init__(self, options: Options, limits: Limits, decimal_mark: str) -> None:
        self._options = options
        self._limits = limits
        self._mark = decimal_mark
        self._targets = [(target, options.mapping[code]) for code, target in options.targets.items()]
        self._essential = essential(options)

    def stage(self, batch: Batch) -> Staged:
        """Return the batch as typed rows."""
        work = _Work(batch)
        for target, number in sorted(self._targets, key=lambda item: item[0].kind != ValueKind.CURRENCY):
            self._read(work, target, number)
        work.settle_doubts(self._essential)
        if self._options.shape == Shape.CUSTOMERS:
            self._finish_customers(work)
        else:
            self._finish_goods(work)
        for fault in batch.faults:
            work.refuse_fault(fault.row, fault.code, fault.values)
        return work.staged()

    def _read(self, work: _Work, target: Target, number: int) -> None:
        column = texts.clean(work.batch.cells[str(number)], self._limits)
        if target.kind in (ValueKind.DAY, ValueKind.MOMENT):
            work.keep_dates(target.code, self._dates(column, target))
        else:
            work.values[target.code] = self._reader(work, target)(column)
        if target.code == "currency":
            work.mend(column.text.is_null() & column.refused.is_null(), "currency_assumed")
            work.values["currency"] = column.text.fill_null(self._options.currency)
        if target.code in ("order_id", "ordered_at"):
            missing = column.text.is_null() & column.refused.is_null()
            column.refuse(missing, "missing_value")
        work.keep(column, target.code, number)

    def _reader(self, work: _Work, target: Target) -> Callable[[Column], pl.Series]:
        currency = work.values.get("currency", self._options.currency)
        country = self._options.country
        column_readers: dict[ValueKind, Callable[[Column], Column]] = {
            ValueKind.IDENTIFIER: partial(texts.identifier, max_chars=target.max_chars),
            ValueKind.TEXT: partial(texts.shown, max_chars=target.max_chars),
            ValueKind.PHONE: partial(people.phone, country=country),
            ValueKind.EMAIL: people.email,
            ValueKind.CURRENCY: people.currency,
            ValueKind.GENDER: partial(people.word, known=people.GENDERS),
            ValueKind.CUSTOMER_KIND: partial(people.word, known=people.CUSTOMER_KINDS),
            ValueKind.YES_NO: partial(people.word, known=people.YES_NO),
            ValueKind.COUNTRY: people.country,
            ValueKind.WORDS: partial(people.words, max_chars=target.max_chars),
            ValueKind.CHOICE: partial(people.word, known={word.lower(): word for word in target.words}),
        }
        if target.code in ("customer_id", "card", "wechat_openid"):
            return lambda column: texts.customer_number(column, target.max_chars).text
        if target.kind in column_readers:
            return lambda column: column_readers[target.kind](column).text
        if target.kind == ValueKind.CLOCK:
            return dates.parse_clock
        if target.kind == ValueKind.PLAIN_DAY:
            return self._plain_day
        if target.kind in (ValueKind.QUANTITY, ValueKind.NUMBER):
            return partial(numbers.parse, mark=self._mark)
        return partial(numbers.parse, mark=self._mark, currency=currency)

    def _dates(self, column: Column, target: Target) -> dates.Moments:
        found = dates.parse(column, keep_time=target.kind == ValueKind.MOMENT)
        if target.kind == ValueKind.DAY:
            return found
        day_first = self._in_utc(found.day_first, found.offset_minutes)
        month_first = self._in_utc(found.month_first, found.offset_minutes)
        skipped = found.day_first.is_not_null() & day_first.is_null()  # the hour a clock change leaves out
        column.refuse(skipped, "no_such_day")
        return dates.Moments(day_first, month_first, found.offset_minutes)

    def _plain_day(self, column: Column) -> pl.Series:
        """Return days; one whose day and month cannot be told apart is refused, unless somebody said which is first."""
        found = dates.parse(column, keep_time=False)
        if self._options.date_order == DateOrderChoice.AUTO:
            differ = found.day_first != found.month_first
            column.refuse(differ, "ambiguous_date")
            return (
                pl.select(pl.coalesce(found.day_first, found.month_first)).to_series().cast(pl.Date).set(differ, None)
            )
        is_day_first = self._options.date_order == DateOrderChoice.DAY_FIRST
        days = found.day_first if is_day_first else found.month_first
        column.refuse(column.present & days.is_null(), "no_such_day")
        return days.cast(pl.Date)

    def _in_utc(self, wall: pl.Series, offset_minutes: pl.Series) -> pl.Series:
        here = wall.dt.replace_time_zone(self._options.time_zone, ambiguous="earliest", non_existent="null")
        frame = pl.DataFrame({"wall": wall, "here": here.dt.convert_time_zone("UTC"), "offset": offset_minutes})
        there = (pl.col("wall") - pl.duration(minutes="offset")).dt.replace_time_zone("UTC")
        utc = pl.when(pl.col("offset").is_null()).then("here").otherwise(there)
        return frame.select(utc.cast(pl.Datetime("us", "UTC"))).to_series()

    def _finish_customers(self, work: _Work) -> None:
        work.refuse_totals(CUSTOMER_IDS)
        named = [code for code in CUSTOMER_IDS if code in work.values]
        if not named:
            work.values["key"] = work.absent_text()
            return
        key = pl.coalesce(pl.concat_str(pl.lit(code + "\x1f"), pl.col(code)) for code in named)
        work.values["key"] = pl.DataFrame({code: work.values[code] for code in named}).select(key).to_series()
        work.refuse(work.values["key"].is_null() & ~work.is_refused, "customer_not_named")

    def _finish_goods(self, work: _Work) -> None:
        work.refuse_totals(("order_id",))
        # While columns are being chosen, one that must be there may be missing still; the page says so by itself.
        if any(code in work.values for code in CUSTOMER_IDS):
            work.refuse(work.names_nobody() & ~work.is_refused, "customer_not_named")
        if "ordered_time" in work.values:
            work.add_time(work.values.pop("ordered_time"))
        _complete_amounts(work, has_quantity=self._options.shape == Shape.LINES)
        work.values["key"] = work.values.pop("order_id", work.absent_text())


def essential(options: Options) -> frozenset[str]:
    """Return the targets of which a doubtful cell refuses its row."""
    is_named_by_store = options.order_numbers == OrderNumbers.STORE_DAY and options.shape != Shape.CUSTOMERS
    return ESSENTIAL | {"store"} if is_named_by_store else ESSENTIAL


class _Work:
    """One batch while it is being read."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.values: dict[str, pl.Series] = {}
        self.mended: Counter[str] = Counter(batch.mended)
        self.evidence: dict[str, Counter[str]] = {}
        self.is_refused = pl.Series(values=[False]).new_from_index(0, len(batch.rows))
        self._refused: list[pl.DataFrame] = []
        self._columns: list[tuple[str, int, Column]] = []

    def absent_text(self) -> pl.Series:
        """Return a column without values."""
        return pl.Series(values=[None], dtype=pl.String).new_from_index(0, len(self.batch.rows))

    def keep(self, column: Column, code: str, number: int) -> None:
        """Take over what is doubtful and what was mended in a column."""
        self._columns.append((code, number, column))

    def settle_doubts(self, essential: frozenset[str]) -> None:
        """Refuse the rows that would mean something else without their doubtful cell, or would name nobody."""
        nobody = self.names_nobody()
        for code, _number, column in self._columns:
            bad = column.refused.is_not_null()
            if code in essential:
                self.is_refused = self.is_refused | bad
            elif code in CUSTOMER_IDS:
                self.is_refused = self.is_refused | (bad & nobody)

    def names_nobody(self) -> pl.Series:
        """Return which rows have nothing by which a customer is recognised."""
        nobody = pl.Series(values=[True]).new_from_index(0, len(self.batch.rows))
        for code in CUSTOMER_IDS:
            if code in self.values:
                nobody = nobody & self.values[code].is_null()
        return nobody

    def keep_dates(self, code: str, found: dates.Moments) -> None:
        self.values[f"{code}_day_first"] = found.day_first
        self.values[f"{code}_month_first"] = found.month_first
        self.evidence[code] = Counter(
            day_first=int((found.day_first.is_not_null() & found.month_first.is_null()).sum()),
            month_first=int((found.day_first.is_null() & found.month_first.is_not_null()).sum()),
        )

    def refuse(self, rows: pl.Series, code: str) -> None:
        """Refuse whole rows."""
        rows = rows.fill_null(value=False)
        if rows.any():
            self.is_refused = self.is_refused | rows
            self._refused.append(refusals.of_rows(self.batch.rows.filter(rows), code))

    def refuse_totals(self, codes: Iterable[str]) -> None:
        """Refuse the sums that people write below a table: “合计” is nobody's card."""
        for code in codes:
            if code in self.values:
                self.refuse(self.values[code].str.to_lowercase().is_in(_TOTALS), "total_row")

    def refuse_fault(self, row: int, code: str, values: dict[str, object]) -> None:
        self._refused.append(
            refusals.of_rows(pl.Series([row]), code, values=pl.Series([json.dumps(values)], dtype=pl.String))
        )

    def mend(self, rows: pl.Series, rule: str) -> None:
        """Count a rule that looks at several columns."""
        count = int((rows.fill_null(value=False) & ~self.is_refused).sum())
        if count:
            self.mended[rule] += count

    def add_time(self, seconds: pl.Series) -> None:
        """Put the time of day from its own column onto the date."""
        for name in ("ordered_at_day_first", "ordered_at_month_first"):
            if name not in self.values:
                continue
            frame = pl.DataFrame({"at": self.values[name], "seconds": seconds.fill_null(0)})
            self.values[name] = frame.select(pl.col("at") + pl.duration(seconds="seconds")).to_series()

    def staged(self) -> Staged:
        noted = []
        for _code, number, column in self._columns:
            bad = column.refused.is_not_null()
            for rule, where in column.mended.items():
                self.mend(where & ~bad, rule)
            if bad.any():
                # A refused row tells everything that is wrong with it, so that it is mended once.
                self._refused.append(self._doubts(column, number, bad & self.is_refused))
                noted.append(self._doubts(column, number, bad & ~self.is_refused))
        rows = pl.DataFrame({"row": self.batch.rows, "is_refused": self.is_refused, **self.values})
        refused = pl.concat([refusals.empty(), *self._refused])
        # Without a key a refused row has nothing to say to other rows any more.
        kept = rows.filter(pl.col("key").is_not_null())
        return Staged(kept, refused, pl.concat([refusals.empty(), *noted]), self.mended, self.evidence)

    def _doubts(self, column: Column, number: int, where: pl.Series) -> pl.DataFrame:
        return refusals.of_rows(self.batch.rows.filter(where), column.refused.filter(where), column=number)


def _complete_amounts(work: _Work, *, has_quantity: bool) -> None:
    """Compute what can be computed of quantity, price, discount and amount, and tell goods sold from goods returned."""
    length = len(work.batch.rows)
    absent = pl.Series(values=[None], dtype=pl.Int64).new_from_index(0, length)
    found = {
        code: work.values.pop(code, absent)
        for code in ("quantity", "unit_price", "discount_amount", "net_amount", "cost_amount", "unit_cost")
    }
    raw = pl.DataFrame(found)
    is_unknown = pl.col("quantity").is_null()
    is_none = (pl.col("quantity") == 0).fill_null(value=False)
    quantity = pl.when(is_unknown).then(SCALE).otherwise("quantity")
    discount = pl.col("discount_amount").abs().fill_null(0)
    gross = _times(quantity, pl.col("unit_price"))
    computed = gross - pl.when(gross < 0).then(-discount).otherwise(discount)
    # A coupon or an adjustment: a line of no pieces, which counts by its amount.
    net = pl.coalesce("net_amount", pl.when(is_none & gross.is_not_null()).then(0).otherwise(computed))
    is_return = (net < 0) | (quantity < 0)
    one = is_unknown | (is_none & is_return)
    size = pl.when(one).then(SCALE).otherwise(quantity.abs())
    price = pl.coalesce(pl.col("unit_price").abs(), _divided(net.abs() + discount, size), pl.when(size == 0).then(0))
    cost = pl.coalesce(pl.col("unit_cost").abs(), _divided(pl.col("cost_amount").abs(), size))
    frame = raw.select(
        one.alias("quantity_assumed"),
        (is_none & ~is_return).alias("quantity_nothing"),
        (pl.col("net_amount").is_null() & net.is_not_null()).alias("amount_computed"),
        (pl.col("unit_price").is_null() & net.is_not_null()).alias("price_computed"),
        ((pl.col("discount_amount") < 0) & ~is_return).alias("discount_sign"),
        (is_return & ((net > 0) | (quantity > 0))).alias("sign_normalised"),
        is_return.alias("became_return"),
        (((gross.abs() - discount - net.abs()).abs() > SCALE // 100) & ~is_none).alias("amount_kept_over_price"),
        net.is_null().alias("missing"),
        ((size > MAX_QUANTITY) | (net.abs() > MAX_AMOUNT) | (price > MAX_AMOUNT) | (cost > MAX_AMOUNT)).alias("large"),
        is_return.fill_null(value=False).alias("is_return"),
        size.alias("quantity"),
        price.alias("unit_price"),
        discount.alias("discount_amount"),
        net.abs().alias("net_amount"),
        cost.alias("unit_cost"),
    )
    work.refuse(frame["missing"] & ~work.is_refused, "amount_missing")
    work.refuse(frame["large"], "line_too_large")
    rules = ["amount_computed", "discount_sign", "sign_normalised", "became_return", "amount_kept_over_price"]
    if has_quantity:
        rules += ["quantity_assumed", "quantity_nothing", "price_computed"]
    for rule in rules:
        work.mend(frame[rule], rule)
    for name in ("is_return", "quantity", "unit_price", "discount_amount", "net_amount", "unit_cost"):
        work.values[name] = frame[name]


def _times(quantity: pl.Expr, price: pl.Expr) -> pl.Expr:
    """Return quantity × price in ten-thousandths, half away from zero; 128 bits on the way."""
    product = quantity.cast(pl.Int128) * price.cast(pl.Int128)
    return (product.sign() * ((product.abs() + SCALE // 2) // SCALE)).cast(pl.Int64, strict=False)


def _divided(amount: pl.Expr, quantity: pl.Expr) -> pl.Expr:
    """Return the amount per unit in ten-thousandths, half up, null per nothing; neither is negative."""
    per_unit = (amount.cast(pl.Int128) * SCALE + quantity // 2) // pl.when(quantity > 0).then(quantity)
    return per_unit.cast(pl.Int64, strict=False)
