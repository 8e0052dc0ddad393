"""Events of tasks."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_TASK = {"task": "id", "kind": "code", "source": "what it was made for, or empty"}

declare(
    EventType("worklist.task.created", _("Task made"), _TASK, icon="checklist"),
    EventType("worklist.task.taken", _("Task taken"), {**_TASK, "member": "id"}, icon="user-check", on_timeline=False),
    EventType(
        "worklist.task.assigned",
        _("Task assigned"),
        {**_TASK, "member": "id or empty", "team": "code or empty"},
        icon="user-share",
        on_timeline=False,
    ),
    EventType(
        "worklist.task.attempted",
        _("Task tried"),
        {**_TASK, "outcome": "code", "member": "id or empty", "attempt": "how many so far"},
        icon="phone-call",
    ),
    EventType(
        "worklist.task.completed",
        _("Task done"),
        {**_TASK, "outcome": "code", "effect": "code", "member": "id or empty"},
        icon="circle-check",
    ),
    EventType("worklist.task.cancelled", _("Task cancelled"), {**_TASK, "reason": "code"}, icon="circle-x"),
    EventType("worklist.task.reopened", _("Task opened again"), _TASK, icon="rotate", on_timeline=False),
    EventType("worklist.team.saved", _("Team saved"), {"team": "code", "is_new": "or not"}, on_timeline=False),
    EventType("worklist.kind.saved", _("Kind of task saved"), {"kind": "code"}, on_timeline=False),
    EventType("worklist.script.saved", _("Call script saved"), {"script": "code"}, on_timeline=False),
    EventType(
        "worklist.script.published",
        _("Call script published"),
        {"script": "code", "version": "number"},
        on_timeline=False,
    ),
    EventType("worklist.plan.saved", _("Plan of return visits saved"), {"plan": "code"}, on_timeline=False),
    EventType(
        "worklist.plan.run",
        _("Return visits planned"),
        {"plan": "code", "calls": "count", "messages": "count", "self_service": "count"},
        on_timeline=False,
    ),
    EventType("worklist.feed.opened", _("Calendar address made"), {"member": "id"}, icon="calendar", on_timeline=False),
    EventType(
        "worklist.feed.closed", _("Calendar address withdrawn"), {"member": "id"}, icon="calendar", on_timeline=False
    ),
)
