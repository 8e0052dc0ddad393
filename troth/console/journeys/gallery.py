"""Ready-made journeys to begin with, as the gallery shows them."""

from dataclasses import dataclass
from typing import Any

from troth.care.journeys import queries as journeys
from troth.care.journeys import starters as ready_made
from troth.care.journeys.document.reading import draft_values
from troth.care.models import JourneyState
from troth.console.programmes.patching import put

from .forms import fresh
from .names import named

_ICONS = {
    "welcome": "user-plus",
    "enquiry": "message-circle",
    "order-moments": "truck-delivery",
    "time-of-use": "clock",
    "first-repeat": "rotate-clockwise",
    "birthday": "cake",
    "lunar-birthday": "moon",
    "anniversary": "confetti",
    "spring-festival": "gift",
    "mid-autumn": "moon",
    "points-expiring": "hourglass",
    "sleeping": "zzz",
    "lost": "heart-handshake",
    "after-complaint": "message-report",
    "after-low-score": "mood-sad",
    "after-high-score": "mood-smile",
    "new-product": "sparkles",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A ready-made journey: its name and purpose in the language in use, and both names."""

    code: str
    name: str
    purpose: str
    icon: str
    name_en: str
    name_zh: str


def cards() -> list[Card]:
    """Return every ready-made journey, in the order in which a customer might meet them."""
    return [_card(one) for one in ready_made.starters()]


def card(code: str) -> Card | None:
    """Return the ready-made journey of a code, None where there is none."""
    return next((one for one in cards() if one.code == code), None)


def _card(one: ready_made.Starter) -> Card:
    icon = _ICONS.get(one.code, "route")
    return Card(one.code, named(one.name), named(one.purpose), icon, one.name.get("en", ""), one.name.get("zh", ""))


def text_of(chosen: Card, code: str, name: dict[str, str]) -> str:
    """Return the text of a ready-made journey under a code and a name."""
    text = ready_made.text_of(chosen.code)
    for key, value in (("journey", code), ("name", name)):
        if draft_values(text).get(key) != value:
            text = put(text, (key,), value)
    return text


def free_code(code: str) -> str:
    """Return a code that no journey has yet."""
    taken = {one.code for one in journeys.journeys(states=list(JourneyState))}
    return code if code not in taken else fresh(code, taken)


def problems(chosen: Card) -> list[Any]:
    """Return what the company would have to make first, such as a template."""
    return list(ready_made.missing(chosen.code))
