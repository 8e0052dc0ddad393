"""The contest: the model of all features against the plain ways, on customers later than those it learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from troth.value.churn.boosting import Additive, Array, learn
from troth.value.churn.drift import drift_of
from troth.value.churn.measuring import brier, calibration, measures
from troth.value.churn.reading import chance_rows, checked_rows
from troth.value.errors import FactsError, Problem
from troth.value.given import number, seed_of, whole
from troth.value.terms import require

MODEL, CONSTANT = "model", "constant"
FEWEST = 30  # who left, and who stayed, in each slice: below it nothing can be told apart
SAID_FROM = 0.1  # of log odds: at even chances two and a half points of a hundred
SCORE = "score"
KEPT = np.float32  # of both sides of a drift: what was equal must stay so


@dataclass(frozen=True, slots=True)
class ChurnFit:
    """How the chance of leaving is told, chosen by what foretold the last slice best.

    way: the one in use: `model`, the name of a baseline, or `constant`. reason: `model_wins` or `baseline_wins`.
    rival: the baseline with the least Brier score, against which the model is held.

    trials: a row a way, of the last slice: see `measures`; and `gain`, `gain_low`, `gain_high`: by how much the model's
    Brier score is below the way's (positive: the model is truer). calibration: a row a way and tenth of customers.
    slices: a row a slice (`learn`, `straighten`, `test`): first and last cut-off, customers, how many left.
    weights: a row a feature of the way in use: the mean size of what it adds to the log odds, and its share of all.
    """

    way: str
    reason: str
    rival: str
    trials: pl.DataFrame
    calibration: pl.DataFrame
    slices: pl.DataFrame
    weights: pl.DataFrame
    features: tuple[str, ...]
    _fitted: Additive
    _themes: Mapping[str, str]
    _typical: Mapping[str, float]
    _before: Mapping[str, Array]

    def predict(self, rows: Any) -> Array:
        """The chance to leave of each row, 0 to 1, in the order of the rows."""
        return self._fitted.probability(chance_rows(rows, self._fitted.features))

    def reasons(self, rows: Any, *, most: int = 3) -> pl.DataFrame:
        """What speaks most for or against leaving, of each row at most so many themes, the weightiest first.

        Columns: `row` (from 0), `theme`, `feature` (that of the theme which says most of it), `value`, `typical` (the
        median of those learned from), `points`: what the theme adds to the log odds, against a customer who is usual
        in everything; above 0 it speaks for leaving. Exact, for the log odds are the sum of all points and the base.
        Themes of less than a tenth of a point are not named.
        """
        most = whole("most", most)
        values = chance_rows(rows, self._fitted.features)
        return _reasons(values, self._fitted, self._themes, self._typical, most)

    def drift(self, rows: Any) -> pl.DataFrame:
        """How far rows of today have moved from those learned from: `feature` (`score`: the chance), `psi`, `state`."""
        values = chance_rows(rows, self.features)
        now = {name: values[:, place].astype(KEPT) for place, name in enumerate(self.features)}
        return drift_of(self._before, now | {SCORE: self.predict(rows)})


def fit_churn(
    rows: Any,
    *,
    label: str,
    features: Sequence[str],
    cut: str = "cut_date",
    baselines: Mapping[str, Sequence[str]] | None = None,
    themes: Mapping[str, str] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> ChurnFit:
    """Learn who leaves, and say whether that is better than the plain ways.

    Args:
        rows: one row a customer and cut-off day. `label`: 1 or true for who left after it; for contracts, who did not
            renew. `features`: numbers known on the cut-off day; null and NaN are "not known". `cut`: the day.
        baselines: plain ways by name, each told by a few of the features alone; "everybody alike" always stands
            beside them.
        themes: feature → group in which reasons are told; a feature without one is its own.

    The latest cut-off is the test, the one before it straightens the chances (Platt), all earlier ones are learned
    from; so each customer is foretold by what was known before. Every way learns and is straightened alike. The model
    is in use only if its Brier score is below that of the best baseline with an interval above 0. The way in use is
    then learned again one cut-off later: the latest straightens, all others are learned from.

    Raises:
        FactsError: a column missing or not numbers, an unknown label or day (named with its row), fewer than three
            cut-off days, or fewer than thirty who left or stayed in a slice.
        TermsError: a setting outside its limits.
    """
    confidence = number("confidence", confidence, "must lie between 0 and 1", above=0, below=1)
    seed = seed_of(seed)
    features = _named(features, (label, cut))
    frame, values, came = checked_rows(rows, label, features, cut)
    days = frame[cut].unique().sort()
    if days.len() < 3:
        what = f"{days.len()} different days"
        raise FactsError(Problem("too_few", "customers", cut, frame.height, what, "give three cut-off days or more"))
    places = {name: [features.index(one) for one in ways] for name, ways in _ways(features, baselines).items()}
    slices = _slices(frame[cut], days)
    _refuse_few(slices, came, label)
    told = {name: _told(values[:, columns], came, slices, seed) for name, columns in places.items()}
    told[CONSTANT] = np.full(int(slices["test"].sum()), came[slices["straighten"]].mean())
    table, tenths, rival = _trials(told, came[slices["test"]], confidence, seed)
    is_better = bool(table.row(by_predicate=pl.col("way") == rival, named=True)["gain_low"] > 0)
    way = MODEL if is_better else rival
    later = {"learn": slices["learn"] | slices["straighten"], "straighten": slices["test"]}
    used = [features[place] for place in places.get(way, [])]
    fitted = _fitted(values[:, places.get(way, [])], came, later, used, seed)
    return _kept(way, rival, fitted, (frame, values, came), later, slices, table, tenths, features, themes or {}, cut)


def _named(features: Any, taken: Sequence[str]) -> list[str]:
    """The features, each once; what is to be foretold foretells nothing."""
    require(not isinstance(features, str), "features", features, "must be a list of columns")
    names = list(features)
    require(len(names) >= 1, "features", names, "must name one column or more")
    for place, name in enumerate(names):
        require(name not in names[:place], "features", name, "must be named once")
        require(name not in taken, "features", name, "must be known on the day, and be neither the label nor the day")
    return names


def _ways(features: Sequence[str], baselines: Mapping[str, Sequence[str]] | None) -> dict[str, Sequence[str]]:
    named = dict(baselines or {})
    for name, columns in named.items():
        require(name not in (MODEL, CONSTANT), "baselines", name, "must not be called model or constant")
        unknown = [one for one in columns if one not in features]
        require(bool(columns) and not unknown, "baselines", unknown or name, "must name some of the features")
    return {MODEL: features, **named}


def _slices(cuts: pl.Series, days: pl.Series) -> dict[str, Array]:
    return {
        "learn": (cuts < days[-2]).to_numpy(),
        "straighten": (cuts == days[-2]).to_numpy(),
        "test": (cuts == days[-1]).to_numpy(),
    }


def _refuse_few(slices: Mapping[str, Array], came: Array, label: str) -> None:
    problems = []
    for name, mask in slices.items():
        left = int(came[mask].sum())
        stayed = int(mask.sum()) - left
        if min(left, stayed) < FEWEST:
            what = f"{left} left and {stayed} stayed in the slice “{name}”"
            problems.append(Problem("too_few", "customers", label, int(mask.sum()), what, f"it takes {FEWEST} of both"))
    if problems:
        raise FactsError(*problems)


def _told(values: Array, came: Array, slices: Mapping[str, Array], seed: int) -> Array:
    """Chances of the test slice, by what was known before it."""
    names = [str(place) for place in range(values.shape[1])]
    return _fitted(values, came, slices, names, seed).probability(values[slices["test"]])


def _fitted(values: Array, came: Array, slices: Mapping[str, Array], names: Sequence[str], seed: int) -> Additive:
    learned, straighten = slices["learn"], slices["straighten"]
    if not names:  # everybody alike
        share = came[straighten].mean()
        return Additive((), (), (), np.empty(0), float(np.log(share / (1 - share))))
    tables = learn(values[learned], came[learned], names, seed=seed)
    return tables.straightened(values[straighten], came[straighten])


def _trials(
    told: Mapping[str, Array], came: Array, confidence: float, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """How every way did, its tenths, and the baseline to be beaten."""
    table = measures(told, came, seed=seed, confidence=confidence)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    gains = []
    for way in table["way"]:
        apart = brier(told[way], came) - brier(told[MODEL], came)
        half = z * float(apart.std(ddof=1)) / sqrt(len(apart))
        mean = float(apart.mean())
        gains.append((mean, mean - half, mean + half))
    table = table.with_columns(
        pl.Series(name, [row[place] for row in gains]) for place, name in enumerate(("gain", "gain_low", "gain_high"))
    )
    tenths = pl.concat(
        [calibration(chance, came, confidence=confidence).select(pl.lit(way).alias("way"), pl.all())
         for way, chance in told.items()]
    )  # fmt: skip
    rivals = table.filter(pl.col("way") != MODEL).sort("brier", "way")
    return table, tenths, str(rivals["way"][0])


def _kept(
    way: str, rival: str, fitted: Additive, data: tuple[pl.DataFrame, Array, Array], later: Mapping[str, Array],
    slices: Mapping[str, Array], table: pl.DataFrame, tenths: pl.DataFrame, features: Sequence[str],
    themes: Mapping[str, str], cut: str,
) -> ChurnFit:  # fmt: skip
    frame, values, came = data
    learned = values[later["learn"]]
    own = values[:, [features.index(name) for name in fitted.features]]
    before = {name: learned[:, place].astype(KEPT) for place, name in enumerate(features)}
    typical = {name: float(np.nanmedian(learned[:, place])) if np.isfinite(learned[:, place]).any() else float("nan")
               for place, name in enumerate(features)}  # fmt: skip
    return ChurnFit(
        way=way,
        reason="model_wins" if way == MODEL else "baseline_wins",
        rival=rival,
        trials=table,
        calibration=tenths,
        slices=_told_slices(frame[cut], slices, came),
        weights=_weights(fitted, own[later["learn"]]),
        features=tuple(features),
        _fitted=fitted,
        _themes={name: themes.get(name, name) for name in features},
        _typical=typical,
        _before=before | {SCORE: fitted.probability(own[later["straighten"]])},
    )


def _told_slices(cuts: pl.Series, slices: Mapping[str, Array], came: Array) -> pl.DataFrame:
    rows = [
        {
            "slice": name, "first": cuts.filter(pl.Series(mask)).min(), "last": cuts.filter(pl.Series(mask)).max(),
            "customers": int(mask.sum()), "left": int(came[mask].sum()),
        }
        for name, mask in slices.items()
    ]  # fmt: skip
    return pl.DataFrame(rows)


def _weights(fitted: Additive, values: Array) -> pl.DataFrame:
    sizes = np.abs(fitted.points(values)).mean(axis=0) if fitted.features else np.empty(0)
    shares = sizes / sizes.sum() if sizes.sum() > 0 else sizes
    frame = pl.DataFrame({"feature": list(fitted.features), "points": sizes, "share": shares}, strict=False)
    kinds = {"feature": pl.String, "points": pl.Float64, "share": pl.Float64}
    return frame.cast(kinds).sort("share", "feature", descending=[True, False])  # type: ignore[arg-type]  # names to types


def _reasons(
    values: Array, fitted: Additive, themes: Mapping[str, str], typical: Mapping[str, float], most: int
) -> pl.DataFrame:
    names = fitted.features
    schema = {"row": pl.Int64, "theme": pl.String, "feature": pl.String, "value": pl.Float64, "typical": pl.Float64,
              "points": pl.Float64}  # fmt: skip
    if not names or not len(values):
        return pl.DataFrame(schema=schema)
    points = fitted.points(values)
    called = list(dict.fromkeys(themes[name] for name in names))
    belongs = np.array([[themes[name] == theme for theme in called] for name in names])
    sums = points @ belongs
    count = min(most, len(called))
    best = np.argsort(-np.abs(sums), axis=1, kind="stable")[:, :count]
    rows = np.repeat(np.arange(len(values)), count)
    theme = best.ravel()
    total = sums[rows, theme]
    # Of the theme's features that point its way, the one that says most.
    aligned = np.where(belongs.T[theme], points[rows] * np.sign(total)[:, None], -np.inf)
    feature = aligned.argmax(axis=1)
    usual = np.array([typical[name] for name in names])
    found = pl.DataFrame(
        {
            "row": rows,
            "theme": pl.Series(called, dtype=pl.String).gather(theme),
            "feature": pl.Series(names, dtype=pl.String).gather(feature),
            "value": values[rows, feature].astype(float),
            "typical": usual[feature],
            "points": total,
        },
    )
    return found.filter(pl.col("points").abs() >= SAID_FROM)
