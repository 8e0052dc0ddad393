"""Kinds of tasks: how one may go and what is noted of it. Ours, as the company changed them, and its own."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.languages import in_language

from .errors import TaskKindRefusedError
from .models import Effect, TaskKind, Team

FIELD_TYPES = ("text", "number", "date", "yes_no", "choice")
MOST_OUTCOMES, MOST_FIELDS, MOST_CHOICES = 12, 12, 20
GENERAL = "task"
"""The kind of a task of which nobody said more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a task may go. needs_note: something must be written; fields: codes of what must be filled in.

    refuses: a channel of consent by which the customer wants to hear nothing more, "" for none.
    """

    code: str
    label: str
    label_zh: str = ""
    effect: str = Effect.DONE
    needs_note: bool = False
    fields: tuple[str, ...] = ()
    refuses: str = ""

    def __str__(self) -> str:
        return in_language(self.label, self.label_zh)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteField:
    """Something that is filled in about a task. choices: for the type "choice"."""

    code: str
    label: str
    label_zh: str = ""
    type: str = "text"
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return in_language(self.label, self.label_zh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of task; see `models.TaskKind`. team: code; is_ours: nobody changed it."""

    code: str
    name: str
    name_zh: str = ""
    icon: str = "checkbox"
    team: str = ""
    script: str = ""
    outcomes: tuple[Outcome, ...] = ()
    fields: tuple[NoteField, ...] = ()
    due_hours: int = 48
    again_hours: int = 24
    most_attempts: int = 3
    priority: int = 50
    is_active: bool = True
    is_ours: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)

    def outcome(self, code: str) -> Outcome | None:
        """Return the outcome of the code, if the kind has it."""
        return next((found for found in self.outcomes if found.code == code), None)


_DONE = Outcome(code="done", label="Done", label_zh="已完成")
_NOT_POSSIBLE = Outcome(
    code="not_possible", label="Not possible", label_zh="无法完成", effect=Effect.FAILED, needs_note=True
)
_CALL = (
    Outcome(code="reached", label="Reached", label_zh="已联系上"),
    Outcome(code="not_reached", label="Not reached", label_zh="未接通", effect=Effect.AGAIN),
    Outcome(code="call_again", label="Call again at …", label_zh="约定再联系", effect=Effect.AGAIN),
    Outcome(code="wrong_number", label="Wrong number", label_zh="号码有误", effect=Effect.FAILED),
    Outcome(code="declined", label="Wants no calls", label_zh="不愿接听", effect=Effect.FAILED, refuses="phone"),
)
_MOOD = NoteField(
    code="mood",
    label="How the customer felt",
    label_zh="客户情绪",
    type="choice",
    choices=("pleased", "neutral", "annoyed"),
)

