"""Who brings whom, as pictures: the tree of one customer, and the company's largest trees; tables behind both."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Table
from troth.insights import introductions
from troth.insights.introductions import Branch

from . import cells, links, scatter
from .brought import FRAME
from .report import Report

ROOTS, MOST = 5, 40


def figures(report: Report) -> list[Figure]:
    """Return how many were brought, by how many, and what it brought."""
    facts = report.facts(FRAME)
    brought, bought = facts["links"], facts["bought"]
    return [
        Figure(
            _("Customers brought"),
            formats.count(brought),
            note=_("%(share)s of them have bought")
            % {"share": formats.percent(bought / brought if brought else 0.0, 0)},
        ),
        Figure(
            _("Customers who brought others"),
            formats.count(facts["introducers"]),
            url=links.people(referred=1) if facts["introducers"] else "",
            note=_("%(count)s each, on average")
            % {"count": formats.count(brought / facts["introducers"] if facts["introducers"] else 0, 1)},
        ),
        Figure(
            _("Profit of those brought"),
            report.money_compact(facts["total"]),
            note=_("credited once: all influence values add up to it"),
        ),
    ]


def forest(report: Report, actor: Actor) -> ChartCard:
    """Return the trees in which most was credited."""
    best = [UUID(row["customer_id"]) for row in report.rows(FRAME)]
    trees = introductions.trees(introductions.firsts(best)[:ROOTS], most=MOST) if best else []
    names = _names(trees, actor)
    nodes = [_node(report.symbol, tree, names) for tree in trees]
    root = charts.Node(_("Largest chains"), nodes=nodes)
    return ChartCard(
        id="referral-trees",
        title=_("Who brought whom"),
        subtitle=_("The chains that brought most; press a dot for its person"),
        option=charts.tree(root) if nodes else None,
        table=_table(report.run.currency, trees, names),
        height="xl",
        empty=_("Nobody has brought anybody yet, as far as it was told and recognised."),
        note=note(),
    )


def of_customer(customer_id: UUID, actor: Actor, currency: str) -> ChartCard | None:
    """Return the tree in which a customer stands: from who brought them down; None where nobody brought anybody."""
    if not introductions.has_any(customer_id):
        return None
    above = introductions.introducers(customer_id)
    (tree,) = introductions.trees([above[0] if above else customer_id])
    names = _names([tree], actor)
    return ChartCard(
        id="referral-tree",
        title=_("Who brought whom"),
        subtitle=_("From who brought them to those they brought; press a dot for its person"),
        option=charts.tree(_node(formats.currency_symbol(currency), tree, names, strong=customer_id)),
        table=_table(currency, [tree], names),
        height="lg",
        note=note(),
    )


def note() -> str:
    """Return how the money is credited."""
    return _(
        "Large dots brought most profit themselves. Of the profit of whom one brought, half is credited to whoever"
        " brought them and half goes up the chain: every unit is credited once, and stays the buyer's own as well."
    )


def _names(trees: list[Branch], actor: Actor) -> dict[str, str]:
    return scatter.names_of([str(branch.customer_id) for tree in trees for branch, _by in _walk(tree, None)], actor)


def _node(symbol: str, branch: Branch, names: dict[str, str], *, strong: UUID | None = None) -> charts.Node:
    told = [
        (_("Made value"), branch.made, charts.money(symbol)),
        (_("Influence value"), branch.credited, charts.money(symbol)),
        (_("Customers brought"), branch.referred, charts.count()),
    ]
    return charts.Node(
        names.get(str(branch.customer_id)) or "–",
        size=max(float(branch.made or 0), 0.0),
        tip=[(label, float(value), shape) for label, value, shape in told if value is not None],
        url=links.customer(branch.customer_id),
        is_strong=branch.customer_id == strong,
        nodes=[_node(symbol, one, names, strong=strong) for one in branch.branches],
    )


def _walk(branch: Branch, by: Branch | None) -> Iterator[tuple[Branch, Branch | None]]:
    yield branch, by
    for one in branch.branches:
        yield from _walk(one, branch)


def _table(currency: str, trees: list[Branch], names: dict[str, str]) -> Table:
    heads = cells.numbers(_("Made value"), _("Customers brought"), _("Influence value"))
    return Table(
        columns=[Column(_("Customer")), Column(_("Brought by")), *heads],
        rows=[_row(currency, branch, by, names) for tree in trees for branch, by in _walk(tree, None)],
    )


def _row(currency: str, branch: Branch, by: Branch | None, names: dict[str, str]) -> list[Cell]:
    def person(one: Branch) -> Cell:
        return Cell(names.get(str(one.customer_id)) or "–", url=links.customer(one.customer_id))

    def money(amount: Any) -> Cell:
        return Cell("–", "") if amount is None else Cell(formats.money(amount, currency), amount)

    return [
        person(branch), person(by) if by else Cell("", ""), money(branch.made), cells.count(branch.referred),
        money(branch.credited),
    ]  # fmt: skip
