"""The reports on value, one page each, and having the analysis done."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import ChartCard
from troth.console.guard import ConsoleRequest, requires
from troth.insights import services as insights
from troth.jobs.errors import JobAlreadyActiveError
from troth.kit.clock import utc_now

from . import cohorts, concentration, flow_cards, freshness, movement, report, rfm, tops
from . import pyramid as pyramids
from .report import Report

Cards = Callable[[ConsoleRequest, Report], Sequence[ChartCard]]


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def pyramid(request: ConsoleRequest) -> HttpResponse:
    """Show the value bands."""
    return _page(
        request,
        _("Value pyramid"),
        _("Few customers bring much: how many stand in each band, and what each band brings."),
        ["pyramid"],
        lambda _request, found: [pyramids.card(found)],
    )


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def rfm_page(request: ConsoleRequest) -> HttpResponse:
    """Show recency, frequency and money."""
    return _page(
        request,
        _("RFM"),
        _("How lately, how often and how much customers buy, and the groups that follow from it."),
        ["rfm_grid", "rfm_segments"],
        lambda _request, found: [rfm.segments(found), rfm.grid(found)],
    )


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def cohorts_page(request: ConsoleRequest) -> HttpResponse:
    """Show cohorts by month of first purchase."""
    return _page(
        request,
        _("Cohorts"),
        _("Customers by the month of their first purchase: who came back, and what they have brought."),
        ["cohorts"],
        lambda _request, found: [cohorts.card(found), cohorts.card(found, "revenue_to_date")],
    )


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def concentration_page(request: ConsoleRequest) -> HttpResponse:
    """Show how concentrated the revenue is."""
    return _page(
        request,
        _("Concentration"),
        _("Do 20% of customers bring 80% of revenue? Here it is, on your own orders."),
        ["pareto"],
        lambda _request, found: [concentration.card(found)],
    )


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def lifecycle(request: ConsoleRequest) -> HttpResponse:
    """Show who is new, active, sleeping, lost; the moves of the month; the ladder."""
    return _page(
        request,
        _("Life cycle"),
        _("Who is new, buys, has fallen asleep or is lost, each by their own rhythm of buying."),
        [
            "status",
            "status_flow",
            "ladder_flow",
            "prospect_flow",
            "coming_back",
            "standing",
            "waterfall",
            "ladder",
            "prospects",
            "trend",
        ],
        lambda _request, found: [
            movement.statuses(found),
            movement.waterfall(found),
            flow_cards.flow(found),
            movement.over_time(found),
            flow_cards.coming_back(found),
            movement.trend(found),
            movement.ladder(found),
            flow_cards.ladder(found),
        ],
    )


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def best(request: ConsoleRequest) -> HttpResponse:
    """Show the customers who bring most."""
    measure = "profit" if request.GET.get("by") == "profit" else "revenue"
    found = report.load([f"top_{measure}"])
    context = freshness.context(request.actor) | {"report": found, "tabs": tops.tabs(measure)}
    if found:
        context["rows"] = tops.rows(found, measure, request.actor)
        context["note"] = found.margin_note if measure == "profit" else ""
    return render(request, "console/value/best.html", context)


@require_POST
@requires(Permission.INSIGHTS_RUN)
def analyse(request: ConsoleRequest) -> HttpResponse:
    """Have the analysis done in the background, and go back to where the person was."""
    try:
        insights.request_analysis(actor=request.actor, now=utc_now())
    except JobAlreadyActiveError as error:
        messages.info(request, str(error))
    return redirect("overview:index")


def _page(request: ConsoleRequest, title: str, subtitle: str, frames: list[str], cards: Cards) -> HttpResponse:
    found = report.load(frames)
    context: dict[str, Any] = freshness.context(request.actor)
    context |= {"title": title, "subtitle": subtitle, "report": found}
    if found:
        context["cards"] = cards(request, found)
    return render(request, "console/value/report.html", context)
