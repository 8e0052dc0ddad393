"""How long customers stay, without assuming a shape: Kaplan-Meier, and whether groups differ (log-rank)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.special import chdtrc

from troth.value.errors import FactsError
from troth.value.facts import missing_column
from troth.value.models.base import DEFAULT_LEVEL, reach_of
from troth.value.models.reading import TABLE, columns_of, frame_of, refuse
from troth.value.models.special import Array
from troth.value.terms import require


@dataclass(frozen=True, slots=True)
class Spells:
    """How long each was watched and whether it ended then; `customers` share a row."""

    duration: Array
    ended: Array
    customers: Array


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The share still there, by time.

    frame: one row a time at which somebody left or was last seen, and one for time 0: `time`, `at_risk` (watched just
    before), `ended`, `censored` (last seen then, still there), `survival`, `low`, `high`. Between two rows the share is
    that of the earlier one; after the last row nothing is known.
    """

    frame: pl.DataFrame

    def share_at(self, time: float) -> float | None:
        """Return the share still there at a time; None beyond what was watched."""
        require(time >= 0, "time", time, "must be 0 or more")
        if time > self.frame["time"][-1]:
            return None
        return float(self.frame.filter(pl.col("time") <= time)["survival"][-1])

    def time_until(self, share: float) -> float | None:
        """Return when no more than that share was still there, None if it never was: 0.5 gives the median stay."""
        require(0 <= share <= 1, "share", share, "must be a share of 0 to 1")
        # A share that adds up to exactly what is asked must not fail by a last digit.
        reached = self.frame.filter(pl.col("survival") <= share + 1e-12)
        return float(reached["time"][0]) if reached.height else None

    def mean_until(self, time: float) -> float:
        """Return the mean stay within the first `time`, in the unit of the durations: the area under the curve.

        Raises:
            TermsError: nobody was watched that long.
        """
        watched = float(self.frame["time"][-1])
        require(0 <= time <= watched, "time", time, f"must lie within what was watched, 0 to {watched:g}")
        rows = self.frame.filter(pl.col("time") <= time)
        edges = np.append(rows["time"].to_numpy(), time)
        return float(np.diff(edges) @ rows["survival"].to_numpy())


