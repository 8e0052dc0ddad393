"""Made-up data for the living page of components, and for nothing else."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.console.numbers import DecimalField
from troth.kit.conditions.wording import ExplainedLine

from . import charts
from .components import Cell, Change, ChartCard, Column, Figure, Progress, Reason, Tab, Table, TimelineItem
from .formats import compact, count, money_compact, percent


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As it should appear in lists."))
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("a", gettext_lazy("Person")), ("b", gettext_lazy("Company"))],
        required=False,
    )
    amount = DecimalField(label=gettext_lazy("Amount"), min_value=1)
    notes = forms.CharField(label=gettext_lazy("Notes"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Channels"),
        choices=[("sms", gettext_lazy("Text message")), ("mail", gettext_lazy("E-mail"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(label=gettext_lazy("Consent was given in writing"), required=False)


def context(now: datetime) -> dict[str, Any]:
    """Return everything that the living page shows."""
    return {
        "figures": _figures(),
        "charts": [
            _trend(),
            _quadrant(),
            _pyramid(),
            _heatmap(),
            _waterfall(),
            _pareto(),
            _bars(),
            _nothing(),
        ],
        "tabs": [
            Tab(_("All"), "?tab=all", True, "2,469"),
            Tab(_("Active"), "?tab=active", count="1,203"),
            Tab(_("Sleeping"), "?tab=sleeping"),
        ],
        "timeline": _timeline(now),
        "progress": _progress(),
        "reasons": _reasons(),
        "why": _why(),
        "form": SampleForm(),
        "wrong_form": SampleForm({"name": "", "amount": "0"}),
        "page": Paginator(range(2469), 50).page(4),
        "table": _bars().table,
        "tones": ["neutral", "brand", "good", "warn", "bad", "info"],
    }


def _figures() -> list[Figure]:
    return [
        Figure(
            label=_("Active customers"),
            value=count(2104),
            icon="users",
            url="#figures",
            trend=(12, 14, 13, 17, 19, 18, 22),
            change=Change("+3.1%", "up", is_good=True, note=_("on last month")),
            help=_("Customers with an order within their own rhythm."),
        ),
        Figure(
            label=_("Revenue, 12 months"),
            value=money_compact(5_150_000, "CNY"),
            icon="cash",
            trend=(9, 8, 9, 7, 8, 6, 6),
            change=Change("−4.2%", "down", is_good=False, note=_("on the year before")),
        ),
        Figure(label=_("Share of the best fifth"), value=percent(0.583), icon="chart-bar", note=_("of revenue")),
        Figure(label=_("Big number"), value=compact(123_456_789), icon="diamond", change=Change("0.0%", "flat")),
    ]


MONTHS = ["2017-01", "2017-02", "2017-03", "2017-04", "2017-05", "2017-06"]


def _trend() -> ChartCard:
    values, low, high = (
        [120.0, 132, 128, 141, 150, 158],
        [112.0, 120, 117, 128, 135, 140],
        [128.0, 144, 139, 154, 165, 176],
    )
    return ChartCard(
        id="sample-trend",
        title=_("Trend with interval"),
        subtitle=_("The band is where the truth lies nine times in ten"),
        option=charts.trend(MONTHS, {_("Orders"): values}, interval=(low, high), interval_name=_("Interval")),
        table=Table(
            [_("Month"), Column(_("Orders"), True)],
            [[month, value] for month, value in zip(MONTHS, values, strict=True)],
        ),
    )


def _quadrant() -> ChartCard:
    best = [(60 + index * 7 % 40, 900 + index * 37 % 3000, f"B{index}", f"b{index}") for index in range(80)]
    rest = [(5 + index * 11 % 50, 40 + index * 53 % 800, f"R{index}", f"r{index}") for index in range(140)]
    return ChartCard(
        id="sample-quadrant",
        title=_("Loyalty × value"),
        subtitle=_("Every point is a customer"),
        height="lg",
        option=charts.quadrant(
            {_("Best"): best, _("Others"): rest},
            x_name=_("Loyalty"),
            y_name=_("Value"),
            x_split=55,
            y_split=850,
            y_log=True,
            corners=(_("Butterflies"), _("True friends"), _("Strangers"), _("Barnacles")),
            y_format=charts.money_compact("¥"),
        ),
        table=Table(
            [_("Customer"), Column(_("Loyalty"), True), Column(_("Value"), True)],
            [[p[2], p[0], p[1]] for p in best[:12]],
        ),
    )


def _pyramid() -> ChartCard:
    rows = [
        (_("Diamond"), 300, 0.03, 0.155, 0.333),
        (_("Gold"), 1000, 0.10, 0.27, 0.309),
        (_("Silver"), 2000, 0.20, 0.29, 0.236),
        (_("Ordinary"), 4700, 0.47, 0.25, 0.104),
        (_("New"), 2000, 0.20, 0.035, 0.018),
    ]
    return ChartCard(
        id="sample-pyramid",
        title=_("Pyramid"),
        subtitle=_("Widths are the shares themselves"),
        height="lg",
        option=charts.pyramid(
            [charts.Band(*row) for row in rows],
            people=_("Customers"),
            revenue=_("Share of revenue"),
            profit=_("Share of profit"),
        ),
        table=Table(
            [_("Band"), Column(_("Customers"), True), Column(_("Share of revenue"), True)],
            [[r[0], r[1], Cell(percent(r[3]), r[3])] for r in rows],
        ),
    )


def _heatmap() -> ChartCard:
    values: list[list[float | None]] = [
        [1.0, 0.62, 0.5, 0.44, 0.41, 0.4],
        [1.0, 0.58, 0.47, 0.4, 0.38, None],
        [1.0, 0.66, 0.52, 0.47, None, None],
        [1.0, 0.6, 0.49, None, None, None],
    ]
    columns = [f"+{month}" for month in range(6)]
    return ChartCard(
        id="sample-heatmap",
        title=_("Cohorts"),
        subtitle=_("Of those who began in a month, how many bought again later"),
        option=charts.heatmap(MONTHS[:4], columns, values, name=_("Still buying"), bounds=[0.2, 0.4, 0.5, 0.6, 0.8]),
        table=Table(
            [_("Month"), *(Column(c, True) for c in columns)],
            [
                [month, *(None if v is None else Cell(percent(v, 0), v) for v in row)]
                for month, row in zip(MONTHS, values, strict=False)
            ],
        ),
    )


def _waterfall() -> ChartCard:
    steps = [(_("New"), 486.0), (_("Won back"), 132.0), (_("Fell asleep"), -214.0), (_("Lost"), -167.0)]
    rows = [(_("Before"), 3420.0), *steps, (_("Now"), 3657.0)]
    return ChartCard(
        id="sample-waterfall",
        title=_("Ups and downs"),
        option=charts.waterfall(rows[0], steps, _("Now")),
        table=Table([_("Step"), Column(_("Customers"), True)], [[label, int(change)] for label, change in rows]),
    )


def _pareto() -> ChartCard:
    people = [index / 20 for index in range(1, 21)]
    value = [1 - (1 - share) ** 2.6 for share in people]
    return ChartCard(
        id="sample-pareto",
        title=_("Pareto curve"),
        option=charts.pareto(
            people,
            value,
            people=_("Share of customers, best first"),
            value=_("Share of revenue"),
            even=_("All alike"),
            mark=(0.2, value[3]),
        ),
        table=Table(
            [Column(_("Share of customers"), True), Column(_("Share of revenue"), True)],
            [[Cell(percent(p, 0), p), Cell(percent(v), v)] for p, v in zip(people, value, strict=True)],
        ),
    )


def _bars() -> ChartCard:
    labels = [_("Grocery"), _("Drug"), _("Meat"), _("Produce"), _("Deli")]
    now, before = [812.0, 240, 190, 176, 88], [780.0, 251, 204, 160, 91]
    return ChartCard(
        id="sample-bars",
        title=_("Bars"),
        option=charts.bars(labels, {_("This year"): now, _("Last year"): before}, horizontal=True),
        table=Table(
            [_("Department"), Column(_("This year"), True), Column(_("Last year"), True)],
            [[label, a, b] for label, a, b in zip(labels, now, before, strict=True)],
        ),
    )


def _nothing() -> ChartCard:
    return ChartCard(
        id="sample-empty",
        title=_("Nothing yet"),
        option=None,
        table=Table([], []),
        empty=_("Appears after the first analysis with orders of two months."),
    )


def _timeline(now: datetime) -> list[TimelineItem]:
    return [
        TimelineItem(
            now,
            _("Order paid"),
            icon="shopping-bag",
            tone="brand",
            url="#timeline",
            facts=[(_("Lines"), "12"), (_("Total"), "¥486.20")],
        ),
        TimelineItem(
            now - timedelta(hours=3),
            _("Complaint closed"),
            icon="message-report",
            tone="good",
            actor=_("Care desk"),
            text=_("Refunded in full."),
        ),
        TimelineItem(now - timedelta(days=2), _("Order returned in part"), icon="receipt-refund", tone="bad"),
        TimelineItem(now - timedelta(days=2, hours=5), _("Merged with another record"), icon="arrow-merge"),
    ]


def _progress() -> list[Progress]:
    return [
        Progress(
            "running",
            _("Importing orders"),
            0.42,
            _("654,321 of 1,469,307 lines, 21,000 a second, about 40 seconds left"),
        ),
        Progress("running", _("Counting"), None, _("The length is not known yet.")),
        Progress("done", _("Analysis"), 1.0),
        Progress("failed", _("Export"), 0.7, _("The disk is full.")),
    ]


def _reasons() -> list[Reason]:
    return [
        Reason(_("Bought in nine of the last twelve months"), "+18", "good"),
        Reason(_("Buys from four departments"), "+6", "good"),
        Reason(_("Two thirds of the spend was bought on promotion"), "−7", "warn"),
        Reason(_("No order for 61 days; the usual gap is 12"), "−21", "bad"),
    ]


def _why() -> list[ExplainedLine]:
    return [
        ExplainedLine(0, _("all of:"), holds=False, is_group=True),
        ExplainedLine(1, _("Value band is Diamond"), holds=True, found=_("Diamond")),
        ExplainedLine(1, _("Last order was at least 60 days ago"), holds=False, found=_("12 days ago")),
    ]
