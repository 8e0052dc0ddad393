"""A checklist as text that people write: a section begins with #, an item is "weight x points  what / 中文", "!" after
the points where nothing fails the visit.
"""

import re
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from troth.voice.visits.errors import ChecklistRefusedError
from troth.voice.visits.scoring import ChecklistDocument

_ITEM = re.compile(r"(\d{1,3})\s*[x×*]\s*(\d{1,2})\s*(!?)\s+(.+)")


def text_of(document: ChecklistDocument) -> str:
    """Return a checklist as text."""
    lines = []
    for section in document.sections:
        lines.append("# " + _both(section.title, section.title_zh))
        for item in section.items:
            mark = "!" if item.is_critical else ""
            lines.append(f"{item.weight} x {item.points}{mark} {_both(item.text, item.text_zh)}")
        lines.append("")
    return "\n".join(lines).strip()


def document_of(text: str, known: ChecklistDocument | None) -> dict[str, Any]:
    """Return the document that a text describes; an item whose words stay keeps its key, so that scores compare.

    Raises:
        ChecklistRefusedError: names the first line that cannot be read.
    """
    keys = {item.text: item.key for item in known.items} if known else {}
    used: set[str] = set()
    sections: list[dict[str, Any]] = []
    for number, line in enumerate((line.strip() for line in text.splitlines()), 1):
        if line.startswith("#"):
            title, title_zh = _parts(line.lstrip("# "))
            sections.append({"title": title, "title_zh": title_zh, "items": []})
        elif line:
            item = _item(line, number)
            item["key"] = _key(keys.get(item["text"]) or slugify(item["text"])[:36], used)
            if not sections:
                sections.append({"title": _("Checklist"), "title_zh": "检查表", "items": []})
            sections[-1]["items"].append(item)
    return {"sections": sections}


def _item(line: str, number: int) -> dict[str, Any]:
    match = _ITEM.fullmatch(line)
    if match is None:
        text = _(
            "Line %(number)d “%(line)s”: write weight x points and what to look at, such as: 3 x 5 Greeted at once"
        )
        raise ChecklistRefusedError(text % {"number": number, "line": line[:40]}, field="text", line=number)
    words, words_zh = _parts(match[4])
    return {
        "weight": int(match[1]),
        "points": int(match[2]),
        "is_critical": bool(match[3]),
        "text": words,
        "text_zh": words_zh,
    }


def _key(wanted: str, used: set[str]) -> str:
    base, number = wanted or "item", 1
    key = base
    while key in used:
        number += 1
        key = f"{base}-{number}"
    used.add(key)
    return key


def _both(english: str, chinese: str) -> str:
    return f"{english} / {chinese}" if chinese else english


def _parts(text: str) -> tuple[str, str]:
    english, _slash, chinese = text.partition(" / ")
    return english.strip(), chinese.strip()
