"""Our pictures without a browser's script: the same options drawn as SVG, for files that are forwarded and printed.

Draws what bars, lines, areas, heat maps, quadrants, the pyramid, the waterfall and the Pareto curve consist of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Any, Literal

from .scales import Names, Scale, lengths, nice, ticks, width_of, wrapped, written
from .standalone import palette

GAP, LINE = 10.0, 20.0
Axis = Names | Scale


def svg(
    option: Mapping[str, Any],
    *,
    label: str,
    width: int = 760,
    height: int = 320,
    theme: Literal["light"] | None = "light",
) -> str:
    """Return an option of this package as an SVG element; `label` tells what it shows to those who cannot see it.

    Without a theme its colours stay variables, for a page that has their values for light and for dark.

    Raises:
        ValueError: the option has a series that cannot be drawn without the script.
    """
    strange = next((one for one in option["series"] if one["type"] not in _DRAWERS), None)
    if strange:
        raise ValueError(f"series {strange.get('name')!r}: {strange['type']} cannot be drawn without the script")
    axes = [axis for name in ("xAxis", "yAxis") for axis in _listed(option[name])]
    if any(one["type"] == "scatter" for one in option["series"]) and any(map(_is_bent, axes)):
        raise ValueError("points over powers of ten or a turned axis cannot be drawn without the script")
    drawing = _Drawing(dict(option), float(width), float(height))
    body = "".join(drawing.parts())
    colours = palette(theme) if theme else {}
    for name in sorted(colours, key=len, reverse=True):
        body = body.replace(f"var({name})", colours[name])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(label)}" font-size="12">{body}</svg>'
    )


@dataclass(slots=True)
class _Plot:
    """One grid: its axes, its place, the series in it."""

    x: dict[str, Any]
    y: dict[str, Any]
    series: list[dict[str, Any]]
    left: float
    right: float
    top: float
    bottom: float
    stacks: dict[tuple[str, int, bool], float] = field(default_factory=dict)

    @property
    def is_lying(self) -> bool:
        """Whether bars lie: names stand on the y axis."""
        return bool(self.y["type"] == "category" and self.x["type"] == "value")


class _Drawing:
    def __init__(self, option: dict[str, Any], width: float, height: float) -> None:
        self.option, self.width, self.height = option, width, height

    def parts(self) -> Iterator[str]:
        yield from self._legend()
        for plot in self._plots():
            yield from _plotted(plot)
            yield from _corners(plot, self.option.get("graphic", ()))

    def _plots(self) -> Iterator[_Plot]:
        grids, xs, ys = (_listed(self.option[name]) for name in ("grid", "xAxis", "yAxis"))
        for place, grid in enumerate(grids):
            series = [one for one in self.option["series"] if one.get("xAxisIndex", 0) == place]
            left, right = lengths([grid.get("left"), grid.get("right")], self.width)
            top, bottom = lengths([grid.get("top"), grid.get("bottom")], self.height)
            plot = _Plot(xs[place], ys[place], series, left, self.width - right, top, self.height - bottom)
            _make_room(plot)
            yield plot

    def _legend(self) -> Iterator[str]:
        legend = self.option.get("legend")
        if not legend:
            return
        at = 2.0
        for one in self.option["series"]:
            if one.get("$quiet") or not one.get("name"):
                continue
            yield f'<rect x="{at:g}" y="4" width="10" height="10" rx="2" fill="{_fill(one)}"/>'
            yield _text(at + 16, 13, one["name"], fill="var(--t-ink-2)")
            at += 16 + width_of(one["name"]) + 18


def _make_room(plot: _Plot) -> None:
    """Make place for the labels of the axes and for the names beside them."""
    if _is_labelled(plot.y):
        plot.left += max((width_of(text) for text in _y_texts(plot)), default=0) + GAP
    if plot.y.get("name"):
        plot.top += LINE
    if _is_labelled(plot.x):
        if plot.x.get("position") == "top":
            plot.top += LINE
        else:
            names = plot.x.get("data", [])
            plot.bottom -= LINE + 14 * (max((len(_wrapped(plot, str(name))) for name in names), default=1) - 1)
    if plot.x.get("name"):
        plot.bottom -= LINE
    if plot.y["type"] == "value":
        plot.top += GAP
    if plot.x["type"] == "value":
        plot.right -= GAP
    elif plot.x.get("boundaryGap") is False:
        plot.right -= width_of(str(plot.x["data"][-1])) / 2 if plot.x["data"] else 0


def _y_texts(plot: _Plot) -> list[str]:
    if plot.y["type"] == "category":
        return [str(name) for name in plot.y["data"]]
    low, high, step = _ends(plot, plot.y)
    return [written(tick, plot.y["axisLabel"].get("formatter")) for tick in ticks(low, high, step)]


def _plotted(plot: _Plot) -> Iterator[str]:
    x, y = _axis(plot, plot.x, plot.left, plot.right), _axis(plot, plot.y, plot.bottom, plot.top)
    yield from _grid_lines(plot, x, y)
    yield from _axis_texts(plot, x, y)
    for one in plot.series:
        yield from _DRAWERS[one["type"]](plot, one, x, y)


def _axis(plot: _Plot, axis: dict[str, Any], start: float, end: float) -> Axis:
    if axis["type"] == "category":
        if axis is plot.y:
            start, end = (end, start) if axis.get("inverse") else (start, end)
        return Names(len(axis["data"]), start, end, on_points=axis.get("boundaryGap") is False)
    low, high, _step = _ends(plot, axis)
    return Scale(low, high, start, end)


def _ends(plot: _Plot, axis: dict[str, Any]) -> tuple[float, float, float]:
    """Return where an axis of numbers begins and ends, and its step."""
    found = list(_reach(plot, 0 if axis is plot.x else 1))
    if not axis.get("scale"):
        found.append(0.0)
    low, high = min(found, default=0.0), max(found, default=1.0)
    ends = nice(axis.get("min", low), axis.get("max", high))
    return axis.get("min", ends[0]), axis.get("max", ends[1]), ends[2]


def _reach(plot: _Plot, side: int) -> Iterator[float]:
    """Yield every number that must be seen on an axis; stacked ones as sums."""
    sums: dict[tuple[str, int, bool], float] = {}
    for one in plot.series:
        for place, value in enumerate(_values(one)):
            if value is None:
                continue
            if isinstance(value, Sequence):
                yield float(value[side])
            elif "stack" in one:
                key = (one["stack"], place, value >= 0)
                sums[key] = sums.get(key, 0.0) + value
            else:
                yield float(value)
    yield from sums.values()


def _grid_lines(plot: _Plot, x: Axis, y: Axis) -> Iterator[str]:
    for axis, scale in ((plot.x, x), (plot.y, y)):
        if not isinstance(scale, Scale) or axis.get("splitLine", {}).get("show") is False:
            continue
        for tick in ticks(*_ends(plot, axis)):
            at = scale.at(tick)
            ends = (at, plot.top, at, plot.bottom) if axis is plot.x else (plot.left, at, plot.right, at)
            yield _line(*ends, colour="var(--t-grid)")


def _axis_texts(plot: _Plot, x: Axis, y: Axis) -> Iterator[str]:
    if _is_labelled(plot.y):
        for text, at in _labels(plot, plot.y, y):
            yield _text(plot.left - GAP, at + 4, text, anchor="end")
    if _is_labelled(plot.x):
        below = plot.top - 7 if plot.x.get("position") == "top" else plot.bottom + 16
        for text, at in _fitted(plot, _labels(plot, plot.x, x)):
            for number, line in enumerate(_wrapped(plot, text)):
                yield _text(at, below + 14 * number, line, anchor="middle")
    if name := plot.x.get("name"):
        yield _text((plot.left + plot.right) / 2, plot.bottom + 16 + LINE, name, anchor="middle")
    if name := plot.y.get("name"):
        yield _text(max(plot.left - 40, 0), plot.top - GAP - 4, name)


def _labels(plot: _Plot, axis: dict[str, Any], scale: Axis) -> list[tuple[str, float]]:
    if isinstance(scale, Names):
        return [(str(name), scale.at(place)) for place, name in enumerate(axis["data"])]
    return [(written(t, axis["axisLabel"].get("formatter")), scale.at(t)) for t in ticks(*_ends(plot, axis))]


def _fitted(plot: _Plot, labels: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return the labels that are written: all where the picture wants all, else as many as have room."""
    return labels if plot.x["axisLabel"].get("interval") == 0 else _thinned(labels)


