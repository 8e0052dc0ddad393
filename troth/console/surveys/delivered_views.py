"""What customers get for what they give, in their own marks: the newest survey that asks for it, beside competitors."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.voice.models import Survey
from troth.voice.surveys import results as counting

from . import filters
from .delivered_cards import asking, figures, net_card
from .driver_cards import value_cards


@require_safe
@requires(Permission.SURVEYS_VIEW)
def delivered(request: ConsoleRequest) -> HttpResponse:
    """Show the delivered value of a survey that asks for it: net and ratio, part by part, and the value map."""
    known = asking()
    wanted = request.GET.get("survey", "")
    chosen = [pair for pair in known if str(pair[0].id) == wanted] or known
    survey, document = chosen[0] if chosen else (None, None)
    context: dict[str, Any] = {"survey": survey, "may_ask": request.actor.may(Permission.SURVEYS_EDIT)}
    if survey is not None and document is not None:
        found = counting.results(survey, document, filters.read(request.GET))
        parts = counting.value_parts(found)
        context |= {
            "tabs": [_tab(one, survey) for one, _document in known] if len(known) > 1 else [],
            "is_answered": any(one.means for one in parts),
            "figures": [figure for one in parts for figure in figures(found, one)],
            "charts": [*(net_card(found, one) for one in parts), *value_cards(found)],
        }
    return render(request, "console/surveys/delivered.html", context)


def _tab(survey: Survey, chosen: Survey) -> Tab:
    return Tab(str(survey), f"{reverse('surveys:delivered')}?survey={survey.id}", survey.id == chosen.id)
