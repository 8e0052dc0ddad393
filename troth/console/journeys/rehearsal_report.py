"""What a rehearsal found, as figures, tables and a picture."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from troth.care.journeys.document.reading import draft_values
from troth.care.models import JourneyRehearsal, RehearsedAct
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Table
from troth.messaging import queries as messaging

from . import outcomes
from .detail_views import by_id
from .names import STEP_KINDS, named

MESSAGE = "message_"


def told(run: JourneyRehearsal, currency: str) -> dict[str, Any]:
    """Return what the page of a finished rehearsal shows."""
    result: dict[str, Any] = run.result
    return {
        "figures": figures(result, currency),
        "steps_table": _steps(run),
        "gates_table": _gates(run),
        "days_chart": _days(result),
        "turned_away": [(_turned(code), count) for code, count in result["turned_away"].items()],
        "exits": [(outcomes.word(code), count) for code, count in result["exits"].items()],
        "is_cut": result["is_cut"],
        "is_empty": not result["entered"],
    }


def figures(result: dict[str, Any], currency: str) -> list[Figure]:
    """Return the figures at the head: who, how many messages, what held some back, the cost."""
    sent = sum(result["channels"].values())
    withheld = sum(counts.get(f"{MESSAGE}withheld", 0) for counts in result["steps"].values())
    away = sum(result["turned_away"].values())
    found = [
        Figure(_("Would have entered"), formats.count(result["entered"])),
        Figure(_("Messages that would have gone"), formats.count(sent), note=_by_channel(result)),
        Figure(_("Messages withheld"), formats.count(withheld)),
    ]
    if away:
        found.append(Figure(_("Not let in"), formats.count(away)))
    cost = result.get("message_cost")
    if cost is not None:
        found.append(Figure(_("Cost of the messages"), formats.money(Decimal(cost), currency)))
    for code, amount in result["points"].items():
        found.append(Figure(_("Points given"), formats.count(amount), note=code))
    for code, count in result["coupons"].items():
        found.append(Figure(_("Coupons given"), formats.count(count), note=code))
    return found


def labels(run: JourneyRehearsal) -> dict[str, str]:
    """Return what the steps of the rehearsed document are called."""
    return {code: _label(step) for code, step in by_id(draft_values(run.text).get("steps")).items()}


def outcome(act: RehearsedAct) -> str:
    """Return what would have come of an act."""
    kind = str(STEP_KINDS[act.act].label) if act.act in STEP_KINDS else act.act
    return kind if act.outcome == "done" else outcomes.word(act.outcome)


def _label(step: dict[str, Any]) -> str:
    return named(step.get("name")) or str(STEP_KINDS[step["type"]].label)


def _by_channel(result: dict[str, Any]) -> str:
    parts = [f"{messaging.channel_label(code)} {formats.count(count)}" for code, count in result["channels"].items()]
    return " · ".join(parts)


def _turned(code: str) -> str:
    return {
        "audience": _("May not enter by the audience"),
        "automation_refused": _("Refuses automated decisions"),
        "again": _("Went through before, and may not again"),
        "under_way": _("On the way already"),
        "too_often": _("Entered fifty times within a day already"),
        "erased": _("Was erased"),
        "unknown": _("Not known"),
    }.get(code, code)


def _steps(run: JourneyRehearsal) -> Table:
    """Return how many would have come to each step, in the document's order, and what of its messages."""
    counts: dict[str, dict[str, int]] = run.result["steps"]
    rows = []
    for code, label in labels(run).items():
        if code not in counts:
            continue
        found = counts[code]
        came = sum(number for key, number in found.items() if not key.startswith(MESSAGE))
        messages = [found.get(f"{MESSAGE}{state}", 0) for state in ("queued", "delayed", "withheld")]
        has_messages = any(key.startswith(MESSAGE) for key in found)
        shown = [Cell(formats.count(number), number) if has_messages else Cell("–", "") for number in messages]
        rows.append([Cell(label, url=f"?step={code}"), Cell(formats.count(came), came), *shown])
    columns: list[Column | str] = [
        _("Step"),
        Column(_("Would have come to it"), is_number=True),
        Column(_("Would have gone"), is_number=True),
        Column(_("Put off"), is_number=True),
        Column(_("Withheld"), is_number=True),
    ]
    return Table(columns, rows)


def _gates(run: JourneyRehearsal) -> Table:
    rows = [
        [Cell(messaging.gate_label(code), code, f"?gate={code}"), Cell(formats.count(count), count)]
        for code, count in sorted(run.result["gates"].items(), key=lambda one: -one[1])
    ]
    return Table([_("Gate"), Column(_("Messages"), is_number=True)], rows)


def _days(result: dict[str, Any]) -> ChartCard:
    days = {date.fromisoformat(day): count for day, count in result["days"].items()}
    names = [formats.day(day) for day in days]
    values = list(days.values())
    return ChartCard(
        id="days",
        title=_("Messages by day"),
        option=charts.bars(names, {_("Messages"): values}) if days else None,
        table=Table(
            [_("Day"), Column(_("Messages"), is_number=True)],
            [[Cell(name), Cell(formats.count(value), value)] for name, value in zip(names, values, strict=True)],
        ),
        height="sm",
        empty=_("No message would have gone."),
    )
