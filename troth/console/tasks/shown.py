"""Tasks as screens show them: names only for who may see them, everything in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console.components import Tab, TimelineItem, Tone
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest
from troth.customers import queries as customers
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist.models import ActKind, Effect, Task, TaskAct, TaskState
from troth.worklist.queries import Kind

STATE_TONES: dict[str, Tone] = {TaskState.OPEN: "brand", TaskState.DONE: "good", TaskState.CANCELLED: "neutral"}
ACT_ICONS = {
    ActKind.CREATED: "plus", ActKind.TAKEN: "user-check", ActKind.RELEASED: "arrow-back-up",
    ActKind.ASSIGNED: "user-share", ActKind.SNOOZED: "clock", ActKind.REMINDED: "bell", ActKind.ATTEMPTED: "phone-call",
    ActKind.COMPLETED: "circle-check", ActKind.CANCELLED: "circle-x", ActKind.REOPENED: "rotate",
    ActKind.COMMENTED: "note",
}  # fmt: skip
EFFECT_TONES: dict[str, Tone] = {Effect.DONE: "good", Effect.FAILED: "bad", Effect.AGAIN: "warn"}


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A row of a list."""

    task: Task
    kind: Kind
    title: str
    customer_id: UUID | None
    customer: str
    band: str
    band_label: str
    is_overdue: bool
    is_later: bool
    tone: Tone
    outcome: str


def title_of(task: Task, kind: Kind, actor: Actor) -> str:
    """Return what the task is; a title may name a person, so who may not see names reads the kind instead."""
    return task.title if actor.may(Permission.CUSTOMERS_VIEW_PERSONAL) else str(kind)


def shown_tasks(tasks: Iterable[Task], actor: Actor, now: datetime) -> list[ShownTask]:
    """Return the rows of a list, in four queries."""
    rows = list(tasks)
    kinds = worklist.kinds_by_code({task.task_kind for task in rows})
    records = {task.customer_id for task in rows if task.customer_id}
    canonical = customers.canonical_ids(records)
    people = customers.records(canonical.values())
    scores = worklist.bands_of(canonical.values()) if actor.may(Permission.INSIGHTS_VIEW) else {}
    is_open = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)
    found = []
    for task in rows:
        kind = kinds.get(task.task_kind) or worklist.kind_of(task.task_kind)
        who = canonical.get(task.customer_id) if task.customer_id else None
        band, label = scores.get(who, ("", "")) if who else ("", "")
        is_waiting = task.state == TaskState.OPEN
        found.append(
            ShownTask(
                task=task,
                kind=kind,
                title=title_of(task, kind, actor),
                customer_id=who,
                customer=shown_name(people[who], is_open) if who in people else "",
                band=band,
                band_label=label,
                is_overdue=is_waiting and task.due_at is not None and task.due_at < now,
                is_later=is_waiting and task.hidden_until is not None and task.hidden_until > now,
                tone=STATE_TONES[task.state],
                outcome=outcome_text(kind, task.outcome),
            )
        )
    return found


def outcome_text(kind: Kind, code: str) -> str:
    """Return an outcome in words; one that the kind no longer has stays its code."""
    return str(kind.outcome(code) or code)


def history(task: Task, kind: Kind, actor: Actor) -> list[TimelineItem]:
    """Return what was done with a task, newest first."""
    acts = list(worklist.acts_of(task.id)[:100])
    people = staff.people().in_bulk({act.member_id for act in acts if act.member_id})
    is_open = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)
    return [_item(act, kind, people, is_open) for act in acts]


def _item(act: TaskAct, kind: Kind, people: dict[UUID, Any], is_open: bool) -> TimelineItem:
    who = people.get(act.member_id) if act.member_id else None
    title = act.get_act_display()
    if act.outcome:
        title = f"{title}: {outcome_text(kind, act.outcome)}"
    return TimelineItem(
        at=act.occurred_at,
        title=title,
        icon=ACT_ICONS[ActKind(act.act)],
        text=act.note if is_open else "",
        actor=who.name if who else "",
        tone=EFFECT_TONES.get(act.effect, "neutral"),
    )


def answer_rows(task: Task, kind: Kind) -> list[tuple[str, str]]:
    """Return what was filled in: field and answer in words."""
    fields = {field.code: field for field in kind.fields}
    return [(str(fields.get(code, code)), answer_text(value)) for code, value in task.answers.items()]


def answer_text(value: Any) -> str:
    """Return an answer in words."""
    if value is True:
        return pgettext("answer", "Yes")
    if value is False:
        return pgettext("answer", "No")
    return choice_text(str(value))


def choice_text(choice: str) -> str:
    """Return a choice in words; those that the company made stand as it wrote them."""
    return {"pleased": _("pleased"), "neutral": _("neutral"), "annoyed": _("annoyed")}.get(choice, choice)


def area_tabs(request: ConsoleRequest, active: str) -> list[Tab]:
    """Return the tabs of the area's pages, as far as this person may open them."""
    tabs = [("index", _("Tasks")), ("results", _("Workload and results")), ("scripts", _("Call scripts"))]
    if request.actor.may(Permission.TASKS_ASSIGN):
        tabs += [("plans", _("Return visits")), ("teams", _("Teams")), ("kinds", _("Kinds of tasks"))]
    tabs.append(("calendar", _("My calendar")))
    return [Tab(label, reverse(f"tasks:{name}"), name == active) for name, label in tabs]
