"""From JSON to a checked document, with everything that is wrong named by its place and the way out."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.reading import read

from ..errors import Problem, SurveyInvalidError
from . import fields
from .shapes import MAX_QUESTIONS, OTHER, SCORE_RANGES, ConditionJson, Page, Question, QuestionType, SurveyDocument

CHOOSING = (QuestionType.CHOICE, QuestionType.CHOICES, QuestionType.RANKING)


def read_document(raw: Any) -> SurveyDocument:
    """Return the survey that plain values state.

    Raises:
        SurveyInvalidError: with every problem found.
    """
    document = shaped(raw)
    problems = [*_codes(document), *_main(document), *_pages(document)]
    if problems:
        raise SurveyInvalidError(problems)
    return document


def shaped(raw: Any) -> SurveyDocument:
    """Return the document if its shape is right, whatever it says: how drafts are kept.

    Raises:
        SurveyInvalidError: keys, types or sizes are wrong.
    """
    if not _can_be_stored(raw):
        raise SurveyInvalidError([Problem("", "unstorable", _("holds a character that cannot be stored; remove it"))])
    try:
        return SurveyDocument.model_validate(raw)
    except ValidationError as error:
        raise SurveyInvalidError([_shape_problem(dict(one)) for one in error.errors(include_url=False)]) from None


def _can_be_stored(raw: Any) -> bool:
    """Tell whether every text is one that both databases keep: no zero sign, no half of a character."""
    try:
        json.dumps(raw, ensure_ascii=False, default=str).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return "\\u0000" not in json.dumps(raw, default=str)


def stored_document(raw: Any) -> SurveyDocument:
    """Return the document of a published version; it was checked before."""
    return SurveyDocument.model_validate(raw)


def to_json(document: SurveyDocument) -> dict[str, Any]:
    """Return the document in its one written form, defaults left out."""
    return document.model_dump(mode="json", exclude_defaults=True)


def _shape_problem(error: dict[str, Any]) -> Problem:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    kind, about = str(error["type"]), {"given": str(error.get("input"))[:60], **error.get("ctx", {})}
    if kind == "extra_forbidden":
        return Problem(path, kind, _("is no key of this part; remove it, or look for a slip"))
    if kind == "missing":
        return Problem(path, kind, _("is missing; add it"))
    if kind == "string_pattern_mismatch":
        return Problem(path, kind, _("“%(given)s” is no code; use small letters, digits and _") % about)
    if kind == "value_error":
        return Problem(path, "range", _("the lowest number has to be below the highest"))
    if kind in ("too_long", "string_too_long"):
        return Problem(path, kind, _("is too long; at most %(max_length)s") % about)
    return Problem(path, kind, _("“%(given)s” is not possible here") % about)


def _codes(document: SurveyDocument) -> Iterator[Problem]:
    questions = list(document.questions())
    if not questions:
        yield Problem("pages", "empty", _("there is no question yet; add one"))
    if len(questions) > MAX_QUESTIONS:
        message = _("%(count)d questions are too many; at most %(limit)d") % {
            "count": len(questions),
            "limit": MAX_QUESTIONS,
        }
        yield Problem("pages", "too_many", message)
    for codes in ([page.code for page in document.pages], [one.code for one in questions]):
        for code, count in Counter(codes).items():
            if count > 1:
                yield Problem(code, "twice", _("the code stands twice; give one of them another"))


def _main(document: SurveyDocument) -> Iterator[Problem]:
    if not document.title:
        yield Problem("title", "missing", _("give the survey a title in one language at least"))
    if not document.main:
        return
    question = document.question(document.main)
    if question is None or question.type not in fields.NUMBERS:
        yield Problem("main", "main", _("the main question has to be one of a number: NPS, CSAT, CES or a scale"))


def _pages(document: SurveyDocument) -> Iterator[Problem]:
    for page in document.pages:
        yield from _condition(document, page, page.show_if, page.code)
        for question in page.questions:
            yield from _question(question)
            yield from _condition(document, page, question.show_if, question.code)


def _condition(document: SurveyDocument, page: Page, condition: ConditionJson | None, place: str) -> Iterator[Problem]:
    if condition is None:
        return
    known = fields.catalogue(document, before=page.code)
    try:
        read(condition, known)
    except ConditionInvalidError as error:
        everything = fields.catalogue(document)
        for one in error.problems:
            if _can_be_read(condition, everything):
                message = _("asks for an answer that comes on the same page or later; move this one to a later page")
                yield Problem(place, "too_early", message)
                return
            yield Problem(place, one.code, one.message)


def _can_be_read(condition: ConditionJson, known: Catalogue) -> bool:
    try:
        read(condition, known)
    except ConditionInvalidError:
        return False
    return True


def _question(question: Question) -> Iterator[Problem]:
    code = question.code
    if not question.text:
        yield Problem(code, "missing", _("the question has no text; write it in one language at least"))
    least = {QuestionType.RANKING: 2, QuestionType.CHOICE: 2, QuestionType.CHOICES: 1}.get(question.type, 0)
    if len(question.options) + question.has_other < least:
        yield Problem(code, "options", _("give at least %(count)d options") % {"count": least})
    if question.options and question.type not in CHOOSING:
        yield Problem(code, "options", _("only questions to choose from have options"))
    if question.type is QuestionType.MATRIX and not question.rows:
        yield Problem(code, "rows", _("give at least one row"))
    if question.type is QuestionType.VALUE and not question.parts:
        yield Problem(code, "parts", _("choose at least one part of the value"))
    if question.is_driver and question.type not in fields.NUMBERS and question.type is not QuestionType.MATRIX:
        yield Problem(code, "driver", _("only a number can be a driver: a scale, a score or a matrix"))
    yield from _parts(question)
    yield from _measured(question)


def _parts(question: Question) -> Iterator[Problem]:
    for options in (question.options, question.rows, question.rivals):
        codes = [one.code for one in options]
        for code, count in Counter(codes).items():
            if count > 1:
                yield Problem(question.code, "twice", _("the option “%(code)s” stands twice") % {"code": code})
        for one in options:
            if not one.text:
                yield Problem(question.code, "missing", _("an option has no text; write it or remove it"))
        if OTHER in codes and question.has_other:
            yield Problem(question.code, "other", _("“other” is the code of “something else”; use another"))


def _measured(question: Question) -> Iterator[Problem]:
    wanted = (0, 10) if question.measures == "recommend" else (1, 5)
    is_number = question.type in fields.NUMBERS
    given = SCORE_RANGES.get(question.type, (question.low, question.high))
    if question.measures and not (is_number and given == wanted):
        message = _("what speaks for this indicator is a number from %(low)d to %(high)d; choose such a scale")
        yield Problem(question.code, "measures", message % {"low": wanted[0], "high": wanted[1]})
