"""The fields that a survey's logic may use: answers of earlier pages, and what is known of the sheet."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from troth.kit.conditions import catalogue as conditions
from troth.kit.conditions.catalogue import Catalogue, Subject
from troth.kit.conditions.fields import Choice, Field, Group, ValueType

from .shapes import KANO_HALVES, KANO_STEPS, OTHER, Question, QuestionType, SurveyDocument

SUBJECT = "answers"
ANSWERS = Group("answers", _("Answers"), order=1)
SHEET = Group("sheet", _("Answer sheet"), order=2)
NUMBERS = (QuestionType.NPS, QuestionType.CSAT, QuestionType.CES, QuestionType.SCALE)

KANO_WORDS = {
    "like": _("I like it"),
    "expect": _("I expect it"),
    "neutral": _("I do not mind"),
    "tolerate": _("I can live with it"),
    "dislike": _("I dislike it"),
}
HALF_WORDS = {"with": _("if it is there"), "without": _("if it is not there")}


def declare() -> None:
    """Declare the subject with the fields that every survey has; its questions come with each document."""
    conditions.declare(Subject(SUBJECT, _("Answers to a survey")))
    conditions.register(
        SUBJECT,
        Field(
            "sheet.language",
            ValueType.CHOICE,
            _("Language of the answer"),
            SHEET,
            choices=(Choice("en", _("English")), Choice("zh-hans", _("Chinese"))),
            order=10,
        ),
        Field("sheet.store", ValueType.TEXT, _("Store that it is about"), SHEET, order=12),
        Field("sheet.is_known", ValueType.BOOLEAN, _("The customer is known"), SHEET, order=14),
    )


def catalogue(document: SurveyDocument, *, before: str | None = None) -> Catalogue:
    """Return the fields of a document; before: a page's code, only what pages before it ask."""
    asked: list[Question] = []
    for page in document.pages:
        if page.code == before:
            break
        asked.extend(page.questions)
    own = [field for place, question in enumerate(asked) for field in _fields(question, place)]
    return Catalogue(conditions.catalogue(SUBJECT).subject, [*own, *conditions.catalogue(SUBJECT)])


def _fields(question: Question, place: int) -> Iterator[Field]:
    language = get_language() or "en"
    name, code, kind = question.short(language), f"answers.{question.code}", question.type
    if kind in NUMBERS:
        yield Field(code, ValueType.COUNT, name, ANSWERS, order=place)
    elif kind in (QuestionType.CHOICE, QuestionType.RANKING):
        yield Field(code, ValueType.CHOICE, name, ANSWERS, choices=option_choices(question, language), order=place)
    elif kind is QuestionType.CHOICES:
        yield Field(code, ValueType.CHOICE_SET, name, ANSWERS, choices=option_choices(question, language), order=place)
    elif kind is QuestionType.TEXT:
        yield Field(code, ValueType.TEXT, name, ANSWERS, order=place)
    elif kind is QuestionType.MATRIX:
        for row in question.rows:
            label = f"{name}: {row.text.within(language)}"
            yield Field(f"{code}:{row.code}", ValueType.COUNT, label, ANSWERS, order=place)
    elif kind is QuestionType.KANO:
        steps = [Choice(step, KANO_WORDS[step]) for step in KANO_STEPS]
        for half in KANO_HALVES:
            label = f"{name}: {HALF_WORDS[half]}"
            yield Field(f"{code}:{half}", ValueType.CHOICE, label, ANSWERS, choices=steps, order=place)


def option_choices(question: Question, language: str) -> list[Choice]:
    """Return a question's options as choices, "something else" last where it has that."""
    found = [Choice(one.code, one.text.within(language)) for one in question.options]
    return [*found, Choice(OTHER, _("Something else"))] if question.has_other else found


def record(document: SurveyDocument, given: Iterable[Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of every field: given answers (rows of question, item, number, choice, text), unknown is None.

    known: values of the `sheet.*` fields.
    """
    found: dict[str, Any] = {field.code: () if field.type.is_set else None for field in catalogue(document)}
    found.update(known)
    types = {question.code: question.type for question in document.questions()}
    for one in given:
        code, kind = f"answers.{one.question}", types.get(one.question)
        if kind in NUMBERS:
            found[code] = one.number
        elif kind is QuestionType.CHOICE:
            found[code] = one.choice
        elif kind is QuestionType.RANKING and one.number == 1:
            found[code] = one.item
        elif kind is QuestionType.CHOICES:
            found[code] = (*found[code], one.item)
        elif kind is QuestionType.TEXT:
            found[code] = one.text
        elif kind in (QuestionType.MATRIX, QuestionType.KANO):
            found[f"{code}:{one.item}"] = one.choice or one.number
    return found
