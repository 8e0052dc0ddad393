"""What customers get for what they give, as figures and pictures: in the console and in the report."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Table
from troth.value.voice.marks import Rated
from troth.voice.models import Survey
from troth.voice.surveys import queries
from troth.voice.surveys import results as counting
from troth.voice.surveys.document.shapes import QuestionType, SurveyDocument
from troth.voice.surveys.given import US
from troth.voice.surveys.narrowing import Narrow
from troth.voice.surveys.results import Results, ValueParts

from .driver_cards import value_cards
from .frame import behind
from .words import who_words

MOST_SURVEYS = 6


def asking() -> list[tuple[Survey, SurveyDocument]]:
    """Return the surveys in force that ask for the delivered value, the newest first."""
    found = ((survey, queries.document(survey)) for survey in queries.surveys())
    chosen = [
        (survey, document)
        for survey, document in found
        if document and any(one.type is QuestionType.VALUE for one in document.questions())
    ]
    return chosen[:MOST_SURVEYS]


def forwarded() -> tuple[list[str], list[ChartCard]]:
    """Return sentences and cards of the newest survey that was answered, for the report; nothing where none was."""
    for survey, document in asking():
        found = counting.results(survey, document, Narrow())
        parts = [one for one in counting.value_parts(found) if one.sums]
        if parts:
            cards = [*(net_card(found, one) for one in parts), *value_cards(found)]
            return [said for one in parts for said in sentences(one)], cards
    return [], []


def sentences(one: ValueParts) -> list[str]:
    """Say what we deliver, and whether that is more than the best competitor does."""
    if US not in one.sums:
        return []
    ours = one.sums[US]
    told = _marks(ours) | {"net": _signed(ours.net), "count": formats.count(ours.people)}
    said = (
        _("In their own marks customers get %(benefit)s and give %(cost)s: a delivered value of %(net)s (%(count)s"
          " answers; 95%% interval %(ends)s).")
        if ours.people > 1
        else _("In their own marks customers get %(benefit)s and give %(cost)s: a delivered value of %(net)s, told by a"
               " single answer.")
    )  # fmt: skip
    said %= told | {"ends": _ends(ours.net_low, ours.net_high)}
    best = _best(one)
    return [said] if best is None else [said, _against(best, who_words(one.question)[best.who])]


def _against(best: Rated, name: str) -> str:
    """Say who delivers more, as far as the answers tell."""
    assert best.lead is not None
    texts = {
        1: _("That is more than the best competitor, %(name)s: %(lead)s (95%% interval %(ends)s)."),
        -1: _("That is less than the best competitor, %(name)s: %(lead)s (95%% interval %(ends)s)."),
        0: _("Whether that is more than the best competitor, %(name)s, the answers do not tell: %(lead)s (95%% interval"
             " %(ends)s)."),
    }  # fmt: skip
    low, high = best.lead_low, best.lead_high
    side = 0 if low is None or high is None or low <= 0 <= high else 1 if low > 0 else -1
    return texts[side] % {"name": name, "lead": _signed(best.lead), "ends": _ends(low, high)}


def _best(one: ValueParts) -> Rated | None:
    """The competitor that delivers most, where we were rated too."""
    rivals = [rival for rival in one.sums.values() if rival.lead is not None]
    return max(rivals, key=lambda rival: rival.net, default=None)


def figures(found: Results, one: ValueParts) -> list[Figure]:
    """Return what we give, what it takes, what is left of it, and by how much the best competitor differs."""
    if US not in one.sums:
        return []
    ours, who = one.sums[US], who_words(one.question)
    url, best = _url(found, one, US), _best(one)
    shown = [
        Figure(
            _("Delivered value"), _signed(ours.net), url=url,
            note=_("%(benefit)s got less %(cost)s given, in marks; 95%% interval %(ends)s")
            % (_marks(ours) | {"ends": _ends(ours.net_low, ours.net_high)}),
        ),
        Figure(
            _("Got for what is given"), _ratio(ours.ratio), url=url,
            note=_("1 is as much as is given; 95%% interval %(ends)s")
            % {"ends": _ends(ours.ratio_low, ours.ratio_high, _ratio)},
        ),
    ]  # fmt: skip
    if best is not None and best.lead is not None:
        about = {"name": who[best.who], "net": _signed(best.net), "ends": _ends(best.lead_low, best.lead_high)}
        shown.append(
            Figure(
                _("Against the best competitor"), _signed(best.lead), url=_url(found, one, best.who),
                note=_("%(name)s: %(net)s; 95%% interval of the difference %(ends)s") % about,
            )
        )  # fmt: skip
    return shown


def net_card(found: Results, one: ValueParts) -> ChartCard:
    """Return benefit, cost and what is left of both, for us and each competitor."""
    who = who_words(one.question)
    shown = list(one.sums.values())
    series = {
        _("What customers get"): [round(sums.benefit, 2) for sums in shown],
        _("What customers give"): [round(sums.cost, 2) for sums in shown],
    }
    urls = [_url(found, one, sums.who) for sums in shown]
    names = [who[sums.who] for sums in shown]
    note = _(
        "For price, time, energy and effort 10 means little; here they are turned round, so that 1 is the least"
        " that can be given. Only parts that the question names count, so compare us with competitors of the same"
        " question, not one question with another. Our lead compares marks of the same people where they rated"
        " both."
    )
    if found.raked is not None:
        weighed = _("Answers are weighted by value band, so that they stand for all who were asked.")
        note = f"{note}{'' if formats.is_chinese() else ' '}{weighed}"
    return ChartCard(
        id=f"delivered-{one.question.code}",
        title=_("Got and given"),
        subtitle=_("Marks of all parts together: product, service, staff, image against price, time, energy, effort"),
        option=charts.bars(names, series, horizontal=True, axis_format=charts.count(), urls=urls) if shown else None,
        table=Table(
            [_("Who"), *(Column(text, is_number=True) for text in _heads())],
            [_row(name, sums, url) for name, sums, url in zip(names, shown, urls, strict=True)],
        ),
        csv_name="delivered-value",
        note=note,
        empty=_("Nobody has rated anything yet."),
    )


def _heads() -> Sequence[str]:
    return (
        _("What customers get"), _("What customers give"), _("Delivered value"), _("Its 95 % interval"),
        _("Got ÷ given"), _("95 % interval of the ratio"), _("Our lead"), _("95 % interval of the lead"), _("Answers"),
    )  # fmt: skip


def _row(name: str, sums: Rated, url: str) -> list[Cell | str]:
    return [
        name,
        Cell(formats.count(sums.benefit, 1), sums.benefit),
        Cell(formats.count(sums.cost, 1), sums.cost),
        Cell(_signed(sums.net), sums.net),
        _ends(sums.net_low, sums.net_high),
        Cell(_ratio(sums.ratio), sums.ratio),
        _ends(sums.ratio_low, sums.ratio_high, _ratio),
        "–" if sums.lead is None else Cell(_signed(sums.lead), sums.lead),
        _ends(sums.lead_low, sums.lead_high),
        Cell(formats.count(sums.people), sums.people, url),
    ]


def _url(found: Results, one: ValueParts, who: str) -> str:
    part = next(part for part in one.question.parts if part in one.means[who])
    return behind(found, question=one.question.code, item=f"{who}:{part}")


def _marks(sums: Rated) -> dict[str, str]:
    return {"benefit": formats.count(sums.benefit, 1), "cost": formats.count(sums.cost, 1)}


def _signed(number: float) -> str:
    return f"{'+' if round(number, 1) > 0 else ''}{formats.count(number, 1)}"


def _ratio(ratio: float | None) -> str:
    return "–" if ratio is None else formats.count(ratio, 2)


def _ends(low: float | None, high: float | None, text: Callable[[float], str] = _signed) -> str:
    """An interval in words; of a single answer there is none."""
    if low is None or high is None:
        return "–"
    return _("%(low)s to %(high)s") % {"low": text(low), "high": text(high)}
