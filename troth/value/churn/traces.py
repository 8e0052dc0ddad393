"""What else is known of customers, day by day: complaints, answers, visits, messages, points.

A trace is something that happened to a customer on a day. One frame holds those of all kinds; what is known on a
cut-off day is counted here from the rows up to that day, so that no source can look ahead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from troth.value.errors import FactsError, Problem
from troth.value.facts import polars_of
from troth.value.later import pl

TABLE = "traces"
COLUMNS = ("customer_id", "trace", "day", "amount")
WINDOW = 182


@dataclass(frozen=True, slots=True)
class Trace:
    """What becomes of one kind of trace.

    theme: under which reasons tell it. figure: `count` (how often in the last 182 days), `sum` or `mean` of the amount
    in them, or `last` (the amount that came last, at any time before). No row: count and sum 0, the others not known.
    """

    theme: str
    figure: Literal["count", "sum", "mean", "last"] = "count"


@dataclass(frozen=True, slots=True)
class Traces:
    """Checked traces: rows of known kinds, and what becomes of each. The feature has the name of the trace."""

    rows: pl.DataFrame
    kinds: Mapping[str, Trace]

    @property
    def themes(self) -> dict[str, str]:
        return {name: kind.theme for name, kind in self.kinds.items()}

    def among(self, customers: pl.Series) -> Traces:
        """The traces of these customers."""
        wanted = customers.cast(pl.String).to_frame("customer_id")
        return Traces(self.rows.join(wanted, on="customer_id", how="semi"), self.kinds)

    def beside(self, frame: pl.DataFrame, cut: date) -> pl.DataFrame:
        """The frame with a column a trace, as known on the evening of the cut-off."""
        known = self.rows.filter(pl.col("day") <= cut)
        recent = known.filter(pl.col("day") > cut - timedelta(days=WINDOW))
        key = pl.col("customer_id").cast(pl.String)
        for name, kind in self.kinds.items():
            rows = (known if kind.figure == "last" else recent).filter(pl.col("trace") == name)
            figures = {
                "count": pl.len().cast(pl.Float64),
                "sum": pl.col("amount").sum(),
                "mean": pl.col("amount").mean(),
                "last": pl.col("amount").sort_by("day", "amount").last(),
            }
            counted = rows.group_by("customer_id").agg(figures[kind.figure].alias(name))
            joined = frame.select(customer_id=key).join(counted, on="customer_id", how="left", maintain_order="left")
            found = joined[name].fill_null(0.0) if kind.figure in ("count", "sum") else joined[name]
            frame = frame.with_columns(found)
        return frame


def checked(given: Any, kinds: Mapping[str, Trace]) -> Traces:
    """The traces of a frame; without one, none.

    Raises:
        FactsError: a column is missing, a cell is empty, a day is none, or a trace has no kind.
    """
    if given is None or not kinds:
        return Traces(pl.DataFrame(schema={"customer_id": pl.String, "trace": pl.String, "day": pl.Date}), {})
    frame = polars_of(given, TABLE, COLUMNS).select(COLUMNS)
    if frame.schema["day"] != pl.Date:
        what, way_out = f"holds {frame.schema['day']}, not days", "give days, in the company's zone"
        raise FactsError(Problem("not_a_day", TABLE, "day", frame.height, what, way_out))
    problems = [_empty(frame, name) for name in COLUMNS if frame[name].null_count()]
    unknown = sorted(set(frame["trace"].cast(pl.String).drop_nulls().unique()) - set(kinds))
    if unknown:
        rows = frame.filter(pl.col("trace").cast(pl.String).is_in(unknown)).height
        problems.append(Problem("unknown_trace", TABLE, "trace", rows, ", ".join(unknown[:3]), "name it in kinds"))
    if problems:
        raise FactsError(*problems)
    text, number = pl.col("customer_id", "trace").cast(pl.String), pl.col("amount").cast(pl.Float64)
    return Traces(frame.with_columns(text, number), kinds)


def _empty(frame: pl.DataFrame, name: str) -> Problem:
    first = int(frame[name].is_null().arg_true()[0])
    count = frame[name].null_count()
    return Problem(
        "missing", TABLE, name, count, f"{count} rows without it, the first in row {first}", "leave them out"
    )
