"""What a finished sheet says: its main score, and the indicators it measures. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from troth.value.voice.bands import BANDS, ScoreKind

from .document.shapes import Question, QuestionType, SurveyDocument
from .given import Given

EFFORT = "effort"
_OF_ITSELF = {QuestionType.NPS: "recommend", QuestionType.CSAT: "satisfaction", QuestionType.CES: EFFORT}


@dataclass(frozen=True, slots=True)
class Scored:
    """score: answer to the main question; is_good, is_bad: by the bands of its kind, None where it has none;
    indicators: value by indicator, the mean of several answers rounded to the nearer whole.
    """

    score: int | None
    is_good: bool | None
    is_bad: bool | None
    indicators: dict[str, int]


def scored(document: SurveyDocument, given: Iterable[Given]) -> Scored:
    """Return what the answers of a sheet say."""
    numbers = {one.question: one.number for one in given if one.number is not None and not one.item}
    values: dict[str, list[int]] = {}
    for question in document.questions():
        indicator = indicator_of(question)
        if indicator and question.code in numbers:
            values.setdefault(indicator, []).append(numbers[question.code])
    score = numbers.get(document.main)
    kind = score_kind(document)
    band = BANDS[kind] if kind and score is not None else None
    return Scored(
        score,
        band.is_good(score) if band and score is not None else None,
        band.is_bad(score) if band and score is not None else None,
        {name: (2 * sum(found) + len(found)) // (2 * len(found)) for name, found in values.items()},
    )


def indicator_of(question: Question) -> str:
    """Return which indicator an answer speaks for, "" for none."""
    return question.measures or _OF_ITSELF.get(question.type, "")


def score_kind(document: SurveyDocument) -> ScoreKind | None:
    """Return what the main question measures, None where it is no usual score."""
    question = document.question(document.main) if document.main else None
    if question is None or question.type.value not in {str(kind) for kind in ScoreKind}:
        return None
    return ScoreKind(question.type.value)
