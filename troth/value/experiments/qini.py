"""Whether a ranking by expected effect finds those whom an offer moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troth.value.given import amounts, column, flags, people_of, whole
from troth.value.later import np, pl
from troth.value.terms import require


@dataclass(frozen=True, slots=True)
class Qini:
    """curve: `share` of people reached, best ranked first (0 to 1), `gain` there and `random_gain`, both the outcome
    earned more than without the offer, scaled to all people; coefficient: area between the two, per person: above 0
    the ranking is better than chance."""

    curve: pl.DataFrame
    coefficient: float


def qini(people: Any, *, ranking: str, outcome: str, treated: str, points: int = 100) -> Qini:
    """Draw the Qini curve of a ranking on people whose offer was decided by chance.

    Args:
        people: one row per person; `ranking` a number (higher is offered first), `outcome` a number or true and
            false, `treated` true and false.
        points: how many places of the curve are kept, besides the start.

    At each place the gain is Σ outcome of the treated − Σ outcome of the others × treated ÷ others, both among the
    people ranked so far, scaled from the treated to all. People of equal rank come in together.
    Source: Radcliffe 2007.

    Raises:
        TermsError: a column is missing, or holds text, null or what is not finite; everyone or nobody is
            treated; points below 2.
    """
    frame = people_of(people, "people", [ranking, outcome, treated])
    known = "must be known for every person"
    rank, value, arm = column(frame, ranking, known), amounts(frame, outcome, known), flags(frame, treated)
    whole("points", points, least=2)
    offered = float(arm.sum())
    is_mixed = 0 < offered < len(frame)
    require(is_mixed, treated, offered, "must hold people with the offer and people without")
    ranked = (
        pl.DataFrame({"rank": rank, "with_offer": arm, "value": value})
        .group_by("rank")
        .agg(
            people=pl.len(),
            offered=pl.col("with_offer").sum(),
            gained=(pl.col("value") * pl.col("with_offer")).sum(),
            without=(pl.col("value") * (1 - pl.col("with_offer"))).sum(),
        )
        .sort("rank", descending=True)
    )
    return _curve(ranked, offered / len(frame), points)


def _curve(ranked: pl.DataFrame, offered_share: float, points: int) -> Qini:
    sums = {name: np.concatenate([[0.0], np.cumsum(ranked[name].to_numpy())]) for name in ranked.columns[1:]}
    others = sums["people"] - sums["offered"]
    ratio = np.divide(sums["offered"], others, out=np.zeros_like(others, dtype=float), where=others > 0)
    gain = (sums["gained"] - sums["without"] * ratio) / offered_share
    share = sums["people"] / sums["people"][-1]
    chance = share * gain[-1]
    area = float(np.trapezoid(gain - chance, share)) / float(sums["people"][-1])
    places = np.unique(np.searchsorted(share, np.linspace(0, 1, points + 1)).clip(max=len(share) - 1))
    curve = pl.DataFrame({"share": share[places], "gain": gain[places], "random_gain": chance[places]})
    return Qini(curve, area)
