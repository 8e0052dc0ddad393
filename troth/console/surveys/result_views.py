"""Results of a survey: scores, who is silent, what drives them, needs, and what customers write."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.voice.surveys import queries
from troth.voice.surveys import results as counting
from troth.voice.surveys.results import Results

from . import filters
from .driver_cards import driver_cards, kano_cards, value_cards
from .frame import frame, language
from .score_cards import figures, group_cards, response_card, spread_card, tally_cards, trend_card, weighing
from .word_cards import information_rows, keyword_rows, theme_rows


@require_safe
@requires(Permission.SURVEYS_VIEW)
def results(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Show the score with its interval and trend, by store, staff and band, and who is silent."""
    found = _found(request, survey_id)
    if found is None:
        return redirect("surveys:edit", survey_id)
    context = _context(request, found, "results") | {
        "is_empty": found.frame.is_empty(),  # a template cannot ask: a frame takes every name for a column's
        "figures": figures(found),
        "weighing": weighing(found),
        "charts": [card for card in (trend_card(found), spread_card(found), response_card(found)) if card],
        "groups": group_cards(found),
        "tallies": tally_cards(found),
    }
    return render(request, "console/surveys/results.html", context)


@require_safe
@requires(Permission.SURVEYS_VIEW)
def needs(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Show what drives the score, what features are to customers, and where we stand beside competitors."""
    found = _found(request, survey_id)
    if found is None:
        return redirect("surveys:edit", survey_id)
    cards = [*driver_cards(found), *kano_cards(found), *value_cards(found)]
    return render(request, "console/surveys/needs.html", _context(request, found, "needs") | {"charts": cards})


@require_safe
@requires(Permission.SURVEYS_VIEW)
def words(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Show the words, themes and information of what customers write."""
    found = _found(request, survey_id)
    if found is None:
        return redirect("surveys:edit", survey_id)
    said = counting.said(found)
    context = _context(request, found, "words") | {
        "said": said,
        "keywords": keyword_rows(found, said),
        "themes": theme_rows(found, said),
        "information": information_rows(found, said),
    }
    return render(request, "console/surveys/words.html", context)


def _found(request: ConsoleRequest, survey_id: UUID) -> Results | None:
    """Return the results under the filters of the address, None before the first version."""
    survey = queries.survey(survey_id)
    document = queries.document(survey)
    if document is None:
        return None
    return counting.results(survey, document, filters.read(request.GET))


def _context(request: ConsoleRequest, found: Results, active: str) -> dict[str, Any]:
    return frame(request, found.survey, active) | {
        "selects": filters.selects(request.GET, found.survey.id),
        "narrowed": filters.said(found.narrow, found.document),
        "found": found,
        "language": language(),
    }
