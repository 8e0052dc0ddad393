"""Cells whose colour says how much."""

from bisect import bisect_right
from collections.abc import Sequence

from .formats import Format, percent
from .parts import Option, Text

STEPS = 6


def heatmap(
    rows: Sequence[Text],
    columns: Sequence[Text],
    values: Sequence[Sequence[float | None]],
    *,
    name: Text,
    value_format: Format | None = None,
    bounds: Sequence[float] | None = None,
    urls: Sequence[Sequence[str]] | None = None,
) -> Option:
    """Return a table of coloured cells, first row at the top; None leaves a hole.

    More is further from the ground in both themes: darker on white, brighter on black. bounds: five
    ascending numbers at which the next of six colours begins; even steps from the smallest to the largest
    value if not given.
    """
    cut = list(bounds) if bounds is not None else _even_bounds(values)
    spec = value_format or percent()
    data = [
        _cell(x, y, value, bisect_right(cut, value))
        | {"title": f"{rows[y]} · {columns[x]}", "tip": [[str(name), value, spec]]}
        | ({"url": urls[y][x]} if urls and urls[y][x] else {})
        for y, row in enumerate(values)
        for x, value in enumerate(row)
        if value is not None
    ]
    quiet = {"axisLine": {"show": False}, "axisTick": {"show": False}, "splitLine": {"show": False}}
    label = {"color": "var(--t-axis)"}
    return {
        "grid": {
            "left": 4,
            "right": 4,
            "top": 4,
            "bottom": 4,
            "outerBoundsMode": "same",
            "outerBoundsContain": "axisLabel",
        },
        "tooltip": {"trigger": "item"},
        "xAxis": {
            "type": "category",
            "data": [str(c) for c in columns],
            "position": "top",
            "axisLabel": label,
        }
        | quiet,
        "yAxis": {"type": "category", "data": [str(r) for r in rows], "inverse": True, "axisLabel": label} | quiet,
        "series": [
            {
                "type": "heatmap",
                "name": str(name),
                "data": data,
                "$value": spec,
                "label": {"show": True, "formatter": spec | {"dim": 2}, "fontSize": 11},
                "itemStyle": {"borderColor": "var(--t-surface)", "borderWidth": 2, "borderRadius": 4},
                "emphasis": {"itemStyle": {"borderColor": "var(--t-ink)", "borderWidth": 1}},
            }
        ],
        "$narrow": {"series": [{"label": {"fontSize": 9}}]},
    }


def _cell(x: int, y: int, value: float, step: int) -> Option:
    return {
        "value": [x, y, value],
        "itemStyle": {"color": f"var(--t-heat-{step})"},
        "label": {"color": f"var(--t-heat-{step}-ink)"},
    }


def _even_bounds(values: Sequence[Sequence[float | None]]) -> list[float]:
    known = [value for row in values for value in row if value is not None]
    if not known:
        return [0.0] * (STEPS - 1)
    low, high = min(known), max(known)
    return [low + (high - low) * step / STEPS for step in range(1, STEPS)]
