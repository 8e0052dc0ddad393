"""Working through tasks: take, give back, assign, put off, note how it went, cancel. Of two at once, one gets it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import services as customers
from troth.customers.models import ConsentPurpose
from troth.events import services as events
from troth.events.services import NewEvent
from troth.staff import queries as staff
from troth.staff.models import StaffMember

from .errors import NoMemberError, TaskClosedError, TaskNotFoundError, TaskRefusedError, TaskTakenError
from .kinds import Kind, NoteField, Outcome, kind_of
from .making import event_data, note_acts
from .models import COMPANY_OWNER, ActKind, CallScript, Effect, Task, TaskState, Team

MOST_NOTE, MOST_ANSWER = 2_000, 500
FARTHEST = timedelta(days=730)
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def member_of(actor: Actor) -> StaffMember | None:
    """Return the member of staff whose login the actor is; None for programs and unlinked logins."""
    if actor.kind != "user":
        return None
    return staff.people().filter(user_id=actor.id, left_date=None).first()


@transaction.atomic
def take(task_id: UUID, *, actor: Actor, now: datetime, member_id: UUID | None = None) -> Task:
    """Make a task somebody's: the actor's own, or the given member's; what is theirs already stays so.

    Raises:
        TaskNotFoundError: no such task.
        TaskClosedError: it is done or cancelled.
        TaskTakenError: somebody else has it.
        NoMemberError: the actor is no member of staff, or there is no such member.
    """
    member = _member(actor, member_id)
    task = _locked(task_id)
    if task.assignee_id == member.id:
        return task
    if task.assignee_id is not None:
        raise TaskTakenError(str(task.assignee), task=str(task.id))
    return _taken(task, member, actor, now)


@transaction.atomic
def take_next(*, actor: Actor, now: datetime, after: UUID | None = None) -> Task | None:
    """Return the actor's most urgent task; where none is left, take the most urgent one of the actor's teams.

    after: the task that was just worked on, which is not given again.

    Raises:
        NoMemberError: the actor is no member of staff.
    """
    member = _member(actor, None)
    open_now = Task.objects.filter(Q(hidden_until=None) | Q(hidden_until__lte=now), state=TaskState.OPEN)
    if after:
        open_now = open_now.exclude(id=after)
    open_now = open_now.order_by("-priority", F("due_at").asc(nulls_last=True), "id")
    if mine := open_now.filter(assignee=member).first():
        return mine
    waiting = open_now.filter(assignee=None).filter(Q(team__places__member=member, team__is_active=True) | Q(team=None))
    ids = waiting.values_list("id", flat=True)[:20]
    for task_id in list(ids):  # another may be quicker with the first of them
        found = _for_update(Task.objects.filter(id=task_id, assignee=None, state=TaskState.OPEN), is_skipping=True)
        if task := found.first():
            return _taken(task, member, actor, now)
    return None


@transaction.atomic
def release(task_id: UUID, *, actor: Actor, now: datetime) -> Task:
    """Give a task back to its team.

    Raises:
        TaskNotFoundError, TaskClosedError: see `take`.
    """
    task = _locked(task_id)
    if task.assignee_id is None:
        return task
    note_acts([task], ActKind.RELEASED, actor=actor, now=now, member_id=task.assignee_id)
    task.assignee, task.taken_at, task.remind_at = None, None, None
    return _saved(task, now)


@transaction.atomic
def assign(
    task_ids: Sequence[UUID], *, actor: Actor, now: datetime, member_id: UUID | None = None, team: str | None = None
) -> int:
    """Give open tasks to a member of staff or to a team (code, "" for none), and return how many; closed ones stay.

    member_id None takes them from whoever has them; team None leaves the team as it is.

    Raises:
        TaskRefusedError: no such member or team.
    """
    member = staff.people().filter(id=member_id, left_date=None).first() if member_id else None
    if member_id and member is None:
        raise TaskRefusedError(_("There is no such member of staff, or they have left."), field="member_id")
    found = Team.objects.filter(code=team).first() if team else None
    if team and found is None:
        raise TaskRefusedError(_("There is no team “%(code)s”.") % {"code": team}, field="team", value=team)
    tasks = list(_for_update(Task.objects.filter(id__in=list(task_ids), state=TaskState.OPEN).order_by("id")))
    for task in tasks:
        task.assignee, task.taken_at = member, now if member else None
        if team is not None:
            task.team = found
        task.updated_at, task.revision = now, task.revision + 1
    Task.objects.bulk_update(tasks, ["assignee", "taken_at", "team", "updated_at", "revision"], batch_size=500)
    note_acts(tasks, ActKind.ASSIGNED, actor=actor, now=now, member_id=member_id, data={"team": team or ""})
    more = {"member": str(member_id or ""), "team": team or ""}
    news = [NewEvent("worklist.task.assigned", task.customer_id, event_data(task) | more) for task in tasks]
    events.append_many(news, actor=actor, now=now)
    return len(tasks)


@transaction.atomic
def snooze(task_id: UUID, *, until: datetime, actor: Actor, now: datetime) -> Task:
    """Put a task off: until then it is not among those to be done.

    Raises:
        TaskNotFoundError, TaskClosedError: see `take`.
        TaskRefusedError: the moment is past or more than two years away.
    """
    task = _locked(task_id)
    _check_moment("until", until, now)
    task.hidden_until = until
    task.due_at = max(task.due_at or until, until)
    note_acts([task], ActKind.SNOOZED, actor=actor, now=now, data={"until": until.isoformat()})
    return _saved(task, now)


@transaction.atomic
def remind(task_id: UUID, *, at: datetime | None, actor: Actor, now: datetime) -> Task:
    """Have the one who works on it reminded at a moment; None takes the reminder away.

    Raises:
        TaskNotFoundError, TaskClosedError, TaskRefusedError: see `snooze`.
    """
    task = _locked(task_id)
    if at is not None:
        _check_moment("at", at, now)
    task.remind_at = at
    note_acts([task], ActKind.REMINDED, actor=actor, now=now, data={"at": at.isoformat() if at else ""})
    return _saved(task, now)


@transaction.atomic
def comment(task_id: UUID, *, note: str, actor: Actor, now: datetime) -> Task:
    """Write a note beside a task, also a closed one.

    Raises:
        TaskNotFoundError: no such task.
        TaskRefusedError: it is empty or too long.
        CustomerErasedError: the data of whom it is about were erased.
    """
    _hold_owner(task_id, note)
    task = _found(_for_update(Task.objects.filter(id=task_id)), task_id)
    text = _checked_note(note)
    if not text:
        raise TaskRefusedError(_("note: write something."), field="note")
    note_acts([task], ActKind.COMMENTED, actor=actor, now=now, note=text, member_id=_member_id(actor))
    return task


@transaction.atomic
def complete(
    task_id: UUID,
    *,
    outcome: str,
    note: str = "",
    answers: Mapping[str, Any] | None = None,
    again_at: datetime | None = None,
    actor: Actor,
    now: datetime,
    member_id: UUID | None = None,
) -> Task:
    """Note how a task went. By the outcome it is closed, or stays to be tried again at `again_at`.

    Tried as often as its kind allows, it is closed as failed. answers: by the codes of the kind's fields; member_id:
    who did it, where the actor is a program.

    Raises:
        TaskNotFoundError, TaskClosedError: see `take`.
        TaskTakenError: somebody else has it.
        TaskRefusedError: no such outcome, or what is noted breaks a rule.
        CustomerErasedError: something is noted, and the data of whom it is about were erased.
    """
    _hold_owner(task_id, note or answers)
    task = _locked(task_id)
    kind = kind_of(task.task_kind)
    found = kind.outcome(outcome)
    if found is None:
        codes = ", ".join(one.code for one in kind.outcomes)
        text = _("outcome: “%(value)s” is none of %(codes)s.") % {"value": outcome, "codes": codes}
        raise TaskRefusedError(text, field="outcome", value=outcome)
    text = _checked_note(note)
    if found.needs_note and not text:
        raise TaskRefusedError(_("note: this outcome needs a word on what happened."), field="note")
    who = member_id or _member_id(actor)
    if task.assignee_id and who and task.assignee_id != who:
        raise TaskTakenError(str(task.assignee), task=str(task.id))
    task.answers = task.answers | _checked_answers(kind, found, answers or {})
    task.attempts, task.outcome, task.note = task.attempts + 1, found.code, text or task.note
    if task.assignee_id is None and who:
        task.assignee_id, task.taken_at = who, now
    task.script_version = _script_version(task.script)
    if found.refuses and task.customer_id:
        _withdraw(task.customer_id, found.refuses, actor, now)
    is_last = kind.most_attempts and task.attempts >= kind.most_attempts and again_at is None
    if found.effect == Effect.AGAIN and not is_last:
        return _tried(task, kind, again_at, text, who, actor, now)
    return _closed(task, Effect.FAILED if found.effect == Effect.AGAIN else found.effect, text, who, actor, now)


@transaction.atomic
def reopen(task_id: UUID, *, actor: Actor, now: datetime) -> Task:
    """Open a closed task again, for whoever had it.

    Raises:
        TaskNotFoundError: no such task.
    """
    task = _found(_for_update(Task.objects.filter(id=task_id)), task_id)
    if task.state == TaskState.OPEN:
        return task
    task.state, task.completed_at, task.completed_by = TaskState.OPEN, None, None
    note_acts([task], ActKind.REOPENED, actor=actor, now=now)
    events.append("worklist.task.reopened", customer_id=task.customer_id, actor=actor, now=now, data=event_data(task))
    return _saved(task, now)


def cancel(task_id: UUID, *, reason: str = "", actor: Actor, now: datetime) -> Task:
    """Cancel a task; it was not needed any more.

    Raises:
        TaskNotFoundError, TaskClosedError: see `take`.
    """
    with transaction.atomic():
        task = _locked(task_id)
        _cancelled([task], reason or "staff", actor, now)
    return task


@transaction.atomic
def cancel_by_source(
    source: str, *, reason: str = "", actor: Actor, now: datetime, customer_ids: Sequence[UUID] | None = None
) -> int:
    """Cancel the open tasks that were made for a source, of these customers only if given; return how many."""
    rows = Task.objects.filter(source=source, state=TaskState.OPEN)
    if customer_ids is not None:
        rows = rows.filter(owner_id__in=list(customer_ids))
    return cancel_all(rows, reason=reason or "source", actor=actor, now=now)


@transaction.atomic
def cancel_all(tasks: "QuerySet[Task]", *, reason: str, actor: Actor, now: datetime) -> int:
    """Cancel these open tasks and return how many there were."""
    rows = list(_for_update(tasks.order_by("id")))
    _cancelled(rows, reason, actor, now)
    return len(rows)


def _withdraw(customer_id: UUID, channel: str, actor: Actor, now: datetime) -> None:
    """Keep that the customer wants to hear nothing more by a channel; it holds everywhere at once."""
    for purpose in (ConsentPurpose.MARKETING, ConsentPurpose.SERVICE, ConsentPurpose.SURVEY):
        customers.record_consent(
            customer_id=customer_id,
            purpose=purpose,
            channel=channel,
            is_given=False,
            source="task",
            actor=actor,
            now=now,
        )


def _cancelled(tasks: Sequence[Task], reason: str, actor: Actor, now: datetime) -> None:
    for task in tasks:
        task.state, task.completed_at, task.updated_at = TaskState.CANCELLED, now, now
        task.remind_at, task.revision = None, task.revision + 1
    Task.objects.bulk_update(tasks, ["state", "completed_at", "remind_at", "updated_at", "revision"], batch_size=500)
    note_acts(tasks, ActKind.CANCELLED, actor=actor, now=now, data={"reason": reason})
    news = [
        NewEvent("worklist.task.cancelled", task.customer_id, event_data(task) | {"reason": reason}) for task in tasks
    ]
    events.append_many(news, actor=actor, now=now)


def _tried(
    task: Task, kind: Kind, again_at: datetime | None, note: str, who: UUID | None, actor: Actor, now: datetime
) -> Task:
    at = again_at or now + timedelta(hours=kind.again_hours)
    _check_moment("again_at", at, now)
    task.hidden_until, task.due_at = at, at
    task.remind_at = at if again_at else None
    values = {"outcome": task.outcome, "effect": Effect.AGAIN, "note": note, "member_id": who}
    note_acts([task], ActKind.ATTEMPTED, actor=actor, now=now, data={"again_at": at.isoformat()}, **values)
    data = event_data(task) | {"outcome": task.outcome, "member": str(who or ""), "attempt": task.attempts}
    events.append("worklist.task.attempted", customer_id=task.customer_id, actor=actor, now=now, data=data)
    return _saved(task, now)


def _closed(task: Task, effect: str, note: str, who: UUID | None, actor: Actor, now: datetime) -> Task:
    task.state, task.completed_at, task.completed_by = TaskState.DONE, now, who
    task.hidden_until, task.remind_at = None, None
    values = {"outcome": task.outcome, "effect": effect, "note": note, "member_id": who}
    note_acts([task], ActKind.COMPLETED, actor=actor, now=now, **values)
    data = event_data(task) | {"outcome": task.outcome, "effect": str(effect), "member": str(who or "")}
    events.append("worklist.task.completed", customer_id=task.customer_id, actor=actor, now=now, data=data)
    return _saved(task, now)


def _taken(task: Task, member: StaffMember, actor: Actor, now: datetime) -> Task:
    task.assignee, task.taken_at = member, now
    note_acts([task], ActKind.TAKEN, actor=actor, now=now, member_id=member.id)
    data = event_data(task) | {"member": str(member.id)}
    events.append("worklist.task.taken", customer_id=task.customer_id, actor=actor, now=now, data=data)
    return _saved(task, now)


def _member(actor: Actor, member_id: UUID | None) -> StaffMember:
    member = staff.people().filter(id=member_id, left_date=None).first() if member_id else member_of(actor)
    if member is None:
        raise NoMemberError
    return member


def _member_id(actor: Actor) -> UUID | None:
    member = member_of(actor)
    return member.id if member else None


def _script_version(code: str) -> int | None:
    number = CallScript.objects.filter(code=code).values_list("version_number", flat=True).first() if code else None
    return number or None


def _for_update(tasks: "QuerySet[Task]", *, is_skipping: bool = False) -> "QuerySet[Task]":
    """Lock the rows; SQLite has one writer anyway, and no words for it."""
    skips = is_skipping and connection.features.has_select_for_update_skip_locked
    return tasks.select_for_update(of=("self",), skip_locked=skips) if connection.vendor == "postgresql" else tasks


def _hold_owner(task_id: UUID, said: object) -> None:
    """Hold whom the task is about while something is noted of them: no erasure passes by. Before the task is locked."""
    owner_id = Task.objects.filter(id=task_id).values_list("owner_id", flat=True).first() if said else None
    if owner_id is not None and owner_id != COMPANY_OWNER:
        customers.hold_customer(owner_id)


def _locked(task_id: UUID) -> Task:
    task = _found(_for_update(Task.objects.filter(id=task_id)), task_id)
    if task.state != TaskState.OPEN:
        raise TaskClosedError(task.get_state_display(), task_id)
    return task


def _found(tasks: "QuerySet[Task]", task_id: UUID) -> Task:
    task = tasks.first()
    if task is None:
        raise TaskNotFoundError(task_id)
    return task


def _saved(task: Task, now: datetime) -> Task:
    task.updated_at, task.revision = now, task.revision + 1
    task.save()
    return task


def _check_moment(name: str, moment: datetime, now: datetime) -> None:
    if not now < moment <= now + FARTHEST:
        text = _("%(field)s: name a moment to come, at most two years away.") % {"field": name}
        raise TaskRefusedError(text, field=name, value=moment.isoformat())


def _checked_note(note: str) -> str:
    text = note.strip()
    if len(text) > MOST_NOTE:
        limit = {"limit": MOST_NOTE, "count": len(text)}
        raise TaskRefusedError(_("note: write at most %(limit)d characters, not %(count)d.") % limit, field="note")
    return text


def _checked_answers(kind: Kind, outcome: Outcome, answers: Mapping[str, Any]) -> dict[str, Any]:
    fields = {one.code: one for one in kind.fields}
    if unknown := sorted(answers.keys() - fields.keys()):
        text = _("answers: this kind of task has no field “%(names)s”.") % {"names": ", ".join(unknown)}
        raise TaskRefusedError(text, field="answers", value=unknown)
    found = {code: _checked_answer(fields[code], value) for code, value in answers.items() if value not in ("", None)}
    if missing := [code for code in outcome.fields if code not in found]:
        names = ", ".join(str(fields[code]) for code in missing)
        raise TaskRefusedError(_("Fill in: %(names)s.") % {"names": names}, field=missing[0])
    return found


def _checked_answer(field: NoteField, value: Any) -> Any:
    try:
        return _READERS[field.type](str(value).strip(), field)
    except (ValueError, InvalidOperation) as error:
        text = _("%(field)s: “%(value)s” does not fit.") % {"field": field, "value": str(value)[:80]}
        raise TaskRefusedError(text, field=field.code, value=str(value)[:80]) from error


def _text(value: str, _field: NoteField) -> str:
    if len(value) > MOST_ANSWER:
        raise ValueError(value)
    return value


def _number(value: str, _field: NoteField) -> str:
    number = Decimal(value)
    if not number.is_finite() or len(value) > 30:
        raise ValueError(value)
    return format(number, "f")


def _day(value: str, _field: NoteField) -> str:
    return date.fromisoformat(value).isoformat()


def _yes_no(value: str, _field: NoteField) -> bool:
    if value.lower() not in _YES_NO:
        raise ValueError(value)
    return _YES_NO[value.lower()]


def _choice(value: str, field: NoteField) -> str:
    if value not in field.choices:
        raise ValueError(value)
    return value


_READERS: Mapping[str, Callable[[str, NoteField], Any]] = {
    "text": _text,
    "number": _number,
    "date": _day,
    "yes_no": _yes_no,
    "choice": _choice,
}
