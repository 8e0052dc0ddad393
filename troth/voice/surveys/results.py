"""Results of a survey: frames of answers handed to `troth.value.voice`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count

from troth.value.delivered import BENEFITS, value_map
from troth.value.later import pl
from troth.value.voice import drivers as driving
from troth.value.voice import kano, marks, scores, silence, texts
from troth.value.voice.bands import BANDS, ScoreKind
from troth.value.voice.texts import Keyword

from ..models import Answer, AnswerSheet, InformationTag, InvitationState, SheetState, Survey
from . import narrowing
from .document.shapes import KANO_HALVES, Question, QuestionType, SurveyDocument
from .given import US
from .narrowing import Narrow
from .scoring import score_kind

MOST_SHEETS = 200_000
STATED_FROM = 0.05
BEST_MARK = 10
GROUPS = ("store", "staff", "band", "language", "month")


@dataclass(frozen=True, slots=True)
class Results:
    """A survey's finished sheets under a filter, ready to be counted.

    frame: sheet, owner, score, store, staff, band, language, day, month, weight (1 on average over the whole
    survey); raked: how the weights came about, None where nothing is known of those asked.
    """

    survey: Survey
    document: SurveyDocument
    kind: ScoreKind | None
    narrow: Narrow
    frame: pl.DataFrame
    raked: silence.Raked | None

    @property
    def scored(self) -> pl.DataFrame:
        """Return the sheets that have the main score."""
        return self.frame.filter(pl.col("score").is_not_null())


def results(survey: Survey, document: SurveyDocument, narrow: Narrow, *, is_weighted: bool = True) -> Results:
    """Read the finished sheets of a survey; is_weighted: so that they stand for all who were asked, by value band.

    Weights are those of the whole survey whatever is looked at: a store's score is the same in the table of all stores
    and on a page of its own.
    """
    kind = score_kind(document)
    rows = narrowing.sheets(survey.id, narrow, kind).values_list(
        "id", "owner_id", "score", "store_code", "staff_code", "band", "language", "measured_date"
    )
    names = ("sheet", "owner", "score", "store", "staff", "band", "language", "day")
    columns = zip(*rows[:MOST_SHEETS], strict=True)
    found: dict[str, Any] = dict(zip(names, map(list, columns), strict=False)) or {name: [] for name in names}
    found |= {name: [str(one) for one in found[name]] for name in ("sheet", "owner")}
    schema = dict(zip(names, _TYPES, strict=True))
    frame = pl.DataFrame(found, schema=schema).with_columns(month=pl.col("day").dt.strftime("%Y-%m"))
    raked, by_band = _raked(survey) if is_weighted else (None, {})
    weights = [by_band.get(band, 1.0) for band in frame["band"]]
    frame = frame.with_columns(weight=pl.Series(weights, dtype=pl.Float64))
    return Results(survey, document, kind, narrow, frame, raked)


_TYPES = (str, str, int, str, str, str, str, date)


def _raked(survey: Survey) -> tuple[silence.Raked | None, dict[str, float]]:
    """Weigh by the value band of those who were asked, the same for all of a band; open answers, of whom nothing is
    known, keep their own weight.
    """
    asked = _asked(survey.id).values("band").annotate(count=Count("id")).order_by()
    asked_by_band = {row["band"]: float(row["count"]) for row in asked if row["band"]}
    complete = AnswerSheet.objects.filter(survey_id=survey.id, state=SheetState.COMPLETE)
    bands = list(complete.order_by("-updated_at", "id").values_list("band", flat=True)[:MOST_SHEETS])
    if len(asked_by_band) < 2 or not any(bands):
        return None, {}
    raked = silence.rake(pl.DataFrame({"band": bands}, schema={"band": str}), {"band": asked_by_band})
    return raked, dict(zip(bands, raked.weights, strict=True))


def _asked(survey_id: UUID, narrow: Narrow | None = None) -> Any:
    found = narrowing.invitations(survey_id, narrow or Narrow())
    return found.exclude(state=InvitationState.WITHHELD)


def overall(found: Results) -> scores.Score | None:
    """Return the main score, None of a survey without a usual one."""
    if found.kind is None:
        return None
    return scores.score(found.kind, found.scored["score"].to_list(), found.scored["weight"].to_list())


def unweighted(found: Results) -> scores.Score | None:
    """Return the main score of the answers as they came."""
    return None if found.kind is None else scores.score(found.kind, found.scored["score"].to_list())


def by_group(found: Results, group: str) -> pl.DataFrame:
    """Return the main score by store, staff, band, language or month; what is not known is left out."""
    if found.kind is None:
        return pl.DataFrame()
    return scores.by_group(found.scored.filter(pl.col(group) != ""), found.kind, group)


def response(survey: Survey, narrow: Narrow) -> pl.DataFrame:
    """Return how many of those asked answered, by value band: who is silent; narrowed by what invitations know."""
    rows = _asked(survey.id, narrow).values_list("band", "state")
    frame = pl.DataFrame(
        [(band, state == InvitationState.ANSWERED) for band, state in rows.iterator()],
        schema={"band": pl.String, "answered": pl.Boolean},
        orient="row",
    )
    return silence.response(frame, "band")


def driver_labels(document: SurveyDocument, language: str) -> dict[str, tuple[str, tuple[int, int]]]:
    """Return label and scale of every driver: a question, or "question:row" of a matrix."""
    found: dict[str, tuple[str, tuple[int, int]]] = {}
    for one in document.questions():
        if not one.is_driver:
            continue
        if one.type is QuestionType.MATRIX:
            found |= {f"{one.code}:{row.code}": (row.text.within(language), one.range) for row in one.rows}
        else:
            found[one.code] = (one.short(language), one.range)
    return found


def drivers(found: Results, labels: Mapping[str, tuple[str, tuple[int, int]]]) -> driving.Drivers | None:
    """Return what drives the main score, None where the survey asks for no drivers."""
    if found.kind is None or not labels:
        return None
    codes = {code.partition(":")[0] for code in labels}
    rows = _answers(found, codes).values_list("sheet_id", "question", "item", "number")
    wide: dict[str, dict[str, Any]] = {}
    for sheet, question, item, number in rows.iterator():
        wide.setdefault(str(sheet), {})[f"{question}:{item}" if item else question] = number
    frame = found.scored.select("sheet", "score").with_columns(
        pl.Series(code, [wide.get(sheet, {}).get(code) for sheet in found.scored["sheet"]], dtype=pl.Int64)
        for code in labels
    )
    return driving.drivers(frame, outcome="score", scales={code: scale for code, (_label, scale) in labels.items()})


def _answers(found: Results, codes: Iterable[str]) -> Any:
    sheet_ids = narrowing.sheets(found.survey.id, found.narrow, found.kind).order_by().values("id")
    return Answer.objects.filter(question__in=set(codes), sheet_id__in=sheet_ids)


def features(found: Results, language: str) -> list[tuple[Question, kano.Feature]]:
    """Return what each Kano question says of its feature."""
    asked = [one for one in found.document.questions() if one.type is QuestionType.KANO]
    if not asked:
        return []
    rows = _answers(found, (one.code for one in asked)).values_list("sheet_id", "question", "item", "choice")
    pairs: dict[str, dict[UUID, dict[str, str]]] = {}
    for sheet, question, item, choice in rows.iterator():
        pairs.setdefault(question, {}).setdefault(sheet, {})[item] = choice
    present, absent = KANO_HALVES
    return [
        (
            one,
            kano.feature(
                one.short(language),
                [(pair[present], pair[absent]) for pair in pairs.get(one.code, {}).values() if len(pair) == 2],
            ),
        )
        for one in asked
    ]


def needs_map(found: Results, known: list[tuple[Question, kano.Feature]]) -> pl.DataFrame:
    """Place features on the needs map; stated: the share of those who write that use a word of the feature's name."""
    written = [set(texts.words(text)) for text in _written(found).values()]
    stated = {}
    for question, one in known:
        names = set(texts.words(f"{question.short('en')} {question.short('zh-hans')}"))
        stated[one.name] = sum(1 for words in written if words & names) / len(written) if written else 0.0
    return kano.needs_map([one for _question, one in known], stated, stated_from=STATED_FROM)


