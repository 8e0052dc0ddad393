"""Bars: comparisons, distributions, the Pareto curve, and what a total gained and lost. All stand on zero."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from .formats import Format, compact, count, percent, signed
from .parts import Option, Text, category_axis, colour, grid, legend, value_axis

FEW = 8
"""So many names are all shown; of more, only as many as there is room for."""


def bars(
    labels: Sequence[Text],
    series: Mapping[Any, Sequence[float | None]],
    *,
    horizontal: bool = False,
    stacked: bool = False,
    axis_format: Format | None = None,
    value_format: Format | None = None,
    urls: Sequence[str] = (),
) -> Option:
    """Return bars of one or several series. urls: where a press on a label's bars leads, one for each label.

    Horizontal bars are read from top to bottom in the order given.
    """
    many = len(series) > 1
    names = category_axis(list(labels), **({"inverse": True, "axisLine": {"show": False}} if horizontal else {}))
    if len(labels) <= FEW:  # by itself the axis leaves every second name out, also where there is room for all
        names["axisLabel"] |= {"interval": 0}
    whole = {"minInterval": 1} if (value_format or count()) == count() else {}  # there is no 0.2 of an answer
    numbers = value_axis(axis_format or compact(), **whole)
    return {
        "grid": grid(top=36 if many else 12),
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": numbers if horizontal else names,
        "yAxis": names if horizontal else numbers,
        "series": [
            _bar(name, values, index, horizontal=horizontal, stacked=stacked, urls=urls)
            | {"$value": value_format or count()}
            for index, (name, values) in enumerate(series.items())
        ],
    } | ({"legend": legend()} if many else {})


def histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    name: Text,
    axis_format: Format | None = None,
    unit: Text = "",
    urls: Sequence[str] = (),
) -> Option:
    """Return a distribution: bars without gaps between the edges (one more edge than counts). urls: where a press on
    a bar leads, one for each.

    Raises:
        ValueError: not one more edge than counts.
    """
    if len(edges) != len(counts) + 1:
        raise ValueError(f"{len(counts)} counts need {len(counts) + 1} edges, not {len(edges)}")
    labels = [f"{low:g}–{high:g}" for low, high in pairwise(edges)]
    option = bars(labels, {name: list(counts)}, axis_format=axis_format, urls=urls)
    option["series"][0] |= {"barCategoryGap": "4%", "itemStyle": {"borderRadius": [2, 2, 0, 0]}}
    option["xAxis"] |= {"name": str(unit), "nameLocation": "middle", "nameGap": 28} if str(unit) else {}
    return option


def pareto(
    people_shares: Sequence[float],
    value_shares: Sequence[float],
    *,
    people: Text,
    value: Text,
    even: Text,
    mark: tuple[float, float] | None = None,
    url: str = "",
) -> Option:
    """Return the curve of how much of the value the best share of the people brings, beside the line of
    equal shares.

    Both shares run from 0 to 1, best people first. mark: one point to name, for example where a fifth of the
    people stands; url: where a press on it leads.
    """
    points = [[0.0, 0.0], *([p, v] for p, v in zip(people_shares, value_shares, strict=True))]
    curve: Option = {
        "type": "line",
        "name": str(value),
        "data": points,
        "showSymbol": False,
        "smooth": False,
        "color": "var(--t-series-1)",
        "lineStyle": {"width": 2.4},
        "areaStyle": {"color": "var(--t-area)"},
        "$value": percent(1),
        "$tip": {"rows": [[str(people), 0, percent(1)], [str(value), 1, percent(1)]]},
    }
    if mark:
        curve["markPoint"] = {
            "symbol": "circle",
            "symbolSize": 9,
            "itemStyle": {"color": "var(--t-series-2)"},
            "data": [{"coord": list(mark)} | ({"url": url} if url else {})],
            "label": {
                "show": True,
                "position": [14, 2],
                "color": "var(--t-ink)",
                "fontWeight": 600,
                "formatter": f"{mark[0]:.0%} → {mark[1]:.0%}",
            },
        }
    equal: Option = {
        "type": "line",
        "name": str(even),
        "data": [[0, 0], [1, 1]],
        "showSymbol": False,
        "silent": True,
        "color": "var(--t-series-7)",
        "lineStyle": {"width": 1, "type": "dashed"},
        "$quiet": True,
        "tooltip": {"show": False},
    }
    axis = {"min": 0, "max": 1, "nameLocation": "middle"}
    return {
        "grid": grid(top=16, right=24, bottom=28, left=28),
        "tooltip": {"trigger": "axis"},
        "xAxis": value_axis(percent(), name=people, **axis, nameGap=28),
        "yAxis": value_axis(percent(), name=value, **axis, nameGap=44),
        "series": [curve, equal],
    }


def waterfall(
    start: tuple[Text, float],
    steps: Sequence[tuple[Text, float]],
    end_label: Text,
    *,
    urls: Sequence[str] = (),
    axis_format: Format | None = None,
) -> Option:
    """Return how a total became another: first bar, gains and losses, last bar (their sum). The axis stands
    on zero.

    urls: where a press leads, for the start, each step and the end.
    """
    labels, hidden, shown = _steps(start, steps, end_label, urls)
    invisible: Option = {
        "type": "bar",
        "stack": "total",
        "silent": True,
        "data": hidden,
        "itemStyle": {"color": "transparent"},
        "$quiet": True,
        "tooltip": {"show": False},
    }
    visible: Option = {
        "type": "bar",
        "stack": "total",
        "data": shown,
        "barMaxWidth": 56,
        "itemStyle": {"borderRadius": 3},
        "label": {"show": True, "position": "top", "color": "var(--t-ink)", "fontWeight": 600},
    }
    return {
        "grid": grid(top=28),
        "tooltip": {"trigger": "item"},
        "xAxis": category_axis(
            labels, axisLabel={"color": "var(--t-axis)", "interval": 0, "overflow": "break", "width": 60}
        ),
        "yAxis": value_axis(axis_format or compact()),
        "series": [invisible, visible],
        "$narrow": {"xAxis": {"axisLabel": {"rotate": 32, "fontSize": 11}}},
    }


def _bar(
    name: Text,
    values: Sequence[float | None],
    index: int,
    *,
    horizontal: bool,
    stacked: bool,
    urls: Sequence[str],
) -> Option:
    rounded = [0, 3, 3, 0] if horizontal else [3, 3, 0, 0]
    data = [{"value": value, "url": url} for value, url in zip(values, urls, strict=True)] if urls else list(values)
    bar: Option = {
        "type": "bar",
        "name": str(name),
        "data": data,
        "barMaxWidth": 36,
        "color": colour(index),
        "itemStyle": {"borderRadius": 0 if stacked else rounded},
        "emphasis": {"focus": "series"},
    }
    return bar | ({"stack": "all"} if stacked else {}) | ({"cursor": "pointer"} if urls else {"cursor": "default"})


def _steps(
    start: tuple[Text, float], steps: Sequence[tuple[Text, float]], end_label: Text, urls: Sequence[str]
) -> tuple[list[Text], list[float], list[Option]]:
    level = start[1]
    labels, hidden, shown = [start[0]], [0.0], [_step(level, "var(--t-total)", count())]
    for label, amount in steps:
        labels.append(label)
        hidden.append(min(level, level + amount))
        shown.append(_step(abs(amount), "var(--t-up)" if amount >= 0 else "var(--t-down)", signed(), amount))
        level += amount
    labels.append(end_label)
    hidden.append(0.0)
    shown.append(_step(level, "var(--t-total)", count()))
    for item, url in zip(shown, urls, strict=False):
        item["url"] = url
    for label, item in zip(labels, shown, strict=True):
        item["name"] = str(label)
    return labels, hidden, shown


def _step(height: float, fill: str, label_format: Format, amount: float | None = None) -> Option:
    said = height if amount is None else amount
    return {
        "value": height,
        "itemStyle": {"color": fill},
        "label": {"formatter": label_format | {"fixed": said}},
        "tip": [["", said, label_format]],
    }
