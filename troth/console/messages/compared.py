"""Two sides of a draw beside each other: figures with intervals, costs, and what speaks against believing them."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.console import formats
from troth.console.components import Cell, Column, Progress, Reason, Table
from troth.console.jobs import pictures
from troth.console.journeys.effect_cards import DOUBTS, OUTCOMES
from troth.jobs.models import Job
from troth.kit.clock import utc_now
from troth.messaging import queries as messaging
from troth.value.experiments import Doubt

FIGURES = ("mean", "control_mean", "difference", "low", "high")
_OUTCOMES = {**OUTCOMES, "net": gettext_lazy("Left after costs")}
_DOUBTS = DOUBTS | {Doubt.UNLIKE_BEFORE: gettext_lazy("The groups differed already before these days began.")}


def judged(outcomes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outcome that decides: what is left after costs; of measurements that did not know them, profit."""
    found: dict[str, Any] = outcomes.get("net") or outcomes["profit"]
    return found


def tone(outcomes: Mapping[str, Any]) -> str:
    """Return good where the whole interval is above nothing, bad where it is below, else warn."""
    found = judged(outcomes)
    return "good" if found["low"] > 0 else "bad" if found["high"] < 0 else "warn"


def amounts(outcomes: Mapping[str, Any], currency: str) -> dict[str, str]:
    """Return the deciding figures as sentences write them."""
    names = ("difference", "low", "high", "total", "total_low", "total_high")
    return {name: money(judged(outcomes)[name], currency) for name in names}


def table(outcomes: Mapping[str, Any], currency: str, *, given: str, kept_out: str) -> Table:
    """Return every outcome with its interval. given, kept_out: what the two sides are called."""
    heads = [given, kept_out, _("Difference"), _("Low (95%)"), _("High (95%)"), _("Altogether")]
    return Table(
        columns=[Column(_("A head, in these days")), *(Column(head, is_number=True) for head in heads)],
        rows=[_row(str(_OUTCOMES[name]), name, found, currency) for name, found in outcomes.items()],
    )


def cost_table(result: Mapping[str, Any], *, given: str, kept_out: str) -> Table | None:
    """Return what was taken off a head, by kind; messages stand there with the price that was stated."""
    if not result.get("costs"):
        return None
    currency = result["currency"]
    names = {
        "points": _("Points issued, by the cost of their programme"),
        "gifts": _("Rewards given at no charge"),
        "messages": _("Messages at %(price)s each, as stated")
        % {"price": formats.money(Decimal(result["message_price"]), currency)},
    }
    rows = [
        [Cell(names.get(kind, kind)), *_cost_cells(one["may"], one["control"], currency)]
        for kind, one in messaging.control_costs(result).items()
    ]
    if stated := float(result.get("cost", 0)):
        rows.append([Cell(_("Each one given, as stated")), *_cost_cells(stated, 0.0, currency)])
    heads = (given, kept_out, _("Difference"))
    return Table(columns=[Column(_("Cost a head")), *(Column(head, is_number=True) for head in heads)], rows=rows)


def progress(job: Job | None, url: str) -> Progress | None:
    """Return the bar of a measurement under way, which asks again at an address of its page's own."""
    if job is None:
        return None
    found = pictures.progress_of(job, utc_now())
    return replace(found, poll_url=url) if found.poll_url else found


def doubts(outcomes: Mapping[str, Any]) -> list[Reason]:
    """Return what speaks against believing it, each once."""
    return [
        Reason(str(text), "", "warn")
        for code, text in _DOUBTS.items()
        if any(code in found["doubts"] for found in outcomes.values())
    ]


def money(amount: float, currency: str) -> str:
    """Return an amount as people write it."""
    return formats.money(Decimal(str(round(amount, 2))), currency)


def _row(label: str, name: str, found: Mapping[str, Any], currency: str) -> list[Cell]:
    is_share = name == "bought"
    figures = [
        Cell(formats.percent(found[one], 2) if is_share else money(found[one], currency), found[one]) for one in FIGURES
    ]
    total = formats.count(found["total"]) if is_share else money(found["total"], currency)
    return [Cell(label), *figures, Cell(total, found["total"])]


def _cost_cells(given: float, kept_out: float, currency: str) -> list[Cell]:
    return [Cell(money(one, currency), one) for one in (given, kept_out, given - kept_out)]
