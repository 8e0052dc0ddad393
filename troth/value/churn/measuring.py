"""How well chances of leaving were told: order (AUC, average precision, lift) and truth (Brier, calibration)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from troth.value.churn.boosting import Array
from troth.value.given import number, refuse_rows, seed_of
from troth.value.terms import require

TENTHS = 10
TOP = 0.1  # of customers: those whom one would call first
DRAWS = 200


def auc(chance: Array, came: Array) -> tuple[float, float]:
    """Chance that one who left stood above one who stayed (ties half), and its standard error.

    Source: DeLong, DeLong, Clarke-Pearson (1988), by ranks as in Sun and Xu (2014).
    """
    yes, no = chance[came > 0], chance[came == 0]
    all_ranks = mid_ranks(chance)
    above = (all_ranks[came > 0] - mid_ranks(yes)) / no.size
    below = 1 - (all_ranks[came == 0] - mid_ranks(no)) / yes.size
    variance = above.var(ddof=1) / yes.size + below.var(ddof=1) / no.size if min(yes.size, no.size) > 1 else 0.0
    return float(above.mean()), sqrt(max(float(variance), 0.0))


def mid_ranks(values: Array) -> Array:
    """Ranks from 1, equal values at the middle of the places they fill."""
    _found, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: Array = (last - (counts - 1) / 2)[place]
    return found


class Ranked:
    """Chances sorted once, so that draws of customers again cost a pass each. Equal chances come in together."""

    def __init__(self, chance: Array, came: Array) -> None:
        self._order = np.argsort(-chance, kind="stable")
        ranked = chance[self._order]
        self._starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        self._came = came[self._order].astype(float)

    def average_precision_and_lift(self, weights: Array | None = None) -> tuple[float, float]:
        """Area under precision and recall, by steps; share who left among the first tenth ÷ share of all."""
        heavy = np.ones_like(self._came) if weights is None else weights[self._order].astype(float)
        many = np.add.reduceat(heavy, self._starts)
        left = np.add.reduceat(heavy * self._came, self._starts)
        seen, caught = np.cumsum(many), np.cumsum(left)
        if caught[-1] == 0:
            return 0.0, 0.0
        is_there = seen > 0
        precision = np.divide(caught, seen, out=np.zeros_like(caught), where=is_there)
        average = float((precision * left).sum() / caught[-1])
        top = TOP * seen[-1]
        return average, float(np.interp(top, np.r_[0.0, seen], np.r_[0.0, caught]) / TOP / caught[-1])


def brier(chance: Array, came: Array) -> Array:
    """The squared error of each customer's chance."""
    found: Array = np.square(chance - came)
    return found


def calibration(chance: Any, came: Any, *, confidence: float = 0.95) -> pl.DataFrame:
    """Tenths of customers by chance: `tenth` (1 the least), `customers`, `foretold` (mean chance), `came` (share who
    left), `low`, `high` (where that share lies: Wilson 1927). Equal chances stay in one tenth, so that some may be
    missing. Raises `TermsError` for columns of different lengths, chances outside 0 to 1, and who neither
    left nor stayed.
    """
    chance, came = np.asarray(chance, dtype=float), np.asarray(came, dtype=float)
    require(len(chance) == len(came), "came", len(came), f"must be {len(chance)}, one a chance")
    _refuse(chance, "chance", came)
    confidence = number("confidence", confidence, "must lie between 0 and 1", above=0, below=1)
    tenth = np.ceil(mid_ranks(chance) * TENTHS / len(chance) - 1e-9).clip(1, TENTHS).astype(int)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    counts = np.bincount(tenth, minlength=TENTHS + 1)
    held = np.flatnonzero(counts)
    sums = {"foretold": np.bincount(tenth, weights=chance), "came": np.bincount(tenth, weights=came)}
    means = {name: added[held] / counts[held] for name, added in sums.items()}
    grouped = pl.DataFrame({"tenth": held, "customers": counts[held], **means})
    ends = [wilson(share, count, z) for share, count in grouped.select("came", "customers").iter_rows()]
    return grouped.with_columns(low=pl.Series([low for low, _ in ends]), high=pl.Series([high for _, high in ends]))


