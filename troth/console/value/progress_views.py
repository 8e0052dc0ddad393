"""The bar of a running analysis, for whoever may see the reports."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.insights import queries as insights

from . import freshness


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def progress(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """Answer with the bar while the analysis runs; when it is over, have the page loaded anew."""
    standing = insights.standing()
    if standing.job is None or standing.job.id != job_id:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "console/value/progress.html", freshness.context(request.actor))
