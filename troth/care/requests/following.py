"""What technicians note in their tasks moves the request on."""

from datetime import datetime

from troth.access.actors import Actor
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist.models import Effect, Task, TaskState

from ..models import RequestState, ServiceRequest
from .handling import MOST_NOTE, move, write_note
from .steps import steps_of

SERVICE = "service"


def follow_tasks(*, actor: Actor, now: datetime, limit: int = 500) -> int:
    """Take every open request whose service task is done to the step after the visit; return how many went on.

    It looks at how things stand, not at what happened since when: run again, or after a crash, it comes to the same.
    """
    waiting = ServiceRequest.objects.filter(state=RequestState.OPEN, appointment_at__isnull=False)
    moved = 0
    for request in waiting.order_by("appointment_at", "id")[:limit]:
        steps = steps_of(request.steps)
        visits = [place for place, one in enumerate(steps) if one.needs == "appointment"]
        place = next(place for place, one in enumerate(steps) if one.code == request.step)
        if not visits or not place <= visits[-1] < len(steps) - 1:
            continue
        done = worklist.ended_for(f"request:{request.id}", key=f"request:{request.id}:{request.appointment_count}")
        if done is None or done.state != TaskState.DONE or worklist.effect_of(done) != Effect.DONE:
            continue
        try:
            for further in steps[place + 1 : visits[-1] + 2]:
                move(request.number, step=further.code, actor=actor, now=now)
            if note := "\n".join(filter(None, [done.note, *_answered(done)])):
                write_note(request.number, note=note[:MOST_NOTE], actor=actor, now=now)
        except TrothError:  # somebody else moved it meanwhile: the next round sees how it stands
            continue
        moved += 1
    return moved


def _answered(task: Task) -> list[str]:
    """Return what else was filled in, such as the parts used, each with what was asked."""
    is_chinese = staff.company().language.startswith("zh")
    labels = {one.code: (is_chinese and one.label_zh) or one.label for one in worklist.kind_of(task.task_kind).fields}
    return [f"{labels.get(code, code)}: {answer}" for code, answer in task.answers.items() if answer]