def survival_curve(
    data: Any, *, duration: str = "duration", ended: str = "ended", level: float = DEFAULT_LEVEL
) -> SurvivalCurve:
    """The Kaplan-Meier curve of one group.

    Args:
        data: one row a customer: how long he was watched (a number, 0 or more, in any unit of time) and whether he left
            then (true) or was last seen still there (false). Who left and who was last seen at one time were both there
            just before. `customers`, where given, is how many share the row.
        level: of the intervals: Greenwood's variance on the scale of ln(−ln), which stays within 0 and 1.

    Raises:
        FactsError: a missing column, a negative or empty duration, an end at duration 0, nobody at all.

    Source: Kaplan, Meier (1958), Nonparametric estimation from incomplete observations; Kalbfleisch, Prentice (1980).
    """
    spells = spells_of(frame_of(data), duration, ended)
    time, at_risk, left, seen = _counted(spells)
    reach = reach_of(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_share = np.cumsum(np.log1p(-left / at_risk))
        spread = np.sqrt(np.cumsum(left / (at_risk * (at_risk - left)))) / np.abs(log_share)
        share = np.exp(log_share)
        low, high = share ** np.exp(reach * spread), share ** np.exp(-reach * spread)
    # Before anybody leaves and after all have left the curve is its own interval.
    is_inside = (share > 0) & (share < 1)
    low, high = np.where(is_inside, low, share), np.where(is_inside, high, share)
    start = {
        "time": 0.0,
        "at_risk": at_risk[0],
        "ended": 0.0,
        "censored": 0.0,
        "survival": 1.0,
        "low": 1.0,
        "high": 1.0,
    }
    columns = {
        "time": time, "at_risk": at_risk, "ended": left, "censored": seen, "survival": share, "low": low, "high": high,
    }  # fmt: skip
    return SurvivalCurve(pl.concat([pl.DataFrame(start), pl.DataFrame(columns)]))


@dataclass(frozen=True, slots=True)
class LogRank:
    """Whether groups leave at one rate. chance: how likely a difference as large is if they do.

    statistic: chi-squared, of so many `degrees` of freedom; 0 where all groups leave as expected.

    frame: one row a group: `group`, `customers`, `ended`, `expected` (how many would have left at the common rate).
    """

    statistic: float
    degrees: int
    chance: float
    frame: pl.DataFrame


def log_rank(data: Any, *, by: str, duration: str = "duration", ended: str = "ended") -> LogRank:
    """Compare how fast groups leave; `by` names the column of the group.

    Raises:
        FactsError: as `survival_curve`, or `by` is missing. TermsError: fewer than two groups, nobody left.

    Source: Mantel (1966), Evaluation of survival data and two new rank order statistics.
    """
    frame = frame_of(data)
    if by not in frame.columns:
        raise FactsError(missing_column(TABLE, by, frame.columns))
    spells = spells_of(frame, duration, ended)
    groups = frame[by].cast(pl.String)
    names = sorted(groups.drop_nulls().unique().to_list())
    require(len(names) > 1 and not groups.has_nulls(), by, names, "must name two or more groups, and one for each row")
    group_of = groups.replace_strict(names, list(range(len(names))), return_dtype=pl.Int64).to_numpy()
    times = np.unique(spells.duration[spells.ended])
    require(len(times) > 0, ended, False, "must be true for somebody: nobody left")
    at_risk, left = _by_group(spells, group_of, times, len(names))
    watched, gone = at_risk.sum(axis=0), left.sum(axis=0)
    expected = (at_risk * gone / watched).sum(axis=1)
    pull = left.sum(axis=1) - expected
    common = gone / watched * (1 - gone / watched) * watched / np.maximum(watched - 1, 1)
    variance = np.diag(at_risk @ common) - (at_risk * (common / watched)) @ at_risk.T
    # The last group follows from the others.
    statistic = float(pull[:-1] @ np.linalg.pinv(variance[:-1, :-1]) @ pull[:-1])
    counts = np.bincount(group_of, spells.customers, minlength=len(names))
    told = pl.DataFrame({"group": names, "customers": counts, "ended": left.sum(axis=1), "expected": expected})
    return LogRank(statistic, len(names) - 1, float(chdtrc(len(names) - 1, statistic)), told)


def spells_of(frame: pl.DataFrame, duration: str, ended: str) -> Spells:
    """The checked columns of how long and whether it ended."""
    if ended not in frame.columns:
        raise FactsError(missing_column(TABLE, ended, frame.columns))
    frame = frame.with_columns(pl.col(ended).cast(pl.Boolean).cast(pl.Float64).fill_null(np.nan))
    columns = columns_of(frame, (duration, ended, *(["customers"] if "customers" in frame.columns else [])))
    require(frame.height > 0, TABLE, "no rows", "must have one row or more")
    time, is_end = columns[duration], columns[ended] == 1
    way_out = "count whole days from 1, or leave out who left at once"
    refuse(
        frame,
        [
            ("negative", duration, time < 0, "below 0", "it is how long the customer was watched"),
            ("no_time", duration, is_end & (time == 0), "an end at duration 0", way_out),
        ],
    )
    return Spells(time, is_end, columns.get("customers", np.ones(frame.height)))


def _counted(spells: Spells) -> tuple[Array, Array, Array, Array]:
    """By time: how many were watched just before, left, and were last seen."""
    time, time_of = np.unique(spells.duration, return_inverse=True)
    left = np.bincount(time_of, spells.customers * spells.ended, minlength=len(time))
    seen = np.bincount(time_of, spells.customers * ~spells.ended, minlength=len(time))
    at_risk = np.cumsum((left + seen)[::-1])[::-1]
    return time, at_risk, left, seen


def _by_group(spells: Spells, group_of: Array, times: Array, groups: int) -> tuple[Array, Array]:
    """A row a group and a column a time: watched just before, and left."""
    at_risk, left = np.zeros((groups, len(times))), np.zeros((groups, len(times)))
    for group in range(groups):
        mine = group_of == group
        order = np.argsort(spells.duration[mine])
        duration, weight = spells.duration[mine][order], spells.customers[mine][order]
        after = np.append(np.cumsum(weight[::-1])[::-1], 0.0)
        at_risk[group] = after[np.searchsorted(duration, times, side="left")]
        gone = mine & spells.ended
        place = np.searchsorted(times, spells.duration[gone])
        left[group] = np.bincount(place, spells.customers[gone], minlength=len(times))
    return at_risk, left
