"""What all offers brought, against those who are kept out of them by chance: measured when somebody asks."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
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
_OUTCOMES = {**OUTCOMES, "net": gettext_lazy("Left after costs")}
_DOUBTS = DOUBTS | {Doubt.UNLIKE_BEFORE: gettext_lazy("The groups differed already before these days began.")}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.MESSAGES_VIEW)
def control(request: ConsoleRequest) -> HttpResponse:
    """Show what those who may get offers bought beside those who get none; have it measured."""
    may_run = request.actor.may(P.INSIGHTS_RUN)
    refusal = ""
    if request.method == "POST" and may_run:
        try:
            services.measure_control(
                days=_days(request),
                message_price=_price(request),
                actor=request.actor,
                now=staff.moment(utc_now()),
            )
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
        "price": found.result.get("message_price", "0") if found else "0",
        "currency": staff.company().currency,
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


def _price(request: ConsoleRequest) -> Decimal:
    """Return what a message is said to cost; nothing written is nothing, what is no number is refused further on."""
    try:
        return Decimal(request.POST.get("message_price", "").strip()[:20] or "0")
    except InvalidOperation:
        return Decimal("NaN")


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
        "verdict": _verdict(outcomes, result["currency"]) if outcomes else "",
        "tone": _tone(_judged(outcomes)) if outcomes else "",
        "costs": _cost_table(result) if result.get("costs") else None,
        "table": _table(outcomes, result["currency"]) if outcomes else None,
        "doubts": [
            Reason(str(text), "", "warn")
            for code, text in _DOUBTS.items()
            if any(code in found["doubts"] for found in outcomes.values())
        ],
    }


def _tone(profit: dict[str, Any]) -> str:
    return "good" if profit["low"] > 0 else "bad" if profit["high"] < 0 else "warn"


def _judged(outcomes: dict[str, Any]) -> dict[str, Any]:
    """Return the outcome that decides: what is left after all costs; measurements from before it was known, profit."""
    found: dict[str, Any] = outcomes.get("net") or outcomes["profit"]
    return found


def _verdict(outcomes: dict[str, Any], currency: str) -> str:
    profit = _judged(outcomes)
    names = ("difference", "low", "high", "total", "total_low", "total_high")
    values = {name: _money(profit[name], currency) for name in names}
    text = {
        "good": _(
            "After all costs offers brought %(difference)s a head (95%% interval %(low)s to %(high)s), %(total)s"
            " altogether (%(total_low)s to %(total_high)s)."
        ),
        "bad": _(
            "After all costs whoever may get offers brought less than whoever gets none: %(difference)s a head (95%%"
            " interval %(low)s to %(high)s). Look at what is given, what is sent, and how often."
        ),
        "warn": _(
            "It is not proven that offers brought more than they cost: %(difference)s a head, but the 95%% interval"
            " runs from %(low)s to %(high)s. More people in the group, or more days, would tell."
        ),
    }[_tone(profit)]
    return text % values


def _table(outcomes: dict[str, Any], currency: str) -> Table:
    heads = [_("May get offers"), _("Get none"), _("Difference"), _("Low (95%)"), _("High (95%)"), _("Altogether")]
    return Table(
        columns=[Column(_("A head, in these days")), *(Column(head, is_number=True) for head in heads)],
        rows=[_row(str(_OUTCOMES[name]), name, found, currency) for name, found in outcomes.items()],
    )


def _row(label: str, name: str, found: dict[str, Any], currency: str) -> list[Cell]:
    is_share = name == "bought"
    figures = [
        Cell(formats.percent(found[one], 2) if is_share else _money(found[one], currency), found[one])
        for one in FIGURES
    ]
    total = formats.count(found["total"]) if is_share else _money(found["total"], currency)
    return [Cell(label), *figures, Cell(total, found["total"])]


def _cost_table(result: dict[str, Any]) -> Table:
    """Return what was taken off a head, by kind; messages stand there with the price that was stated."""
    names = {
        "points": _("Points issued, by the cost of their programme"),
        "gifts": _("Rewards given at no charge"),
        "messages": _("Messages at %(price)s each, as stated")
        % {"price": formats.money(Decimal(result["message_price"]), result["currency"])},
    }
    heads = (_("May get offers"), _("Get none"), _("Difference"))
    rows = []
    for kind, found in result["costs"].items():
        figures = (found["may"], found["control"], found["may"] - found["control"])
        cells = [Cell(_money(figure, result["currency"]), figure) for figure in figures]
        rows.append([Cell(names.get(kind, kind)), *cells])
    return Table(columns=[Column(_("Cost a head")), *(Column(head, is_number=True) for head in heads)], rows=rows)


def _money(amount: float, currency: str) -> str:
    return formats.money(Decimal(str(round(amount, 2))), currency)
