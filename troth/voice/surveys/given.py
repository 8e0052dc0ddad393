"""From what somebody sent to answers that fit their questions: of a form, or of the API. Pure.

Raw values: a number for scores and scales; a code for a choice, or {"choice": "other", "text": "…"}; a list of
codes for several choices ({"choices": […], "text": "…"} with "something else") and, best first, for a ranking;
{"row": number} for a matrix; {"us": {"product": 8}} for delivered value; {"with": "like", "without": "dislike"} for
Kano; words for a text.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .document.shapes import KANO_HALVES, KANO_STEPS, MAX_TEXT, OTHER, Question, QuestionType
from .errors import AnswerRefusedError, Problem

US = "us"
MAX_OTHER = 300


@dataclass(frozen=True, slots=True)
class Given:
    """One answer, as it is stored: see `Answer`."""

    question: str
    item: str = ""
    number: int | None = None
    choice: str = ""
    text: str = ""


class _Wrong(Exception):
    """A raw value does not fit; the argument says why."""


def read_answers(questions: Mapping[str, Question], raw: Mapping[str, Any]) -> list[Given]:
    """Return the answers that raw values by question code state; what is empty was not answered.

    Raises:
        AnswerRefusedError: a code that is no question, or values that do not fit; each is named.
    """
    found: list[Given] = []
    problems: list[Problem] = []
    for code, value in raw.items():
        question = questions.get(str(code))
        if question is None:
            problems.append(Problem(str(code)[:40], "unknown", _("is no question of this survey")))
            continue
        if value is None or value in ("", [], {}):
            continue
        try:
            found.extend(_READERS[question.type](question, value))
        except _Wrong as error:
            problems.append(Problem(question.code, "value", str(error)))
    if problems:
        raise AnswerRefusedError(problems)
    return found


def from_form(question: Question, fields: Mapping[str, str], several: Callable[[str], list[str]]) -> Any:
    """Return the raw value of a question from a posted form: fields are named q.<code>, with .<item> for parts."""
    name = f"q.{question.code}"
    items = {key[len(name) + 1 :]: value for key, value in fields.items() if key.startswith(f"{name}.") and value}
    match question.type:
        case QuestionType.CHOICES:
            return {"choices": several(name), "text": items.get("text", "")}
        case QuestionType.CHOICE:
            return {"choice": fields.get(name, ""), "text": items.get("text", "")}
        case QuestionType.RANKING:
            return {code: rank for code, rank in items.items() if rank}
        case QuestionType.VALUE:
            found: dict[str, dict[str, str]] = {}
            for key, value in items.items():
                who, _dot, part = key.partition(".")
                found.setdefault(who, {})[part] = value
            return found
        case QuestionType.MATRIX | QuestionType.KANO:
            return items
        case _:
            return fields.get(name, "")


def _shown(value: Any) -> str:
    """Return what was sent, cut, as it may stand in a sentence."""
    return str(value)[:40].encode("utf-8", "replace").decode()


def _number(question: Question, value: Any) -> Iterator[Given]:
    yield Given(question.code, number=_whole(question, value))


def _whole(question: Question, value: Any) -> int:
    low, high = question.range
    is_text = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 3
    if isinstance(value, bool) or not (isinstance(value, int) or is_text):
        raise _Wrong(_("choose a number from %(low)d to %(high)d") % {"low": low, "high": high})
    number = int(value)
    if not low <= number <= high:
        raise _Wrong(_("%(value)d is outside %(low)d to %(high)d") % {"value": number, "low": low, "high": high})
    return number


def _codes(question: Question) -> set[str]:
    return {one.code for one in question.options} | ({OTHER} if question.has_other else set())


def _known(question: Question, code: Any) -> str:
    if not isinstance(code, str) or code not in _codes(question):
        raise _Wrong(_("“%(code)s” is none of the options") % {"code": _shown(code)})
    return code


def _choice(question: Question, value: Any) -> Iterator[Given]:
    code, text = (value.get("choice"), value.get("text")) if isinstance(value, Mapping) else (value, "")
    if code in ("", None):
        return
    yield Given(question.code, choice=_known(question, code), text=_words(text, MAX_OTHER) if code == OTHER else "")


def _choices(question: Question, value: Any) -> Iterator[Given]:
    codes, text = (value.get("choices"), value.get("text")) if isinstance(value, Mapping) else (value, "")
    if not isinstance(codes, list):
        raise _Wrong(_("give a list of options"))
    if question.most and len(set(map(str, codes))) > question.most:
        raise _Wrong(_("choose at most %(count)d") % {"count": question.most})
    for code in sorted({_known(question, code) for code in codes}):
        yield Given(question.code, item=code, choice=code, text=_words(text, MAX_OTHER) if code == OTHER else "")


def _ranking(question: Question, value: Any) -> Iterator[Given]:
    if isinstance(value, Mapping):  # of a form: a place for each option
        places = {_known(question, code): _place(question, place) for code, place in value.items()}
        if len(set(places.values())) < len(places):
            raise _Wrong(_("two options have the same place; give each its own"))
        value = sorted(places, key=places.__getitem__)
    if not isinstance(value, list) or len({str(code) for code in value}) < len(value):
        raise _Wrong(_("give the options in order, each once"))
    for place, code in enumerate(value, 1):
        yield Given(question.code, item=_known(question, code), number=place)


def _place(question: Question, place: Any) -> int:
    most = len(_codes(question))
    if not str(place).isascii() or not str(place).isdigit() or not 1 <= int(str(place)[:3]) <= most:
        raise _Wrong(_("places run from 1 to %(count)d") % {"count": most})
    return int(str(place)[:3])


def _matrix(question: Question, value: Any) -> Iterator[Given]:
    rows = {one.code for one in question.rows}
    for row, number in _mapping(value).items():
        if row not in rows:
            raise _Wrong(_("“%(code)s” is none of the rows") % {"code": _shown(row)})
        yield Given(question.code, item=row, number=_whole(question, number))


def _value(question: Question, value: Any) -> Iterator[Given]:
    rated = {US, *(one.code for one in question.rivals)}
    for who, parts in _mapping(value).items():
        if who not in rated:
            raise _Wrong(_("“%(code)s” is nobody rated here") % {"code": _shown(who)})
        for part, number in _mapping(parts).items():
            if part not in question.parts:
                raise _Wrong(_("“%(code)s” is none of the rows") % {"code": _shown(part)})
            yield Given(question.code, item=f"{who}:{part}", number=_whole(question, number))


def _kano(question: Question, value: Any) -> Iterator[Given]:
    for half, step in _mapping(value).items():
        if half not in KANO_HALVES or step not in KANO_STEPS:
            raise _Wrong(_("choose one of the five answers for each half"))
        yield Given(question.code, item=half, choice=step)


def _text(question: Question, value: Any) -> Iterator[Given]:
    if words := _words(value, MAX_TEXT):
        yield Given(question.code, text=words)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _Wrong(_("give an answer for each row by its code"))
    return value


def _words(value: Any, limit: int) -> str:
    """Return words without what is no sign of writing; new lines and tabs stay."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Wrong(_("write it in words"))
    if len(value) > limit:
        raise _Wrong(_("%(count)d characters are too many; at most %(limit)d") % {"count": len(value), "limit": limit})
    kept = [sign for sign in value.replace("\r\n", "\n") if sign in "\n\t" or unicodedata.category(sign) not in _UNSEEN]
    return "".join(kept).strip()


