"""Who has a complaint open, as modules above tell it: whoever waits for an answer is suggested nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from troth.value.later import pl

Read = Callable[[], Iterable[UUID]]

_sources: dict[str, Read] = {}


def register(name: str, read: Read) -> None:
    """Have every analysis ask a module which canonical customers have a complaint open; the same again changes nothing.

    Raises:
        ValueError: another source has the name.
    """
    if _sources.get(name, read) is not read:
        raise ValueError(f"a source of open complaints {name!r} is registered already")
    _sources[name] = read


def open_complaints() -> pl.DataFrame:
    """Return `customer_id` and `has_open_complaint` of those who have one."""
    found = sorted({str(owner) for _name, read in sorted(_sources.items()) for owner in read()})
    return pl.DataFrame({"customer_id": found}, schema={"customer_id": pl.String}).with_columns(
        has_open_complaint=pl.lit(value=True)
    )
