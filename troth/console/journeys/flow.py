"""A journey as a tree for the screen: steps below each other, ways beside each other, with words and problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from troth.care.journeys.document.kinds import Kind
from troth.care.journeys.queries import StepCount
from troth.kit.documents.errors import Problem

from . import outcomes, telling
from .names import STEP_KINDS, Names, named
from .places import Place, holds, written


@dataclass(frozen=True, slots=True)
class Node:
    """A step. place: its address; problems: what is wrong in it, outside the steps of its ways."""

    place: str
    id: str
    icon: str
    kind: str
    kind_label: str
    title: str
    text: str
    lanes: "Sequence[Lane]"
    problems: Sequence[Problem]
    is_first: bool
    is_last: bool
    is_readable: bool = True
    is_growing: bool = False
    count: StepCount | None = None
    outcomes: Sequence[tuple[str, str, int]] = ()

    @property
    def is_the_end(self) -> bool:
        """Tell whether the way ends here, so that a step below would never be reached."""
        return self.is_last and self.kind == "end"


@dataclass(frozen=True, slots=True)
class Lane:
    """A way out of a step. place: of its form, "" where it has none; list_place: of its steps."""

    place: str
    list_place: str
    label: str
    text: str
    share: int | None
    is_control: bool
    nodes: Sequence[Node]
    problems: Sequence[Problem]
    count: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """All steps of a document, and the problems that no step owns."""

    nodes: Sequence[Node]
    problems: Sequence[Problem] = field(default_factory=tuple)

    @property
    def list_place(self) -> str:
        """Return the address of the first list of steps."""
        return "steps"


class Drawer:
    """Draws the tree of one document. counts: by the step's id, None where nobody can be in it."""

    def __init__(
        self,
        values: Mapping[str, Any],
        names: Names,
        problems: Sequence[Problem] = (),
        counts: Mapping[str, StepCount] | None = None,
    ) -> None:
        self.values = values
        self.names = names
        self.problems = problems
        self.counts = counts

    def flow(self) -> Flow:
        """Return the tree."""
        return Flow(self._nodes(self.values.get("steps"), ("steps",)), self.problems)

    def _nodes(self, steps: Any, place: Place) -> list[Node]:
        found = list(steps) if isinstance(steps, list | tuple) else []
        return [self._node(one, (*place, index), len(found)) for index, one in enumerate(found)]

    def _node(self, step: Any, place: Place, length: int) -> Node:
        index = place[-1]
        assert isinstance(index, int), "steps stand in lists"
        values = step if isinstance(step, dict) else {}
        kind = STEP_KINDS.get(str(values.get("type", "")))
        if kind is None:
            return Node(
                place=written(place), id=str(values.get("id", "")), icon="alert-circle", kind="", kind_label="",
                title=_("This step cannot be read"), text=_("Mend it in the text."), lanes=(),
                problems=self._own(place, ()), is_first=index == 0, is_last=index == length - 1, is_readable=False,
            )  # fmt: skip
        step_id = str(values.get("id", ""))
        lanes = self._lanes(values, kind.ways, place)
        inner = [lane_place for _lane, lane_place in lanes]
        count = self.counts.get(step_id, StepCount()) if self.counts is not None else None
        return Node(
            place=written(place),
            id=step_id,
            icon=kind.icon,
            kind=kind.code,
            kind_label=str(kind.label),
            title=named(values.get("name")),
            text=telling.step(values, self.names),
            lanes=[lane for lane, _place in lanes],
            problems=self._own(place, inner),
            is_first=index == 0,
            is_last=index == length - 1,
            is_growing=kind.ways == "ways",
            count=count,
            outcomes=_outcomes(count, kind) if count else (),
        )

    def _own(self, place: Place, inner: Sequence[Place]) -> list[Problem]:
        """Return the problems at a place that lie in none of the inner ones."""
        return [
            one for one in self.problems if holds(place, one.path) and not any(holds(part, one.path) for part in inner)
        ]

    def _lanes(self, values: Mapping[str, Any], ways: str, place: Place) -> list[tuple[Lane, Place]]:
        step_id = str(values.get("id", ""))
        if ways == "fixed":
            labels = STEP_KINDS[str(values["type"])].way_codes
            return [self._plain(values, step_id, code, str(label), place) for code, label in labels.items()]
        if ways == "ways":
            listed = self._listed(values, step_id, "ways", place)
            label = str(STEP_KINDS["branch"].way_codes["otherwise"])
            return [*listed, self._plain(values, step_id, "otherwise", label, place)]
        return self._listed(values, step_id, "arms", place) if ways == "arms" else []

    def _plain(
        self, values: Mapping[str, Any], step_id: str, code: str, label: str, place: Place
    ) -> tuple[Lane, Place]:
        at = (*place, code)
        lane = Lane(
            place="", list_place=written(at), label=label, text="", share=None, is_control=False,
            nodes=self._nodes(values.get(code), at), problems=(), count=self._taken(step_id, code), code=code,
        )  # fmt: skip
        return lane, at

    def _listed(self, values: Mapping[str, Any], step_id: str, key: str, place: Place) -> list[tuple[Lane, Place]]:
        found = values.get(key)
        listed = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return [self._way(one, step_id, (*place, key, index)) for index, one in enumerate(listed)]

    def _way(self, way: Mapping[str, Any], step_id: str, at: Place) -> tuple[Lane, Place]:
        code = str(way.get("code", ""))
        is_arm = at[-2] == "arms"
        within = (*at, "steps")
        share = way.get("share") if isinstance(way.get("share"), int) else None
        lane = Lane(
            place="" if is_arm else written(at),
            list_place=written(within),
            label=named(way.get("name")) or code,
            text="" if is_arm else self.names.condition(way.get("when")) or _("No condition yet"),
            share=share,
            is_control=bool(way.get("is_control")),
            nodes=self._nodes(way.get("steps"), within),
            problems=[] if is_arm else self._own(at, [within]),
            count=self._taken(step_id, code),
            code=code,
        )
        # A way's own problems stand at the way, those of an arm at its split.
        return lane, within if is_arm else at

    def _taken(self, step_id: str, code: str) -> int | None:
        return self.counts.get(step_id, StepCount()).outcomes.get(code, 0) if self.counts is not None else None


def _outcomes(count: StepCount, kind: Kind) -> list[tuple[str, str, int]]:
    """Return what came of a step, the most frequent first; where all came to the same end there is nothing to tell.

    Of a step with ways only what is no way taken: those stand at their ways.
    """
    if kind.ways not in ("", "fixed"):
        return []
    listed = [one for one in count.outcomes.items() if one[0] not in kind.way_codes]
    found = sorted(listed, key=lambda one: -one[1])
    if len(found) == 1 and found[0][0] == "done":
        return []
    return [(code, outcomes.word(code), number) for code, number in found]