def _wrapped(plot: _Plot, text: str) -> list[str]:
    """Return the lines of a name that must fit under its own bar."""
    if plot.x["axisLabel"].get("interval") != 0:
        return [text]
    return wrapped(text, (plot.right - plot.left) / len(plot.x["data"]) - 6)


def _thinned(labels: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Leave out labels that would overlap."""
    if len(labels) < 2:
        return labels
    widest = max(width_of(text) for text, _at in labels) + 6
    step = max(1, -int(-widest // max(abs(labels[1][1] - labels[0][1]), 1)))
    return labels[::step]


def _bars(plot: _Plot, one: dict[str, Any], x: Axis, y: Axis) -> Iterator[str]:
    names, scale = (y, x) if plot.is_lying else (x, y)
    assert isinstance(names, Names)
    assert isinstance(scale, Scale)
    groups = list(dict.fromkeys(_group(other) for other in plot.series if other["type"] == "bar"))
    room = abs(names.band) * 0.76
    thick = min(room / len(groups), float(one.get("barMaxWidth", 60)))
    shift = (groups.index(_group(one)) - (len(groups) - 1) / 2) * (thick + 1)
    for place, item in enumerate(one["data"]):
        value = _value(item)
        if value is None:
            continue
        key = (str(one.get("stack")), place, value >= 0)
        low = plot.stacks.get(key, 0.0) if "stack" in one else 0.0
        if "stack" in one:
            plot.stacks[key] = low + value
        colour = _fill(one, item)
        if colour == "transparent":
            continue
        middle, ends = names.at(place) + shift, sorted((scale.at(low), scale.at(low + value)))
        yield _bar(middle - thick / 2, ends, thick, colour, is_lying=plot.is_lying)
        yield _bar_label(one, item, value, middle, ends, is_lying=plot.is_lying)


def _bar(start: float, ends: list[float], thick: float, colour: str, *, is_lying: bool) -> str:
    length = max(ends[1] - ends[0], 0.5)
    place = (ends[0], start, length, thick) if is_lying else (start, ends[0], thick, length)
    left, top, wide, high = place
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="2" fill="{colour}"/>'


def _bar_label(one: dict[str, Any], item: Any, value: float, at: float, ends: list[float], *, is_lying: bool) -> str:
    label = one.get("label", {}) | (item.get("label", {}) if isinstance(item, dict) else {})
    if not label.get("show"):
        return ""
    text = written(value, label.get("formatter"))
    if is_lying:
        return _text(ends[1] + 5, at + 4, text, fill="var(--t-ink)")
    return _text(at, ends[0] - 5, text, anchor="middle", fill="var(--t-ink)")


def _band(told: dict[str, Any], x: Axis, y: Axis) -> Iterator[str]:
    """The tinted area of an interval, between its gaps."""
    known = [None not in ends for ends in zip(told["low"], told["high"], strict=True)]
    for is_known, places in groupby(range(len(known)), key=known.__getitem__):
        if not is_known:
            continue
        run = list(places)
        edge = [(x.at(place), y.at(float(told["high"][place]))) for place in run]
        edge += [(x.at(place), y.at(float(told["low"][place]))) for place in reversed(run)]
        path = "L".join(f"{left:.1f} {top:.1f}" for left, top in edge)
        yield f'<path d="M{path}Z" fill="var(--t-interval)" stroke="none"/>'


def _lines(plot: _Plot, one: dict[str, Any], x: Axis, y: Axis) -> Iterator[str]:
    if "stack" in one:  # an interval: its first series holds both ends, its second only tints
        yield from _band(one["$interval"], x, y) if "$interval" in one else ()
        return
    for run in _runs(plot, one):
        points = [(x.at(left), y.at(top)) for left, top in run]
        path = "L".join(f"{left:.1f} {top:.1f}" for left, top in points)
        if "areaStyle" in one:
            ground = " ".join([f"L{points[-1][0]:.1f} {plot.bottom:.1f}", f"L{points[0][0]:.1f} {plot.bottom:.1f}Z"])
            yield f'<path d="M{path} {ground}" fill="{one["areaStyle"]["color"]}" stroke="none"/>'
        style = one.get("lineStyle", {})
        dash = ' stroke-dasharray="5 4"' if style.get("type") == "dashed" else ""
        yield (
            f'<path d="M{path}" fill="none" stroke="{_fill(one)}" stroke-width="{style.get("width", 2)}"'
            f' stroke-linejoin="round"{dash}/>'
        )
        if len(points) == 1:
            yield f'<circle cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="3" fill="{_fill(one)}"/>'
    for mark in one.get("markPoint", {}).get("data", []):
        left, top = x.at(mark["coord"][0]), y.at(mark["coord"][1])
        colour = one["markPoint"]["itemStyle"]["color"]
        yield f'<circle cx="{left:.1f}" cy="{top:.1f}" r="4.5" fill="{colour}"/>'
        yield _text(left + 10, top + 14, one["markPoint"]["label"]["formatter"], fill="var(--t-ink)")


def _runs(plot: _Plot, one: dict[str, Any]) -> Iterator[list[tuple[float, float]]]:
    """Yield the points of a line between its gaps."""
    run: list[tuple[float, float]] = []
    for place, value in enumerate(_values(one)):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((value[0], value[1]) if isinstance(value, Sequence) else (float(place), float(value)))
    if run:
        yield run


def _cells(plot: _Plot, one: dict[str, Any], x: Axis, y: Axis) -> Iterator[str]:
    assert isinstance(x, Names)
    assert isinstance(y, Names)
    wide, high = abs(x.band), abs(y.band)
    for item in one["data"]:
        left, top = x.at(item["value"][0]), y.at(item["value"][1])
        yield (
            f'<rect x="{left - wide / 2 + 1:.1f}" y="{top - high / 2 + 1:.1f}" width="{wide - 2:.1f}"'
            f' height="{high - 2:.1f}" rx="3" fill="{_fill(one, item)}"/>'
        )
        told = item.get("label", {}).get("formatter", one["label"]["formatter"])
        lines = told.split("\n") if isinstance(told, str) else [written(item["value"][2], told)]
        for place, text in enumerate(lines):
            if width_of(text) < wide:
                down = top + 4 + 15 * (place - (len(lines) - 1) / 2)
                yield _text(left, down, text, anchor="middle", fill=item["label"]["color"], size=11)


def _points(plot: _Plot, one: dict[str, Any], x: Axis, y: Axis) -> Iterator[str]:
    for cross in one.get("markLine", {}).get("data", []):
        yield from _split(plot, cross, x, y)
    opacity = one["itemStyle"].get("opacity", 1)
    for item in one["data"]:
        left, top = x.at(_value(item)[0]), y.at(_value(item)[1])
        yield (
            f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{one["symbolSize"] / 2:g}" fill="{_fill(one)}"'
            f' fill-opacity="{opacity}"/>'
        )
        label = item.get("label", {}) if isinstance(item, dict) else {}
        if label.get("show"):
            beside = {"left": (left - 11, top + 4, "end"), "right": (left + 11, top + 4, "start")}
            at, down, anchor = beside.get(label.get("position", ""), (left, top - 11, "middle"))
            yield _text(at, down, label["formatter"], anchor=anchor, fill="var(--t-ink)")


def _split(plot: _Plot, cross: dict[str, float], x: Axis, y: Axis) -> Iterator[str]:
    """One line of the cross that parts the corners."""
    upright = "xAxis" in cross
    at = x.at(cross["xAxis"]) if upright else y.at(cross["yAxis"])
    ends = (at, plot.top, at, plot.bottom) if upright else (plot.left, at, plot.right, at)
    yield _line(*ends, colour="var(--t-line-strong)", is_dashed=True)


def _corners(plot: _Plot, texts: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What the corners of a quadrant are called, each in its own."""
    for one in texts:
        left, anchor = (plot.left + 8, "start") if "left" in one else (plot.right - 8, "end")
        yield _text(left, plot.top + 16 if "top" in one else plot.bottom - 8, one["style"]["text"], anchor=anchor)


_DRAWERS = {"bar": _bars, "line": _lines, "heatmap": _cells, "scatter": _points}


def _is_bent(axis: dict[str, Any]) -> bool:
    return axis["type"] == "log" or (axis["type"] == "value" and bool(axis.get("inverse")))


def _group(one: dict[str, Any]) -> str:
    return str(one.get("stack") or one.get("name"))


def _listed(found: Any) -> list[dict[str, Any]]:
    return found if isinstance(found, list) else [found]


def _values(one: dict[str, Any]) -> list[Any]:
    return [_value(item) for item in one["data"]]


def _value(item: Any) -> Any:
    return item["value"] if isinstance(item, dict) else item


def _fill(one: dict[str, Any], item: Any = None) -> str:
    own = item.get("itemStyle", {}).get("color") if isinstance(item, dict) else None
    return str(own or one.get("itemStyle", {}).get("color") or one.get("color") or "var(--t-series-1)")


def _is_labelled(axis: dict[str, Any]) -> bool:
    return axis.get("axisLabel", {}).get("show") is not False


def _line(left: float, top: float, right: float, bottom: float, *, colour: str, is_dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 4"' if is_dashed else ""
    return f'<path d="M{left:.1f} {top:.1f}L{right:.1f} {bottom:.1f}" stroke="{colour}" fill="none"{dash}/>'


def _text(
    left: float, top: float, text: Any, *, anchor: str = "start", fill: str = "var(--t-axis)", size: int = 12
) -> str:
    sized = "" if size == 12 else f' font-size="{size}"'
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{left:.1f}" y="{top:.1f}" fill="{fill}"{placed}{sized}>{escape(str(text))}</text>'
