"""What was known of a customer analysis by analysis: small files in the lake, one a day, read one person at a time.

Before the first analysis there is no past to read; it is told later, month end by month end, by the models of today
from the orders as they stood then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from troth import value
from troth.value.later import pl

from . import knowing, loyal, measuring
from .lake.manifest import sync_directory, sync_file
from .live import ModelsInUse, models_of
from .models import AnalysisRun, MeasureSettings
from .outlook import values_of

FOLDER = "outlook"
MONTHS = 12
ROWS_A_GROUP = 50_000
MEMORY_LIMIT = "1GB"
FIGURES = ("loyalty_index", "probability_alive", "potential_value", "made_value")


@dataclass(frozen=True, slots=True)
class Moment:
    """What was known of one customer on a day; None where no model told it. is_told_later: by the models of later."""

    day: date
    loyalty_index: float | None
    probability_alive: float | None
    potential_value: float | None
    made_value: float | None
    is_told_later: bool


def write(lake: Path, outlook: pl.DataFrame, day: date, *, is_told_later: bool = False) -> Path:
    """Keep what is expected of everybody as of a day; a later one of the same day takes its place."""
    folder = lake / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    target, partial = folder / f"{day}.parquet", folder / f".{day}.partial"
    kept = outlook.select("customer_id", *(pl.col(name).cast(pl.Float64) for name in FIGURES))
    # In order of ids, in groups: whoever looks for one customer reads one group of a file.
    kept = kept.with_columns(is_told_later=pl.lit(is_told_later)).sort("customer_id")
    kept.write_parquet(partial, compression="zstd", row_group_size=ROWS_A_GROUP)
    sync_file(partial)
    partial.replace(target)
    sync_directory(folder)
    return target


def of(lake: Path, customer_id: UUID, *, until: date) -> list[Moment]:
    """Return what was known of a customer at the end of each of the last months, the oldest first."""
    files = [lake / FOLDER / f"{day}.parquet" for day in _month_by_month(days(lake), until)]
    found = []
    for file in files:
        rows = pl.scan_parquet(file).filter(pl.col("customer_id") == str(customer_id)).collect().to_dicts()
        for row in rows:
            del row["customer_id"]
            found.append(Moment(day=date.fromisoformat(file.stem), **row))
    return found


def days(lake: Path) -> list[date]:
    """Return the days of which something is kept, in order."""
    return sorted(date.fromisoformat(file.stem) for file in (lake / FOLDER).glob("[0-9]*.parquet"))


def missing(lake: Path, as_of: date) -> list[date]:
    """Return the ends of the last months of which nothing is kept, the newest first."""
    known = {(day.year, day.month) for day in days(lake)}
    return [end for end in _month_ends(as_of) if (end.year, end.month) not in known]


def look_back(run: AnalysisRun, lake: Path, *, report: Callable[[int, int], None]) -> int:
    """Tell the ends of past months by the models of an analysis; return for how many. Where no model fits, none.

    report: told how many are done, of how many.
    """
    models = models_of(run.id)
    wanted = missing(lake, run.as_of_date) if models else []
    if not models or not wanted:
        return 0
    terms = measuring.terms_of(run.settings)
    scored = pl.scan_parquet(lake / "scores" / f"{run.as_of_date}.parquet").select("customer_id").collect()
    told = 0
    with value.Lake(lake, memory_limit=MEMORY_LIMIT, currency=run.currency) as facts:
        first = facts.profile.first_date
        for place, day in enumerate(wanted):
            report(place, len(wanted))
            if first is None or day <= first:
                continue
            write(lake, _told(facts, day, terms, run.settings, models, scored), day, is_told_later=True)
            told += 1
    return told


def _told(
    facts: value.Facts,
    day: date,
    terms: value.Terms,
    set_by: MeasureSettings,
    models: ModelsInUse,
    scored: pl.DataFrame,
) -> pl.DataFrame:
    """What was to be expected on a day of those who have a score today."""
    scores = value.scores(facts, as_of=day, terms=terms).frame.join(scored, on="customer_id", how="semi")
    scores = scores.sort("customer_id")
    expected = values_of(scores, models.buying, models.spend, margin=models.margin, as_of=day)
    rules = measuring.loyalty_of(set_by)
    known = knowing.known(scores, day, rules, window_days=terms.bands.window_days)
    return expected.join(loyal.of(scores, known.frame, day, rules).frame, on="customer_id", how="left")


def _month_by_month(kept: Iterable[date], until: date) -> list[date]:
    """The last day of each month, of those kept, up to a day and not longer ago than a year."""
    last: dict[tuple[int, int], date] = {}
    for day in kept:
        if day <= until:
            last[day.year, day.month] = day
    return sorted(last.values())[-(MONTHS + 1) :]


def _month_ends(as_of: date) -> list[date]:
    found, day = [], as_of.replace(day=1)
    for _month in range(MONTHS):
        found.append(day - timedelta(days=1))
        day = (day - timedelta(days=1)).replace(day=1)
    return found
