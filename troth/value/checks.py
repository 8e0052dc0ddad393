"""What is wrong with the facts, found in one pass per table and told all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from troth.value.engine import Engine, Table
from troth.value.errors import FactsError, Problem
from troth.value.later import ibis

FIRST_DAY = date(1900, 1, 1)
OWNERS = ("customer_id", "order_id", "return_id", "order_date", "return_date", "cost_date", "canonical_id")
Columns = dict[str, Any]  # name to Ibis expression
Rule = tuple[str, str, Any, str, str]  # code, column, condition of a bad row, what is wrong, way out


@dataclass(frozen=True, slots=True)
class Profile:
    """The orders in short: how many, from when to when, in which currency (None: not told)."""

    rows: int
    first_date: date | None
    last_date: date | None
    currency: str | None


def check(
    engine: Engine,
    raw: Mapping[str, Table],
    columns: Mapping[str, Columns],
    dates: Mapping[str, str],
    *,
    currency: str | None,
    today: date | None,
) -> None:
    """Raise `FactsError` with every problem of every table; `columns` are expressions over the raw tables."""
    problems: list[Problem] = []
    wanted = str(columns["orders"]["customer_id"].type())
    for name, table in raw.items():
        kind = str(columns[name]["customer_id"].type())
        if kind != wanted:
            problems.append(mixed_types(name, kind, wanted))
        problems += found(engine, name, table, list(rules_of(name, table, columns[name], dates.get(name), today)))
    problems += repeated_ids(engine, raw["orders"])
    if currency is None:
        problems += mixed_currencies(engine, raw)
    if problems:
        raise FactsError(*problems)


def profile(engine: Engine, orders: Table) -> Profile:
    day = orders.order_date
    row = engine.row(
        orders.agg(rows=orders.count(), first_date=day.min(), last_date=day.max(), currency=orders.currency.max())
    )
    return Profile(**row)


def merge_problems(engine: Engine, merged: Table) -> Iterator[Problem]:
    """Merged customers who stand twice, or whose canonical record is itself merged."""
    total = engine.row(merged.agg(rows=merged.count(), ids=merged.merged_id.nunique()))
    if repeated := total["rows"] - total["ids"]:
        what = f"{repeated} rows repeat the id of a merged customer"
        yield Problem("repeated_id", "customers", "customer_id", repeated, what, "one row a customer")
    chained = merged.filter(merged.canonical_id.isin(merged.merged_id))
    if rows := engine.row(chained.agg(rows=chained.count()))["rows"]:
        what = f"{rows} rows: merged into a record that is merged itself"
        yield Problem("not_final", "customers", "canonical_id", rows, what, "name the last record of the chain")


def rules_of(name: str, raw: Table, columns: Columns, day: str | None, today: date | None) -> Iterator[Rule]:
    no_id = "no id"
    yield (
        "no_customer",
        "customer_id",
        columns["customer_id"].isnull(),
        no_id,
        "leave them out or give them one",
    )
    if name == "customers":
        yield (
            "no_customer",
            "canonical_id",
            columns["canonical_id"].isnull(),
            no_id,
            "use its own if not merged",
        )
        return
    if day is not None:
        yield from day_rules(day, raw[day].type(), columns[day], today)
    if name == "lines":
        yield (
            "no_category",
            "category",
            columns["category"].isnull(),
            "no category",
            "give them one, such as 'other'",
        )
    for column in amounts_of(name, raw):
        yield from amount_rules(name, column, columns[column])
    if "costed_amount" in raw.columns and name != "lines":
        over = columns["costed_amount"] > columns["net_amount"]
        yield (
            "above_net",
            "costed_amount",
            over,
            "above net_amount",
            "it is the part of it whose cost is known",
        )


def day_rules(day: str, kind: Any, column: Any, today: date | None) -> Iterator[Rule]:
    if kind.is_timestamp() and kind.timezone is not None:
        way_out = "convert to the company's zone and pass the day"
        yield "moment", day, ibis.literal(True), "moments with a zone", way_out
        return
    yield "no_date", day, column.isnull(), "no valid day", "write days as 2017-12-31, or leave them out"
    yield "too_early", day, column < FIRST_DAY, f"before {FIRST_DAY}", "correct the year"
    if today is not None:
        yield "in_future", day, column > today, f"after today, {today}", "correct them or pass another today"


def amounts_of(name: str, raw: Table) -> list[str]:
    if name == "service_costs":
        return ["amount"]
    names = ("net_amount", "costed_amount", "cost_amount", "full_price_amount")
    return [column for column in names if column in raw.columns] if name != "lines" else []


def amount_rules(name: str, column: str, amount: Any) -> Iterator[Rule]:
    yield "no_amount", column, amount.isnull(), "no finite amount", "write a number, or leave them out"
    way_out = {
        "orders": "money given back belongs in returns",
        "returns": "write what was given back as a positive amount",
        "service_costs": "write costs as positive amounts",
    }[name]
    yield "negative", column, amount < 0, "below 0", way_out


def found(engine: Engine, name: str, raw: Table, rules: list[Rule]) -> list[Problem]:
    """The problems with their numbers of rows, all rules counted in one pass, and one such row of each."""
    counts = {f"rule_{n}": raw.count(where=rule[2]) for n, rule in enumerate(rules)}
    row = engine.row(raw.agg(**counts))
    return [
        Problem(code, name, column, rows, f"{rows} rows: {what}{such_as(engine, raw, column, is_bad)}", way_out)
        for n, (code, column, is_bad, what, way_out) in enumerate(rules)
        if (rows := row[f"rule_{n}"])
    ]


def such_as(engine: Engine, raw: Table, column: str, is_bad: Any) -> str:
    """One of the bad rows in words: what stands there, and whose row it is; the same one every time."""
    owner = next((name for name in OWNERS if name != column and name in raw.columns), None)
    if column not in raw.columns or owner is None:
        return ""
    bad = raw.filter(is_bad)
    shown = bad.select(given=bad[column].cast("string"), owner=bad[owner].cast("string"))
    row = engine.row(shown.order_by("owner", "given").limit(1))
    given = "none" if row["given"] is None else row["given"]
    whose = "none" if row["owner"] is None else row["owner"]
    return f", such as {given} ({owner} {whose})"


def empty_values(engine: Engine, name: str, table: Table, columns: Sequence[str]) -> list[Problem]:
    """Figures that are null or not a number, which no calculation may pass on."""
    rules: list[Rule] = []
    for column in columns:
        is_empty = table[column].isnull()
        if table[column].type().is_floating():
            is_empty = is_empty | table[column].isnan()
        rules.append(("no_value", column, is_empty, "no value", "leave them out or give them one"))
    return found(engine, name, table, rules)


def repeated_ids(engine: Engine, orders: Table) -> Iterator[Problem]:
    """Orders that stand twice, where no revision tells which one holds."""
    if "order_id" not in orders.columns or "revision" in orders.columns:
        return
    counted = orders.group_by("order_id").agg(rows=orders.count())
    again = counted.filter(counted.rows > 1)
    told = engine.row(again.agg(rows=(again.rows - 1).sum().coalesce(0).cast("int64"), first=again.order_id.min()))
    if rows := told["rows"]:
        way_out = "one row an order; pass lines in lines, and revisions with a revision column"
        what = f"{rows} rows repeat an id, such as {told['first']}"
        yield Problem("repeated_id", "orders", "order_id", rows, what, way_out)


def mixed_types(name: str, kind: str, wanted: str) -> Problem:
    what = f"type {kind}, but in orders {wanted}"
    return Problem("mixed_types", name, "customer_id", 0, what, "use one type of id in all tables")


def mixed_currencies(engine: Engine, raw: Mapping[str, Table]) -> Iterator[Problem]:
    """More than one currency over all tables, or rows without one beside rows with one."""
    counted = [
        table.group_by("currency").agg(rows=table.count()) for table in raw.values() if "currency" in table.columns
    ]
    if not counted:
        return
    both = ibis.union(*counted) if len(counted) > 1 else counted[0]
    rows = engine.arrow(both.group_by("currency").agg(rows=both.rows.sum().cast("int64"))).to_pylist()
    if len(rows) > 1:
        rows.sort(key=lambda row: (-row["rows"], str(row["currency"])))
        listed = ", ".join(f"{row['currency'] or 'none'} ({row['rows']} rows)" for row in rows)
        fewer = sum(row["rows"] for row in rows[1:])
        way_out = "choose one with currency=, or convert first"
        yield Problem("mixed_currencies", "orders", "currency", fewer, f"more than one: {listed}", way_out)
