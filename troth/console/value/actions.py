"""What to do next: how many customers each suggestion holds, what money is at stake, and whom to keep first."""

from typing import Any

from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.console import charts
from troth.console.components import Cell, ChartCard, Column, Table
from troth.console.customers import outlook
from troth.insights import queries as insights
from troth.insights.models import CustomerOutlook, NextAction

from . import cells, links, scatter
from .report import Report

SHOWN_PEOPLE = 10
SAVING = (NextAction.REPAIR, NextAction.HOLD, NextAction.WIN_BACK)


def why() -> dict[str, str]:
    """Return whom each suggestion is for."""
    return {
        NextAction.REPAIR: _("A complaint is open, or they are not satisfied."),
        NextAction.HOLD: _("Silent for longer than usual, or more likely gone than not, and worth an effort."),
        NextAction.WIN_BACK: _("Lost by their own rhythm, and worth winning back."),
        NextAction.LET_GO: _("Lost, and nothing to be expected any more."),
        NextAction.INVITE: _("Loyal, valuable and well disposed: let them bring others."),
        NextAction.THANK: _("Just bought for the first time, or loyal and valuable."),
        NextAction.ASK: _("Valuable, not loyal: find out why before they go."),
        NextAction.NEXT_PRODUCT: _("Here, and may buy more."),
    }


def card(report: Report) -> ChartCard:
    """Return the suggestions, the most urgent first; each leads to its people."""
    found = {row["action"]: row for row in report.rows("actions")}
    rows = [found[action] for action in (*SAVING, *(one for one in NextAction if one not in SAVING)) if action in found]
    labels = [str(NextAction(row["action"]).label) for row in rows]
    urls = [links.people(action=row["action"]) for row in rows]
    option = charts.bars(labels, {_("Customers"): [row["customers"] for row in rows]}, horizontal=True, urls=urls)
    return ChartCard(
        id="next-actions",
        title=_("Next best actions"),
        subtitle=_("One suggestion for each customer, from rules that anybody can read"),
        option=option if rows else None,
        table=Table(
            columns=[
                Column(_("Next best action")), *cells.numbers(_("Customers"), _("Money at stake")),
                Column(_("What the money is")), Column(_("For whom")),
            ],
            rows=[_row(report, row) for row in rows],
        ),
        note=_("Money at risk is what they would bring if they were here for certain, less what is expected of them."),
    )  # fmt: skip


def _row(report: Report, row: dict[str, Any]) -> list[Cell]:
    url = links.people(action=row["action"])
    return [
        Cell(NextAction(row["action"]).label, url=url),
        cells.count(row["customers"], url),
        cells.money(report, row["stake"]),
        Cell(outlook.stake_name(row["stake_kind"]), row["stake_kind"]),
        Cell(why()[row["action"]]),
    ]


def people(report: Report, actor: Actor) -> Table:
    """Return the customers with the most money at risk."""
    found = insights.most_at_stake(SHOWN_PEOPLE, SAVING)
    names = scatter.names_of([str(one.owner_id) for one in found], actor)
    return Table(
        columns=[
            Column(_("Customer")), *cells.numbers(_("Money at risk"), _("Still there")), Column(_("Next best action")),
            Column(_("Reason")),
        ],
        rows=[_person(report, one, names) for one in found],
    )  # fmt: skip


def _person(report: Report, one: CustomerOutlook, names: dict[str, str]) -> list[Cell]:
    return [
        Cell(names.get(str(one.owner_id)) or "–", url=links.customer(one.owner_id)),
        cells.money(report, one.stake),
        Cell(outlook.chance(one.probability_alive or 0), one.probability_alive),
        Cell(one.get_action_display()),
        Cell(outlook.action_reason(one.action_reason)),
    ]