STARTERS: tuple[Kind, ...] = (
    Kind(code=GENERAL, name="Task", name_zh="任务", outcomes=(_DONE, _NOT_POSSIBLE), most_attempts=0),
    Kind(code="call", name="Call", name_zh="电话", icon="phone-call", script="call", outcomes=_CALL, fields=(_MOOD,)),
    Kind(
        code="return_visit",
        name="Return visit",
        name_zh="回访",
        icon="phone",
        script="return_visit",
        outcomes=_CALL,
        fields=(
            _MOOD,
            NoteField(code="satisfied", label="Satisfied?", label_zh="是否满意", type="yes_no"),
            NoteField(code="wish", label="What the customer wishes", label_zh="客户诉求"),
        ),
        due_hours=72,
    ),
    Kind(
        code="message",
        name="Write to the customer",
        name_zh="联系客户",
        icon="message",
        outcomes=(
            Outcome(code="sent", label="Written", label_zh="已发送"),
            Outcome(code="no_address", label="No address", label_zh="无联系方式", effect=Effect.FAILED),
            Outcome(code="later", label="Later", label_zh="稍后再发", effect=Effect.AGAIN),
        ),
        due_hours=24,
    ),
    Kind(
        code="meeting",
        name="Visit to the customer",
        name_zh="上门拜访",
        icon="map-pin",
        outcomes=(
            Outcome(code="met", label="Met", label_zh="已见面", needs_note=True),
            Outcome(code="moved", label="Put off", label_zh="改期", effect=Effect.AGAIN),
            Outcome(code="called_off", label="Called off", label_zh="已取消拜访", effect=Effect.FAILED),
        ),
        due_hours=168,
        most_attempts=0,
    ),
    Kind(
        code="case",
        name="Case",
        name_zh="工单",
        icon="message-report",
        outcomes=(_DONE, _NOT_POSSIBLE, Outcome(code="later", label="Later", label_zh="稍后再办", effect=Effect.AGAIN)),
        priority=70,
        due_hours=24,
        most_attempts=0,
    ),
    Kind(
        code="service",
        name="Service visit",
        name_zh="上门服务",
        icon="tool",
        outcomes=(
            Outcome(code="fixed", label="Fixed", label_zh="已修复"),
            Outcome(code="parts", label="Parts missing", label_zh="缺少配件", effect=Effect.AGAIN, needs_note=True),
            Outcome(code="nobody", label="Nobody was there", label_zh="无人在场", effect=Effect.AGAIN),
            Outcome(
                code="beyond_repair",
                label="Cannot be fixed",
                label_zh="无法修复",
                effect=Effect.FAILED,
                needs_note=True,
            ),
        ),
        fields=(NoteField(code="parts", label="Parts used", label_zh="使用配件"),),
        priority=60,
        most_attempts=0,
    ),
)
_OURS: Mapping[str, Kind] = {one.code: one for one in STARTERS}


def all_kinds(*, is_active: bool | None = True) -> list[Kind]:
    """Return the kinds in use, ours first, as the company has them; None for the others too."""
    stored = {row.code: _of(row) for row in TaskKind.objects.select_related("team").order_by("code")}
    ours = [stored.pop(one.code) if one.code in stored else _ours(one) for one in STARTERS]
    return [one for one in [*ours, *stored.values()] if is_active is None or one.is_active == is_active]


def kinds_by_code(codes: Iterable[str]) -> dict[str, Kind]:
    """Return those of the kinds that exist, in use or not."""
    wanted = set(codes)
    found = {code: _ours(_OURS[code]) for code in wanted & _OURS.keys()}
    rows = TaskKind.objects.select_related("team").filter(code__in=wanted)
    return found | {row.code: _of(row) for row in rows}


def kind_of(code: str) -> Kind:
    """Return the kind of a task; what is gone has the outcomes of the general one."""
    found = kinds_by_code([code])
    return found.get(code) or Kind(code=code, name=code, outcomes=_OURS[GENERAL].outcomes, is_active=False)


@transaction.atomic
def save_kind(kind: Kind, *, actor: Actor, now: datetime) -> Kind:
    """Add a kind of task, or change the one of this code; tasks that are open get its new outcomes.

    Raises:
        TaskKindRefusedError: a field breaks its rule.
    """
    team = Team.objects.filter(code=kind.team).first()
    if kind.team and team is None:
        raise _refusal("team", kind.team, _("there is no such team"))
    _check(kind)
    row = TaskKind.objects.filter(code=kind.code).first() or TaskKind(code=kind.code)
    for name in ("name", "name_zh", "icon", "script", "due_hours", "again_hours", "most_attempts", "priority"):
        setattr(row, name, getattr(kind, name))
    row.team, row.is_active = team, kind.is_active
    row.outcomes = [asdict(one) for one in kind.outcomes]
    row.fields = [asdict(one) for one in kind.fields]
    row.updated_at, row.updated_by = now, actor.code
    row.save()
    events.append("worklist.kind.saved", actor=actor, now=now, data={"kind": kind.code})
    return _of(TaskKind.objects.select_related("team").get(id=row.id))


def _ours(kind: Kind) -> Kind:
    return replace(kind, is_ours=True)


