"""What customers write: words, keywords, themes and information, in Chinese and English. Nothing is downloaded.

Chinese is cut by jieba's own dictionary, English by a small tokenizer; both leave out words that say nothing. What sets
the words of bad scores apart from those of good ones is their log-odds with an informative Dirichlet prior (Monroe,
Colaresi and Quinn, Political Analysis 16, 2008, 372-403).
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from typing import Any

from troth.value.given import text as given_text
from troth.value.given import whole
from troth.value.terms import require
from troth.value.voice.lexicon import ENGLISH_STOP, HAN_STOP, INFORMATION, THEMES, THEMES_HAN

__all__ = ["Information", "Keyword", "information", "keywords", "themes", "words"]

_HAN = re.compile(r"[㐀-䶿一-鿿]+")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
MOST_CHARACTERS = 4000
SURE = 1.96


@cache
def _cutter() -> Any:
    import jieba  # noqa: PLC0415  its dictionary takes a second to read: only who cuts Chinese waits

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


def words(text: str) -> list[str]:
    """Return the words of a text that say something, in order: English in small letters without a plural's s.

    Chinese is cut by jieba. What stands beyond 4,000 characters is left out. No text raises anything; what is none
    raises `TermsError`.
    """
    lowered = _lowered(text)
    found: list[tuple[int, str]] = []
    for match in _HAN.finditer(lowered):
        place = match.start()
        found += [(place, word) for word in _cutter().lcut(match.group()) if len(word) > 1 and word not in HAN_STOP]
    for match in _WORD.finditer(lowered):
        word = _singular(match.group())
        if len(word) > 2 and word not in ENGLISH_STOP:
            found.append((match.start(), word))
    return [word for _place, word in sorted(found, key=lambda one: one[0])]


def _lowered(text: str) -> str:
    return given_text("text", text)[:MOST_CHARACTERS].lower()


def _singular(word: str) -> str:
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word with the number of texts that have it. lean: its log-odds of bad against good texts in standard errors,
    above 1.96 it is a word of the dissatisfied, below -1.96 of the satisfied; None where scores are not known.
    """

    word: str
    texts: int
    lean: float | None


def keywords(texts: Sequence[str], is_bad: Sequence[bool | None] | None = None, *, most: int = 40) -> list[Keyword]:
    """Return the commonest words, each counted once a text; is_bad: of each text, None for neither.

    How far a word leans is its log-odds with an informative prior (Monroe, Colaresi and Quinn, Political Analysis 16,
    2008).

    Raises:
        TermsError: not as many sides as texts, a side that is neither true, false nor None, most below 1, what is no
            text.
    """
    require(not isinstance(texts, str), "texts", texts, "must be a list of texts")
    whole("most", most)
    sides = list(is_bad) if is_bad is not None else [None] * len(texts)
    require(len(sides) == len(texts), "is_bad", len(sides), f"must be {len(texts)}, one a text")
    for side in sides:
        require(side is None or side in (True, False), "is_bad", side, "must be true, false, or None for neither")
    every, bad, good = Counter[str](), Counter[str](), Counter[str]()
    for text, side in zip(texts, sides, strict=True):
        found = set(words(text))
        every.update(found)
        if side is not None:
            (bad if side else good).update(found)
    leans = _leans(every, bad, good)
    ranked = sorted(every.items(), key=lambda one: (-one[1], one[0]))[:most]
    return [Keyword(word, count, leans.get(word)) for word, count in ranked]


def _leans(every: Counter[str], bad: Counter[str], good: Counter[str]) -> dict[str, float]:
    """Return for each word how far it leans to the bad texts; nothing if either side is empty."""
    total, in_bad, in_good = sum(every.values()), sum(bad.values()), sum(good.values())
    if not in_bad or not in_good:
        return {}
    prior = min(in_bad, in_good)
    found = {}
    for word, count in every.items():
        own = prior * count / total
        here, there = bad[word] + own, good[word] + own
        odds = log(here / (in_bad + prior - here)) - log(there / (in_good + prior - there))
        found[word] = odds / sqrt(1 / here + 1 / there)
    return found


def themes(text: str) -> set[str]:
    """Return the themes a text speaks of, by the words of `lexicon.THEMES`. What is no text raises `TermsError`."""
    lowered = _lowered(text)
    english = {_singular(word) for word in _WORD.findall(lowered)}
    found = {theme for theme, signs in THEMES.items() if english & signs}
    return found | {theme for theme, signs in THEMES_HAN.items() if any(sign in lowered for sign in signs)}


@dataclass(frozen=True, slots=True)
class Information:
    """What a text tells us. kind: need, idea, competitor or praise; sign: the words that say so."""

    kind: str
    sign: str


def information(text: str, *, rivals: Iterable[str] = ()) -> list[Information]:
    """Return what a text tells us by rule, each kind at most once, with the words that gave it away.

    rivals: names of competitors, a list. What is no text raises `TermsError`.
    """
    lowered = _lowered(text)
    require(not isinstance(rivals, str), "rivals", rivals, "must be a list of names")
    names = [given_text("rivals", name).strip().lower() for name in rivals]
    named = [name for name in names if len(name) > 1]
    signs: Mapping[str, Sequence[str]] = {**INFORMATION, "competitor": [*named, *INFORMATION["competitor"]]}
    found = []
    for kind, candidates in signs.items():
        sign = next((one for one in candidates if _has(lowered, one)), None)
        if sign is not None:
            found.append(Information(kind, sign))
    return found


def _has(text: str, sign: str) -> bool:
    """Tell whether a text has the sign: English ones as whole words, and nothing that is denied just before."""
    if not sign.isascii():
        place = text.find(sign)
        return place >= 0 and not text[max(place - 2, 0) : place].endswith(("不", "没", "没有", "并不", "不太"))
    match = re.search(rf"(?<![a-z]){re.escape(sign)}(?![a-z])", text)
    return match is not None and not re.search(r"(?:\bnot|n't|\bnever|\bno)\s+(?:\w+\s+)?$", text[: match.start()])