_UNSEEN = ("Cc", "Cs", "Co", "Cn")

_READERS: Mapping[QuestionType, Callable[[Question, Any], Iterator[Given]]] = {
    QuestionType.NPS: _number,
    QuestionType.CSAT: _number,
    QuestionType.CES: _number,
    QuestionType.SCALE: _number,
    QuestionType.CHOICE: _choice,
    QuestionType.CHOICES: _choices,
    QuestionType.RANKING: _ranking,
    QuestionType.MATRIX: _matrix,
    QuestionType.VALUE: _value,
    QuestionType.KANO: _kano,
    QuestionType.TEXT: _text,
}
"""A sheet that was answered whole or in part: how each kind of question is read."""


def is_answered(question: Question, given: list[Given]) -> bool:
    """Tell whether a question has its whole answer: every row of a matrix, both halves of a pair."""
    mine = [one for one in given if one.question == question.code]
    if question.type is QuestionType.MATRIX:
        return len(mine) == len(question.rows)
    if question.type is QuestionType.KANO:
        return len(mine) == len(KANO_HALVES)
    if question.type is QuestionType.VALUE:
        return {f"{US}:{part}" for part in question.parts} <= {one.item for one in mine}
    if question.type is QuestionType.RANKING:
        return len(mine) == len(_codes(question))
    return bool(mine)
