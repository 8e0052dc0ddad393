"""Moving people on, step by step until each of them has to wait: everybody at the same step at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from troth.care.models import RunState
from troth.kit.conditions.evaluating import holds
from troth.segments import queries as segments

from . import moments
from .acts import Done
from .asking import Asked, answers
from .chance import arm_of
from .compiled import ANSWERED, CompiledExit, CompiledJourney, Node
from .document import shapes
from .fields import event_catalogue, record_of
from .travelling import Happening, Traveller

UNANSWERED = "unanswered"


class World(Protocol):
    """What a walk changes and looks up outside of itself: the real one, or that of a rehearsal."""

    now: datetime
    asked_at: datetime  # of when conditions over the customer are answered

    def is_late(self, one: Traveller) -> bool:
        """Tell whether an act comes too late for somebody."""

    def act(self, step: Any, journey: CompiledJourney, travellers: Sequence[Traveller]) -> list[Done]:
        """Do what a step does to all of them; what came of it for each."""

    def start(self, journey: str, travellers: Sequence[Traveller]) -> list[Done]:
        """Put them into another journey."""

    def stop(self, journey: str, travellers: Sequence[Traveller]) -> list[Done]:
        """Take them out of another journey."""

    def happened(self, event: str, travellers: Sequence[Traveller]) -> Mapping[UUID, Sequence[Happening]]:
        """Return the events of this name of each run's person since it is at its step, oldest first, by run."""


def walk(travellers: Sequence[Traveller], world: World) -> None:
    """Move everybody on as far as they come by now."""
    _leave_by_exits(travellers, world)
    ready: dict[tuple[UUID, str], list[Traveller]] = defaultdict(list)
    places = _Places(travellers)
    for one in travellers:
        if not one.is_over:
            ready[one.journey.version_id, one.step].append(one)
    while ready:
        # The step furthest up first: whoever took another way there comes to the steps below in the same go.
        at = min(ready, key=lambda at: places[at])
        _version, step = at
        here = ready.pop(at)
        still = [one for one in here if not one.is_over]  # a step may have taken out somebody who came here
        if not still:
            continue
        journey = still[0].journey
        node = journey.nodes[step]
        for one in (_HANDLERS.get(node.step.type) or _act)(node, still, world):
            if not one.is_over:
                ready[journey.version_id, one.step].append(one)


class _Places(dict[tuple[UUID, str], tuple[int, UUID]]):
    """How far down its document a step stands."""

    def __init__(self, travellers: Sequence[Traveller]) -> None:
        super().__init__()
        self._journeys = {one.journey.version_id: one.journey for one in travellers}

    def __missing__(self, at: tuple[UUID, str]) -> tuple[int, UUID]:
        version_id, step = at
        self[at] = (self._journeys[version_id].nodes[step].place, version_id)
        return self[at]


def _leave_by_exits(travellers: Sequence[Traveller], world: World) -> None:
    by_journey: dict[UUID, list[Traveller]] = defaultdict(list)
    for one in travellers:
        if one.person.is_erased:
            one.end(RunState.EXITED, "erased")
        elif one.is_barred:
            one.end(RunState.EXITED, "automation_refused")
        elif any(found.condition for found in one.journey.exits):
            by_journey[one.journey.version_id].append(one)
    for here in by_journey.values():
        for found in here[0].journey.exits:
            if found.condition is not None:
                _leave_by(found, [one for one in here if not one.is_over], world)


def _leave_by(found: CompiledExit, here: Sequence[Traveller], world: World) -> None:
    if not here or found.condition is None:
        return
    held = answers(found.condition, _asked(here), here[0].journey.fields, world.asked_at)
    for one, is_leaving in zip(here, held, strict=True):
        if is_leaving:
            one.end(RunState.EXITED, found.code)


def _asked(here: Sequence[Traveller]) -> list[Asked]:
    return [Asked(one.person.records, one.facts) for one in here]


# --- one kind of step each; they return who goes on at once


def _wait(node: Node, here: Sequence[Traveller], world: World) -> list[Traveller]:
    step, gone = node.step, []
    assert isinstance(step, shapes.Wait)
    for one in here:
        until = one.moment if step.id in one.visited else moments.ends_at(step, one.step_at, one.person.zone)
        if until > world.now:
            one.rest(until)
            continue
        one.moment = max(until, one.moment)
        one.leave("done", node.next)
        gone.append(one)
    return gone


def _wait_for(node: Node, here: Sequence[Traveller], world: World) -> list[Traveller]:
    step, gone = node.step, []
    assert isinstance(step, shapes.WaitFor)
    found = world.happened(step.event, here)
    for one in here:
        value = one.entry_value if step.same_key else ""
        until = one.step_at + step.length
        event = first_of(found.get(one.run_id, []), one, node, until, value)
        if event is not None:
            one.woken_event_id = event.id
            one.moment = max(event.occurred_at, one.step_at)
            one.leave("happened", node.ways["happened"], {"event": str(event.id)})
        elif until > world.now:
            one.rest(until, step.event, value)
            continue
        else:
            one.moment = max(until, one.moment)
            one.leave("timed_out", node.ways["timed_out"])
        gone.append(one)
    return gone


def first_of(found: Sequence[Happening], one: Traveller, node: Node, until: datetime, value: str) -> Happening | None:
    """Return the first event that counts for somebody who waits: of the same occasion if asked, none that led here."""
    step = node.step
    assert isinstance(step, shapes.WaitFor)
    for event in found:
        if event.id in (one.woken_event_id, one.entry_event_id) or not one.step_at <= event.occurred_at <= until:
            continue
        is_same = not step.same_key or str(event.data.get(step.same_key, "")) == value
        if is_same and is_meant(node, event):
            return event
    return None


