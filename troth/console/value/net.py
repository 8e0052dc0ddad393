"""The value to come net of points and rewards: beside the gross one, with the formula and what went into it."""

from django.utils.translation import gettext as _

from troth.console import formats
from troth.console.components import Cell, Column, Figure, Table

from . import cells
from .report import Report

FRAME = "reward_costs"


def is_known(report: Report) -> bool:
    """Tell whether the analysis was made since net values are."""
    rows = report.rows("value_layers")
    return bool(report.facts(FRAME)) and all(row.get("net_value") is not None for row in rows)


def figure(report: Report) -> Figure:
    """Return the whole value to come net of points and rewards."""
    rows = report.rows("value_layers")
    low, net, high = (sum(row[name] for row in rows) for name in ("net_low", "net_value", "net_high"))
    gross = sum(row["potential"] for row in rows)
    return Figure(
        _("Net of points and rewards"),
        report.money_compact(net),
        note=_("%(cost)s less; %(low)s to %(high)s")
        % {"cost": report.money_compact(gross - net), "low": _whole(report, low), "high": _whole(report, high)},
        help=formula(report),
    )


def _whole(report: Report, amount: float) -> str:
    return f"{report.symbol}{formats.count(amount)}"


def formula(report: Report) -> str:
    """Return how the net value is made, with this company's figures."""
    facts = report.facts(FRAME)
    text = _(
        "Expected revenue × (margin − share of points and rewards). That share is points given per unit of money ×"
        " cost of a point × (1 − breakage), and rewards given away ÷ revenue: %(share)s of revenue for who collects"
        " points, %(other)s for the others, by the last %(days)s days."
    )
    return text % {
        "share": formats.percent(facts["share"], 2),
        "other": formats.percent(facts["other_share"], 2),
        "days": formats.count(facts["days"]),
    }


def table(report: Report) -> Table:
    """Return what each currency of points costs of a unit of revenue, and the rewards given away."""
    heads = [
        _("Points given"), _("For each unit of money"), _("Cost of a point"), _("Cost is known of"), _("Redeemed"),
        _("Expired"), _("Breakage"), _("Share of revenue"),
    ]  # fmt: skip
    return Table(
        columns=[Column(_("What is given")), *cells.numbers(*heads)],
        rows=[*map(_points, report.rows(FRAME)), _gifts(report)],
    )


def _points(row: dict[str, float]) -> list[Cell]:
    return [
        Cell(str(row["currency"])),
        cells.count(int(row["issued"])),
        Cell(formats.count(row["issue_rate"], 3), row["issue_rate"]),
        Cell(formats.count(row["unit_cost"], 4) if row["costed_share"] else "–", row["unit_cost"]),
        cells.share(row["costed_share"], 0),
        cells.count(int(row["redeemed"])),
        cells.count(int(row["expired"])),
        cells.share(row["breakage"]),
        cells.share(row["share"], 2),
    ]


def _gifts(report: Report) -> list[Cell]:
    facts = report.facts(FRAME)
    blank = Cell("–", "")
    return [
        Cell(_("Rewards given away: %(cost)s") % {"cost": report.money(facts["given_away"])}),
        *[blank] * 7,
        cells.share(facts["other_share"], 2),
    ]


def note(report: Report) -> str:
    """Return what is missing where no cost of any point is known."""
    rows = report.rows(FRAME)
    if not rows:
        return _("No points were given in this time.")
    if not any(row["costed_share"] for row in rows):
        return _("No programme states what a point costs: state it under “unit_costs”, and the net value counts it.")
    return formula(report)
