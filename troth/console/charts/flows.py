"""Flows: from where to where how many went."""

from collections.abc import Sequence
from dataclasses import dataclass

from .formats import Format, count
from .parts import Option, Text
from .scales import width_of

LEAST_ROOM = 96
"""Pixels beside the last stops, for their names."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One end of flows: its key, what it is called, its colour as a CSS variable. Left and right ends differ."""

    key: str
    label: Text
    fill: str


@dataclass(frozen=True, slots=True)
class Flow:
    """So many went from one stop to another; url: where a press on it leads."""

    start: str
    end: str
    size: float
    url: str = ""


def sankey(stops: Sequence[Stop], flows: Sequence[Flow], *, name: Text, value_format: Format | None = None) -> Option:
    """Return bands between stops, in the order given, as wide as so many went. Bands of nothing are left out.

    name: what is counted, for the tooltip.

    Raises:
        ValueError: a flow names a stop that is not given.
    """
    labels = {stop.key: str(stop.label) for stop in stops}
    for flow in flows:
        if flow.start not in labels or flow.end not in labels:
            raise ValueError(f"flow from {flow.start!r} to {flow.end!r}: give both stops")
    shown = [flow for flow in flows if flow.size > 0]
    told = value_format or count()

    def tip(size: float) -> list[list[object]]:
        return [[str(name), size, told]]

    ends = {flow.end for flow in shown}
    room = max((width_of(labels[key]) for key in ends), default=0.0)
    sizes = {key: max(_size(shown, "start", key), _size(shown, "end", key)) for key in labels}
    return {
        "tooltip": {"trigger": "item"},
        "series": [
            _LAYOUT
            | {
                "right": max(LEAST_ROOM, round(room) + 12),
                "data": [
                    {
                        "name": stop.key,
                        "title": labels[stop.key],
                        "tip": tip(sizes[stop.key]),
                        "label": {"formatter": labels[stop.key]},
                        "itemStyle": {"color": stop.fill, "borderWidth": 0},
                    }
                    for stop in stops
                    if sizes[stop.key]
                ],
                "links": [
                    {
                        "source": flow.start,
                        "target": flow.end,
                        "value": flow.size,
                        "title": f"{labels[flow.start]} → {labels[flow.end]}",
                        "tip": tip(flow.size),
                    }
                    | ({"url": flow.url} if flow.url else {})
                    for flow in shown
                ],
            }
        ],
        # On a phone long names take two lines, or half of the width would be names.
        "$narrow": {"series": [{"right": LEAST_ROOM, "label": {"fontSize": 11, "width": 84, "overflow": "break"}}]},
    }


_LAYOUT: Option = {
    "type": "sankey",
    "left": 8,
    "top": 12,
    "bottom": 12,
    "nodeGap": 20,
    "nodeWidth": 14,
    "draggable": False,
    "layoutIterations": 0,  # in the order given
    "emphasis": {"focus": "adjacency"},
    # A seam of the card's colour: names stand on the bands that leave their stop.
    "label": {"color": "var(--t-ink)", "fontSize": 12, "textBorderColor": "var(--t-surface)", "textBorderWidth": 3},
    "lineStyle": {"color": "source", "opacity": 0.28, "curveness": 0.5},
}


def _size(flows: Sequence[Flow], side: str, key: str) -> float:
    return sum(flow.size for flow in flows if getattr(flow, side) == key)