@dataclass(frozen=True, slots=True)
class ValueParts:
    """A delivered-value question: means, 1 to 10, by who is rated and part; sums: of all parts together, by who was
    rated on every part that the question names, us first; map: quality against price, None with nobody to compare with
    or without prices.
    """

    question: Question
    means: Mapping[str, Mapping[str, float]]
    counts: Mapping[str, int]
    sums: Mapping[str, marks.Rated]
    map: pl.DataFrame | None


def value_parts(found: Results) -> list[ValueParts]:
    """Return how we and competitors are rated on each part of the delivered value, by the weights of the answers."""
    asked = [one for one in found.document.questions() if one.type is QuestionType.VALUE]
    if not asked:
        return []
    rows = _answers(found, (one.code for one in asked)).values_list("question", "item", "sheet_id", "number")
    given = pl.DataFrame(
        [
            (question, *item.split(":", 1), str(sheet), number)
            for question, item, sheet, number in rows.iterator()
            if number is not None and ":" in item  # an older version may have asked something else by that code
        ],
        schema=dict(zip(("question", "who", "part", "person", "mark"), _MARKS, strict=True)),
        orient="row",
    )
    weights = found.frame.select(pl.col("sheet").alias("person"), "weight")
    given = given.join(weights, on="person", maintain_order="left")
    return [_value(one, given.filter(question=one.code)) for one in asked]


_MARKS = (str, str, str, str, int)


