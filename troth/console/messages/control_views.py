"""What all offers brought, against those who are kept out of them by chance: measured when somebody asks."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Progress
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import stated, whole
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import queries as messaging
from troth.messaging import services
from troth.staff import queries as staff

from . import compared
from .shown import area_tabs

P = Permission


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.MESSAGES_VIEW)
def control(request: ConsoleRequest) -> HttpResponse:
    """Show what those who may get offers bought beside those who get none; have it measured."""
    may_run = request.actor.may(P.INSIGHTS_RUN)
    refusal = ""
    if request.method == "POST" and may_run:
        try:
            services.measure_control(
                days=whole(request.POST.get("days", ""), digits=5) or 0,
                message_price=stated(request.POST.get("message_price", "")),
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


def _chosen(found: Any, group: messaging.ControlGroup) -> int:
    """Return the days to offer: those measured last, else the longest up to a quarter."""
    if found and found.result["days"] in group.spans:
        return int(found.result["days"])
    return max((days for days in group.spans if days <= 90), default=group.spans[0] if group.spans else 0)


def _progress() -> Progress | None:
    return compared.progress(messaging.control_job(), reverse("messages:control_progress"))


def _shown(result: dict[str, Any]) -> dict[str, Any]:
    """Return a measurement as the screen shows it: a verdict in words, the figures, what speaks against them."""
    outcomes = messaging.control_outcomes(result)
    return {
        "from": formats.day(date.fromisoformat(result["from_date"])),
        "until": formats.day(date.fromisoformat(result["as_of_date"])),
        "days": result["days"],
        "control": formats.count(result["counts"]["control"]),
        "may": formats.count(result["counts"]["may"]),
        "verdict": _verdict(outcomes, result["currency"]) if outcomes else "",
        "tone": compared.tone(outcomes) if outcomes else "",
        "costs": compared.cost_table(result, **_sides()),
        "table": compared.table(outcomes, result["currency"], **_sides()) if outcomes else None,
        "doubts": compared.doubts(outcomes),
    }


def _sides() -> dict[str, str]:
    return {"given": _("May get offers"), "kept_out": _("Get none")}


def _verdict(outcomes: dict[str, Any], currency: str) -> str:
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
    }[compared.tone(outcomes)]
    return text % compared.amounts(outcomes, currency)
