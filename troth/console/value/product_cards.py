"""How the ways of telling a customer's next product did, and which one is in use."""

from typing import Any

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.insights import queries as insights

from . import cells


def names() -> dict[str, str]:
    """Return the contestants by code."""
    return {
        "popular": _("What most buy"),
        "item_to_item": _("What goes with one's own"),
        "als": _("Factors of taste (ALS)"),
    }


def card() -> ChartCard:
    """Return the contestants with what they found of what customers bought anew."""
    report = insights.suggestion_report()
    rows = report.rows if report else []
    called = names()
    labels = [called.get(row["method"], row["method"]) for row in rows]
    option = charts.bars(
        labels, {_("Found among those shown"): [row["recall"] for row in rows]}, horizontal=True,
        axis_format=charts.percent(), value_format=charts.percent(1),
    )  # fmt: skip
    heads = cells.numbers(_("Customers"), _("Found"), _("Low (95%)"), _("High (95%)"), _("More than what most buy"))
    return ChartCard(
        id="next-products",
        title=_("The next product"),
        subtitle=_subtitle(report),
        option=option if rows else None,
        height="sm",
        table=Table(
            columns=[Column(_("Way")), *heads, Column(_("Interval (95%)"))],
            rows=[[Cell(label, row["method"]), *_figures(row)] for label, row in zip(labels, rows, strict=True)],
        ),
        empty=_empty(report),
        note=_note(report),
    )


def _figures(row: dict[str, Any]) -> list[Cell]:
    shares = [cells.share(row[name], 1) for name in ("recall", "recall_low", "recall_high")]
    more = [Cell("–", ""), Cell("–", "")]  # the popular are not more than themselves
    if row["method"] != "popular":
        more = [Cell(_points(row["more"]), row["more"]), Cell(_between(row["more_low"], row["more_high"]))]
    return [cells.count(row["customers"]), *shares, *more]


def _subtitle(report: insights.Table | None) -> str:
    if not report or "shown" not in report.facts:
        return ""
    facts = {"days": report.facts["ahead_days"], "shown": report.facts["shown"]}
    return _("Of what customers bought anew in the last %(days)s days, how much stood among %(shown)s shown") % facts


def _note(report: insights.Table | None) -> str:
    if not report or "method" not in report.facts:
        return ""
    method = names().get(report.facts["method"], report.facts["method"])
    texts = {
        "beats_popular": _("In use: “%(way)s”. It surely finds more than showing everybody what most buy."),
        "popular_not_beaten": _("In use: “%(way)s”. Nothing else surely finds more with these customers."),
        "too_few_to_tell": _("In use: “%(way)s”. Too few customers bought anything new to tell the ways apart."),
    }
    return texts[report.facts["reason"]] % {"way": method}


def _empty(report: insights.Table | None) -> str:
    if report is None:
        return _("It is found in the background after an analysis, and will stand here then.")
    texts = {
        "no_lines": _("The orders have no lines with a product or a category: import order lines to get suggestions."),
        "too_few": _("No product was bought by enough customers to say what goes with it."),
    }
    return texts.get(
        report.facts.get("problem", ""), _("Too few customers bought anything new to tell the ways apart.")
    )


def _points(given: float) -> str:
    """A difference of two ratios, in points of a hundred."""
    return formats.change(given, 2).removesuffix("%")


def _between(low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": _points(low), "high": _points(high)}
