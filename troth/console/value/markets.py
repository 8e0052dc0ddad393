"""Satisfaction × competition: the curves, one market near by, its four corners, and the table of all."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Table
from troth.insights.market_models import STEP, MarketCorner, step_of
from troth.insights.markets import FRAME, POINTS

from . import cells, links, market_words
from .report import Report

Row = Mapping[str, Any]
FRAMES = (FRAME, POINTS)
STEPS = list(range(0, 101, STEP))
MOST_CURVES = 6
SMALLEST_DOT, LARGEST_DOT = 5.0, 22.0  # pixels
KEPT = (MarketCorner.ADVOCATE, MarketCorner.HOSTAGE)
CONTENT = (MarketCorner.ADVOCATE, MarketCorner.MERCENARY)


def by(report: Report) -> str:
    """Return what parted customers into markets at the analysis; empty where nothing did."""
    return str(report.facts(FRAME).get("by", ""))


def rows(report: Report) -> list[Row]:
    """Return the markets in which somebody said how satisfied they are, those with most answers first."""
    found = [row for row in report.rows(FRAME) if row["asked"]]
    return sorted(found, key=lambda row: (-row["asked"], row["market"]))


def chosen(report: Report, wanted: str) -> Row | None:
    """Return the market asked for, else the one with most answers; None without any."""
    found = rows(report)
    return next((row for row in found if row["market"] == wanted), found[0] if found else None)


def figures(report: Report) -> list[Figure]:
    """Return how many markets, answers, dissatisfied who stay and satisfied who leave."""
    found = rows(report)
    asked = sum(row["asked"] for row in found)
    counted = {corner: sum(row[corner] for row in found) for corner in MarketCorner}
    with_curve = sum(1 for row in found if row["is_flat"] is not None)
    note = _("%(count)s with enough answers for a curve") % {"count": formats.count(with_curve)}
    figures = [
        Figure(_("Markets"), formats.count(len(found)), note=note),
        Figure(
            _("Answers on satisfaction"),
            formats.count(asked),
            note=_("a customer counts once in each market in which they buy"),
        ),
    ]
    for corner in (MarketCorner.HOSTAGE, MarketCorner.MERCENARY):
        share = formats.percent(counted[corner] / asked if asked else 0)
        url = links.people(corner=corner) if counted[corner] else ""
        note = _("%(share)s of the answers") % {"share": share}
        figures.append(Figure(str(corner.label), formats.count(counted[corner]), url=url, note=note))
    return figures


def all_curves(report: Report) -> ChartCard:
    """Return how staying follows satisfaction, a line for each market with a curve."""
    found = [row for row in rows(report) if row["is_flat"] is not None]
    drawn, way = found[:MOST_CURVES], by(report)
    series = {market_words.name(row["market"], way): _line(row) for row in drawn}
    note = _(
        "Fitted by maximum likelihood to the answers and to who still buys. Whoever was asked still bought then: in a"
        " survey of buyers every market looks better protected than it is."
    )
    if len(found) > len(drawn):
        more = _("Drawn are the %(count)s markets with most answers; the table has all.")
        note = f"{more % {'count': formats.count(len(drawn))}} {note}"
    return ChartCard(
        id="market-curves",
        title=_("How staying follows satisfaction"),
        subtitle=_("Chance to stay, by satisfaction from 0 to 100 points"),
        option=_picture(series) if drawn else None,
        table=_table(report),
        height="lg",
        empty=_("No market has enough answers for a curve yet; the table counts who stands where."),
        note=note,
    )


def near(report: Report, row: Row) -> ChartCard:
    """Return one market: the curve beside what those asked did, with the knee."""
    way, points = by(report), _points(report, row)
    has_curve = row["is_flat"] is not None
    seen = [points[step][1] / points[step][0] if points[step][0] else None for step in STEPS]
    series: dict[str, list[float | None]] = {_("Fitted curve"): list(_line(row))} if has_curve else {}
    series[_("Those asked")] = seen
    option = _picture(series)
    most = max(points[step][0] for step in STEPS)
    dots = [
        {"value": share, "symbolSize": _dot(points[step][0], most)}
        | ({} if share is None else {"url": _url(row, step)})
        for step, share in zip(STEPS, seen, strict=True)
    ]
    # Else only the dots above a label of the axis would be drawn.
    every = {"showSymbol": True, "showAllSymbol": True}
    option["series"][-1] |= every | {"data": dots, "lineStyle": {"opacity": 0}, "cursor": "pointer"}
    option["series"][-1].pop("areaStyle", None)
    if row["knee"] is not None:
        option["series"][0]["markLine"] = _knee(row["knee"])
    return ChartCard(
        id="market-near",
        title=market_words.name(row["market"], way),
        subtitle=_(
            "Chance to stay, by satisfaction; each dot is the share of those asked who stay, larger for more of them"
        ),
        option=option,
        table=_points_table(report, row),
        height="lg",
    )


def _url(row: Row, step: int) -> str:
    """Return the address of those who were about so satisfied in a market."""
    return links.people(market=row["market"], satisfaction=str(step))


def _dot(asked: int, most: int) -> float:
    """Return how wide a dot is in pixels: by area as many as were asked, and never too small to be seen."""
    return round(max(SMALLEST_DOT, LARGEST_DOT * math.sqrt(asked / most)), 1) if most else SMALLEST_DOT


def corners(report: Report, row: Row) -> list[dict[str, Any]]:
    """Return the four corners of a market: who, how many, what they brought, what it means and what to do."""
    meanings, treatments = market_words.meanings(), market_words.treatments()
    return [
        {
            "label": str(corner.label),
            "customers": row[corner],
            "share": formats.percent(row[corner] / row["asked"] if row["asked"] else 0, 0),
            "revenue": report.money_compact(row[f"{corner}_revenue"]),
            "url": links.people(market=row["market"], corner=corner) if row[corner] else "",
            "meaning": meanings[corner],
            "text": treatments[corner],
        }
        for corner in MarketCorner
    ]


def sentences(report: Report, row: Row) -> list[str]:
    """Return what a market's curve says."""
    return market_words.sentences(row, report.facts(FRAME)["fewest"])


