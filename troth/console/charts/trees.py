"""Trees: who hangs on whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt

from .formats import Format, count
from .parts import Option, Text

SMALLEST, LARGEST = 7.0, 26.0


@dataclass(frozen=True, slots=True)
class Node:
    """One thing of a tree. size: how large its dot is drawn, by area, 0 or more; tip: the lines of its tooltip: label,
    value, format; url: where a press on it leads; is_strong: drawn in the strongest colour, for whom the tree is about.
    """

    label: Text
    size: float = 0.0
    tip: Sequence[tuple[Text, float, Format]] = ()
    url: str = ""
    is_strong: bool = False
    nodes: Sequence[Node] = field(default=())


def tree(root: Node) -> Option:
    """Return a tree that grows from left to right, every branch open; dots as large as their size tells."""
    most = max((node.size for node in _all(root)), default=0.0)
    return {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "tree",
                "data": [_drawn(root, most)],
                "left": 24,
                "right": 130,
                "top": 16,
                "bottom": 16,
                "orient": "LR",
                "symbol": "circle",
                "initialTreeDepth": -1,
                "expandAndCollapse": False,
                "lineStyle": {"color": "var(--t-line-strong)", "width": 1.5},
                "label": {
                    "position": "right", "verticalAlign": "middle", "align": "left", "distance": 6, "fontSize": 12,
                    "color": "var(--t-ink)", "backgroundColor": "var(--t-surface)", "padding": [1, 3],
                    "width": 118, "overflow": "truncate",
                },
                "emphasis": {"focus": "relative"},
            }
        ],
        "$narrow": {"series": [{"right": 84, "label": {"fontSize": 11, "width": 76}}]},
    }  # fmt: skip


def _drawn(node: Node, most: float) -> Option:
    fill = "var(--t-series-2)" if node.is_strong else "var(--t-series-1)"
    drawn: Option = {
        "name": str(node.label),
        "title": str(node.label),
        "value": node.size,
        "symbolSize": SMALLEST + (LARGEST - SMALLEST) * sqrt(max(node.size, 0.0) / most) if most > 0 else SMALLEST,
        "tip": [[str(label), value, told or count()] for label, value, told in node.tip],
        "itemStyle": {"color": fill, "borderColor": fill},
        "children": [_drawn(one, most) for one in node.nodes],
    }
    return drawn | ({"url": node.url} if node.url else {})


def _all(node: Node) -> Iterator[Node]:
    yield node
    for one in node.nodes:
        yield from _all(one)
