"""Who left, told again: label, features and slices from the book's rows, trees by scikit-learn alone, Platt by SciPy.

The chance to be there by a model of buying is left out. Fewer than a hundred people had bought on the evenings that
the trial learns from, so of those it is not known, and what is known of nobody parts nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor
from statistics import median
from typing import Any
from uuid import UUID

import numpy as np
from scipy import optimize, stats
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score

from .book import TODAY, Book, Ordered

Array = np.ndarray[Any, Any]
SILENCE = "Silence against the own gap"
FEATURES = (
    "Days of silence", SILENCE, "Usual gap in days", "Days with a purchase", "Days since the first purchase",
    "Purchases in 91 days", "Purchases against the quarter before", "Money a purchase", "Money in 91 days",
    "Money against the quarter before", "Share of discounts", "Categories bought", "Returns in 182 days",
    "Share given back",
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """One who was not lost on an evening. own: days of silence that are leaving; features: in the order above."""

    id: UUID
    left: bool
    own: int
    features: tuple[float, ...]


@dataclass(frozen=True)
class Slices:
    """People to learn from, to straighten by, to try on; and those of today. Days: of the last three evenings."""

    learn: list[Known]
    straighten: list[Known]
    test: list[Known]
    now: list[Known]
    days: tuple[date, date, date]
    ahead: int


def slices(book: Book) -> Slices:
    """Return the book as it was known on past evenings."""
    day = last_ordinary(book)
    everybody = _evening(book, day, 10**6)
    spans = sorted(one.own for one in everybody)
    nine_of_ten = spans[round(0.9 * (len(spans) - 1))]
    first = min(one.day for one in book.orders)
    room = (day - first).days // 28 * 7
    ahead = min(max(ceil(nine_of_ten / 7) * 7, 28), 182, room)
    backs = [ahead, 2 * ahead, 3 * ahead, 3 * ahead + 28, 3 * ahead + 56, 3 * ahead + 84]
    cuts = [day - timedelta(days=back) for back in backs if (day - first).days - back >= 28]
    told = [_evening(book, cut, ahead, until=day) for cut in cuts]
    return Slices(
        learn=[one for rows in told[2:] for one in rows], straighten=told[1], test=told[0], now=everybody,
        days=(cuts[0], cuts[1], day), ahead=ahead,
    )  # fmt: skip


def last_ordinary(book: Book) -> date:
    """Return the last day, or the latest before it on which half of the usual number bought."""
    buyers = [len({one.customer for one in book.orders if one.day == TODAY - timedelta(days=back)})
              for back in range(28)]  # fmt: skip
    back = next(back for back in range(8) if buyers[back] >= median(buyers) / 2)
    return TODAY - timedelta(days=back)


def _evening(book: Book, cut: date, ahead: int, until: date = TODAY) -> list[Known]:
    """Everybody who had bought by then and was not lost; a day counts though all of it was given back later."""
    bought: dict[UUID, list[Ordered]] = {}
    for one in book.orders:
        if one.day <= until:
            bought.setdefault(one.customer, []).append(one)
    days = {who: sorted({one.day for one in orders}) for who, orders in bought.items()}
    past = {who: [day for day in all_days if day <= cut] for who, all_days in days.items()}
    past = {who: some for who, some in past.items() if some}
    company = round(median((some[-1] - some[0]).days / (len(some) - 1) for some in past.values() if some[1:]), 2)
    found = []
    for who, some in sorted(past.items(), key=lambda one: str(one[0])):
        gap = round((company * 2 + (some[-1] - some[0]).days) / (len(some) + 1), 2)
        counted = max(gap, 14 / 3)
        if (cut - some[-1]).days > floor(counted * 6 + 1e-9):
            continue
        own = min(max(floor(counted * 3 + 1e-9), 1), ahead)
        later = [day for day in days[who] if cut < day <= cut + timedelta(days=own)]
        orders = [one for one in bought[who] if one.day <= cut]
        found.append(Known(who, not later, own, _features(book, who, some, orders, gap, cut)))
    return found


def _features(
    book: Book, who: UUID, days: Sequence[date], orders: Sequence[Ordered], gap: float, cut: date
) -> tuple[float, ...]:
    def within(day: date, more: int, less: int) -> bool:
        return cut - timedelta(days=more) < day <= cut - timedelta(days=less)

    silent, age = (cut - days[-1]).days, (cut - days[0]).days
    spent = float(sum(one.net for one in orders))
    discount = 1 - sum(one.net for one in orders) / sum(one.full for one in orders)  # exact, so that equals are equal
    lately, before = (float(sum(one.net for one in orders if within(one.day, *ends))) for ends in ((91, 0), (182, 91)))
    often, often_before = (sum(within(day, *ends) for day in days) for ends in ((91, 0), (182, 91)))
    back = [one for one in book.returns if one.customer == who and one.day <= cut]
    unknown = float("nan")
    return (
        silent, silent / gap, gap, len(days), age, often,
        (often + 1) / (often_before + 1) if age >= 182 else unknown,
        spent / len(days), lately,
        lately / before if age >= 182 and before > 0 else unknown,
        max(float(discount), 0.0),
        len({name for one in orders for name in one.categories}),
        sum(within(one.day, 182, 0) for one in back),
        float(sum(one.net for one in back)) / spent,
    )  # fmt: skip


def labels(people: Sequence[Known]) -> Array:
    return np.array([one.left for one in people], float)


def values(people: Sequence[Known], names: Sequence[str] = FEATURES) -> Array:
    places = [FEATURES.index(name) for name in names]
    return np.array([[one.features[place] for place in places] for one in people], float)


def taught(learned: Sequence[Known], straighten: Sequence[Known], names: Sequence[str]) -> Callable[[Any], Array]:
    """Return what tells chances: trees of one feature each over its steps, then Platt's line through the log odds."""
    given = values(learned, names)
    steps = [_steps(column) for column in given.T]

    def coded(people: Sequence[Known]) -> Array:
        columns = values(people, names).T
        return np.column_stack([_codes(column, cuts) for column, cuts in zip(columns, steps, strict=True)])

    trees = HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.06, max_leaf_nodes=6, min_samples_leaf=max(20, int(len(learned) * 0.005)),
        l2_regularization=1.0, interaction_cst="no_interactions", early_stopping=False, random_state=0,
    ).fit(coded(learned), labels(learned))  # fmt: skip
    slope, shift = _platt(trees.decision_function(coded(straighten)), labels(straighten))

    def told(people: Sequence[Known]) -> Array:
        found: Array = expit(slope * trees.decision_function(coded(people)) + shift)
        return found

    return told


