"""The bootstrap behind an uplift: people drawn anew by group, ranks kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troth.value.later import np, pl


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure (value) with its lower and upper end (low, high), all in the unit of what was asked."""

    value: float
    low: float
    high: float

    def around(self, value: float) -> Interval:
        """Return the same ends about a figure computed more finely."""
        return Interval(value, min(self.low, value), max(self.high, value))


@dataclass(frozen=True, slots=True)
class Resampled:
    """gain_low, gain_high: of the curve at each share; the others as in `Uplift`; area: of the Qini curve."""

    gain_low: Any
    gain_high: Any
    area: Interval
    everybody: Interval
    aimed: Interval
    more_by_aiming: Interval


@dataclass(frozen=True, slots=True)
class _Bins:
    """People in the order of their place, cut where the curve has a point; whoever is aimed at is cut off again."""

    starts: Any
    values: Any
    offered: Any
    is_aimed: Any
    shares: Any

    def figures(self, weights: Any, cost: float) -> tuple[Any, float, Any]:
        """Return the gains at the shares, the area, and the three net gains, of people who count so many times."""
        treated = weights * self.offered
        others = weights - treated
        sums = [self._up_to(one) for one in (treated, treated * self.values, others, others * self.values)]
        gains = _gains(*sums)
        area = float(np.trapezoid(gains - self.shares * gains[-1], self.shares)) / len(weights)
        return gains, area, self._net(weights, treated, others, cost)

    def _up_to(self, counted: Any) -> Any:
        return np.concatenate([[0.0], np.cumsum(np.add.reduceat(counted, self.starts))])

    def _net(self, weights: Any, treated: Any, others: Any, cost: float) -> Any:
        """Net gains of offering it to all, to those aimed at, and the second less the first; as of all people."""
        found = []
        for is_in in (None, self.is_aimed):
            parts = [one if is_in is None else one * is_in for one in (treated, others, weights)]
            people = parts[2].sum()
            given, not_given = parts[0].sum(), parts[1].sum()
            is_known = given > 0 and not_given > 0
            means = [float(part @ self.values) for part in parts[:2]]
            effect = means[0] / given - means[1] / not_given if is_known else 0.0
            found.append((effect - cost) * people if is_known else 0.0)
        scale = len(weights) / weights.sum()
        return np.array([found[0], found[1], found[1] - found[0]]) * scale


def _gains(treated: Any, gained: Any, others: Any, without: Any) -> Any:
    """The Qini curve as in `qini`: per person, times all people."""
    ratio = np.divide(treated, others, out=np.zeros_like(others), where=others > 0)
    people = treated[-1] + others[-1]
    return (gained - without * ratio) / (treated[-1] / people)


def resampled(
    frame: pl.DataFrame, *, shares: pl.Series, cost: float, draws: int, confidence: float, rng: Any
) -> Resampled:
    """Return figures with percentile intervals from people who count as often as chance says (Poisson, mean 1).

    Args:
        frame: `place`, `value`, `offered`, `is_aimed`, one row a person.
        shares: the places of the curve, from 0 to 1.
    """
    ordered = frame.sort("place", descending=True)
    cuts = np.unique(np.round(shares.to_numpy() * len(ordered)).astype(np.int64))
    bins = _Bins(
        starts=cuts[:-1],
        values=ordered["value"].to_numpy(),
        offered=ordered["offered"].cast(pl.Float64).to_numpy(),
        is_aimed=ordered["is_aimed"].cast(pl.Float64).to_numpy(),
        shares=cuts / len(ordered),
    )
    whole = bins.figures(np.ones(len(ordered)), cost)
    gains, areas, nets = [], [], []
    for _draw in range(draws):
        found = bins.figures(rng.poisson(1.0, len(ordered)).astype(float), cost)
        gains.append(found[0])
        areas.append(found[1])
        nets.append(found[2])
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(np.array(gains), ends, axis=0)
    net_low, net_high = np.quantile(np.array(nets), ends, axis=0)
    area_low, area_high = (float(one) for one in np.quantile(areas, ends))
    net = [Interval(*(float(one[place]) for one in (whole[2], net_low, net_high))) for place in range(3)]
    return Resampled(low, high, Interval(whole[1], area_low, area_high), *net)