def _value(question: Question, given: pl.DataFrame) -> ValueParts:
    """Older versions of a survey may have rated others, and other parts: these are left out."""
    rated = [US, *(rival.code for rival in question.rivals)]
    order = pl.DataFrame({"who": rated, "place": range(len(rated))})
    is_asked = pl.col("part").is_in([str(part) for part in question.parts]) & pl.col("mark").is_between(1, BEST_MARK)
    given = given.filter(is_asked).join(order, on="who").sort("place", "person", "part")
    counted = given.group_by("who", "part", maintain_order=True).agg(
        (pl.col("mark") * pl.col("weight")).sum() / pl.col("weight").sum(), pl.len()
    )
    means: dict[str, dict[str, float]] = {}
    counts: dict[str, int] = {}
    for who, part, mean, count in counted.iter_rows():
        means.setdefault(who, {})[part] = mean
        counts[who] = max(count, counts.get(who, 0))
    sums = marks.rated(given, parts=question.parts, against=US, best=BEST_MARK)
    return ValueParts(question, means, counts, {one.who: one for one in sums}, _map(means))


def _map(means: Mapping[str, Mapping[str, float]]) -> pl.DataFrame | None:
    """Quality is the mean of the benefits; a good mark for the price means a low price, so it is turned round."""
    offers = []
    for who, parts in means.items():
        benefits = [parts[part] for part in BENEFITS if part in parts]
        if benefits and "money" in parts:
            offers.append(
                {"name": who, "quality": sum(benefits) / len(benefits), "price": BEST_MARK + 1 - parts["money"]}
            )
    return value_map(pl.DataFrame(offers)) if len(offers) > 1 else None


def _written(found: Results) -> dict[UUID, str]:
    return narrowing.written(narrowing.sheets(found.survey.id, found.narrow, found.kind))


@dataclass(frozen=True, slots=True)
class Said:
    """What customers write: keywords with their lean, themes and information. count, and every number of these, is of
    answer sheets: whoever says a thing twice says it once.
    """

    count: int
    keywords: list[Keyword]
    themes: list[tuple[str, int, int]]
    information: dict[str, int]


def said(found: Results) -> Said:
    """Return what the texts say; themes: name, sheets, of them by people on the bad side."""
    scores = dict(zip(found.frame["sheet"], found.frame["score"], strict=True))
    written = _written(found)
    sides = [_is_bad(found.kind, scores.get(str(sheet))) for sheet in written]
    named: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    for text, is_bad in zip(written.values(), sides, strict=True):
        spoken = texts.themes(text)
        named.update(spoken)
        bad.update(spoken if is_bad else ())
    words = texts.keywords(list(written.values()), sides)
    ranked = [(name, count, bad[name]) for name, count in sorted(named.items(), key=lambda one: (-one[1], one[0]))]
    return Said(len(written), words, ranked, _information(found))


def _is_bad(kind: ScoreKind | None, score: int | None) -> bool | None:
    if kind is None or score is None:
        return None
    band = BANDS[kind]
    return True if band.is_bad(score) else False if band.is_good(score) else None


def _information(found: Results) -> dict[str, int]:
    sheet_ids = narrowing.sheets(found.survey.id, found.narrow, found.kind).order_by().values("id")
    rows = InformationTag.objects.filter(is_removed=False, sheet_id__in=sheet_ids)
    counted = rows.values("information_kind").annotate(count=Count("sheet_id", distinct=True)).order_by()
    return {row["information_kind"]: row["count"] for row in counted}


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a question was answered, and each of its answers: item, choice, number and how often."""

    question: Question
    answered: int
    counts: list[tuple[str, str, int | None, int]]


def tallies(found: Results) -> list[Tally]:
    """Count the answers of every question but texts."""
    asked = [one for one in found.document.questions() if one.type is not QuestionType.TEXT]
    rows = _answers(found, (one.code for one in asked))
    counted = rows.values_list("question", "item", "choice", "number").annotate(count=Count("id")).order_by()
    people = dict(rows.values_list("question").annotate(count=Count("sheet_id", distinct=True)).order_by())
    by_question: dict[str, list[tuple[str, str, int | None, int]]] = {}
    for question, item, choice, number, count in counted:
        by_question.setdefault(question, []).append((item, choice, number, count))
    return [Tally(one, people.get(one.code, 0), by_question.get(one.code, [])) for one in asked]


def in_numbers(survey: Survey, narrow: Narrow | None = None) -> dict[str, int]:
    """Return how many were asked, how many of them answered, how many finished and how many only began; narrowed by
    what invitations know, and sheets that were only begun.
    """
    narrow = narrow or Narrow()
    asked = narrowing.invitations(survey.id, narrow)
    counts = dict(asked.values_list("state").annotate(count=Count("id")).order_by())
    begun = narrowing.sheets(survey.id, replace(narrow, state=SheetState.PARTIAL), None).count()
    complete = narrowing.sheets(survey.id, replace(narrow, state=SheetState.COMPLETE), None).count()
    withheld = counts.pop(InvitationState.WITHHELD, 0)
    return {
        "asked": sum(counts.values()),
        "withheld": withheld,
        "answered": counts.get(InvitationState.ANSWERED, 0),
        "complete": complete,
        "partial": begun,
    }
