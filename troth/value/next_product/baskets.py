"""Who bought what, as a matrix of customers by products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from troth.value.errors import FactsError, Problem
from troth.value.facts import Facts, polars_of
from troth.value.terms import checked_day, require

TABLE = "purchases"
COLUMNS = ("customer_id", "product", "order_date")
Matrix = Any  # scipy.sparse.csr_array: SciPy ships no types that mypy can follow


@dataclass(frozen=True, slots=True)
class Baskets:
    """A row a customer, a column a product; a cell is 1 where the customer bought it on any day.

    customers: ids, sorted; products: sorted, of those with enough buyers; bought: sparse, customers × products.
    """

    customers: pl.Series
    products: pl.Series
    bought: Matrix

    def rows_of(self, customers: pl.Series) -> np.ndarray[Any, Any]:
        """The rows of these customers, in their order; −1 for those who are not here."""
        places = pl.DataFrame({"customer_id": self.customers}).with_row_index("row")
        asked = pl.DataFrame({"customer_id": customers})
        found = asked.join(places, on="customer_id", how="left", maintain_order="left")
        return found["row"].cast(pl.Int64).fill_null(-1).to_numpy()


def purchases_of(facts: Facts, *, as_of: date, level: str = "sku") -> pl.DataFrame:
    """The lines of a lake as `customer_id`, `product`, `order_date`, one row a customer, product and day.

    level: `sku` or `category`. Lines without one are left out.

    Raises:
        FactsError: the facts have no lines. TermsError: an unknown level.
    """
    require(level in ("sku", "category"), "level", level, "must be sku or category")
    if not facts.has("lines"):
        raise FactsError(Problem("missing", "lines", level, 0, "no lines", "give the lines of the orders"))
    day = checked_day("as_of", as_of)
    lines = facts.lines
    known = lines.filter(lines[level].notnull() & (lines[level] != "") & (lines.order_date <= day))
    return facts.engine.frame(known.select("customer_id", product=known[level], order_date=known.order_date).distinct())


def checked_purchases(purchases: Any) -> pl.DataFrame:
    """The frame with its three columns, one row a customer, product and day.

    Raises:
        FactsError: a column is missing, a cell is empty, a product is no id, or the day is no date.
    """
    frame = polars_of(purchases, TABLE, COLUMNS).select(COLUMNS)
    if frame.schema["order_date"] != pl.Date:
        way_out = "give days, in the company's zone"
        raise FactsError(Problem("not_a_day", TABLE, "order_date", frame.height, "no dates", way_out))
    kind = frame.schema["product"]
    if not (kind.is_integer() or kind in (pl.String, pl.Categorical, pl.Enum)):
        raise FactsError(
            Problem("not_an_id", TABLE, "product", frame.height, f"holds {kind}", "give ids: text or whole")
        )
    problems = [
        Problem("missing", TABLE, name, empty, f"{empty} rows without it", "leave them out")
        for name in COLUMNS
        if (empty := frame[name].null_count())
    ]
    if problems:
        raise FactsError(*problems)
    return frame.with_columns(pl.col("product").cast(pl.String)).unique()


def baskets_of(purchases: pl.DataFrame, *, products: pl.Series) -> Baskets:
    """The matrix of checked purchases, for these products only."""
    known = purchases.filter(pl.col("product").is_in(products.implode())).select("customer_id", "product").unique()
    customers = known["customer_id"].unique().sort()
    products = products.sort()
    cells = known.join(
        pl.DataFrame({"customer_id": customers}).with_row_index("row"), on="customer_id"
    ).join(pl.DataFrame({"product": products}).with_row_index("column"), on="product")  # fmt: skip
    ones = np.ones(cells.height, dtype=np.float32)
    places = (cells["row"].to_numpy(), cells["column"].to_numpy())
    shape = (customers.len(), products.len())
    return Baskets(customers, products, sparse.csr_array((ones, places), shape=shape, dtype=np.float32))


def sold_products(purchases: pl.DataFrame, *, least_buyers: int, most: int) -> pl.Series:
    """The products with enough buyers, the most bought first, at most so many."""
    buyers = purchases.group_by("product").agg(buyers=pl.col("customer_id").n_unique())
    enough = buyers.filter(pl.col("buyers") >= least_buyers)
    return enough.sort("buyers", "product", descending=[True, False]).head(most)["product"]
