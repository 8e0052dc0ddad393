"""Changes to a draft's plain values: pages and questions added, moved, removed; forms read. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from troth.voice.surveys.document.shapes import Part, QuestionType
from troth.voice.surveys.errors import SurveyRefusedError

MAX_CONDITION = 100_000
EMPTY_ROWS = 3
Draft = dict[str, Any]
WITH_OPTIONS = (QuestionType.CHOICE, QuestionType.CHOICES, QuestionType.RANKING)
WITH_SCALE = (QuestionType.SCALE, QuestionType.MATRIX)


def act(draft: Draft, posted: Mapping[str, str]) -> str:
    """Do one thing to a draft, in place; return the code of the question that was added, "" otherwise.

    Raises:
        SurveyRefusedError: nothing of the kind, or nothing of the code.
    """
    what, code = posted.get("act", ""), posted.get("code", "")
    if what == "add_page":
        pages = draft.setdefault("pages", [])
        pages.append({"code": _free("p", {one["code"] for one in pages}), "questions": []})
    elif what == "add_question":
        return _add_question(draft, code, posted.get("type", ""))
    elif what in ("page_up", "page_down"):
        _move(draft["pages"], code, -1 if what == "page_up" else 1)
    elif what == "page_remove":
        draft["pages"] = [one for one in draft["pages"] if one["code"] != code]
    elif what in ("up", "down"):
        _move_question(draft, code, -1 if what == "up" else 1)
    elif what == "remove":
        _remove_question(draft, code)
    else:
        raise SurveyRefusedError(_("Nothing of the kind can be done."), field="act", value=what[:40])
    return ""


def question_of(draft: Draft, code: str) -> Draft:
    """Return a question of a draft.

    Raises:
        SurveyRefusedError: none has the code.
    """
    for page in draft.get("pages", []):
        for one in page.get("questions", []):
            if one["code"] == code:
                found: Draft = one
                return found
    raise SurveyRefusedError(_("There is no question “%(code)s”.") % {"code": code[:40]}, field="code")


def page_of(draft: Draft, code: str) -> Draft:
    """Return a page of a draft.

    Raises:
        SurveyRefusedError: none has the code.
    """
    for page in draft.get("pages", []):
        if page["code"] == code:
            found: Draft = page
            return found
    raise SurveyRefusedError(_("There is no page “%(code)s”.") % {"code": code[:40]}, field="code")


def where(draft: Draft, code: str) -> str:
    """Return the code of the page that a question stands on."""
    return next(
        (page["code"] for page in draft["pages"] for one in page.get("questions", []) if one["code"] == code), ""
    )


def fill_question(question: Draft, posted: QueryDict) -> None:
    """Take over what a form says of a question; its code and type stay."""
    for name in ("text", "label", "hint", "low_text", "high_text"):
        _set(question, name, said(posted, name))
    question["is_required"] = "is_required" in posted
    question["is_driver"] = "is_driver" in posted
    question["has_other"] = "has_other" in posted
    question["measures"] = posted.get("measures", "")
    for name, low, high in (("low", 0, 9), ("high", 1, 10)):
        raw = posted.get(name, "")
        if raw.isascii() and raw.isdigit() and low <= int(raw[:3]) <= high:
            question[name] = int(raw)
    _set(question, "show_if", condition(posted.get("show_if", "")))
    for name in ("options", "rows", "rivals"):
        if f"{name}_code" in posted:
            question[name] = _options(posted, name)
    if question["type"] == QuestionType.VALUE:
        question["parts"] = [part.value for part in Part if part.value in posted.getlist("parts")]


def said(posted: Mapping[str, str], name: str) -> dict[str, str]:
    """Return a text in both languages."""
    pair = {"en": posted.get(f"{name}_en", "").strip()[:1000], "zh": posted.get(f"{name}_zh", "").strip()[:1000]}
    return {key: value for key, value in pair.items() if value}


def condition(raw: str) -> Any:
    """Return a condition from a form; None where there is none or it cannot be read."""
    try:
        found = json.loads(raw) if raw and len(raw) <= MAX_CONDITION else None
    except (ValueError, RecursionError):
        return None
    return None if found in ({"all": []}, {"any": []}) else found


def _set(target: Draft, name: str, value: Any) -> None:
    if value:
        target[name] = value
    else:
        target.pop(name, None)


def _options(posted: QueryDict, name: str) -> list[Draft]:
    """Return the options of a form's lines; a line without text is gone, a new one gets the next free code."""
    codes, english, chinese = (posted.getlist(f"{name}_{part}") for part in ("code", "en", "zh"))
    taken = {code for code in codes if code}
    found = []
    for code, en, zh in zip(codes, english, chinese, strict=False):
        text = {key: value for key, value in (("en", en.strip()[:1000]), ("zh", zh.strip()[:1000])) if value}
        if not text:
            continue
        own = code or _free("o", taken)
        taken.add(own)
        found.append({"code": own, "text": text})
    return found


def _add_question(draft: Draft, page: str, kind: str) -> str:
    if kind not in {one.value for one in QuestionType}:
        raise SurveyRefusedError(_("Nothing of the kind can be done."), field="type", value=kind[:40])
    taken = {one["code"] for found in draft["pages"] for one in found.get("questions", [])}
    code = _free("q", taken)
    question: Draft = {"code": code, "type": kind, "text": {}}
    if kind in WITH_OPTIONS:
        question["options"] = []
    page_of(draft, page).setdefault("questions", []).append(question)
    if not draft.get("main") and kind in (QuestionType.NPS, QuestionType.CSAT, QuestionType.CES):
        draft["main"] = code
    return code


def _move(rows: list[Draft], code: str, step: int) -> None:
    place = next((index for index, one in enumerate(rows) if one["code"] == code), None)
    if place is not None and 0 <= place + step < len(rows):
        rows[place], rows[place + step] = rows[place + step], rows[place]


def _move_question(draft: Draft, code: str, step: int) -> None:
    """Move a question within its page, or at its end to the page beside it."""
    pages = draft["pages"]
    for index, page in enumerate(pages):
        rows = page.get("questions", [])
        place = next((at for at, one in enumerate(rows) if one["code"] == code), None)
        if place is None:
            continue
        if 0 <= place + step < len(rows):
            _move(rows, code, step)
        elif 0 <= index + step < len(pages):
            beside = pages[index + step].setdefault("questions", [])
            beside.insert(0 if step > 0 else len(beside), rows.pop(place))
        return


def _remove_question(draft: Draft, code: str) -> None:
    for page in draft["pages"]:
        page["questions"] = [one for one in page.get("questions", []) if one["code"] != code]
    if draft.get("main") == code:
        draft["main"] = ""


def _free(stem: str, taken: set[str]) -> str:
    return next(code for number in range(1, 10_000) if (code := f"{stem}{number}") not in taken)
