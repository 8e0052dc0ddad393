"""A published version made ready: where each step leads, conditions as trees."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from troth.care.models import JourneyVersion
from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import Condition

from .document import shapes
from .document.reading import stored_document
from .document.shapes import AnyStep, JourneyDocument, lists_of, walk
from .fields import catalogue_of, event_catalogue

ANSWERED = "voice.survey.answered"
END = ""
"""Where the last step leads."""


@dataclass(frozen=True, slots=True)
class Node:
    """A step with where it leads, always further down. ways: the first step of each way, by its code; conditions:
    those of a branch, or of an awaited event; place: how far down the document it stands.
    """

    step: AnyStep
    place: int
    next: str
    ways: Mapping[str, str]
    conditions: tuple[tuple[str, Condition], ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledExit:
    """An exit. condition: None where an event leads out."""

    code: str
    condition: Condition | None
    event: str
    same_key: str


@dataclass(frozen=True, slots=True)
class CompiledJourney:
    """A version of a journey, ready to be gone through. fields: what its conditions may ask."""

    journey_id: UUID
    version_id: UUID
    number: int
    document: JourneyDocument
    fields: Catalogue
    nodes: Mapping[str, Node]
    first: str
    audience: Condition | None
    exits: tuple[CompiledExit, ...]

    @property
    def code(self) -> str:
        """Return the journey's code."""
        return self.document.journey

    @property
    def group(self) -> str:
        """Return what control groups and caps go by: the document's group, else the journey itself."""
        return self.document.group or self.document.journey

    def events(self) -> Iterator[str]:
        """Yield the events that move whoever is under way."""
        for node in self.nodes.values():
            if isinstance(node.step, shapes.WaitFor):
                yield node.step.event
            elif isinstance(node.step, shapes.AskSurvey):
                yield ANSWERED
        yield from (found.event for found in self.exits if found.event)
        if self.document.goal:
            yield self.document.goal.event


def compile_journey(document: JourneyDocument, *, journey_id: UUID, version_id: UUID, number: int) -> CompiledJourney:
    """Return a checked document ready to be gone through."""
    entry = document.entry
    fields = catalogue_of(entry.event if isinstance(entry, shapes.EventEntry) else "")
    nodes: dict[str, Node] = {}
    places = {step.id: place for place, (step, _path) in enumerate(walk(document.steps))}
    first = _compile(document.steps, END, fields, nodes, places)
    return CompiledJourney(
        journey_id=journey_id,
        version_id=version_id,
        number=number,
        document=document,
        fields=fields,
        nodes=nodes,
        first=first,
        audience=_condition(document.audience, fields),
        exits=tuple(
            CompiledExit(one.code, _condition(one.when, fields), one.event, one.same_key) for one in document.exits
        ),
    )


@lru_cache(maxsize=512)
def version(version_id: UUID) -> CompiledJourney:
    """Return a published version; it never changes, so it is read once a process."""
    row = JourneyVersion.objects.get(id=version_id)
    document = stored_document(row.document)
    return compile_journey(document, journey_id=row.journey_id, version_id=row.id, number=row.number)


def _compile(
    steps: tuple[AnyStep, ...], after: str, fields: Catalogue, nodes: dict[str, Node], places: Mapping[str, int]
) -> str:
    """Note every step of a list, from its end; return where whoever comes here begins."""
    for step in reversed(steps):
        ways = {code: _compile(within, after, fields, nodes, places) for code, _path, within in lists_of(step)}
        conditions: tuple[tuple[str, Condition], ...] = ()
        if isinstance(step, shapes.Branch):
            conditions = tuple((way.code, read(way.when, fields, is_stored=True)) for way in step.ways)
        if isinstance(step, shapes.WaitFor) and step.where is not None:
            conditions = (("happened", read(step.where, event_catalogue(step.event), is_stored=True)),)
        nodes[step.id] = Node(step, places[step.id], END if step.type == "end" else after, ways, conditions)
        after = step.id
    return after


def _condition(raw: shapes.ConditionJson | None, fields: Catalogue) -> Condition | None:
    return None if raw is None else read(raw, fields, is_stored=True)
