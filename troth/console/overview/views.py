"""The overview."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.console.value import cohorts, freshness, movement, pyramid, report, scatter
from troth.insights import queries as insights

from . import figures, waiting, words
from .first_steps import first_steps

FRAMES = (
    "kpis",
    "standing",
    "status",
    "trend",
    "pyramid",
    "pareto",
    "cohorts",
    "waterfall",
    "scatter",
    "rfm_segments",
)


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show how the customers are doing; before the first analysis, how to get there.

    An analysis without key figures, its reports gone, is as none; so is one from before the first order.
    """
    found = report.load(FRAMES)
    if found and (not found.rows("kpis") or insights.measured_nothing(found.run)):
        found = None
    context: dict[str, Any] = freshness.context(request.actor) | {
        "report": found,
        "waiting": waiting.waiting(request.actor),
    }
    if found:
        context |= {
            "figures": figures.figures(found),
            "remarks": words.remarks(found),
            "pyramid": pyramid.card(found, is_short=True),
            "scatter": scatter.card(found, request.actor),
            "cohorts": cohorts.card(found, is_short=True),
            "waterfall": movement.waterfall(found, is_short=True),
        }
    else:
        context["first_steps"] = first_steps(request.actor)
    return render(request, "console/overview/index.html", context)