def is_meant(node: Node, event: Happening) -> bool:
    """Tell whether an awaited event has the data that the step asks for."""
    if not node.conditions:
        return True
    step = node.step
    assert isinstance(step, shapes.WaitFor)
    (_code, condition), *_none = node.conditions
    return holds(condition, record_of(event.data), event_catalogue(step.event), segments.as_of(event.occurred_at))


def _survey(node: Node, here: Sequence[Traveller], world: World) -> list[Traveller]:
    """Ask whoever comes here, then wait for the answer; whoever is spared goes on as if without one."""
    step = node.step
    assert isinstance(step, shapes.AskSurvey)
    late = {one: None for one in here if one.moment == one.step_at and world.is_late(one)}
    for one in late:
        one.leave("late", node.ways[UNANSWERED])
    found = world.happened(ANSWERED, here)
    answers = {one.run_id: _answer(found.get(one.run_id, []), one, step) for one in here if one not in late}
    staying = [one for one in here if one not in late]
    spared = _spared(node, step, [one for one in staying if _is_to_ask(one, step, answers, world)], world)
    waiting = [one for one in staying if one not in spared and not one.is_over]
    answered = [one for one in waiting if _by_score(node, step, one, answers[one.run_id], world)]
    return [*late, *spared, *answered]


def _is_to_ask(one: Traveller, step: shapes.AskSurvey, answers: Mapping[UUID, Happening | None], world: World) -> bool:
    """Tell whether to ask somebody: who has come here just now, and who still waits, in case that asking failed."""
    is_new = one.moment == one.step_at
    return is_new or (answers[one.run_id] is None and one.step_at + step.length > world.now)


def _spared(node: Node, step: shapes.AskSurvey, asked: Sequence[Traveller], world: World) -> dict[Traveller, None]:
    """Ask these, each once by its key however often they come by; return who is spared, on the way already."""
    spared: dict[Traveller, None] = {}
    for one, done in zip(asked, world.act(step, asked[0].journey, asked) if asked else (), strict=True):
        if done.outcome != "invited" and not one.is_over:
            one.leave(done.outcome, node.ways[UNANSWERED], done.detail)
            spared[one] = None
    return spared


def _by_score(node: Node, step: shapes.AskSurvey, one: Traveller, event: Happening | None, world: World) -> bool:
    """Send somebody on by the score, or without an answer once time is up; False for who still waits."""
    until = one.step_at + step.length
    if event is not None:
        one.woken_event_id, one.moment = event.id, max(event.occurred_at, one.step_at)
        is_bad, is_good = bool(event.data.get("is_detractor")), bool(event.data.get("is_promoter"))
        way = step.way_of(event.data.get("score"), is_bad=is_bad, is_good=is_good)
        one.leave(way, node.ways[way], {"event": str(event.id), "sheet": event.data.get("sheet", "")})
    elif until <= world.now:
        one.moment = max(until, one.moment)
        one.leave(UNANSWERED, node.ways[UNANSWERED])
    else:
        one.rest(until, ANSWERED, step.survey)
        return False
    return True


def _answer(found: Sequence[Happening], one: Traveller, step: shapes.AskSurvey) -> Happening | None:
    """Return the first answer to the survey since somebody came to the step, in time."""
    known, until = (one.woken_event_id, one.entry_event_id), one.step_at + step.length
    for event in found:
        is_in_time = one.step_at <= event.occurred_at <= until
        if is_in_time and event.id not in known and event.data.get("survey") == step.survey:
            return event
    return None


def _branch(node: Node, here: Sequence[Traveller], world: World) -> list[Traveller]:
    rest = list(here)
    for code, condition in node.conditions:
        if not rest:
            break
        held = answers(condition, _asked(rest), rest[0].journey.fields, world.asked_at)
        for one, is_meant_here in zip(rest, held, strict=True):
            if is_meant_here:
                one.leave(code, node.ways[code])
        rest = [one for one, is_gone in zip(rest, held, strict=True) if not is_gone]
    for one in rest:
        one.leave("otherwise", node.ways["otherwise"])
    return list(here)


def _split(node: Node, here: Sequence[Traveller], world: World) -> list[Traveller]:
    step = node.step
    assert isinstance(step, shapes.Split)
    for one in here:
        arm = arm_of(step, one.journey.code, one.person.id)
        one.leave(arm, node.ways[arm])
    return list(here)


def _end(node: Node, here: Sequence[Traveller], world: World) -> list[Traveller]:
    for one in here:
        one.leave("done", node.next)
    return []


def _act(node: Node, here: Sequence[Traveller], world: World) -> list[Traveller]:
    """Do the step's act to all but those for whom it comes too late or was done under an earlier version."""
    journey = here[0].journey
    meant = [one for one in here if not world.is_late(one) and node.step.id not in one.visited]
    done = dict(zip((one.run_id for one in meant), _done(node, journey, meant, world), strict=True)) if meant else {}
    for one in here:
        came = done.get(one.run_id)
        if not one.is_over:
            one.leave(came.outcome if came else "late", node.next, came.detail if came else None)
    return list(here)


def _done(node: Node, journey: CompiledJourney, meant: Sequence[Traveller], world: World) -> list[Done]:
    if isinstance(node.step, shapes.Start):
        return world.start(node.step.journey, meant)
    if isinstance(node.step, shapes.Stop):
        return world.stop(node.step.journey, meant)
    return world.act(node.step, journey, meant)


_HANDLERS: Mapping[str, Callable[[Node, Sequence[Traveller], World], list[Traveller]]] = {
    "wait": _wait,
    "wait_for": _wait_for,
    "survey": _survey,
    "branch": _branch,
    "split": _split,
    "end": _end,
}
