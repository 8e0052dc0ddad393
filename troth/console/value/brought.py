"""Influence value: who brought whom, and what these brought, credited once; or how to bring it where it is missing."""

from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.console import formats
from troth.console.components import Cell, Column, Table

from . import cells, links, scatter
from .report import Report

FRAME = "influence"
SHOWN, ALL = 10, 50


def table(report: Report, actor: Actor, shown: int = SHOWN) -> Table:
    """Return those whose introductions brought most."""
    rows = report.rows(FRAME)[:shown]
    names = scatter.names_of([row["customer_id"] for row in rows], actor)
    heads = cells.numbers(_("Brought"), _("With those they brought"), _("Influence value"))
    return Table(
        columns=[Column(_("Customer")), *heads],
        rows=[
            [
                Cell(names.get(row["customer_id"]) or "–", url=links.customer(row["customer_id"])),
                cells.count(row["referred"]),
                cells.count(row["reach"]),
                cells.money(report, row["influence_value"]),
            ]
            for row in rows
        ],
    )


def note(report: Report) -> str:
    """Return what it rests on, or what is missing and how to bring it."""
    facts = report.facts(FRAME)
    if not facts.get("is_recorded"):
        return _(
            "Keep the ready-made customer attribute “Brought by” (referred_by), and import the introducer's phone,"
            " e-mail, card or customer id into it: the next analysis credits them."
        )
    text = _(
        "%(links)s customers were brought by %(introducers)s others; %(bought)s of them have bought, and brought a"
        " profit of %(total)s. Half of it is credited to whoever brought them, half goes up the chain: the same money"
        " as their own value, seen from who brought them, and never counted twice."
    ) % {
        "links": formats.count(facts["links"]),
        "introducers": formats.count(facts["introducers"]),
        "bought": formats.count(facts["bought"]),
        "total": report.money(facts["total"]),
    }
    lost = facts["unknown"] + facts["circular"]
    if not lost:
        return text
    more = _("Left out: %(unknown)s whose introducer is not recognised, %(circular)s that lead back to the customer.")
    return f"{text} {more % {'unknown': formats.count(facts['unknown']), 'circular': formats.count(facts['circular'])}}"
