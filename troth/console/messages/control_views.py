"""What all offers brought, against those who are kept out of them by chance: measured when somebody asks."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Cell, Column, Progress, Reason, Table
from troth.console.guard import ConsoleRequest, requires
from troth.console.jobs import pictures
from troth.console.journeys.effect_cards import DOUBTS, OUTCOMES
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import queries as messaging
from troth.messaging import services
from troth.staff import queries as staff
from troth.value.experiments import Doubt

from .shown import area_tabs

P = Permission
FIGURES = ("mean", "control_mean", "difference", "low", "high")
_DOUBTS = DOUBTS | {Doubt.UNLIKE_BEFORE: gettext_lazy("The groups differed already before these days began.")}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.MESSAGES_VIEW)
def control(request: ConsoleRequest) -> HttpResponse:
    """Show what those who may get offers bought beside those who get none; have it measured."""
    may_run = request.actor.may(P.INSIGHTS_RUN)
    refusal = ""
    if request.method == "POST" and may_run:
        try:
            services.measure_control(days=_days(request), actor=request.actor, now=staff.moment(utc_now()))
        except TrothError as error:
            refusal = str(error)
        else:
            messages.success(request, _("It is being measured."))
            return redirect("messages:control")
    group, found = messaging.control_group(), messaging.control_measurement()
    context = {
        "tabs": area_tabs("control"),
        "group": group,
        "since": formats.day(group.since) if group.since else "",
        "spans": [(days, days == _chosen(found, group)) for days in group.spans],
        "shown": _shown(found.result) if found else None,
        "progress": _progress(),
        "may_run": may_run,
        "may_edit": request.actor.may(P.MESSAGES_EDIT),
        "refusal": refusal,
    }
    return render(request, "console/messages/control.html", context, status=422 if refusal else 200)


@require_safe
@requires(P.MESSAGES_VIEW)
def control_progress(request: ConsoleRequest) -> HttpResponse:
    """Answer the bar that asks again; once it is measured the page comes anew."""
    found = _progress()
    if found is None or not found.poll_url:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "console/components/progress.html", {"progress": found})


def _days(request: ConsoleRequest) -> int:
    given = request.POST.get("days", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0


def _chosen(found: Any, group: messaging.ControlGroup) -> int:
    """Return the days to offer: those measured last, else the longest up to a quarter."""
    if found and found.result["days"] in group.spans:
        return int(found.result["days"])
    return max((days for days in group.spans if days <= 90), default=group.spans[0] if group.spans else 0)


def _progress() -> Progress | None:
    job = messaging.control_job()
    if job is None:
        return None
    found = pictures.progress_of(job, utc_now())
    return replace(found, poll_url=reverse("messages:control_progress")) if found.poll_url else found


def _shown(result: dict[str, Any]) -> dict[str, Any]:
    """Return a measurement as the screen shows it: a verdict in words, the figures, what speaks against them."""
    outcomes = result["outcomes"]
    return {
        "from": formats.day(date.fromisoformat(result["from_date"])),
        "until": formats.day(date.fromisoformat(result["as_of_date"])),
        "days": result["days"],
        "control": formats.count(result["counts"]["control"]),
        "may": formats.count(result["counts"]["may"]),
        "verdict": _verdict(outcomes["profit"], result["currency"]) if outcomes else "",
        "tone": _tone(outcomes["profit"]) if outcomes else "",
        "table": _table(outcomes, result["currency"]) if outcomes else None,
        "doubts": [
            Reason(str(text), "", "warn")
            for code, text in _DOUBTS.items()
            if any(code in found["doubts"] for found in outcomes.values())
        ],
    }


def _tone(profit: dict[str, Any]) -> str:
    return "good" if profit["low"] > 0 else "bad" if profit["high"] < 0 else "warn"


def _verdict(profit: dict[str, Any], currency: str) -> str:
    names = ("difference", "low", "high", "total", "total_low", "total_high")
    values = {name: _money(profit[name], currency) for name in names}
    text = {
        "good": _(
            "Offers brought %(difference)s of profit a head (95%% interval %(low)s to %(high)s), %(total)s altogether"
            " (%(total_low)s to %(total_high)s). What the offers cost is not taken off."
        ),
        "bad": _(
            "Whoever may get offers brought less profit than whoever gets none: %(difference)s a head (95%% interval"
            " %(low)s to %(high)s). Look at what is sent, and how often."
        ),
        "warn": _(
            "It is not proven that offers brought anything: %(difference)s of profit a head, but the 95%% interval"
            " runs from %(low)s to %(high)s. More people in the group, or more days, would tell."
        ),
    }[_tone(profit)]
    return text % values


def _table(outcomes: dict[str, Any], currency: str) -> Table:
    heads = [_("May get offers"), _("Get none"), _("Difference"), _("Low (95%)"), _("High (95%)"), _("Altogether")]
    return Table(
        columns=[Column(_("A head, in these days")), *(Column(head, is_number=True) for head in heads)],
        rows=[_row(str(OUTCOMES[name]), name, found, currency) for name, found in outcomes.items()],
    )


def _row(label: str, name: str, found: dict[str, Any], currency: str) -> list[Cell]:
    is_share = name == "bought"
    figures = [
        Cell(formats.percent(found[one], 2) if is_share else _money(found[one], currency), found[one])
        for one in FIGURES
    ]
    total = formats.count(found["total"]) if is_share else _money(found["total"], currency)
    return [Cell(label), *figures, Cell(total, found["total"])]


def _money(amount: float, currency: str) -> str:
    return formats.money(Decimal(str(round(amount, 2))), currency)
