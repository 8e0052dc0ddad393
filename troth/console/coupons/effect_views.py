"""What a campaign's coupons brought, against those whom chance kept out: measured when somebody asks."""

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
from troth.console.messages import compared
from troth.console.numbers import stated, whole
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import queries as messaging
from troth.messaging import services as message_services
from troth.rewards import queries as rewards
from troth.rewards import services
from troth.staff import queries as staff

P = Permission
SPANS = (14, 30, 60, 90, 180)
USUAL = 30


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.REWARDS_VIEW)
def effect(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show what those bought who were handed a coupon beside those who were kept out; have it measured."""
    campaign = rewards.campaign(code)
    subject, may_run, refusal = services.subject_of(code), request.actor.may(P.INSIGHTS_RUN), ""
    if request.method == "POST" and may_run:
        try:
            message_services.measure_draws(
                subject=subject,
                days=whole(request.POST.get("days", ""), digits=5) or 0,
                cost=stated(request.POST.get("cost", "")),
                message_price=stated(request.POST.get("message_price", "")),
                actor=request.actor,
                now=staff.moment(utc_now()),
            )
        except TrothError as error:
            refusal = str(error)
        else:
            messages.success(request, _("It is being measured."))
            return redirect("coupons:effect", code)
    given, kept_out = messaging.control_counts(subject)
    done = messaging.draws_measurement(subject)
    result = done.result if done else {}
    context = {
        "campaign": campaign,
        "given": given,
        "kept_out": kept_out,
        "spans": [(days, days == result.get("days", USUAL)) for days in SPANS],
        "cost": result.get("cost", "0"),
        "price": result.get("message_price", "0"),
        "currency": staff.company().currency,
        "shown": _shown(result) if result else None,
        "progress": _progress(code),
        "may_run": may_run,
        "refusal": refusal,
    }
    return render(request, "console/coupons/effect.html", context, status=422 if refusal else 200)


@require_safe
@requires(P.REWARDS_VIEW)
def effect_progress(request: ConsoleRequest, code: str) -> HttpResponse:
    """Answer the bar that asks again; once it is measured the page comes anew."""
    found = _progress(rewards.campaign(code).code)
    if found is None or not found.poll_url:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "console/components/progress.html", {"progress": found})


def _progress(code: str) -> Progress | None:
    job = messaging.draws_job(services.subject_of(code))
    return compared.progress(job, reverse("coupons:effect_progress", args=[code]))


def _shown(result: dict[str, Any]) -> dict[str, Any]:
    outcomes = messaging.control_outcomes(result)
    sides = {"given": _("Handed one"), "kept_out": _("Kept out by chance")}
    return {
        "days": result["days"],
        "until": formats.day(date.fromisoformat(result["as_of_date"])),
        "given": formats.count(result["counts"]["may"]),
        "kept_out": formats.count(result["counts"]["control"]),
        "waiting": result["waiting"],
        "is_of_all": result["is_of_all"],
        "verdict": _verdict(outcomes, result["currency"]) if outcomes else "",
        "tone": compared.tone(outcomes) if outcomes else "",
        "table": compared.table(outcomes, result["currency"], **sides) if outcomes else None,
        "costs": compared.cost_table(result, **sides),
        "doubts": compared.doubts(outcomes),
    }


def _verdict(outcomes: dict[str, Any], currency: str) -> str:
    text = {
        "good": _(
            "After all costs each coupon handed out brought %(difference)s (95%% interval %(low)s to %(high)s), all of"
            " them %(total)s (%(total_low)s to %(total_high)s)."
        ),
        "bad": _(
            "After all costs whoever was handed a coupon brought less than whoever was kept out: %(difference)s a head"
            " (95%% interval %(low)s to %(high)s). It was given to people who would have bought anyway, or who bought"
            " for less."
        ),
        "warn": _(
            "It is not proven that the coupon earned more than it cost: %(difference)s a head, but the 95%% interval"
            " runs from %(low)s to %(high)s. More people, or a larger share kept out, would tell."
        ),
    }[compared.tone(outcomes)]
    return text % compared.amounts(outcomes, currency)
