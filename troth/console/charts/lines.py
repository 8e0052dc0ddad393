"""Lines over time, with the interval in which the truth lies."""

from collections.abc import Mapping, Sequence
from typing import Any

from .formats import Format, compact, count
from .parts import Option, Text, category_axis, colour, grid, legend, value_axis

Numbers = Sequence[float | None]

MOST_FILLED = 2
"""Among so many lines the ground below the first is filled; among more it would say something of the others."""


def trend(
    labels: Sequence[Text],
    series: Mapping[Any, Numbers],
    *,
    interval: tuple[Numbers, Numbers] | None = None,
    interval_name: Text = "",
    axis_format: Format | None = None,
    value_format: Format | None = None,
    from_zero: bool = True,
    urls: Sequence[str] = (),
) -> Option:
    """Return one line per series over the labels; gaps (None) stay gaps.

    interval: lower and upper bounds of the first series, drawn as a band behind it. from_zero: keep zero on
    the axis; False only where the shape matters and the size does not. urls: where a press on a label's points leads,
    one for each label.

    Raises:
        ValueError: a series is not as long as the labels, or a lower bound lies above its upper bound.
    """
    _check_lengths(labels, [*series.values(), *(interval or ())])
    shown = value_format or count()
    lines = [_line(name, values, index, shown, urls) for index, (name, values) in enumerate(series.items())]
    if len(series) <= MOST_FILLED:
        lines[0]["areaStyle"] = {"color": "var(--t-area)"}
    band = _band(*interval, name=interval_name, value_format=shown) if interval else []
    many = len(series) > 1
    return {
        "grid": grid(top=36 if many else 12),
        "tooltip": {"trigger": "axis"},
        "xAxis": category_axis(list(labels), boundaryGap=False),
        "yAxis": value_axis(axis_format or compact(), scale=not from_zero),
        "series": band + lines,
    } | ({"legend": legend(data=[str(name) for name in series])} if many else {})


def _line(name: Text, values: Numbers, index: int, value_format: Format, urls: Sequence[str] = ()) -> Option:
    alone = len([value for value in values if value is not None]) == 1
    return {
        "type": "line",
        "name": str(name),
        "data": [{"value": value, "url": url} for value, url in zip(values, urls, strict=True)]
        if urls
        else list(values),
        "symbol": "circle",
        "symbolSize": 8 if urls else 6,
        "showSymbol": alone or bool(urls),
        "cursor": "pointer" if urls else "default",
        "lineStyle": {"width": 2.2},
        "color": colour(index),
        "emphasis": {"focus": "series"},
        "$value": value_format,
    }


def _band(low: Numbers, high: Numbers, *, name: Text, value_format: Format) -> list[Option]:
    """Two stacked areas: an invisible one up to the lower bound, a tinted one from there to the upper."""
    heights: list[float | None] = []
    for bottom, top in zip(low, high, strict=True):
        if bottom is not None and top is not None and bottom > top:
            raise ValueError(f"interval: lower bound {bottom} lies above upper bound {top}")
        heights.append(None if bottom is None or top is None else top - bottom)
    shared: Option = {
        "type": "line",
        "stack": "interval",
        "stackStrategy": "all",
        "symbol": "none",
        "silent": True,
        "lineStyle": {"opacity": 0},
    }
    told = {"name": str(name), "low": list(low), "high": list(high), "format": value_format}
    return [
        shared | {"name": f"{name} −", "data": list(low), "$quiet": True, "$interval": told},
        shared | {"name": str(name), "data": heights, "areaStyle": {"color": "var(--t-interval)"}, "$quiet": True},
    ]


def _check_lengths(labels: Sequence[Text], rows: Sequence[Numbers]) -> None:
    for row in rows:
        if len(row) != len(labels):
            raise ValueError(f"a series has {len(row)} values for {len(labels)} labels")