def _of(row: TaskKind) -> Kind:
    return Kind(
        code=row.code,
        name=row.name,
        name_zh=row.name_zh,
        icon=row.icon,
        team=row.team.code if row.team else "",
        script=row.script,
        outcomes=tuple(Outcome(**_tuples(one)) for one in row.outcomes),
        fields=tuple(NoteField(**_tuples(one)) for one in row.fields),
        due_hours=row.due_hours,
        again_hours=row.again_hours,
        most_attempts=row.most_attempts,
        priority=row.priority,
        is_active=row.is_active,
    )


def _tuples(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}


def _check(kind: Kind) -> None:
    if slugify(kind.code) != kind.code.lower() or not 1 <= len(kind.code) <= 40:
        raise _refusal("code", kind.code, _("write 1 to 40 letters, digits, hyphens or underscores"))
    if not 1 <= len(kind.name.strip()) <= 80 or len(kind.name_zh) > 80:
        raise _refusal("name", kind.name, _("write 1 to 80 characters"))
    if not 1 <= len(kind.outcomes) <= MOST_OUTCOMES:
        raise _refusal("outcomes", len(kind.outcomes), _("give 1 to %d outcomes") % MOST_OUTCOMES)
    if all(one.effect == Effect.AGAIN for one in kind.outcomes):
        raise _refusal("outcomes", "", _("with at least one outcome the task must be done"))
    if len(kind.fields) > MOST_FIELDS:
        raise _refusal("fields", len(kind.fields), _("give at most %d fields") % MOST_FIELDS)
    if not 0 <= kind.priority <= 100:
        raise _refusal("priority", kind.priority, _("write 0 to 100"))
    if not 1 <= kind.due_hours <= 8760 or not 1 <= kind.again_hours <= 8760 or not 0 <= kind.most_attempts <= 100:
        raise _refusal("due_hours", kind.due_hours, _("write 1 to 8760 hours, and 0 to 100 attempts"))
    _check_parts("outcomes", kind.outcomes)
    _check_parts("fields", kind.fields)
    for one in kind.outcomes:
        _check_outcome(one, {field.code for field in kind.fields})
    for field_ in kind.fields:
        _check_field(field_)


def _check_parts(name: str, parts: tuple[Outcome, ...] | tuple[NoteField, ...]) -> None:
    codes = [one.code for one in parts]
    if len(set(codes)) < len(codes):
        raise _refusal(name, ", ".join(codes), _("each needs a code of its own"))
    for one in parts:
        if not 1 <= len(one.code) <= 40 or not one.code.replace("_", "a").isalnum() or not one.code.isascii():
            raise _refusal(name, one.code, _("write codes of small letters, digits and underscores"))
        if not 1 <= len(one.label.strip()) <= 80 or len(one.label_zh) > 80:
            raise _refusal(name, one.code, _("write 1 to 80 characters"))


def _check_outcome(one: Outcome, fields: set[str]) -> None:
    if one.effect not in Effect.values:
        raise _refusal("outcomes", one.effect, ", ".join(Effect.values))
    if missing := set(one.fields) - fields:
        raise _refusal("outcomes", ", ".join(sorted(missing)), _("there is no such field"))


def _check_field(one: NoteField) -> None:
    if one.type not in FIELD_TYPES:
        raise _refusal("fields", one.type, ", ".join(FIELD_TYPES))
    wrong = len(one.choices) > MOST_CHOICES or any(not 1 <= len(choice) <= 80 for choice in one.choices)
    if wrong or (one.type == "choice") != bool(one.choices):
        raise _refusal("fields", one.code, _("give 1 to %d choices, and only to a choice") % MOST_CHOICES)


def _refusal(name: str, value: object, limit: str) -> TaskKindRefusedError:
    text = _("%(field)s: “%(value)s” does not fit: %(limit)s.")
    return TaskKindRefusedError(text % {"field": name, "value": value, "limit": limit}, field=name, value=str(value))
