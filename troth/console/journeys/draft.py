"""The draft that the editor works on: its text, its plain values, what is wrong with it; and changes of one part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.care.journeys import queries as journeys
from troth.care.journeys import services
from troth.care.journeys.document.kinds import STEP_KINDS
from troth.care.journeys.document.reading import draft_values, read_document
from troth.care.journeys.document.shapes import FIXED_LISTS
from troth.care.journeys.errors import JourneyInvalidError
from troth.care.models import Journey
from troth.console.numbers import whole
from troth.console.programmes.patching import move, put
from troth.kit.documents.errors import Problem

from . import places
from .flow import Drawer, Flow
from .forms import fresh
from .names import ENTRY_KINDS, Names, named
from .places import Place

__all__ = ["ENTRY_KINDS", "Draft", "Names", "draft_of", "named", "problems_of", "save"]


@dataclass(frozen=True)
class Draft:
    """A journey's next version as text. is_kept: it is saved as a draft, and not only what is published."""

    journey: Journey
    text: str
    is_kept: bool

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the plain values; of a text that cannot be read, nothing."""
        try:
            return draft_values(self.text)
        except JourneyInvalidError:
            return {}

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Return everything that keeps the text from being a journey."""
        return problems_of(self.text)

    @property
    def is_readable(self) -> bool:
        """Return whether its parts can be shown at all."""
        return bool(self.values)

    @cached_property
    def names(self) -> Names:
        """Return the names of its codes."""
        return Names(event_of(self.values))

    def flow(self) -> Flow:
        """Return its steps as a tree."""
        return Drawer(self.values, self.names, self.problems).flow()

    def part(self, place: Place) -> Any:
        """Return what stands at a place."""
        return places.found(self.values, place)

    def step_ids(self) -> set[str]:
        """Return the ids in use, those of the published version too: an id is never given to another step."""
        found = set(_ids(self.values.get("steps")))
        newest = journeys.versions(self.journey.id).first()
        return found | (set(_ids(newest.document.get("steps"))) if newest else set())


def draft_of(journey: Journey) -> Draft:
    """Return the draft of a journey; of one without, the text of the version in force."""
    if journey.has_draft:
        return Draft(journey, journey.draft_text, is_kept=True)
    newest = journeys.versions(journey.id).first()
    return Draft(journey, newest.text if newest else "", is_kept=False)


def problems_of(text: str) -> tuple[Problem, ...]:
    """Return what keeps a text from being a journey."""
    try:
        read_document(text)
    except JourneyInvalidError as error:
        return error.problems
    return ()


def event_of(values: Mapping[str, Any]) -> str:
    """Return the event that lets people in, "" where none does."""
    entry = values.get("entry")
    event = entry.get("event") if isinstance(entry, dict) and entry.get("type") == "event" else ""
    return str(event or "")


def with_part(draft: Draft, place: Place, part: Mapping[str, Any]) -> str:
    """Return the text with one part changed. An empty place is the whole: only the keys that differ are written."""
    text = draft.text
    if place:
        return put(text, place, dict(part))
    for key in [*part, *(key for key in draft.values if key not in part)]:
        if part.get(key) != draft.values.get(key):
            text = put(text, (key,), part.get(key))
    return text


def with_new(draft: Draft, listed: Place, index: int, part: Mapping[str, Any]) -> str:
    """Return the text with a part put into a list before the one at an index."""
    before = draft.part(listed)
    items = list(before) if isinstance(before, list) else []
    return put(draft.text, listed, [*items[:index], dict(part), *items[index:]])


def without(draft: Draft, place: Place) -> str:
    """Return the text without a part; an optional list that becomes empty goes with it."""
    listed = draft.part(place[:-1])
    is_last = isinstance(place[-1], int) and isinstance(listed, list) and len(listed) == 1
    return put(draft.text, place[:-1] if is_last and place[:-1] != ("steps",) else place, None)


def moved(draft: Draft, place: Place, by: int) -> str:
    """Return the text with a part moved up or down in its list. Raises LookupError."""
    return move(draft.text, place, by)


def new_step(kind: str, taken: set[str]) -> dict[str, Any]:
    """Return a step to begin with."""
    step: dict[str, Any] = {"id": fresh(kind.replace("_", "-"), taken), "type": kind}
    ways = STEP_KINDS[kind].ways
    if ways == "ways":
        step["ways"] = [{"code": "way-1", "when": {"all": []}, "steps": []}]
    if ways == "arms":
        step["arms"] = [
            {"code": "arm-1", "name": {"en": "Contacted", "zh": "触达组"}, "share": 90, "steps": []},
            {
                "code": "control",
                "name": {"en": "Control", "zh": "对照组"},
                "share": 10,
                "is_control": True,
                "steps": [],
            },
        ]
    if kind == "wait":
        step["days"] = 1
    if kind == "wait_for":
        step["days"] = 7
    return step


def save(*, actor: Actor, now: datetime, journey_id: UUID, text: str, revision: str) -> Journey:
    """Keep a text as the draft; refused where somebody saved since it was opened."""
    return services.save_draft(
        actor=actor,
        now=now,
        journey_id=journey_id,
        text=text,
        expected_revision=whole(revision),
    )


def step_lists(part: Any) -> list[Place]:
    """Return where lists of steps stand within a step or a way."""
    if not isinstance(part, dict):
        return []
    found: list[Place] = [(key,) for key in ("steps", *FIXED_LISTS) if part.get(key)]
    for key in ("ways", "arms"):
        ways = part.get(key)
        found += [(key, index, "steps") for index in range(len(ways) if isinstance(ways, list) else 0)]
    return found


def inner_ids(part: Any) -> list[str]:
    """Return the ids of all steps within a part."""
    return [one for path in step_lists(part) for one in _ids(places.found(part, path))]


def _ids(steps: Any) -> list[str]:
    listed = [one for one in steps if isinstance(one, dict)] if isinstance(steps, list) else []
    return [found for one in listed for found in (str(one.get("id", "")), *inner_ids(one))]
