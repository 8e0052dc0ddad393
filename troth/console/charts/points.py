"""Points on a plane with four corners."""

from collections.abc import Mapping, Sequence
from typing import Any

from .formats import Format, compact, count
from .parts import Option, Text, colour, grid, legend, value_axis

# A point is x, y, name, id: whatever the id is, `url_pattern` turns it into an address.
Point = tuple[float, float, str, str]


def quadrant(
    groups: Mapping[Any, Sequence[Point]],
    *,
    x_name: Text,
    y_name: Text,
    x_split: float,
    y_split: float,
    corners: tuple[Text, Text, Text, Text] | None = None,
    x_format: Format | None = None,
    y_format: Format | None = None,
    y_log: bool = False,
    x_inverse: bool = False,
    url_pattern: str = "",
) -> Option:
    """Return every point by its two measures, split into four corners; the better side is to the right and
    up.

    corners: texts for upper left, upper right, lower left, lower right. y_log: amounts over several powers
    of ten. x_inverse: where less is better (days since the last order). url_pattern: an address with "{}"
    for a point's id.
    """
    series = [
        _cloud(
            name,
            points,
            index,
            x_name=x_name,
            y_name=y_name,
            x_format=x_format,
            y_format=y_format,
            url_pattern=url_pattern,
        )
        for index, (name, points) in enumerate(groups.items())
    ]
    if series:
        series[0]["markLine"] = _cross(x_split, y_split)
    x_axis = value_axis(
        x_format or compact(),
        name=x_name,
        nameLocation="middle",
        nameGap=30,
        inverse=x_inverse,
        splitLine={"show": False},
    )
    y_axis = value_axis(y_format or compact(), name=y_name, splitLine={"show": False})
    if y_log:
        y_axis |= {"type": "log", "logBase": 10}
    return {
        "grid": grid(top=56, bottom=30, right=20),
        "legend": legend(icon="circle"),
        "tooltip": {"trigger": "item"},
        "xAxis": x_axis,
        "yAxis": y_axis,
        "series": series,
        "graphic": [_corner(text, place) for text, place in zip(corners or (), _CORNER_PLACES, strict=False)],
    }


_CORNER_PLACES: tuple[dict[str, Any], ...] = (
    {"left": 76, "top": 62},
    {"right": 28, "top": 62},
    {"left": 76, "bottom": 62},
    {"right": 28, "bottom": 62},
)


def _cloud(
    name: Text,
    points: Sequence[Point],
    index: int,
    *,
    x_name: Text,
    y_name: Text,
    x_format: Format | None,
    y_format: Format | None,
    url_pattern: str,
) -> Option:
    cloud: Option = {
        "type": "scatter",
        "name": str(name),
        "data": [list(point) for point in points],
        "symbolSize": 6 if len(points) < 2000 else 4,
        "color": colour(index),
        "itemStyle": {"opacity": 0.62},
        "emphasis": {"itemStyle": {"opacity": 1, "borderColor": "var(--t-ink)", "borderWidth": 1}},
        "$tip": {
            "title": 2,
            "rows": [[str(x_name), 0, x_format or count()], [str(y_name), 1, y_format or count()]],
        },
        "cursor": "pointer" if url_pattern else "default",
    }
    return cloud | ({"$url": url_pattern, "$urlDim": 3} if url_pattern else {})


def _cross(x_split: float, y_split: float) -> Option:
    return {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "animation": False,
        "lineStyle": {"color": "var(--t-line-strong)", "type": "dashed", "width": 1},
        "data": [{"xAxis": x_split}, {"yAxis": y_split}],
    }


def _corner(text: Text, place: dict[str, Any]) -> Option:
    style = {"text": str(text), "fill": "var(--t-ink)", "font": "600 12px sans-serif"}
    return {"type": "text", "silent": True, "z": 100, "style": style} | place
