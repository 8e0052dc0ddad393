"""Targets and their review: what each indicator shall be by when, how it goes, what was learned."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tone
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import decimal
from troth.console.programmes.frame import who
from troth.insights import queries as insights
from troth.insights import targets
from troth.insights.errors import TargetRefusedError
from troth.insights.models import Indicator
from troth.insights.targets import AMOUNTS, RATIOS, Course, Progress
from troth.kit.clock import utc_now
from troth.staff import queries as staff

TONES: dict[Course, Tone] = {
    Course.REACHED: "good",
    Course.ON_COURSE: "good",
    Course.BEHIND: "warn",
    Course.MISSED: "bad",
    Course.UNKNOWN: "neutral",
}


@require_http_methods(["GET", "POST"])
@requires(Permission.INSIGHTS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show every target with how it goes; set one."""
    error: TargetRefusedError | None = None
    if request.method == "POST" and request.actor.may(Permission.INSIGHTS_RUN):
        try:
            _set(request)
            return redirect("value:targets")
        except TargetRefusedError as refusal:
            error = refusal
    company = staff.company()
    run = insights.latest_run()
    currency = run.currency if run else company.currency
    context = {
        "rows": [_row(one, currency) for one in targets.progress(today=company.today(utc_now()))],
        "indicators": [_choice(one, currency) for one in Indicator],
        "given": {name: request.POST.get(name, "") for name in ("indicator", "goal", "due_date", "reason")},
        "error": error,
        "may_set": request.actor.may(Permission.INSIGHTS_RUN),
    }
    return render(request, "console/value/targets.html", context, status=422 if error else 200)


@require_POST
@requires(Permission.INSIGHTS_RUN)
def review(request: ConsoleRequest, target_id: UUID) -> HttpResponse:
    """Note what was learned."""
    targets.review_target(actor=request.actor, now=utc_now(), target_id=target_id, note=request.POST.get("note", ""))
    messages.success(request, _("Noted, with what the indicator is now."))
    return redirect("value:targets")


@require_POST
@requires(Permission.INSIGHTS_RUN)
def drop(request: ConsoleRequest, target_id: UUID) -> HttpResponse:
    """Give a target up."""
    targets.drop_target(actor=request.actor, now=utc_now(), target_id=target_id)
    messages.success(request, _("Dropped. The log keeps that it was there."))
    return redirect("value:targets")


def _set(request: ConsoleRequest) -> None:
    indicator = request.POST.get("indicator", "")
    targets.set_target(
        actor=request.actor,
        now=utc_now(),
        indicator=indicator,
        goal=_goal(request.POST.get("goal", ""), is_ratio=indicator in RATIOS),
        due_date=_day(request.POST.get("due_date", "")),
        reason=request.POST.get("reason", ""),
    )


def _goal(given: str, *, is_ratio: bool) -> Decimal:
    """Read the number as people write it: shares in percent."""
    number = decimal(given.strip().rstrip("%").replace(",", ""))
    if number is None:
        raise TargetRefusedError(_("Give a number as the goal."), field="goal", value=given[:20])
    return number / 100 if is_ratio else number


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        message = _("“%(value)s” is no day; choose one from the calendar.") % {"value": given[:20]}
        raise TargetRefusedError(message, field="due_date", value=given[:20]) from None


def _choice(indicator: Indicator, currency: str) -> dict[str, str]:
    unit = "%" if indicator in RATIOS else formats.currency_symbol(currency) if indicator in AMOUNTS else ""
    known = targets.series(indicator)
    now = shown(indicator, known[-1][1], currency) if known else ""
    return {"code": indicator.value, "label": str(indicator.label), "unit": unit, "now": now}


def shown(indicator: str, value: Decimal | None, currency: str) -> str:
    """Return an indicator's value with its unit."""
    if value is None:
        return "–"
    if indicator in RATIOS:
        return formats.percent(value)
    if indicator in AMOUNTS:
        return formats.money_compact(value, currency)
    return formats.count(value, 1 if indicator == Indicator.INDEX else 0)


def _row(one: Progress, currency: str) -> dict[str, Any]:
    code = one.target.indicator

    def told(value: Decimal | None) -> str:
        return shown(code, value, currency)

    return {
        "target": one.target,
        "goal": told(one.target.goal),
        "start": told(one.target.start),
        "actual": told(one.actual),
        "line": told(one.due_now),
        "day": one.day,
        "course": _words()[one.course],
        "tone": TONES[one.course],
        "by": who(one.target.set_by),
        "trend": [float(value) for _day, value in one.series],
        "trend_note": _("from %(start)s to %(end)s") % {"start": told(one.series[0][1]), "end": told(one.series[-1][1])}
        if one.series
        else "",
        "reviews": [
            {
                "at": review.reviewed_at,
                "by": who(review.reviewed_by),
                "actual": told(review.actual),
                "note": review.note,
            }
            for review in one.reviews
        ],
    }


def _words() -> dict[Course, str]:
    return {
        Course.REACHED: _("Target reached"),
        Course.ON_COURSE: _("On course"),
        Course.BEHIND: _("Behind"),
        Course.MISSED: _("Target missed"),
        Course.UNKNOWN: _("Not measured since"),
    }
