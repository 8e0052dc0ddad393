"""What a survey's document holds: pages of questions in both languages, typed and immutable."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAX_PAGES = 30
MAX_QUESTIONS = 60
MAX_OPTIONS = 40
MAX_TEXT = 4000
OTHER = "other"
"""The code of the option "something else", which comes with a line of text."""

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]
ConditionJson = dict[str, Any]
"""A condition as in troth/kit/conditions over the answers of earlier pages."""


class Shape(BaseModel):
    """A part of the document: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Said(Shape):
    """A text in both languages; where one is missing the other is shown."""

    en: Annotated[str, Field(max_length=1000)] = ""
    zh: Annotated[str, Field(max_length=1000)] = ""

    def within(self, language: str) -> str:
        """Return the text in a language ("en", "zh-hans"), or in the other one."""
        return (self.zh or self.en) if language.lower().startswith("zh") else (self.en or self.zh)

    def __bool__(self) -> bool:
        return bool(self.en or self.zh)


def _as_said(raw: Any) -> Any:
    return {"en": raw} if isinstance(raw, str) else raw


Text = Annotated[Said, BeforeValidator(_as_said)]
NOTHING = Said()


class QuestionType(StrEnum):
    """How a question is answered."""

    NPS = "nps"  # 0 to 10
    CSAT = "csat"  # 1 to 5
    CES = "ces"  # 1 to 7
    SCALE = "scale"
    CHOICE = "choice"
    CHOICES = "choices"
    RANKING = "ranking"
    MATRIX = "matrix"
    VALUE = "value"
    KANO = "kano"
    TEXT = "text"


SCORE_RANGES: dict[QuestionType, tuple[int, int]] = {
    QuestionType.NPS: (0, 10),
    QuestionType.CSAT: (1, 5),
    QuestionType.CES: (1, 7),
    QuestionType.VALUE: (1, 10),
}
KANO_STEPS = ("like", "expect", "neutral", "tolerate", "dislike")
KANO_HALVES = ("with", "without")


class Option(Shape):
    """An answer to choose, or a row of a matrix."""

    code: Code
    text: Text


class Part(StrEnum):
    """What a row of a delivered-value question is about: four benefits, four costs."""

    PRODUCT = "product"
    SERVICE = "service"
    STAFF = "staff"
    IMAGE = "image"
    MONEY = "money"
    TIME = "time"
    ENERGY = "energy"
    EFFORT = "effort"


Measure = Literal["intention", "satisfaction", "trust", "recommend", "preference", "tolerance", ""]
"""Which indicator of the loyalty index an answer speaks for."""


class Question(Shape):
    """One question. label: a few words for tables and pictures; low, high and their words: of a scale or matrix;
    options: of choices and rankings; rows: of a matrix; parts: of a delivered-value question; rivals: who is rated
    beside us; is_driver: its score is held against the main one; feature: what a Kano pair asks about.
    """

    code: Code
    type: QuestionType
    text: Text
    label: Text = NOTHING
    hint: Text = NOTHING
    is_required: bool = False
    show_if: ConditionJson | None = None
    low: Annotated[int, Field(ge=0, le=10)] = 1
    high: Annotated[int, Field(ge=2, le=10)] = 5
    low_text: Text = NOTHING
    high_text: Text = NOTHING
    options: Annotated[tuple[Option, ...], Field(max_length=MAX_OPTIONS)] = ()
    rows: Annotated[tuple[Option, ...], Field(max_length=MAX_OPTIONS)] = ()
    parts: tuple[Part, ...] = ()
    rivals: Annotated[tuple[Option, ...], Field(max_length=5)] = ()
    has_other: bool = False
    most: Annotated[int, Field(ge=1, le=MAX_OPTIONS)] | None = None
    is_driver: bool = False
    measures: Measure = ""

    @model_validator(mode="after")
    def _range(self) -> "Question":
        if self.low >= self.high:
            raise ValueError("low_below_high")
        return self

    @property
    def range(self) -> tuple[int, int]:
        """Return the lowest and highest number."""
        return SCORE_RANGES.get(self.type, (self.low, self.high))

    def short(self, language: str) -> str:
        """Return the label, or the question itself, in a language."""
        return (self.label or self.text).within(language)


class Page(Shape):
    """What is asked together. show_if: over answers of earlier pages."""

    code: Code
    title: Text = NOTHING
    show_if: ConditionJson | None = None
    questions: Annotated[tuple[Question, ...], Field(max_length=MAX_QUESTIONS)] = ()


class SurveyDocument(Shape):
    """A survey as customers get it. main: code of the question whose answer is the sheet's score, "" for none."""

    title: Text
    intro: Text = NOTHING
    thanks: Text = NOTHING
    main: str = ""
    pages: Annotated[tuple[Page, ...], Field(max_length=MAX_PAGES)] = ()

    def questions(self) -> Iterator[Question]:
        """Yield every question in order."""
        for page in self.pages:
            yield from page.questions

    def question(self, code: str) -> Question | None:
        """Return the question of a code, or None."""
        return next((one for one in self.questions() if one.code == code), None)

    def page(self, code: str) -> Page | None:
        """Return the page of a code, or None."""
        return next((one for one in self.pages if one.code == code), None)