def _refuse(chance: Array, name: str, came: Array) -> None:
    """Name the first chance that is none, and the first customer of whom it is not told whether he left."""
    checks = (
        (name, chance, (chance >= 0) & (chance <= 1), "must be a chance of 0 to 1"),
        ("came", came, np.isin(came, (0.0, 1.0)), "must be 1 for who left, 0 for who stayed"),
    )
    for told, values, is_good, limit in checks:
        refuse_rows(told, pl.Series(values), pl.Series(~is_good), limit)


def wilson(share: float, count: int, z: float) -> tuple[float, float]:
    """Where the true share lies that `count` were drawn from."""
    middle = (share + z * z / 2 / count) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / 4 / count**2)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def calibration_error(tenths: pl.DataFrame) -> float:
    """The mean distance between what was foretold and what came, over all customers, by tenths."""
    apart = np.abs(tenths["foretold"].to_numpy() - tenths["came"].to_numpy())
    return float(np.average(apart, weights=tenths["customers"].to_numpy()))


def measures(ways: Mapping[str, Any], came: Any, *, seed: int = 0, confidence: float = 0.95) -> pl.DataFrame:
    """One row a way of telling, all held against the same customers, with intervals.

    Columns: `way`, `customers`, `left`; `auc`, `average_precision`, `brier`, `lift` (of the first tenth), each with
    `_low` and `_high`; `calibration_error`. AUC by DeLong, Brier by its mean's error, the others by 200 draws of the
    customers again (Poisson weights). Raises `TermsError` for columns of different lengths, chances outside 0 to 1, and
    where nobody left or nobody stayed: there is no order to be judged.
    """
    confidence = number("confidence", confidence, "must lie between 0 and 1", above=0, below=1)
    seed = seed_of(seed)
    came = np.asarray(came, dtype=float)
    ways = {way: np.asarray(chance, dtype=float) for way, chance in ways.items()}
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    for way, chance in ways.items():
        require(len(chance) == len(came), f"ways.{way}", len(chance), f"must be {len(came)}, one a customer")
        _refuse(chance, f"ways.{way}", came)
    is_mixed = bool((came > 0).any() and (came == 0).any())
    require(is_mixed, "came", int(came.sum()), f"must hold some who left and some who stayed, of {len(came)}")
    ranked = {way: Ranked(chance, came) for way, chance in ways.items()}
    draws = np.random.default_rng(seed)
    again: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _draw in range(DRAWS):
        weights = draws.poisson(1.0, len(came))
        for way, one in ranked.items():
            again[way].append(one.average_precision_and_lift(weights))
    rows = [_measured(way, ways[way], came, ranked[way], again[way], z) for way in ways]
    return pl.DataFrame(rows)


def _measured(
    way: str, chance: Array, came: Array, ranked: Ranked, again: Iterable[tuple[float, float]], z: float
) -> dict[str, Any]:
    order, error = auc(chance, came)
    squares = brier(chance, came)
    half = z * float(squares.std(ddof=1)) / sqrt(len(squares))
    average, lift = ranked.average_precision_and_lift()
    tail = 1 - NormalDist().cdf(z)
    low, high = np.quantile(np.array(list(again)), [tail, 1 - tail], axis=0)
    mean = float(squares.mean())
    return {
        "way": way,
        "customers": len(came),
        "left": int(came.sum()),
        "auc": order,
        "auc_low": max(order - z * error, 0.0),
        "auc_high": min(order + z * error, 1.0),
        "average_precision": average,
        "average_precision_low": float(low[0]),
        "average_precision_high": float(high[0]),
        "brier": mean,
        "brier_low": max(mean - half, 0.0),
        "brier_high": mean + half,
        "lift": lift,
        "lift_low": float(low[1]),
        "lift_high": float(high[1]),
        "calibration_error": calibration_error(calibration(chance, came)),
    }
