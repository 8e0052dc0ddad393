"""Where a score is good and where it is bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["BANDS", "ScoreBands", "ScoreKind"]


class ScoreKind(StrEnum):
    """What a score measures."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"


@dataclass(frozen=True, slots=True)
class ScoreBands:
    """A scale with its ends; bad up to and including `bad_to`, good from `good_from` on."""

    low: int
    high: int
    bad_to: int
    good_from: int

    def is_good(self, score: float) -> bool:
        """Tell whether a score is good."""
        return score >= self.good_from

    def is_bad(self, score: float) -> bool:
        """Tell whether a score is bad."""
        return score <= self.bad_to


BANDS: Mapping[ScoreKind, ScoreBands] = {
    # Reichheld, The One Number You Need to Grow, HBR 2003: promoters 9 and 10, detractors 0 to 6.
    ScoreKind.NPS: ScoreBands(0, 10, 6, 9),
    # The two best of five boxes are satisfied.
    ScoreKind.CSAT: ScoreBands(1, 5, 2, 4),
    # CES 2.0 (Dixon et al., The Effortless Experience): 5 to 7 of 7 agree that it was easy.
    ScoreKind.CES: ScoreBands(1, 7, 3, 5),
}
