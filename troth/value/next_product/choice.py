"""The next product: contestants tried on the last weeks, the best one fitted to everything, its suggestions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from troth.value.errors import FactsError, Problem
from troth.value.given import number, seed_of, whole
from troth.value.next_product.baskets import (
    TABLE,
    Baskets,
    Matrix,
    baskets_of,
    checked_purchases,
    sold_products,
)
from troth.value.next_product.contestants import Array, Contestant, Method, contestant
from troth.value.terms import checked_day, require

CHUNK = 2048  # customers scored at a time
LATELY_DAYS = 91
MOST_DAYS = 3_650
FEWEST = 30  # customers who bought something new in the last weeks, to tell contestants apart


@dataclass(frozen=True, slots=True)
class NextProducts:
    """Which product comes next, by the way that foretold the last weeks best.

    method: the one in use. reason: `beats_popular`, `popular_not_beaten` or `too_few_to_tell`. trials: a row a method:
    `method`, `customers`, `recall` (of what was new to the customer in the last `ahead_days`, how much stood among the
    `shown` first), `recall_low`, `recall_high`, `more` (than popular, of the same customers), `more_low`, `more_high`.
    """

    method: Method
    reason: str
    trials: pl.DataFrame
    shown: int
    ahead_days: int
    _baskets: Baskets
    _contestant: Contestant

    def recommend(self, customers: Any = None, *, count: int = 3) -> pl.DataFrame:
        """Products that the customer has not bought, the likeliest first.

        Args:
            customers: ids, or None for everybody who bought one of the products. Who has bought nothing here gets what
                is popular; who is named twice gets it twice.
            count: how many products at most.

        Columns: `customer_id`, `rank` (1 first), `product`, `score` (higher is likelier; of this method only),
        `because` (a product of the customer's own that speaks most for it; null: for everybody).
        """
        count = whole("count", count)
        asked = self._baskets.customers if customers is None else self._asked(customers)
        rows = self._baskets.rows_of(asked)
        frames = []
        for start in range(0, asked.len(), CHUNK):
            part = rows[start : start + CHUNK]
            bought = _rows(self._baskets.bought, part)
            best, scores = _best(self._contestant, bought, count)
            names = np.repeat(np.arange(start, start + part.size), best.shape[1])
            because = self._contestant.because(bought, best).ravel()
            frames.append(self._named(asked, names, best, scores, because))
        return pl.concat(frames) if frames else self._named(asked, *(np.empty((0, 0), dtype=int),) * 4)

    def _asked(self, customers: Any) -> pl.Series:
        """The ids in the type of those learned from; a text is no list of them."""
        wanted = self._baskets.customers.dtype
        require(not isinstance(customers, str | bytes), "customers", customers, "must be a list of ids")
        ids = list(customers)
        empty = [place for place, one in enumerate(ids) if one is None]
        require(not empty, "customers", None, f"in row {empty[:1]} (counted from 0): must be an id")
        asked = pl.Series("customer_id", ids, strict=False) if ids else pl.Series("customer_id", [], dtype=wanted)
        is_like = asked.dtype == wanted or (asked.dtype.is_integer() and wanted.is_integer())
        require(is_like, "customers", ids[:1], f"must be ids of type {wanted}, as those learned from")
        return asked.cast(wanted)

    def _named(self, asked: pl.Series, places: Array, best: Array, scores: Array, because: Array) -> pl.DataFrame:
        products = self._baskets.products
        own = pl.Series(because.ravel()).cast(pl.Int64)
        frame = pl.DataFrame(
            {
                "customer_id": asked.gather(places.ravel()),
                "rank": np.tile(np.arange(1, best.shape[1] + 1), best.shape[0]),
                "product": products.gather(best.ravel()),
                "score": scores.ravel().astype(float),
                "because": products.gather(own.set(own < 0, None)),
            }
        )
        return frame.filter(pl.col("score").is_finite())


def next_products(
    purchases: Any,
    *,
    as_of: date,
    ahead_days: int = 28,
    shown: int = 10,
    least_buyers: int = 20,
    most_products: int = 4000,
    most_customers: int = 100_000,
    methods: Sequence[Method] = tuple(Method),
    confidence: float = 0.95,
    seed: int = 0,
) -> NextProducts:
    """Choose how to tell the next product, by what customers bought anew in the last weeks.

    Args:
        purchases: `customer_id`, `product`, `order_date`; `purchases_of` takes them from a lake.
        as_of: the last day that counts; the days after `as_of − ahead_days` are foretold.
        least_buyers, most_products: products with fewer buyers are left out; of the rest the most bought.
        most_customers: where there are more, contestants learn from so many, drawn by their id.

    A method is taken only if its recall is more than that of the popular products with an interval above 0; otherwise
    the popular ones are suggested. Recall is of products new to the customer; who bought nothing new does not count.

    Raises:
        FactsError: a column is missing or empty, nothing was bought by `as_of`, or no product has enough buyers.
        TermsError: a setting outside its limits.
    """
    day = checked_day("as_of", as_of)
    ahead_days = whole("ahead_days", ahead_days, most=MOST_DAYS)
    shown, most_customers = whole("shown", shown), whole("most_customers", most_customers)
    least_buyers, most_products = whole("least_buyers", least_buyers), whole("most_products", most_products)
    confidence = number("confidence", confidence, "must lie between 0 and 1", above=0, below=1)
    seed = seed_of(seed)
    for method in methods:
        require(method in list(Method), "methods", method, f"must be some of {', '.join(Method)}")
    frame = checked_purchases(purchases).filter(pl.col("order_date") <= day)
    wanted = [Method.POPULAR, *(one for one in Method if one in methods and one is not Method.POPULAR)]
    drawn = _drawn(frame, most_customers)
    found = _trials(drawn, wanted, day - timedelta(days=ahead_days), shown, least_buyers, most_products, seed)
    table = _table(found, NormalDist().inv_cdf(0.5 + confidence / 2))
    method, reason = _choice(table)
    learned = _baskets(drawn, least_buyers, most_products)
    fitted = contestant(method, learned, _lately(drawn, learned, day), seed=seed)
    baskets = learned if drawn is frame else baskets_of(frame, products=learned.products)
    return NextProducts(method, reason, table, shown, ahead_days, baskets, fitted)


def _drawn(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most so many customers, drawn by their id."""
    customers = frame.select("customer_id").unique()
    if customers.height <= most:
        return frame
    kept = customers.sort(pl.col("customer_id").hash(seed=2), "customer_id").head(most)
    return frame.join(kept, on="customer_id", how="semi")


def _baskets(frame: pl.DataFrame, least_buyers: int, most: int) -> Baskets:
    products = sold_products(frame, least_buyers=least_buyers, most=most)
    if products.is_empty():
        what = f"no product was bought by {least_buyers} customers"
        raise FactsError(Problem("too_few", TABLE, "product", frame.height, what, "give more, or lower least_buyers"))
    return baskets_of(frame, products=products)


def _lately(frame: pl.DataFrame, baskets: Baskets, day: date) -> Array:
    """How many customers bought each product in the last quarter."""
    recent = frame.filter(pl.col("order_date") > day - timedelta(days=LATELY_DAYS))
    counted = recent.group_by("product").agg(buyers=pl.col("customer_id").n_unique())
    asked = pl.DataFrame({"product": baskets.products})
    joined = asked.join(counted, on="product", how="left", maintain_order="left")
    return joined["buyers"].fill_null(0).to_numpy()


def _trials(
    frame: pl.DataFrame, methods: list[Method], cut: date, shown: int, least: int, most: int, seed: int
) -> dict[Method, Array]:
    """The recall of each customer who bought something new after the cut, by method; empty where nothing can be
    told."""
    past, future = frame.filter(pl.col("order_date") <= cut), frame.filter(pl.col("order_date") > cut)
    if past.is_empty() or future.is_empty():
        return {}
    products = sold_products(past, least_buyers=least, most=most)
    if products.is_empty():
        return {}
    baskets = baskets_of(past, products=products)
    known = future.filter(pl.col("product").is_in(products.implode()))
    known = known.filter(pl.col("customer_id").is_in(baskets.customers.implode()))
    fresh = known.join(past, on=["customer_id", "product"], how="anti").select("customer_id", "product").unique()
    asked = fresh["customer_id"].unique().sort()
    if asked.len() < FEWEST:
        return {}
    wanted = baskets_of(fresh, products=products).bought
    rows = baskets.rows_of(asked)
    lately = _lately(past, baskets, cut)
    return {
        method: _recalls(contestant(method, baskets, lately, seed=seed), _rows(baskets.bought, rows), wanted, shown)
        for method in methods
    }


def _recalls(fitted: Contestant, bought: Matrix, wanted: Matrix, shown: int) -> Array:
    """Of what each customer bought anew, the share that stood among those shown."""
    found = []
    for start in range(0, bought.shape[0], CHUNK):
        part = bought[start : start + CHUNK]
        best, _scores = _best(fitted, part, shown)
        for row, columns in enumerate(best):
            bounds = slice(wanted.indptr[start + row], wanted.indptr[start + row + 1])
            own = wanted.indices[bounds]
            found.append(np.isin(own, columns).sum() / own.size)
    return np.array(found)


def _best(fitted: Contestant, bought: Matrix, count: int) -> tuple[Array, Array]:
    """The columns with the highest scores that the customer has not bought, and the scores; −inf: there are no more."""
    scores = np.array(fitted.scores(bought), dtype=np.float32)
    scores[bought.nonzero()] = -np.inf
    count = min(count, scores.shape[1])
    top = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    top.sort(axis=1)  # equal scores in the order of the products
    chosen = np.take_along_axis(scores, top, axis=1)
    order = np.argsort(-chosen, axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1), np.take_along_axis(chosen, order, axis=1)


def _rows(bought: Matrix, rows: Array) -> Matrix:
    """These rows; an empty one for −1."""
    if (rows >= 0).all():
        return bought[rows]
    found = bought[np.where(rows >= 0, rows, 0)].tolil()
    found[rows < 0] = 0
    return found.tocsr()


def _table(found: dict[Method, Array], z: float) -> pl.DataFrame:
    rows = list(_lines(found, z))
    kinds = {"method": pl.String, "customers": pl.Int64} | dict.fromkeys(_SHARES, pl.Float64)
    return pl.DataFrame(rows, schema=kinds)


_SHARES = ("recall", "recall_low", "recall_high", "more", "more_low", "more_high")


def _lines(found: dict[Method, Array], z: float) -> Iterator[dict[str, Any]]:
    for method, recalls in found.items():
        more = recalls - found[Method.POPULAR]
        line: dict[str, Any] = {"method": str(method), "customers": recalls.size}
        for name, figures in (("recall", recalls), ("more", more)):
            half = z * float(figures.std(ddof=1)) / sqrt(figures.size)
            mean = float(figures.mean())
            line |= {name: mean, f"{name}_low": mean - half, f"{name}_high": mean + half}
        yield line


def _choice(table: pl.DataFrame) -> tuple[Method, str]:
    """The method with the best recall of those surely better than popular."""
    if table.is_empty():
        return Method.POPULAR, "too_few_to_tell"
    better = table.filter(pl.col("more_low") > 0).sort("recall", descending=True)
    if better.is_empty():
        return Method.POPULAR, "popular_not_beaten"
    return Method(better["method"][0]), "beats_popular"