def page_of(market: str) -> str:
    """Return the address of the page with one market near by."""
    return f"{reverse('value:markets')}?{urlencode({'market': market})}"


def tabs(report: Report, row: Row) -> list[dict[str, Any]]:
    """Return the markets to choose from."""
    way = by(report)
    return [
        {"market": one["market"], "label": market_words.name(one["market"], way), "is_active": one is row}
        for one in rows(report)
    ]


def _line(row: Row) -> list[float | None]:
    return [round(market_words.chance(row, step), 4) for step in STEPS]


def _picture(series: Mapping[str, list[float | None]]) -> dict[str, Any]:
    labels = [formats.count(step) for step in STEPS]
    option = charts.trend(labels, series, axis_format=charts.percent(), value_format=charts.percent(1))
    option["yAxis"] |= {"min": 0, "max": 1}
    option["xAxis"]["axisLabel"] |= {"interval": 3}
    for line in option["series"]:
        line.pop("areaStyle", None)  # what lies below a chance is not filled with anything
    return option


def _knee(knee: float) -> dict[str, Any]:
    return {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "label": {"show": False},
        "lineStyle": {"color": "var(--t-line-strong)", "type": "dashed", "width": 1},
        "data": [{"xAxis": round(knee / STEP)}],
    }


def _points(report: Report, row: Row) -> dict[int, tuple[int, int]]:
    """How many were asked and stayed at each step of the picture."""
    asked: Counter[int] = Counter()
    stayed: Counter[int] = Counter()
    for one in _answers(report, row):
        step = step_of(one["satisfaction"])
        asked[step] += one["asked"]
        stayed[step] += one["stayed"]
    return {step: (asked[step], stayed[step]) for step in STEPS}


def _answers(report: Report, row: Row) -> list[dict[str, Any]]:
    return [one for one in report.rows(POINTS) if one["market"] == row["market"]]


def _points_table(report: Report, row: Row) -> Table:
    dots = _points(report, row)

    def asked(one: Mapping[str, Any]) -> Cell:
        """How many, leading to them where their dot holds nobody else."""
        step = step_of(one["satisfaction"])
        return cells.count(one["asked"], _url(row, step) if dots[step][0] == one["asked"] else "")

    return Table(
        columns=cells.numbers(
            _("Satisfaction"), _("Customers asked"), _("Stay"), _("Share"), _("Low (95%)"), _("High (95%)")
        ),
        rows=[
            [
                cells.count(round(one["satisfaction"])), asked(one), cells.count(one["stayed"]),
                cells.share(one["stayed"] / one["asked"]), cells.share(one["low"]), cells.share(one["high"]),
            ]
            for one in _answers(report, row)
        ],
        caption=_("The interval is of 95% (Wilson)"),
    )  # fmt: skip


def _table(report: Report) -> Table:
    way = by(report)
    heads = [_("Customers asked"), _("Satisfied"), _("Stay"), _("Knee")]
    return Table(
        columns=[
            Column(_("Market")), Column(_("Competition")), *cells.numbers(*heads),
            *cells.numbers(*(str(corner.label) for corner in MarketCorner)),
        ],
        rows=[
            [
                Cell(market_words.name(row["market"], way), url=page_of(row["market"])),
                Cell(market_words.competition(row), row["level"]),
                cells.count(row["asked"], links.people(market=row["market"])),
                cells.share(sum(row[corner] for corner in CONTENT) / row["asked"], 0),
                cells.share(sum(row[corner] for corner in KEPT) / row["asked"], 0),
                _knee_cell(row),
                *(cells.count(row[one], links.people(market=row["market"], corner=one)) for one in MarketCorner),
            ]
            for row in rows(report)
        ],
    )  # fmt: skip


def _knee_cell(row: Row) -> Cell:
    if row["knee"] is None:
        return Cell("–" if row["is_flat"] is None else _("flat"))
    knee, low, high = (formats.count(row[name]) for name in ("knee", "knee_low", "knee_high"))
    return Cell(f"{knee} ({low}–{high})", row["knee"])
