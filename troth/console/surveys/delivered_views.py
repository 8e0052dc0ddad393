"""What customers get for what they give, in their own marks: the newest survey that asks for it, beside competitors."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Tab, Table
from troth.console.guard import ConsoleRequest, requires
from troth.value import Delivered
from troth.voice.models import Survey
from troth.voice.surveys import queries
from troth.voice.surveys import results as counting
from troth.voice.surveys.document.shapes import QuestionType, SurveyDocument
from troth.voice.surveys.given import US
from troth.voice.surveys.results import Results, ValueParts

from . import filters
from .driver_cards import value_cards
from .frame import answers_url
from .words import who_words

MOST_SURVEYS = 6


@require_safe
@requires(Permission.SURVEYS_VIEW)
def delivered(request: ConsoleRequest) -> HttpResponse:
    """Show the delivered value of a survey that asks for it: net and ratio, part by part, and the value map."""
    asking = _asking()
    wanted = request.GET.get("survey", "")
    chosen = [pair for pair in asking if str(pair[0].id) == wanted] or asking
    survey, document = chosen[0] if chosen else (None, None)
    context: dict[str, Any] = {"survey": survey, "may_ask": request.actor.may(Permission.SURVEYS_EDIT)}
    if survey is not None and document is not None:
        found = counting.results(survey, document, filters.read(request.GET))
        parts = counting.value_parts(found)
        context |= {
            "tabs": [_tab(one, survey) for one, _document in asking] if len(asking) > 1 else [],
            "is_answered": any(one.means for one in parts),
            "figures": [figure for one in parts for figure in figures(found, one)],
            "charts": [*(net_card(found, one) for one in parts), *value_cards(found)],
        }
    return render(request, "console/surveys/delivered.html", context)


def _asking() -> list[tuple[Survey, SurveyDocument]]:
    """The surveys in force that ask for it, the newest first."""
    found = ((survey, queries.document(survey)) for survey in queries.surveys())
    asking = [
        (survey, document)
        for survey, document in found
        if document and any(one.type is QuestionType.VALUE for one in document.questions())
    ]
    return asking[:MOST_SURVEYS]


def _tab(survey: Survey, chosen: Survey) -> Tab:
    return Tab(str(survey), f"{reverse('surveys:delivered')}?survey={survey.id}", survey.id == chosen.id)


def figures(found: Results, one: ValueParts) -> list[Figure]:
    """Return what we give, what it takes, what is left of it, and by how much the best competitor differs."""
    sums = counting.delivered(one)
    if US not in sums:
        return []
    ours, who = sums[US], who_words(one.question)
    url = _url(found, one, US)
    shown = [
        Figure(
            _("Delivered value"), _signed(ours.net), url=url,
            note=_("%(benefit)s got less %(cost)s given, in marks") % _marks(ours),
        ),
        Figure(_("Got for what is given"), _ratio(ours), url=url, note=_("1 is as much as is given")),
    ]  # fmt: skip
    rivals = {code: value for code, value in sums.items() if code != US}
    if rivals:
        best = max(rivals, key=lambda code: rivals[code].net)
        shown.append(
            Figure(
                _("Against the best competitor"),
                _signed(ours.net - rivals[best].net),
                url=_url(found, one, best),
                note=_("%(name)s: %(net)s") % {"name": who[best], "net": _signed(rivals[best].net)},
            )
        )
    return shown


def net_card(found: Results, one: ValueParts) -> ChartCard:
    """Return benefit, cost and what is left of both, for us and each competitor."""
    sums, who = counting.delivered(one), who_words(one.question)
    shown = [code for code in who if code in sums]
    series = {
        _("What customers get"): [round(sums[code].benefit, 2) for code in shown],
        _("What customers give"): [round(sums[code].cost, 2) for code in shown],
    }
    urls = [_url(found, one, code) for code in shown]
    names = [who[code] for code in shown]
    return ChartCard(
        id=f"delivered-{one.question.code}",
        title=_("Got and given"),
        subtitle=_("Marks of all parts together: product, service, staff, image against price, time, energy, effort"),
        option=charts.bars(names, series, horizontal=True, axis_format=charts.count(), urls=urls) if shown else None,
        table=Table(
            [_("Who"), *(Column(text, is_number=True) for text in _heads())],
            [_row(who[code], sums[code], one.counts[code], url) for code, url in zip(shown, urls, strict=True)],
        ),
        csv_name="delivered-value",
        note=_(
            "For price, time, energy and effort 10 means little; here they are turned round, so that 1 is the least"
            " that can be given. Only parts that the question names count, so compare us with competitors of the same"
            " question, not one question with another."
        ),
        empty=_("Nobody has rated anything yet."),
    )


def _heads() -> Sequence[str]:
    return _("What customers get"), _("What customers give"), _("Delivered value"), _("Got ÷ given"), _("Answers")


def _row(name: str, sums: Delivered, count: int, url: str) -> list[Cell | str]:
    return [
        name,
        Cell(formats.count(sums.benefit, 1), sums.benefit),
        Cell(formats.count(sums.cost, 1), sums.cost),
        Cell(_signed(sums.net), sums.net),
        Cell(_ratio(sums), sums.ratio),
        Cell(formats.count(count), count, url),
    ]


def _url(found: Results, one: ValueParts, who: str) -> str:
    part = next(part for part in one.question.parts if part in one.means[who])
    return answers_url(found.survey.id, question=one.question.code, item=f"{who}:{part}")


def _marks(sums: Delivered) -> Mapping[str, str]:
    return {"benefit": formats.count(sums.benefit, 1), "cost": formats.count(sums.cost, 1)}


def _signed(number: float) -> str:
    return f"{'+' if round(number, 1) > 0 else ''}{formats.count(number, 1)}"


def _ratio(sums: Delivered) -> str:
    return "–" if sums.ratio is None else formats.count(sums.ratio, 2)
