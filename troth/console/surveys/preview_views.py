"""A survey as customers will see it, in the size of a phone; nothing is kept."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.voice.surveys import queries
from troth.voice.surveys.document.reading import stored_document
from troth.voice.surveys.shown import shown

from .frame import language


@require_safe
@requires(Permission.SURVEYS_VIEW)
def preview(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Show a page of the draft, or of the version in force, without keeping what is typed."""
    answer = _page(request, survey_id)
    # The editor shows it in a frame; nobody else may.
    vars(answer)["_csp_replace"] = {"frame-ancestors": ["'self'"]}
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _page(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    survey = queries.survey(survey_id)
    document = stored_document(survey.draft) if survey.draft else queries.document(survey)
    wanted = request.GET.get("lang", "") or language()
    with translation.override("zh-hans" if wanted.startswith("zh") else "en"):
        if document is None or not any(page.questions for page in document.pages):
            return render(request, "console/surveys/preview_empty.html")
        found = document.page(request.GET.get("page", "")) or document.pages[0]
        place = [one.code for one in document.pages].index(found.code)
        following = document.pages[(place + 1) % len(document.pages)].code
        context = {
            "title": document.title.within(wanted),
            "intro": document.intro.within(wanted) if place == 0 else "",
            "page_title": found.title.within(wanted),
            "code": following,
            "method": "get",
            "hidden": {"lang": wanted},
            "questions": [shown(one, [], wanted) for one in found.questions],
            "place": place + 1,
            "count": len(document.pages),
            "is_last": place + 1 == len(document.pages),
        }
        return render(request, "portal/surveys/page.html", context)
