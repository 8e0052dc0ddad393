"""What modules above know of customers' attitudes: measurements that join those from orders in the loyalty index.

A module registers a source in its `apps.ready`; the analysis asks each once. So a type of loyalty is assumed only where
nobody was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from troth.value.later import pl
from troth.value.loyalty.measured import columns


@dataclass(frozen=True, slots=True)
class MeasurementSource:
    """Who knows more. read: returns what is known up to and including a day, in the columns of `value.loyalty`'s
    measurements: customer_id (canonical, as text), indicator, value, source, measured_date, confidence.
    """

    name: str
    read: Callable[[date], pl.DataFrame]


_sources: dict[str, MeasurementSource] = {}


def register(source: MeasurementSource) -> None:
    """Add a source to every analysis; registering the same one again changes nothing.

    Raises:
        ValueError: another source has the name.
    """
    if _sources.get(source.name, source) != source:
        raise ValueError(f"a source of measurements {source.name!r} is registered already")
    _sources[source.name] = source


def schema() -> dict[str, Any]:
    """Return the columns of measurements and their types."""
    return {name: kind or pl.String for name, kind in columns().items()}


def measurements(as_of: date, *, among: pl.Series) -> pl.DataFrame:
    """Return what all sources know of these customers up to and including a day; no source, no rows."""
    types = schema()
    found = [source.read(as_of).select(list(types)).cast(types) for _name, source in sorted(_sources.items())]  # type: ignore[arg-type]  # names of columns to types
    known = pl.concat([pl.DataFrame(schema=types), *found])
    return known.join(among.unique().to_frame("customer_id").cast(pl.String), on="customer_id", how="semi")
