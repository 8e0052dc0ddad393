"""Does this installation compute right? Fits the published cases and prints found beside printed figures.

    python -m troth.value.selftest [FOLDER]

Without a folder: the contract renewals, whose figures stand in their paper, and customers that the models make
up and must find again. FOLDER holds the published data, which are not ours to ship: as comma-separated files
`cdnow_sample_summary_39w.csv` (frequency, recency, T, monetary_value; weeks) and `donations_bgbb.csv`
(frequency, recency, T). Exit code 1 if a figure is off.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from troth.value import models
from troth.value.models.base import Model

# Customers there at the end of years 0 to 7: Fader, Hardie (2007), How to project customer retention, table 1.
RENEWALS = {
    "regular": (1000, 631, 468, 382, 326, 289, 262, 241),
    "high end": (1000, 869, 743, 653, 593, 551, 517, 491),
}
CDNOW, DONORS = "cdnow_sample_summary_39w.csv", "donations_bgbb.csv"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is, what was found, what is wanted, and how far off it may be."""

    case: str
    name: str
    found: float
    wanted: float
    allowed: float

    @property
    def is_right(self) -> bool:
        """Whether it is as near as wanted; never true of NaN."""
        return bool(abs(self.found - self.wanted) <= self.allowed)


def of_model(case: str, model: Model, wanted: dict[str, float], allowed: float) -> Iterator[Figure]:
    for name, figure in wanted.items():
        if name == "LL":
            yield Figure(case, name, model.report.log_likelihood, figure, 0.06)
        else:
            yield Figure(case, name, model.params[name], figure, allowed)


def renewals() -> Iterator[Figure]:
    """The shifted beta-geometric of both cohorts."""
    wanted = {"regular": {"alpha": 0.704, "beta": 1.182}, "high end": {"alpha": 0.668, "beta": 3.806}}
    for cohort, there in RENEWALS.items():
        left = [before - after for before, after in pairwise(there)]
        rows = pl.DataFrame({"recency": range(1, 9), "T": [8] * 8, "customers": [*left, there[-1]]})
        model = models.ShiftedBetaGeoModel().fit(rows)
        yield from of_model(f"sBG renewals, {cohort}", model, wanted[cohort], 0.0006)


MADE: tuple[tuple[str, type[models.BuyingModel], dict[str, float]], ...] = (
    ("BG/NBD", models.BetaGeoModel, {"r": 0.5, "alpha": 6.0, "a": 0.8, "b": 2.5}),
    ("MBG/NBD", models.ModifiedBetaGeoModel, {"r": 0.8, "alpha": 6.0, "a": 0.7, "b": 2.5}),
    ("Pareto/NBD", models.ParetoNBDModel, {"r": 0.6, "alpha": 9.0, "s": 0.7, "beta": 14.0}),
    ("BG/BB", models.BetaGeoBetaBinomModel, {"alpha": 1.2, "beta": 0.8, "gamma": 0.7, "delta": 3.0}),
)


# As printed; the search behind the Pareto/NBD of the papers stopped a little early.
PUBLISHED: tuple[tuple[str, type[models.BuyingModel], float, dict[str, float]], ...] = (
    (
        "BG/NBD, CDNOW", models.BetaGeoModel, 6e-4,
        {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "LL": -9582.4},
    ),
    (
        "MBG/NBD, CDNOW", models.ModifiedBetaGeoModel, 6e-4,
        {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    ),
    (
        "Pareto/NBD, CDNOW", models.ParetoNBDModel, 2e-3,
        {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669, "LL": -9595.0},
    ),
    (
        "BG/BB, donors", models.BetaGeoBetaBinomModel, 6e-4,
        {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783, "LL": -33225.58},
    ),
)  # fmt: skip


def made() -> Iterator[Figure]:
    """Each model finds the parameters of customers it made up itself, within four standard errors."""
    for name, kind, params in MADE:
        model = kind().fit(kind.from_params(params).simulate(20_000, 40, seed=1))
        errors = model.standard_errors
        for parameter, wanted in params.items():
            yield Figure(f"{name}, made up", parameter, model.params[parameter], wanted, 4 * errors[parameter])
    wanted_spend = {"p": 6.0, "q": 4.0, "v": 15.0}
    spend = models.GammaGammaModel().fit(
        models.GammaGammaModel.from_params(wanted_spend).simulate(np.arange(20_000) % 8, seed=1)
    )
    for parameter, wanted in wanted_spend.items():
        allowed = 4 * spend.standard_errors[parameter]
        yield Figure("Gamma-Gamma, made up", parameter, spend.params[parameter], wanted, allowed)


def published(folder: Path) -> Iterator[Figure]:
    """The figures of the papers, from the published data."""
    cdnow, donors = (pl.read_csv(folder / name) for name in (CDNOW, DONORS))
    for case, kind, allowed, wanted in PUBLISHED:
        rows = donors if kind is models.BetaGeoBetaBinomModel else cdnow
        yield from of_model(case, kind().fit(rows), wanted, allowed)
    spend = models.GammaGammaModel().fit(cdnow)
    yield from of_model("Gamma-Gamma, CDNOW", spend, {"p": 6.25, "q": 3.74, "v": 15.44, "LL": -4055.92}, 0.01)


def table(figures: list[Figure]) -> str:
    """The figures as lines of text."""
    lines = [f"{'case':<24}{'figure':<8}{'found':>14}{'wanted':>14}  "]
    for figure in figures:
        told = "ok" if figure.is_right else "OFF"
        lines.append(f"{figure.case:<24}{figure.name:<8}{figure.found:>14.4f}{figure.wanted:>14.4f}  {told}")
    return "\n".join(lines)


def run(arguments: list[str], write: Callable[[str], object]) -> int:
    """Check and write the table; the exit code is 1 if a figure is off, 2 if the folder lacks a file."""
    parser = argparse.ArgumentParser(prog="python -m troth.value.selftest", description="Check the models.")
    parser.add_argument("folder", nargs="?", type=Path, help="where the published data lie")
    folder: Path | None = parser.parse_args(arguments).folder
    missing = [name for name in (CDNOW, DONORS) if folder is not None and not (folder / name).exists()]
    if missing:
        write(f"{folder} lacks {', '.join(missing)}\n")
        return 2
    figures = [*renewals(), *made(), *(published(folder) if folder is not None else ())]
    write(table(figures) + "\n")
    return 0 if all(figure.is_right for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], sys.stdout.write))
