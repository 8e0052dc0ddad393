"""What a model is given, as checked columns: frames, mappings, one customer; every fault told with its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from troth.value.errors import FactsError, Problem
from troth.value.facts import arrow_of, missing_column
from troth.value.models.special import Array

TABLE = "customers"
FEW_ROWS = 2_000  # below them looking for equal ones costs more than it saves
Rule = tuple[str, str, Any, str, str]  # code, column, which rows are bad, what is wrong, way out


def frame_of(data: Any) -> pl.DataFrame:
    """The rows as a polars frame; a mapping of numbers is one customer."""
    if isinstance(data, Mapping):
        rows = {name: value if np.ndim(value) else [value] for name, value in data.items()}
        return pl.DataFrame(rows, strict=False)
    frame = data if isinstance(data, pl.DataFrame) else pl.from_arrow(arrow_of(getattr(data, "frame", data)))
    assert isinstance(frame, pl.DataFrame)
    return frame


def columns_of(frame: pl.DataFrame, names: Iterable[str]) -> dict[str, Array]:
    """The named columns as floats; refuses missing ones, text, nulls and what is not finite."""
    names = list(names)
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise FactsError(*(missing_column(TABLE, name, frame.columns) for name in missing))
    texts = [name for name in names if not frame[name].dtype.is_numeric()]
    if texts:
        raise FactsError(*(no_numbers(name, str(frame[name].dtype)) for name in texts))
    columns = {name: frame[name].cast(pl.Float64).to_numpy() for name in names}
    way_out = "leave these customers out or give them one"
    refuse(frame, [("no_value", n, ~np.isfinite(c), "no finite number", way_out) for n, c in columns.items()])
    return columns


def no_numbers(name: str, kind: str) -> Problem:
    way_out = "pass numbers; days and moments are turned into ages by value.summary"
    return Problem("no_numbers", TABLE, name, 0, f"holds {kind}, not numbers", way_out)


def refuse(frame: pl.DataFrame, rules: Iterable[Rule]) -> None:
    """Raise `FactsError` for every rule that some row breaks, naming the first such row."""
    problems = [broken(frame, *rule) for rule in rules if np.any(rule[2])]
    if problems:
        raise FactsError(*problems)


def broken(frame: pl.DataFrame, code: str, column: str, is_bad: Any, what: str, way_out: str) -> Problem:
    rows = np.flatnonzero(is_bad)
    first = int(rows[0])
    who = f", customer {frame['customer_id'][first]}" if "customer_id" in frame.columns else ""
    others = f" and {len(rows) - 1} more rows" if len(rows) > 1 else ""
    told = f"{what}: {frame[column][first]} in row {first} (counted from 0{who}){others}"
    return Problem(code, TABLE, column, len(rows), told, way_out)


def refuse_repeated(frame: pl.DataFrame) -> None:
    """Refuse a customer who stands twice, and money of more than one currency."""
    if "customer_id" in frame.columns and frame["customer_id"].n_unique() != frame.height:
        is_again = ~frame["customer_id"].is_first_distinct().to_numpy()
        rule = ("repeated_id", "customer_id", is_again, "stands twice", "one row a customer: see value.summary")
        refuse(frame, [rule])
    if "currency" in frame.columns and frame["currency"].n_unique() > 1:
        kinds = ", ".join(sorted(str(kind) for kind in frame["currency"].unique()))
        way_out = "keep one, or convert first"
        what = f"more than one: {kinds}"
        raise FactsError(Problem("mixed_currencies", TABLE, "currency", frame.height, what, way_out))


def distinct(columns: dict[str, Array]) -> tuple[dict[str, Array], Any]:
    """The distinct rows of some columns, and for every row the place of its own among them."""
    rows = len(next(iter(columns.values())))
    if rows < FEW_ROWS:
        return columns, slice(None)
    grouped = pl.DataFrame(columns).with_row_index("row").group_by(*columns).agg("row").with_row_index("place")
    place = grouped.select("place", "row").explode("row").sort("row")["place"].to_numpy()
    return {name: grouped[name].to_numpy() for name in columns}, place


def history_columns(frame: pl.DataFrame) -> dict[str, Array]:
    """frequency, recency, T of buying in continuous time.

    Who bought only once has recency 0; who came back did so after the first day. T = 0 (first bought on the
    last day) is allowed and says nothing.
    """
    columns = columns_of(frame, ("frequency", "recency", "T"))
    frequency, recency, age = columns["frequency"], columns["recency"], columns["T"]
    repeats = frequency > 0
    refuse(
        frame,
        [
            *count_rules("frequency", frequency, "it counts the purchases after the first"),
            ("negative", "T", age < 0, "below 0", "T is the age since the first purchase; look for future days"),
            ("negative", "recency", recency < 0, "below 0", "recency is the age at the last purchase"),
            (
                "recency_above_T", "recency", recency > age, "above T",
                "recency is the age at the last purchase, not the days since; both in one unit",
            ),
            (
                "recency_of_one", "recency", (frequency == 0) & (recency > 0), "above 0 with frequency 0",
                "with one purchase the first is the last: recency 0; frequency counts repeats only",
            ),
            (
                "recency_of_many", "recency", repeats & (recency == 0), "0 with repeats",
                "all purchases of one day are one: see value.summary",
            ),
        ],
    )  # fmt: skip
    refuse_repeated(frame)
    return columns


def count_rules(name: str, counts: Array, meaning: str) -> list[Rule]:
    return [
        ("negative", name, counts < 0, "below 0", meaning),
        ("not_whole", name, counts != np.floor(counts), "not whole", meaning),
    ]


def occasion_columns(frame: pl.DataFrame) -> dict[str, Array]:
    """frequency, recency, T of buying at set occasions, all whole; at most one purchase an occasion."""
    columns = columns_of(frame, ("frequency", "recency", "T"))
    frequency, recency, age = columns["frequency"], columns["recency"], columns["T"]
    refuse(
        frame,
        [
            *count_rules("frequency", frequency, "it counts the occasions with a purchase, the first not counted"),
            *count_rules("recency", recency, "it is the number of the last occasion with a purchase"),
            *count_rules("T", age, "it counts the occasions so far"),
            ("recency_above_T", "recency", recency > age, "above T", "recency is the number of an occasion up to T"),
            ("above_recency", "frequency", frequency > recency, "above recency", "one purchase an occasion at most"),
            (
                "recency_of_none", "recency", (frequency == 0) & (recency > 0), "above 0 with frequency 0",
                "without a purchase recency is 0",
            ),
        ],
    )  # fmt: skip
    refuse_repeated(frame)
    return columns


def spend_columns(frame: pl.DataFrame) -> dict[str, Array]:
    """frequency and monetary_value, the mean of the repeat purchases; 0 or more."""
    columns = columns_of(frame, ("frequency", "monetary_value"))
    frequency, spend = columns["frequency"], columns["monetary_value"]
    way_out = "money given back belongs in returns; leave these customers out or correct them"
    refuse(
        frame,
        [
            *count_rules("frequency", frequency, "it counts the purchases after the first"),
            ("negative", "monetary_value", (spend < 0) & (frequency > 0), "below 0", way_out),
        ],
    )
    refuse_repeated(frame)
    return columns


def contract_columns(frame: pl.DataFrame) -> dict[str, Array]:
    """recency and T of contracts, whole periods: left at the end of period `recency`, or (= T) still there."""
    columns = columns_of(frame, ("recency", "T"))
    recency, age = columns["recency"], columns["T"]
    refuse(
        frame,
        [
            *count_rules("recency", recency, "it is the number of a customer's last period"),
            *count_rules("T", age, "it is the number of the period now running"),
            ("too_small", "T", age < 1, "below 1", "the first period is number 1"),
            ("too_small", "recency", recency < 1, "below 1", "the first period is number 1"),
            ("recency_above_T", "recency", recency > age, "above T", "recency is the number of a period up to T"),
        ],
    )
    refuse_repeated(frame)
    return columns
