"""Ready-made journeys in both languages, for companies to begin with: made as drafts, then theirs to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from troth.care.journeys.document.reading import read_document
from troth.care.journeys.errors import JourneyInvalidError, JourneyNotFoundError
from troth.kit.documents.errors import Problem
from troth.ledger import queries as ledger

_FOLDER = Path(__file__).parent
ORDER = (
    "welcome", "enquiry", "order-moments", "time-of-use", "first-repeat", "birthday", "lunar-birthday", "anniversary",
    "spring-festival", "mid-autumn", "points-expiring", "sleeping", "lost", "after-complaint", "after-low-score",
    "after-high-score", "new-product",
)  # fmt: skip
"""In which a customer might meet them."""


@dataclass(frozen=True, slots=True)
class Starter:
    """A journey to begin with. name, purpose: by language, "en" and "zh"."""

    code: str
    name: dict[str, str]
    purpose: dict[str, str]


@cache
def starters() -> tuple[Starter, ...]:
    """Return every ready-made journey."""
    return tuple(_starter(code) for code in ORDER)


def text_of(code: str) -> str:
    """Return the document of a ready-made journey, with the company's own points where it speaks of points.

    Raises:
        JourneyNotFoundError: there is none of this code.
    """
    if code not in ORDER:
        raise JourneyNotFoundError(code)
    points = next((one.code for one in ledger.currencies() if one.is_active), "")
    return _raw(code).replace("{currency}", points)


def missing(code: str) -> Sequence[Problem]:
    """Return what the company would have to make first, such as a template; nothing where it can begin at once.

    Raises:
        JourneyNotFoundError: there is none of this code.
    """
    try:
        read_document(text_of(code))
    except JourneyInvalidError as error:
        return error.problems
    return ()


@cache
def _raw(code: str) -> str:
    return (_FOLDER / f"{code}.yaml").read_text(encoding="utf-8")


def _starter(code: str) -> Starter:
    values: dict[str, Any] = yaml.safe_load(_raw(code))
    return Starter(code, values["name"], values["description"])
