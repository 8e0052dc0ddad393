"""Layers of a whole, one upon the other, with the interval in which the top of the last may lie."""

from collections.abc import Mapping, Sequence
from typing import Any

from .bars import bars
from .formats import Format
from .parts import Option, Text


def layers(
    labels: Sequence[Text],
    series: Mapping[Any, Sequence[float]],
    *,
    interval: tuple[Sequence[float], Sequence[float]],
    axis_format: Format | None = None,
    value_format: Format | None = None,
    urls: Sequence[str] = (),
) -> Option:
    """Return stacked bars, the interval of the last layer drawn as a line from its lower to its upper end.

    interval: lower and upper bounds of the last series, one for each label.

    Raises:
        ValueError: the bounds are not as many as the labels, or a lower one lies above its upper one.
    """
    low, high = interval
    if not len(low) == len(high) == len(labels):
        raise ValueError(f"interval: {len(low)} and {len(high)} bounds for {len(labels)} labels")
    for bottom, top in zip(low, high, strict=True):
        if bottom > top:
            raise ValueError(f"interval: lower bound {bottom} lies above upper bound {top}")
    option = bars(labels, series, stacked=True, axis_format=axis_format, value_format=value_format, urls=urls)
    beneath = list(series.values())[:-1]
    option["series"][-1]["markLine"] = _lines(beneath, low, high)
    return option


def _lines(beneath: Sequence[Sequence[float]], low: Sequence[float], high: Sequence[float]) -> Option:
    """A line for each label, upon the layers beneath; those below zero hang down and carry nothing."""
    feet = [sum(max(layer[place], 0.0) for layer in beneath) for place in range(len(low))]
    ends = zip(feet, low, high, strict=True)
    return {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "label": {"show": False},
        "lineStyle": {"color": "var(--t-ink)", "type": "solid", "width": 2},
        "data": [
            [{"coord": [place, foot + bottom]}, {"coord": [place, foot + top]}]
            for place, (foot, bottom, top) in enumerate(ends)
        ],
    }
