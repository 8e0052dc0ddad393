"""How much of the revenue the best customers bring: the company's own figure beside the rule of 80 to 20."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import ChartCard, Table

from . import cells, links
from .report import Report

STEPS = (0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
FIFTH = 0.2


def card(report: Report) -> ChartCard:
    """Return the Pareto curve."""
    rows, facts = report.rows("pareto"), report.facts("pareto")
    has_any = bool(rows) and facts.get("customers", 0) > 0
    people = [row["customers_share"] for row in rows][1:]
    value = [row["revenue_share"] for row in rows][1:]
    return ChartCard(
        id="pareto",
        title=_("How concentrated the revenue is"),
        subtitle=sentence(report) if has_any else "",
        option=charts.pareto(
            people,
            value,
            people=_("Share of customers"),
            value=_("Share of revenue"),
            even=_("If all brought the same"),
            mark=(0.2, facts["top_share"]),
            url=best_url(report, "pareto", "revenue_from"),
        )
        if has_any
        else None,
        table=table(report, "pareto", "revenue_from", _("Share of revenue"), partial(_brought, people, value))
        if has_any
        else Table(columns=[], rows=[]),
        height="lg",
        empty=_("Nobody has bought yet."),
        note=_("Revenue of all time, best customers first. %(below)s customers gave back more than they bought.")
        % {"below": formats.count(facts["below_zero"])}
        if facts.get("below_zero")
        else _("Revenue of all time, best customers first."),
    )


def table(report: Report, frame: str, least: str, head: str, brought: Callable[[float], float]) -> Table:
    """Return what the best so many bring; their number leads to them, who have at least so much (`least`: of what)."""
    known = {step[0]: step for step in report.facts(frame).get("steps", [])}
    heads = [_("Best customers"), *([_("Customers")] if known else []), head]
    rows = []
    for share in STEPS:
        people = [cells.count(known[share][2], _people(known[share], least))] if share in known else []
        rows.append([cells.share(share, 0), *people, cells.share(brought(share))])
    return Table(columns=cells.numbers(*heads), rows=rows)


def best_url(report: Report, frame: str, least: str) -> str:
    """Return where the best fifth is found; nothing for an analysis of before it was told."""
    return next((_people(step, least) for step in report.facts(frame).get("steps", []) if step[0] == FIFTH), "")


def _people(step: list[Any], least: str) -> str:
    return links.people(**{least: Decimal(str(step[1]))})


def sentence(report: Report) -> str:
    """Return what the best fifth brings, beside the rule of thumb."""
    facts = report.facts("pareto")
    return _("The best 20%% of customers bring %(top)s of revenue; 80%% of it comes from %(for_80)s of them.") % {
        "top": formats.percent(facts["top_share"]), "for_80": formats.percent(facts["customers_for_80"]),
    }  # fmt: skip


def _brought(people: list[float], value: list[float], share: float) -> float:
    """Read the curve at a share of customers, straight between its points."""
    before = (0.0, 0.0)
    for point in zip(people, value, strict=True):
        if point[0] >= share:
            width = point[0] - before[0]
            part = (share - before[0]) / width if width else 1.0
            return before[1] + part * (point[1] - before[1])
        before = point
    return 1.0
