"""What most pictures share: axes, grid, legend, all in the theme's colours."""

from typing import Any

Text = Any  # str or a lazy translation; JSON makes a string of it
Option = dict[str, Any]

SERIES_COLOURS = tuple(f"var(--t-series-{number})" for number in range(1, 8))


def colour(index: int) -> str:
    """Return the theme's colour of the series at this place; after seven they begin again."""
    return SERIES_COLOURS[index % len(SERIES_COLOURS)]


def value_axis(formatter: Option | None = None, *, name: Text = "", **more: Any) -> Option:
    """Return an axis of numbers: quiet lines, no frame."""
    axis: Option = {
        "type": "value",
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"lineStyle": {"color": "var(--t-grid)"}},
        "axisLabel": {"color": "var(--t-axis)", "hideOverlap": True},
    }
    if formatter:
        axis["axisLabel"]["formatter"] = formatter
    return axis | _named(name) | more


def category_axis(labels: list[Text], *, name: Text = "", **more: Any) -> Option:
    """Return an axis of names."""
    axis: Option = {
        "type": "category",
        "data": [str(label) for label in labels],
        "axisLine": {"lineStyle": {"color": "var(--t-line)"}},
        "axisTick": {"show": False},
        "axisLabel": {"color": "var(--t-axis)", "hideOverlap": True},
    }
    return axis | _named(name) | more


def grid(**more: Any) -> Option:
    """Return the plot's place: its labels inside, little air around."""
    return {
        "left": 4,
        "right": 12,
        "top": 12,
        "bottom": 4,
        "outerBoundsMode": "same",
        "outerBoundsContain": "axisLabel",
    } | more


def legend(**more: Any) -> Option:
    """Return the legend at the top, left, small, in one line: what does not fit is a page further."""
    return {
        "type": "scroll",
        "top": 0,
        "left": 0,
        "itemWidth": 10,
        "itemHeight": 10,
        "itemGap": 16,
        "icon": "roundRect",
        "textStyle": {"color": "var(--t-axis)"},
        "pageTextStyle": {"color": "var(--t-axis)"},
        "pageIconColor": "var(--t-ink-2)",
        "pageIconInactiveColor": "var(--t-line-strong)",
        "pageIconSize": 10,
    } | more


def _named(name: Text) -> Option:
    if not str(name):
        return {}
    return {"name": str(name), "nameTextStyle": {"color": "var(--t-axis)"}}
