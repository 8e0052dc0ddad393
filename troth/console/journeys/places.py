"""Where a part of a document stands, as an address can say it: steps-2-ways-0-steps-1."""

import re
from typing import Any

from troth.care.journeys.document.shapes import FIXED_LISTS

Place = tuple[str | int, ...]
_PLACE = re.compile(r"[a-z_]+(-([a-z_]+|\d{1,3})){0,40}")
LISTS = frozenset({"steps", *FIXED_LISTS})


def written(place: Place) -> str:
    """Return a place as one word."""
    return "-".join(map(str, place))


def read(word: str) -> Place | None:
    """Return the place that a word says, None for what is none."""
    if not _PLACE.fullmatch(word):
        return None
    return tuple(int(part) if part.isdigit() else part for part in word.split("-"))


def found(values: Any, place: Place) -> Any:
    """Return what stands at a place of plain values, None where nothing does."""
    for key in place:
        try:
            values = values[key]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def is_step(place: Place) -> bool:
    """Tell whether a place is one of a step."""
    return len(place) >= 2 and place[-2] in LISTS and isinstance(place[-1], int)


def is_step_list(place: Place) -> bool:
    """Tell whether a place is one of a list of steps."""
    return bool(place) and place[-1] in LISTS


def shown(place: Place) -> str:
    """Return a place as the names of problems write it: steps[2].ways[0].when."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def holds(place: Place, path: str) -> bool:
    """Tell whether a problem's path is at a place or within it."""
    own = shown(place)
    return path == own or path.startswith((f"{own}.", f"{own}["))
