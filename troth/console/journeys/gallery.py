"""Ready-made journeys to begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.care.journeys import queries as journeys
from troth.care.journeys.document.reading import as_text, draft_values
from troth.care.journeys.errors import JourneyNotFoundError

from .forms import fresh


@dataclass(frozen=True, slots=True)
class Starter:
    """A ready-made journey as the gallery shows it."""

    code: str
    name_en: str
    name_zh: str
    text: str
    purpose: str
    icon: str


def starters() -> list[Starter]:
    """Return every ready-made journey."""
    return []


def starter(code: str) -> Starter | None:
    """Return the ready-made journey of a code."""
    return next((one for one in starters() if one.code == code), None)


def renamed(chosen: Starter, head: Mapping[str, Any]) -> str:
    """Return the text of a ready-made journey under another code and name."""
    return as_text({**draft_values(chosen.text), **head})


def free_code(code: str) -> str:
    """Return a code that no journey has yet."""
    try:
        journeys.journey_by_code(code)
    except JourneyNotFoundError:
        return code
    return fresh(code, _codes())


def _codes() -> set[str]:
    return {one.code for one in journeys.journeys(states=["draft", "running", "paused", "stopped"])}
