"""Measurements: one row a customer and indicator, from orders and from whoever else knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from troth.value.errors import FactsError, Problem
from troth.value.facts import polars_of
from troth.value.later import pl
from troth.value.loyalty.indicators import CATALOGUE, Indicator
from troth.value.terms import checked_day

TABLE = "measurements"
FROM_ORDERS = ("silence_in_gaps", "frequency", "window_revenue", "categories", "tenure_days", "full_price_share")


def columns() -> dict[str, Any]:
    """Return the columns of measurements and their types; None: as given."""
    return {
        "customer_id": None,
        "indicator": pl.Categorical,
        "value": pl.Float64,
        "source": pl.Categorical,
        "measured_date": pl.Date,
        "confidence": pl.Float64,
    }


def from_scores(scores: Any, *, as_of: date) -> pl.DataFrame:
    """The indicators that orders alone tell, for every customer of `value.scores`.

    Columns: `customer_id`, `indicator`, `value`, `source` (always `orders`), `measured_date` (`as_of`), `confidence`
    (1). `silence_in_gaps` is days since the last purchase ÷ usual gap; `full_price_share` is 1 − discount share.

    Raises:
        FactsError: the frame misses a column of `value.scores`.
    """
    needed = (
        "days_since_last_purchase",
        "usual_gap_days",
        "frequency",
        "window_revenue",
        "categories",
        "discount_share",
    )
    frame = polars_of(scores, "scores", ("customer_id", *needed))
    age = next((name for name in ("T", "age_days") if name in frame.columns), "T")
    frame = polars_of(frame, "scores", (age,))
    wide = frame.select(
        "customer_id",
        silence_in_gaps=pl.col("days_since_last_purchase") / pl.col("usual_gap_days").cast(pl.Float64),
        frequency=pl.col("frequency").cast(pl.Float64),
        window_revenue=pl.col("window_revenue").cast(pl.Float64),
        categories=pl.col("categories").cast(pl.Float64),
        tenure_days=pl.col(age).cast(pl.Float64),
        full_price_share=1 - pl.col("discount_share").cast(pl.Float64),
    )
    long = wide.unpivot(index="customer_id", variable_name="indicator", value_name="value")
    return long.with_columns(
        pl.col("indicator").cast(pl.Categorical),
        source=pl.lit("orders", dtype=pl.Categorical),
        measured_date=pl.lit(checked_day("as_of", as_of)),
        confidence=pl.lit(1.0),
    )


def checked(measurements: Any, *, as_of: date, catalogue: Sequence[Indicator] = CATALOGUE) -> pl.DataFrame:
    """Return the measurements up to a day.

    Raises:
        FactsError: a column is missing, an indicator is not of the catalogue, a value is not finite, a confidence lies
            outside 0 to 1.
    """
    frame = polars_of(measurements, TABLE, types := columns())
    frame = frame.select(*types).with_columns(
        pl.col(name).cast(kind) for name, kind in types.items() if kind is not None
    )
    codes = [one.code for one in catalogue]
    rules = (
        ("no_value", "customer_id", pl.col("customer_id").is_null(), "no id", "leave them out or give them one"),
        (
            "unknown",
            "indicator",
            ~pl.col("indicator").is_in(codes),
            "not of the catalogue",
            f"one of {', '.join(codes)}",
        ),
        ("no_value", "value", ~pl.col("value").is_finite(), "no finite number", "leave what was not measured out"),
        ("no_date", "measured_date", pl.col("measured_date").is_null(), "no day", "say when it was measured"),
        ("outside", "confidence", ~pl.col("confidence").is_between(0, 1), "outside 0 to 1", "1 is sure, 0 a guess"),
    )
    problems = []
    for code, column, is_bad, what, way_out in rules:
        bad = frame.with_row_index("row").filter(is_bad.fill_null(value=True))
        if bad.height:
            first = bad.row(0, named=True)
            told = f"{what}: {first[column]!r} in row {first['row']} (counted from 0), {bad.height} in all"
            problems.append(Problem(code, TABLE, column, bad.height, told, way_out))
    if problems:
        raise FactsError(*problems)
    return frame.filter(pl.col("measured_date") <= checked_day("as_of", as_of))


def newest(measurements: pl.DataFrame, indicator: str) -> pl.DataFrame:
    """Return the newest measurement of each customer by one indicator; of one day, the surest."""
    rows = measurements.filter(pl.col("indicator") == indicator)
    if rows["customer_id"].n_unique() == rows.height:
        return rows
    rows = rows.sort("measured_date", "confidence", "value", descending=True)
    return rows.unique("customer_id", keep="first", maintain_order=True)
