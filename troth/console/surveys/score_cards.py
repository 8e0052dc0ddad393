"""The main score as figures, pictures and tables."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Table
from troth.insights.models import Band
from troth.staff import queries as staff
from troth.value.later import pl
from troth.value.voice.bands import ScoreKind
from troth.value.voice.scores import Score, distribution
from troth.voice.surveys import results as counting
from troth.voice.surveys.document.shapes import QuestionType
from troth.voice.surveys.results import Results, Tally

from .frame import behind, interval_text, kind_label, language, score_text, side_labels, silent_url, value_text
from .words import answer_words

HUNDRED = 100
MOST_ROWS = 30


def figures(found: Results) -> list[Figure]:
    """Return the score with its interval, its sides and how many answered."""
    numbers = counting.in_numbers(found.survey, found.narrow)
    score = counting.overall(found)
    shown = []
    if score is not None:
        method = _("Tango's score interval, 95 %%") if score.method == "tango" else _("Wilson's score interval, 95 %%")
        shown.append(
            Figure(
                kind_label(score.kind),
                score_text(score),
                note=interval_text(score.kind, score.low, score.high),
                help=method.replace("%%", "%"),
                url=behind(found),
            )
        )
        shown += _sides(found, score)
    shown.append(
        Figure(
            _("Answers"),
            formats.count(found.frame.height),
            note=_("%(count)s only begun") % {"count": formats.count(numbers["partial"])} if numbers["partial"] else "",
            url=behind(found),
        )
    )
    if numbers["asked"] and not found.narrow.is_of_answers:
        rate = numbers["answered"] / numbers["asked"]
        asked = _("of %(count)s asked") % {"count": formats.count(numbers["asked"])}
        shown.append(Figure(_("Response rate"), formats.percent(rate), note=asked))
    return shown


def _sides(found: Results, score: Score) -> list[Figure]:
    labels = side_labels(score.kind)
    shares = {"good": score.good, "middle": score.middle, "bad": score.bad}
    return [
        Figure(labels[side], formats.percent(share), url=behind(found, side=side))
        for side, share in shares.items()
        if score.count and side != "middle"
    ]


def weighing(found: Results) -> str:
    """Return how answers were weighed, in a sentence."""
    if found.kind is None or found.frame.is_empty():
        return ""
    if found.raked is None:
        return _("Every answer counts the same: too little is known of those who were asked to weigh them.")
    plain = counting.unweighted(found)
    about = {"plain": score_text(plain), "effect": f"{_design_effect(found):.2f}"}
    text = _(
        "Answers are weighted by value band, so that they stand for all who were asked (raking; design effect"
        " %(effect)s). As they came, the score would be %(plain)s."
    )
    if found.raked.uncovered:
        names = [_band(one.partition("=")[2]) for one in found.raked.uncovered]
        missing = _("Nobody answered in: %(bands)s. Nothing can be said of them.") % {"bands": ", ".join(names)}
        return f"{text % about} {missing}"
    return text % about


def _design_effect(found: Results) -> float:
    """Return by how much the weights of what is looked at widen its variance (Kish)."""
    weights = found.frame["weight"]
    return found.frame.height * float((weights * weights).sum()) / float(weights.sum()) ** 2


def trend_card(found: Results) -> ChartCard | None:
    """Return the score by month with its interval."""
    if found.kind is None:
        return None
    table = counting.by_group(found, "month")
    if table.height < 2:
        return None
    months, scale = table["month"].to_list(), _scale(found.kind)
    value, low, high = ([None if one is None else one * scale for one in table[name]] for name in _ENDS)
    return ChartCard(
        id="survey-trend",
        title=_("Score by month"),
        subtitle=_("with its 95 % interval"),
        option=charts.trend(
            months,
            {kind_label(found.kind): value},
            interval=(low, high),
            interval_name=_("95 % interval"),
            axis_format=_format(found.kind),
            value_format=_format(found.kind),
            from_zero=found.kind is not ScoreKind.NPS,
        ),
        table=_table(found, table, "month", _("Month"), list(months), "month"),
        csv_name="survey-trend",
    )


_ENDS = ("value", "low", "high")


def _scale(kind: ScoreKind) -> float:
    return HUNDRED if kind is ScoreKind.NPS else 1


def _format(kind: ScoreKind) -> charts.Format:
    return charts.count() if kind is ScoreKind.NPS else charts.percent()


def spread_card(found: Results) -> ChartCard | None:
    """Return how often each point of the scale was given; each bar leads to its answers."""
    if found.kind is None or found.frame.is_empty():
        return None
    counted = distribution(found.scored["score"].to_list(), found.kind)
    urls = [behind(found, question=found.document.main, number=step) for step, _count in counted]
    return ChartCard(
        id="survey-spread",
        title=_("Scores given"),
        option=charts.bars(
            [str(step) for step, _count in counted],
            {_("Answers"): [float(count) for _step, count in counted]},
            axis_format=charts.compact(),
            value_format=charts.count(),
            urls=urls,
        ),
        table=Table(
            [_("Score"), Column(_("Answers"), is_number=True)],
            [
                [str(step), Cell(formats.count(count), count, url)]
                for (step, count), url in zip(counted, urls, strict=True)
            ],
        ),
        height="sm",
        csv_name="survey-scores",
    )


def response_card(found: Results) -> ChartCard | None:
    """Return who answers and who is silent, by value band; nothing where answers are narrowed by what they say."""
    if found.narrow.is_of_answers:
        return None
    table = counting.response(found.survey, found.narrow).filter(pl.col("band") != "")
    if table.is_empty():
        return None
    order = {code: place for place, code in enumerate(Band.values)}
    rows = sorted(table.rows(named=True), key=lambda row: order.get(row["band"], 99))
    return ChartCard(
        id="survey-response",
        title=_("Who answers, who is silent"),
        subtitle=_("Response rate by value band"),
        option=charts.bars(
            [_band(row["band"]) for row in rows],
            {_("Response rate"): [row["rate"] for row in rows]},
            horizontal=True,
            axis_format=charts.percent(),
            value_format=charts.percent(),
            urls=[silent_url(found, band=row["band"]) for row in rows],
        ),
        table=Table(
            [
                _("Value band"),
                Column(_("Asked"), is_number=True),
                Column(_("Answered"), is_number=True),
                Column(_("Silent"), is_number=True),
                Column(_("Response rate"), is_number=True),
                _("95 % interval"),
            ],
            [
                [
                    _band(row["band"]),
                    Cell(formats.count(row["asked"]), row["asked"]),
                    Cell(formats.count(row["answered"]), row["answered"], behind(found, band=row["band"], asked="yes")),
                    _silent(found, row),
                    Cell(formats.percent(row["rate"]), row["rate"]),
                    _("%(low)s to %(high)s")
                    % {"low": formats.percent(row["low"]), "high": formats.percent(row["high"])},
                ]
                for row in rows
            ],
        ),
        height="sm",
        csv_name="survey-response",
    )


def _silent(found: Results, row: Mapping[str, Any]) -> Cell:
    count = row["asked"] - row["answered"]
    return Cell(formats.count(count), count, silent_url(found, band=row["band"]))


def _band(code: str) -> str:
    return str(Band(code).label) if code in Band.values else code


def group_cards(found: Results) -> list[tuple[str, Table]]:
    """Return the score by store, staff and value band as tables, each row leading to its answers."""
    if found.kind is None:
        return []
    stores = {one.code: one.name for one in staff.stores()}
    people = {one.code: one.name for one in staff.people()}
    ways = [
        ("store", _("By store"), _("Store"), stores),
        ("staff", _("By staff"), _("Staff"), people),
        ("band", _("By value band"), _("Value band"), {code: _band(code) for code in Band.values}),
    ]
    cards = []
    for group, title, head, names in ways:
        table = counting.by_group(found, group)
        if table.is_empty():
            continue
        table = table.sort("value", descending=True).head(MOST_ROWS)
        labels = [names.get(code, code) for code in table[group]]
        cards.append((title, _table(found, table, group, head, labels, group)))
    return cards


def _table(found: Results, table: pl.DataFrame, group: str, head: str, labels: Sequence[str], narrowing: str) -> Table:
    assert found.kind is not None
    number = [Column(_("Answers"), is_number=True), Column(kind_label(found.kind), is_number=True)]
    rows: list[list[Cell | str]] = []
    for label, row in zip(labels, table.rows(named=True), strict=True):
        url = behind(found, **_month(row["month"])) if group == "month" else behind(found, **{narrowing: row[group]})
        rows.append(
            [
                Cell(label, url=url),
                Cell(formats.count(row["count"]), row["count"], url),
                Cell(value_text(found.kind, row["value"]), row["value"]),
                interval_text(found.kind, row["low"], row["high"]),
            ]
        )
    return Table([head, *number, _("95 % interval")], rows)


def _month(month: str) -> dict[str, date]:
    year, number = (int(part) for part in month.split("-"))
    return {"since": date(year, number, 1), "until": date(year, number, monthrange(year, number)[1])}


def tally_cards(found: Results) -> list[tuple[str, int, Table]]:
    """Return for every question how often each answer was given; each leads to its answers."""
    return [(one.question.short(language()), one.answered, _tally(found, one)) for one in counting.tallies(found)]


def _tally(found: Results, tally: Tally) -> Table:
    if tally.question.type in (QuestionType.MATRIX, QuestionType.VALUE, QuestionType.RANKING):
        return _means(found, tally)
    order = {one.code: place for place, one in enumerate(tally.question.options)}
    rows = sorted(tally.counts, key=lambda row: (row[0], row[2] or 0, order.get(row[1], 99)))
    return Table(
        [pgettext("survey", "Answer"), Column(_("Answers"), is_number=True), Column(_("Share"), is_number=True)],
        [
            [
                answer_words(tally.question, item, choice, number),
                Cell(
                    formats.count(count),
                    count,
                    behind(found, question=tally.question.code, item=item, choice=choice, number=number),
                ),
                Cell(formats.percent(count / tally.answered), count / tally.answered),
            ]
            for item, choice, number, count in rows
        ],
    )


def _means(found: Results, tally: Tally) -> Table:
    """A line for each row with its mean: of a matrix, of a delivered value, the mean place of a ranking."""
    sums: dict[str, list[int]] = {}
    for item, _choice, number, count in tally.counts:
        sums.setdefault(item, []).extend([number or 0] * count)
    lines = sorted(sums.items(), key=lambda one: sum(one[1]) / len(one[1]))
    if tally.question.type is not QuestionType.RANKING:
        lines.reverse()
    head = _("Mean place") if tally.question.type is QuestionType.RANKING else _("Mean")
    return Table(
        [pgettext("survey", "Answer"), Column(_("Answers"), is_number=True), Column(head, is_number=True)],
        [
            [
                answer_words(tally.question, item, "", None),
                Cell(formats.count(len(said)), len(said), behind(found, question=tally.question.code, item=item)),
                Cell(f"{sum(said) / len(said):.2f}", sum(said) / len(said)),
            ]
            for item, said in lines
        ],
    )
