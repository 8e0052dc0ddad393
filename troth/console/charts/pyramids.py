"""The pyramid of customers: how few of them bring how much."""

from collections.abc import Sequence
from dataclasses import dataclass

from .formats import Format, percent
from .parts import Option, Text, grid, legend, value_axis


@dataclass(frozen=True, slots=True)
class Band:
    """One band of the pyramid; shares from 0 to 1, `profit_share` None where profit is unknown."""

    label: Text
    people: int
    people_share: float
    revenue_share: float
    profit_share: float | None = None
    url: str = ""


def pyramid(bands: Sequence[Band], *, people: Text, revenue: Text, profit: Text) -> Option:
    """Return the bands, best at the top: left their share of people as centred bars, right of revenue and of
    profit.

    Widths are the shares themselves: a band of half as many people is half as wide, whatever the shape then
    looks like.
    """
    labels = [f"{band.label}  {band.people_share:.1%}" for band in bands]
    widest = max((band.people_share for band in bands), default=0.0) or 1.0
    has_profit = any(band.profit_share is not None for band in bands)
    series = [
        _padding(bands, widest),
        _people(bands, people),
        _share(bands, revenue, "revenue_share", "var(--t-series-3)"),
    ]
    if has_profit:
        series.append(_share(bands, profit, "profit_share", "var(--t-series-2)"))
    hidden_axis = value_axis(min=0, axisLabel={"show": False}, splitLine={"show": False})
    names = {
        "type": "category",
        "data": labels,
        "inverse": True,
        "axisLine": {"show": False},
        "axisTick": {"show": False},
    }
    return {
        "legend": legend(data=[str(people), str(revenue), *([str(profit)] if has_profit else [])]),
        "tooltip": {"trigger": "item"},
        "grid": [grid(top=36, right="50%", left=4), grid(top=36, left="53%", right=44)],
        "xAxis": [hidden_axis | {"gridIndex": 0, "max": widest}, hidden_axis | {"gridIndex": 1}],
        "yAxis": [
            names | {"gridIndex": 0, "axisLabel": {"color": "var(--t-ink)", "fontWeight": 600}},
            names | {"gridIndex": 1, "axisLabel": {"show": False}},
        ],
        "series": series,
        "$narrow": {"grid": [{"top": 60}, {"top": 60}]},
    }


def _padding(bands: Sequence[Band], widest: float) -> Option:
    """An invisible bar before each band that centres it."""
    data = [(widest - band.people_share) / 2 for band in bands]
    return {
        "type": "bar",
        "stack": "people",
        "silent": True,
        "data": data,
        "itemStyle": {"color": "transparent"},
        "$quiet": True,
        "tooltip": {"show": False},
    }


def _people(bands: Sequence[Band], name: Text) -> Option:
    data = [
        {
            "value": band.people_share,
            "url": band.url,
            "title": str(band.label),
            "tip": [[str(name), band.people, _COUNT], ["", band.people_share, percent(1)]],
        }
        for band in bands
    ]
    return {
        "type": "bar",
        "name": str(name),
        "stack": "people",
        "data": data,
        "barWidth": "80%",
        "color": "var(--t-series-1)",
        "itemStyle": {"borderRadius": 3},
        "$value": percent(1),
    }


def _share(bands: Sequence[Band], name: Text, field: str, fill: str) -> Option:
    data = [{"value": getattr(band, field), "url": band.url} for band in bands]
    return {
        "type": "bar",
        "name": str(name),
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "data": data,
        "barGap": "18%",
        "barCategoryGap": "34%",
        "color": fill,
        "itemStyle": {"borderRadius": [0, 3, 3, 0]},
        "label": _LABEL,
        "$value": percent(1),
    }


_COUNT: Format = {"$format": "count", "places": 0}
_LABEL: Option = {
    "show": True,
    "position": "right",
    "color": "var(--t-ink)",
    "fontSize": 11,
    "formatter": percent(1),
}
