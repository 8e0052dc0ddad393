"""A small line of numbers as an SVG path, drawn by the server: no script, right at first paint."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, PAD = 96, 28, 2


@dataclass(frozen=True, slots=True)
class Line:
    """The path of the line, of the area under it, and its last point."""

    path: str
    area: str
    end_x: float
    end_y: float


def sparkline(values: Sequence[float]) -> Line | None:
    """Return the line of at least two numbers scaled to 96 × 28, lowest at the bottom; a flat line runs
    through the middle.
    """
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    step = (WIDTH - 2 * PAD) / (len(values) - 1)
    points = [(round(PAD + index * step, 2), _y(value, low, high)) for index, value in enumerate(values)]
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    return Line(path=path, area=f"{path}V{HEIGHT}H{points[0][0]:g}Z", end_x=points[-1][0], end_y=points[-1][1])


def _y(value: float, low: float, high: float) -> float:
    if high == low:
        return HEIGHT / 2
    return round(HEIGHT - PAD - (value - low) / (high - low) * (HEIGHT - 2 * PAD), 2)
