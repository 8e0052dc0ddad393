"""The report as a file to forward."""

import tempfile
from pathlib import Path

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.insights import queries as insights

from . import page

KINDS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def download(_request: ConsoleRequest, kind: str) -> HttpResponse:
    """Return the report in both languages, the reader's first, as one file.

    Raises:
        NothingAnalysedError: there is no analysis yet. NoBrowserError: PDF, and no Chromium is on the server.
    """
    if kind not in KINDS:
        raise Http404
    languages = sorted(page.LANGUAGES, key=lambda language: language != get_language())
    run = insights.latest_run()
    name = f"report-{run.as_of_date:%Y-%m-%d}.{kind}" if run else f"report.{kind}"
    with tempfile.TemporaryDirectory(prefix="troth-report-") as folder:
        made = Path(folder) / name
        page.write(made, tuple(languages))
        content = made.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=KINDS[kind], headers=headers)
