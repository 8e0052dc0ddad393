"""Where numbers and names lie on a drawn axis."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from troth.console import formats

NARROW, WIDE, DIGIT, PERCENT = 6.4, 12.2, 7.6, 11.4  # widths of a letter, a Chinese sign, a digit and % at 12 pixels
TICKS = 5
_STEPS = (1, 2, 2.5, 5, 10)
_WIDE_SIGN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from `low` to `high` along pixels from `start` to `end` (downwards where `end` is smaller)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a number lies."""
        span = self.high - self.low
        return self.start + (value - self.low) / span * (self.end - self.start) if span else self.start


@dataclass(frozen=True, slots=True)
class Names:
    """So many names along pixels; each has a band of its own, or stands on a point of a line (`on_points`)."""

    count: int
    start: float
    end: float
    on_points: bool = False

    @property
    def band(self) -> float:
        """Return the width of one name's place."""
        parts = max(self.count - 1, 1) if self.on_points else max(self.count, 1)
        return (self.end - self.start) / parts

    def at(self, place: float) -> float:
        """Return the middle of a name's place."""
        return self.start + (place if self.on_points else place + 0.5) * self.band


def nice(low: float, high: float) -> tuple[float, float, float]:
    """Return round ends that hold both numbers, and the step between ticks."""
    if high <= low:
        high = low + 1
    rough = (high - low) / TICKS
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * one for one in _STEPS if unit * one >= rough * (1 - 1e-9))
    return floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step


def ticks(low: float, high: float, step: float) -> list[float]:
    """Return the numbers that are written on an axis."""
    return [round(low + place * step, 10) for place in range(round((high - low) / step) + 1)]


def width_of(text: str) -> float:
    """Return about how wide a text is at 12 pixels, in the wider of the fonts that machines have."""
    wide, digits, percents = len(_WIDE_SIGN.findall(text)), sum(map(str.isdigit, text)), text.count("%")
    return wide * WIDE + digits * DIGIT + percents * PERCENT + (len(text) - wide - digits - percents) * NARROW


def wrapped(text: str, room: float) -> list[str]:
    """Return a text in lines that are no wider than the room: broken between words, or between Chinese signs."""
    parts = text.split(" ") if " " in text else list(text) if _WIDE_SIGN.search(text) else [text]
    glue = " " if " " in text else ""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = lines[-1] + glue + part
        if width_of(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def written(value: float, spec: Any) -> str:
    """Return a number as a picture's format writes it, by the rules of `console.formats`."""
    if not isinstance(spec, dict) or "$format" not in spec:
        return f"{value:g}"
    if "fixed" in spec:
        value = spec["fixed"]
    places = spec.get("places", 0)
    makers = {
        "count": lambda: formats.count(value, places),
        "compact": lambda: formats.compact(value),
        "percent": lambda: formats.percent(value, places),
        "signed": lambda: ("+" if value > 0 else "") + formats.count(value, places),
        "money": lambda: _with_symbol(value, spec, formats.count(abs(value), places)),
        "money_compact": lambda: _with_symbol(value, spec, formats.compact(abs(value))),
    }
    return makers[spec["$format"]]()


def lengths(ends: Sequence[float | str | None], whole: float) -> list[float]:
    """Return distances in pixels of ones that may be percentages of the whole."""
    return [
        float(end[:-1]) / 100 * whole if isinstance(end, str) and end.endswith("%") else float(end or 0) for end in ends
    ]


def _with_symbol(value: float, spec: dict[str, Any], text: str) -> str:
    return (formats.MINUS if value < 0 else "") + str(spec["symbol"]) + text
