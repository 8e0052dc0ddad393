"""Bringing the rows of one order, or of one customer, together, wherever in the file they stand.

DuckDB sorts on disk within a memory limit; the order is total (key, row), so a second sort after a crash gives the
same file. Here the whole file has been seen, so here it is settled which way round its dates are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from troth.value.later import duckdb, pl

from . import refusals
from .limits import Limits
from .options import DateOrderChoice, Options, OrderNumbers
from .targets import BY_CODE, ESSENTIAL, Shape, ValueKind
from .values.dates import DateOrder

MEMORY = "256MB"
ROWS_PER_GROUP = 20_480  # what one batch of the writing reads; a multiple of DuckDB's vector of 2,048

MAX_KEY_CHARS = 120  # an order's number as `activity` keeps it
_OLDEST_DAYS = 130 * 366  # as `customers` has it


def sort(
    folder: Path,
    *,
    options: Options,
    orders: Mapping[str, DateOrder],
    limits: Limits,
    now: datetime,
) -> tuple[int, int]:
    """Write `folder/sorted.parquet` of the staged parts; return its number of rows, and how many were left out.

    Rows whose dates cannot be settled carry the reason in `date_code`, with the target in `date_target`; a day that
    the row can do without is emptied, its reason in a column such as `birth_date_code`. Orders of too many rows are
    refused here and left out.
    """
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    new = folder / "sorted.new"
    with duckdb.connect(config={"memory_limit": MEMORY, "threads": 2, "temp_directory": str(scratch)}) as database:
        database.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
        parts = _quoted(folder / "staged" / "*.parquet")
        database.execute(f"CREATE VIEW rows AS FROM read_parquet('{parts}', union_by_name = true)")
        columns = {name for name, *_rest in database.execute("DESCRIBE rows").fetchall()}
        key = _key(columns, options, orders, now)
        database.execute(f"CREATE VIEW staged AS SELECT * REPLACE ({key} AS key) FROM rows")  # noqa: S608  own names
        has_limit = options.shape != Shape.CUSTOMERS
        oversized = _refuse_oversized(database, folder, limits.lines_per_order if has_limit else None)
        selected = _selected(columns, options, orders, now)
        database.execute(
            f"COPY (FROM (SELECT {selected} FROM staged ANTI JOIN oversized USING (key))"  # noqa: S608  own names
            f" ORDER BY {_sequence(columns, options)}) TO '{_quoted(new)}'"
            f" (FORMAT parquet, ROW_GROUP_SIZE {ROWS_PER_GROUP})"
        )
        row = database.execute("SELECT count(*) FROM read_parquet(?)", [str(new)]).fetchone()
    new.replace(folder / "sorted.parquet")
    return (int(row[0]) if row else 0), oversized


def _sequence(columns: set[str], options: Options) -> str:
    """Return what the sorted file is sorted by: orders that earn go in as they happened, each in one piece."""
    if options.is_earning and "ordered_at_day_first" in columns:
        return "min(ordered_at) OVER (PARTITION BY key) NULLS FIRST, key, row"
    return "key, row"


def _key(columns: set[str], options: Options, orders: Mapping[str, DateOrder], now: datetime) -> str:
    """Return the SQL of what names an order: its number, or "store/day/number" where tills begin anew each day."""
    if not _is_per_day(columns, options):
        return "key"
    moment, _code = _settle("ordered_at", _order(options, orders["ordered_at"]), now)
    zone = options.time_zone.replace("'", "''")
    day = f"strftime(timezone('{zone}', {moment}), '%Y-%m-%d')"
    return f"CASE WHEN store IS NULL OR {day} IS NULL THEN key ELSE store || '/' || {day} || '/' || key END"


def _is_per_day(columns: set[str], options: Options) -> bool:
    is_wanted = options.order_numbers == OrderNumbers.STORE_DAY and options.shape != Shape.CUSTOMERS
    return is_wanted and {"store", "ordered_at_day_first"} <= columns


def _refuse_oversized(database: duckdb.DuckDBPyConnection, folder: Path, limit: int | None) -> int:
    database.execute(
        "CREATE TEMP TABLE oversized AS SELECT key, count(*) AS found FROM staged GROUP BY key HAVING count(*) > ?",
        [limit or 2**62],
    )
    found = database.sql(
        "SELECT row, -1 AS \"column\", 'too_many_lines' AS code,"
        " to_json({'order': key, 'found': found, 'limit': ?})::VARCHAR AS \"values\""
        " FROM staged JOIN oversized USING (key)",
        params=[limit],
    )
    count = 0
    for number, batch in enumerate(found.to_arrow_reader(50_000)):
        part = pl.from_arrow(batch)
        assert isinstance(part, pl.DataFrame)
        refusals.write(folder / "refused", f"oversized-{number:06}", part)
        count += len(part)
    return count


def _selected(columns: set[str], options: Options, orders: Mapping[str, DateOrder], now: datetime) -> str:
    """Return the columns of the sorted file: dates settled, everything else as it is."""
    settled: list[str] = []
    codes: list[str] = []
    targets: list[str] = []
    replaced: set[str] = set()
    for name in ("ordered_at", "birth_date", "joined_date"):
        if f"{name}_day_first" in columns:
            replaced |= {f"{name}_day_first", f"{name}_month_first"}
            value, code = _settle(name, _order(options, orders[name]), now)
            if name in ESSENTIAL:
                settled.append(f"{value} AS {name}")
                codes.append(code)
                targets.append(f"WHEN {code} IS NOT NULL THEN '{name}'")
            else:
                settled += [f"CASE WHEN {code} IS NULL THEN {value} END AS {name}", f"{code} AS {name}_code"]
    if _is_per_day(columns, options):
        for wrong, code, column in (
            ("store IS NULL", "missing_value", "store"),
            (f"length(key) > {MAX_KEY_CHARS}", "too_long", "order_id"),
        ):
            is_wrong = f"(NOT is_refused AND {wrong})"
            codes.append(f"CASE WHEN {is_wrong} THEN '{code}' END")
            targets.append(f"WHEN {is_wrong} THEN '{column}'")
    kept = [f'"{name}"' for name in sorted(columns - replaced)]
    code = f"coalesce({', '.join(codes)})" if codes else "NULL::VARCHAR"
    target = f"CASE {' '.join(targets)} END" if targets else "NULL::VARCHAR"
    return ", ".join([*kept, *settled, f"{code} AS date_code", f"{target} AS date_target"])


def days_out_of_range(
    rows: pl.DataFrame, options: Options, evidence: Mapping[str, Mapping[str, int]], now: datetime
) -> pl.DataFrame:
    """Return, of some staged rows, the dates that no reading of the whole column can save: refusals, and `is_refused`.

    Rows whose day and month only the rest of the file can tell apart are not among them.
    """
    parts = [refusals.empty().with_columns(is_refused=pl.lit(value=True))]
    for name in (name for name in evidence if f"{name}_day_first" in rows.columns):
        found = DateOrder.from_evidence(
            only_day_first=evidence[name]["day_first"], only_month_first=evidence[name]["month_first"]
        )
        _value, code = _settle(name, _order(options, found), now)
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            database.register("staged", rows.to_arrow())
            hit = database.sql(f"SELECT row FROM staged WHERE {code} = 'date_out_of_range'").pl()  # noqa: S608  own names
        bad = refusals.of_rows(hit["row"], "date_out_of_range", column=options.mapping[name])
        parts.append(bad.with_columns(is_refused=pl.lit(name in ESSENTIAL)))
    return pl.concat(parts)


def _order(options: Options, found: DateOrder) -> DateOrder:
    if options.date_order == DateOrderChoice.AUTO:
        return found
    return DateOrder(options.date_order.value)


def _settle(name: str, order: DateOrder, now: datetime) -> tuple[str, str]:
    """Return the SQL of a date's value and of the reason why it is refused."""
    day, month = f"{name}_day_first", f"{name}_month_first"
    if order == DateOrder.DAY_FIRST:
        value = day
    elif order == DateOrder.MONTH_FIRST:
        value = month
    elif order == DateOrder.BOTH:
        value = f"CASE WHEN {day} IS NULL OR {month} IS NULL OR {day} = {month} THEN coalesce({day}, {month}) END"
    else:
        value = f"CASE WHEN {day} = {month} THEN {day} END"
    is_day = BY_CODE[name].kind == ValueKind.DAY
    value = f"CAST({value} AS DATE)" if is_day else value
    last = (now + timedelta(days=1)).strftime("%Y-%m-%d" if is_day else "%Y-%m-%d %H:%M:%S+00")
    first = now.date() - timedelta(days=_OLDEST_DAYS) if is_day else date(1970, 1, 1)
    wrong = "no_such_day" if order in (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST) else "ambiguous_date"
    code = (
        f"CASE WHEN is_refused OR ({day} IS NULL AND {month} IS NULL) THEN NULL WHEN {value} IS NULL THEN '{wrong}'"
        f" WHEN {value} < '{first}' OR {value} > '{last}' THEN 'date_out_of_range' END"
    )
    return value, code


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