def _steps(column: Array, most: int = 64) -> Array:
    """Values that close steps of about equal size."""
    known = np.sort(column[np.isfinite(column)])
    cuts = {float(known[ceil(len(known) * step / most - 1e-9) - 1]) for step in range(1, most)} if known.size else set()
    return np.array(sorted(cut for cut in cuts if cut < known[-1]))


def _codes(column: Array, cuts: Array) -> Array:
    return np.array([(cuts < one).sum() + 1 if np.isfinite(one) else 0 for one in column], float)


def _platt(odds: Array, came: Array) -> tuple[float, float]:
    yes, no = came.sum(), (1 - came).sum()
    goal = np.where(came > 0, (yes + 1) / (yes + 2), 1 / (no + 2))

    def miss(point: Array) -> float:
        line = point[0] * odds + point[1]
        return float(np.sum(np.logaddexp(0, line) - goal * line))

    slope, shift = optimize.minimize(miss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-9}).x
    return float(slope), float(shift)


def measures(chance: Array, came: Array) -> dict[str, tuple[float, float, float]]:
    """Return AUC over all pairs with DeLong's interval; Brier; precision and lift with intervals by drawing again."""
    yes, no = chance[came > 0], chance[came == 0]
    won = (yes[:, None] > no[None, :]) + (yes[:, None] == no[None, :]) / 2
    auc = won.mean()
    half = 1.96 * np.sqrt(won.mean(axis=1).var(ddof=1) / len(yes) + won.mean(axis=0).var(ddof=1) / len(no))
    squares = (chance - came) ** 2
    wide = 1.96 * squares.std(ddof=1) / np.sqrt(len(squares))
    draws = np.random.default_rng(0)
    weights = [draws.poisson(1.0, len(came)) for _draw in range(200)]
    again = np.array([(average_precision_score(came, chance, sample_weight=one), lift(chance, came, one))
                      for one in weights])  # fmt: skip
    (low_precision, low_lift), (high_precision, high_lift) = np.quantile(again, [0.025, 0.975], axis=0)
    return {
        "auc": (auc, max(auc - half, 0), min(auc + half, 1)),
        "precision": (average_precision_score(came, chance), low_precision, high_precision),
        "brier": (squares.mean(), squares.mean() - wide, squares.mean() + wide),
        "lift": (lift(chance, came, np.ones(len(came))), low_lift, high_lift),
    }


def lift(chance: Array, came: Array, weights: Array) -> float:
    """Return how much likelier the first tenth left than all; equal chances share what is left of the tenth."""
    room = weights.sum() / 10
    caught = 0.0
    for level in sorted(set(chance), reverse=True):
        here = chance == level
        many = weights[here].sum()
        if many:
            caught += (weights * came)[here].sum() * min(1, room / many)
            room = max(room - many, 0)
    return float(caught / (weights * came).sum() * 10)


def tenths(chance: Array, came: Array) -> list[tuple[int, int, float, float, float, float]]:
    """Return tenth, people, mean chance, share that left, and Wilson's interval of it."""
    place = np.ceil(stats.rankdata(chance) / len(chance) * 10 - 1e-9)
    rows = []
    for tenth in sorted(set(place)):
        here = place == tenth
        count, left = int(here.sum()), int(came[here].sum())
        ends = stats.binomtest(left, count).proportion_ci(method="wilson")
        rows.append((int(tenth), count, float(chance[here].mean()), left / count, ends.low, ends.high))
    return rows


def stability(before: Array, now: Array) -> float:
    """Return the index of stability over the tenths of before."""
    cuts = _steps(before, 10)
    shares = [np.array([max(np.mean(_codes(column, cuts) == code), 1e-4) for code in range(len(cuts) + 2)])
              for column in (before, now)]  # fmt: skip
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
