"""A question as a page shows it: its texts in one language, and what was answered so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .document.fields import HALF_WORDS, KANO_WORDS
from .document.shapes import KANO_HALVES, KANO_STEPS, OTHER, Part, Question, QuestionType
from .given import US, Given

SCALES = (QuestionType.NPS, QuestionType.CSAT, QuestionType.CES, QuestionType.SCALE)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tick or choose."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a matrix, a ranking or a pair: its own field with its choices."""

    name: str
    text: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question ready for the template. kind: which form it takes."""

    name: str
    kind: str
    text: str
    hint: str
    is_required: bool
    error: str
    value: str
    choices: list[Choice]
    rows: list[Row]
    groups: list[tuple[str, list[Row]]]
    low_text: str
    high_text: str
    steps: int
    other_text: str


def shown(question: Question, given: Iterable[Given], language: str, *, error: str = "") -> ShownQuestion:
    """Return a question with the answers it has so far."""
    mine = [one for one in given if one.question == question.code]
    name = f"q.{question.code}"
    return ShownQuestion(
        name=name,
        kind="scale" if question.type in SCALES else str(question.type),
        text=question.text.within(language),
        hint=question.hint.within(language),
        is_required=question.is_required,
        error=error,
        value=next((one.text for one in mine), ""),
        choices=_choices(question, mine, language),
        rows=_rows(question, mine, language, name),
        groups=_groups(question, mine, language, name),
        low_text=_end(question, language, is_low=True),
        high_text=_end(question, language, is_low=False),
        steps=question.range[1] - question.range[0] + 1,
        other_text=next((one.text for one in mine if OTHER in (one.choice, one.item)), ""),
    )


def _end(question: Question, language: str, *, is_low: bool) -> str:
    own = (question.low_text if is_low else question.high_text).within(language)
    usual: Mapping[QuestionType, tuple[str, str]] = {
        QuestionType.NPS: (_("Not at all likely"), _("Very likely")),
        QuestionType.CSAT: (_("Very dissatisfied"), _("Very satisfied")),
        QuestionType.CES: (_("Strongly disagree"), _("Strongly agree")),
        QuestionType.VALUE: (_("1: very poor"), _("10: excellent")),
    }
    return own or usual.get(question.type, ("", ""))[0 if is_low else 1]


def _numbers(question: Question, chosen: int | None) -> list[Choice]:
    low, high = question.range
    return [Choice(str(number), str(number), number == chosen) for number in range(low, high + 1)]


def _choices(question: Question, mine: list[Given], language: str) -> list[Choice]:
    if question.type in SCALES:
        return _numbers(question, next((one.number for one in mine), None))
    chosen = {one.choice for one in mine}
    found = [Choice(one.code, one.text.within(language), one.code in chosen) for one in question.options]
    return [*found, Choice(OTHER, _("Something else"), OTHER in chosen)] if question.has_other else found


def _rows(question: Question, mine: list[Given], language: str, name: str) -> list[Row]:
    numbers = {one.item: one.number for one in mine}
    steps = {one.item: one.choice for one in mine}
    if question.type is QuestionType.MATRIX:
        rows = [(one.code, one.text.within(language)) for one in question.rows]
        return [Row(f"{name}.{code}", text, _numbers(question, numbers.get(code))) for code, text in rows]
    if question.type is QuestionType.RANKING:
        options = [(one.value, one.text) for one in _choices(question, [], language)]
        places = range(1, len(options) + 1)
        return [
            Row(f"{name}.{code}", text, [Choice(str(n), str(n), numbers.get(code) == n) for n in places])
            for code, text in options
        ]
    if question.type is QuestionType.KANO:
        return [
            Row(
                f"{name}.{half}",
                str(HALF_WORDS[half]),
                [Choice(step, str(KANO_WORDS[step]), steps.get(half) == step) for step in KANO_STEPS],
            )
            for half in KANO_HALVES
        ]
    return []


def part_words() -> dict[Part, str]:
    """Return the four benefits and four costs in words."""
    return {
        Part.PRODUCT: _("Quality of the products"),
        Part.SERVICE: _("Service"),
        Part.STAFF: _("People who work there"),
        Part.IMAGE: _("Name and standing"),
        Part.MONEY: _("Price"),
        Part.TIME: _("Time it takes"),
        Part.ENERGY: _("Trouble it takes"),
        Part.EFFORT: _("Thought and worry it takes"),
    }


def _groups(question: Question, mine: list[Given], language: str, name: str) -> list[tuple[str, list[Row]]]:
    """Return for each part of the value a line for us and one for each rival."""
    if question.type is not QuestionType.VALUE:
        return []
    numbers = {one.item: one.number for one in mine}
    rated = [(US, _("Here")), *((one.code, one.text.within(language)) for one in question.rivals)]
    words = part_words()
    return [
        (
            words[part],
            [
                Row(f"{name}.{who}.{part}", label, _numbers(question, numbers.get(f"{who}:{part}")))
                for who, label in rated
            ],
        )
        for part in question.parts
    ]
