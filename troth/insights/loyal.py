"""The loyalty index and type of each customer, and, for who asks, the parts of one customer's index.

The parts of everybody stand in one file of the lake, the newest only, in order of ids: a page reads one group of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from troth.value import loyalty
from troth.value.later import parquet, pl

from . import attitudes, holding, knowing
from .lake.manifest import sync_directory, sync_file

FOLDER, FILE = "loyalty", "indicators.parquet"
ROWS_A_GROUP = 100_000
BLOCK = 50_000
YOUNG = 0.5  # trusted at least half: no older than its half-life
PART = ("indicator", "group", "value", "points", "weight", "counted", "contribution", "confidence", "source",
        "measured_date")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a customer's index: an indicator's value and its points (0 to 100), the weight it has and the weight
    with which it counted, what it gives to the index, how sure it is (0 to 1), who told it and when.
    """

    indicator: str
    group: str
    value: float
    points: float
    weight: float
    counted: float
    contribution: float
    confidence: float
    source: str
    measured_date: date


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of everybody's index. people: ids in order; rows: `number`, the place among the people, and `PART`."""

    people: pl.Series
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Loyal:
    """frame: `customer_id`, index, sides and type, and `satisfaction` (1 to 5) where the answer is young."""

    frame: pl.DataFrame
    parts: Parts


def of(
    scores: pl.DataFrame,
    known: pl.DataFrame,
    as_of: date,
    terms: loyalty.LoyaltyTerms,
    *,
    asked: pl.DataFrame | None = None,
    held: pl.DataFrame | None = None,
) -> Loyal:
    """Return index and type of each customer, of whom one row an indicator is made: of numbers instead of long ids.

    asked: what modules above know of attitudes (`attitudes.measurements`); read where it is not given.
    held: what may hold whom (`holding.signs`), in the rows of the scores; without it that is not known.
    """
    people = scores.select("customer_id").with_row_index("number")
    numbered = scores.with_columns(customer_id=people["number"])
    if asked is None:
        asked = attitudes.measurements(as_of, among=people["customer_id"])
    told = [asked, knowing.measurements(known, as_of)]
    behaviour = loyalty.from_scores(numbered, as_of=as_of)
    others = [_numbered(one, people) for one in told]
    index = loyalty.loyalty_index(
        pl.concat([behaviour, *others], how="vertical_relaxed"), as_of=as_of, catalogue=terms.catalogue
    )
    types = loyalty.loyalty_types(index, _signs(numbered, known, held), rules=terms.type_rules)
    measured = index.frame.select("customer_id", "loyalty_index", "confidence", "behaviour", "attitude")
    named = {"type": "loyalty_type", "hold": "loyalty_hold", "is_assumed": "type_is_assumed"}
    named |= {"confidence": "type_confidence", "reasons": "type_reasons"}
    found = measured.rename({"confidence": "loyalty_confidence"}).join(types.rename(named), on="customer_id")
    found = found.join(_satisfied(index), on="customer_id", how="left")
    parts = Parts(people["customer_id"], index.parts.rename({"customer_id": "number"}))
    return Loyal(people.join(found, left_on="number", right_on="customer_id", how="left").drop("number"), parts)


def write(lake: Path, parts: Parts) -> Path:
    """Keep the parts of everybody, in order of ids; those of an earlier analysis go."""
    folder = lake / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    target, partial = folder / FILE, folder / f".{FILE}.partial"
    with ExitStack() as opened:
        writer = None
        for some in _in_order(parts):
            table = some.to_arrow()
            writer = writer or opened.enter_context(parquet.ParquetWriter(partial, table.schema, compression="zstd"))
            writer.write_table(table, row_group_size=ROWS_A_GROUP)
    sync_file(partial)
    partial.replace(target)
    sync_directory(folder)
    return target


def parts_of(lake: Path, customer_id: UUID) -> list[Part]:
    """Return the parts of a customer's index, what gives most first; none where none are kept."""
    file = lake / FOLDER / FILE
    if not file.exists():
        return []
    rows = pl.scan_parquet(file).filter(pl.col("customer_id") == str(customer_id)).select(PART).collect()
    found = [Part(**row) for row in rows.to_dicts()]
    return sorted(found, key=lambda one: (-one.contribution, -one.points, one.indicator))


def _in_order(parts: Parts) -> Iterator[pl.DataFrame]:
    """The rows of some people after those of others, each with its id, so that no more are copied at once."""
    people = pl.DataFrame({"customer_id": parts.people}).with_row_index("number").sort("customer_id")
    texts = pl.col("indicator", "group", "source").cast(pl.String)
    for start in range(0, max(people.height, 1), BLOCK):
        some = people.slice(start, BLOCK).with_row_index("place")
        rows = parts.rows.join(some, on="number").sort("place")
        yield rows.select("customer_id", *PART).with_columns(texts)


def _numbered(told: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    schema = attitudes.schema()
    joined = told.select(list(schema)).cast(schema).join(people, on="customer_id")  # type: ignore[arg-type]  # names of columns to types
    return joined.with_columns(customer_id="number").drop("number")


def _signs(numbered: pl.DataFrame, known: pl.DataFrame, held: pl.DataFrame | None) -> pl.DataFrame:
    """What may hold a customer: `known` and `held` have the rows of the scores, in their order."""
    told = [known["is_staff_or_family"], known["is_protected_market"], known["says_convenient"]]
    seen = [] if held is None else [held[name] for name in holding.COLUMNS]
    return numbered.select("customer_id", pl.col("discount_share").cast(pl.Float64)).with_columns(*told, *seen)


def _satisfied(index: loyalty.LoyaltyIndex) -> pl.DataFrame:
    """Who said lately how satisfied they are."""
    said = (pl.col("indicator") == "satisfaction") & (pl.col("confidence") >= YOUNG)
    return index.parts.filter(said).select("customer_id", satisfaction="value")
