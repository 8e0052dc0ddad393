"""Kinds of services and their steps: ours, as the company changed them, and its own."""

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
from troth.voice.calendars import queries as calendars
from troth.worklist import queries as worklist

from ..models import RequestKind
from .errors import RequestRefusedError

NEEDS = ("", "appointment", "confirmation")
"""What must be there before a step is reached: nothing, an appointment, the customer's word."""

MOST_STEPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a service. hours: how long it may last, 0 for no limit; needs: one of `NEEDS`."""

    code: str
    label: str
    label_zh: str = ""
    hours: int = 0
    needs: str = ""

    def __str__(self) -> str:
        return in_language(self.label, self.label_zh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of service; see `models.RequestKind`. is_ours: nobody changed it."""

    code: str
    name: str
    name_zh: str = ""
    steps: tuple[Step, ...] = ()
    team: str = ""
    calendar: str = ""
    is_active: bool = True
    is_ours: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


_RECEIVED = Step(code="received", label="Received", label_zh="已受理", hours=8)
_CONFIRMED = Step(code="confirmed", label="Confirmed by the customer", label_zh="客户已确认", needs="confirmation")
_DONE = Step(code="done", label="Done", label_zh="已完工", hours=72)

STARTERS: tuple[Kind, ...] = (
    Kind(
        code="repair",
        name="Repair",
        name_zh="报修",
        steps=(
            _RECEIVED,
            Step(code="scheduled", label="Scheduled", label_zh="已预约", hours=72, needs="appointment"),
            Step(code="on_site", label="On site", label_zh="上门中", hours=8, needs="appointment"),
            _DONE,
            _CONFIRMED,
        ),
    ),
    Kind(
        code="installation",
        name="Installation",
        name_zh="安装",
        steps=(
            _RECEIVED,
            Step(code="scheduled", label="Scheduled", label_zh="已预约", hours=120, needs="appointment"),
            Step(code="on_site", label="On site", label_zh="上门中", hours=8, needs="appointment"),
            _DONE,
            _CONFIRMED,
        ),
    ),
    Kind(
        code="workshop",
        name="Sent in for repair",
        name_zh="寄修",
        steps=(
            _RECEIVED,
            Step(code="arrived", label="Arrived with us", label_zh="已收件", hours=120),
            Step(code="in_repair", label="In repair", label_zh="维修中", hours=120),
            Step(code="sent_back", label="Sent back", label_zh="已寄回", hours=120),
            _CONFIRMED,
        ),
    ),
    Kind(
        code="help",
        name="Question on use",
        name_zh="使用咨询",
        steps=(_RECEIVED, Step(code="answered", label="Answered", label_zh="已答复", hours=48), _CONFIRMED),
    ),
)
_OURS: Mapping[str, Kind] = {one.code: replace(one, is_ours=True) for one in STARTERS}


def all_kinds(*, is_active: bool | None = True) -> list[Kind]:
    """Return the kinds in use, ours first, as the company has them; None for the others too."""
    stored = {row.code: _of(row) for row in RequestKind.objects.order_by("code")}
    ours = [stored.pop(code) if code in stored else one for code, one in _OURS.items()]
    return [one for one in [*ours, *stored.values()] if is_active is None or one.is_active == is_active]


def kinds_by_code(codes: Iterable[str]) -> dict[str, Kind]:
    """Return those of the kinds that exist, in use or not."""
    wanted = set(codes)
    rows = RequestKind.objects.filter(code__in=wanted)
    return {code: _OURS[code] for code in wanted & _OURS.keys()} | {row.code: _of(row) for row in rows}


def steps_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Return the steps that a request keeps."""
    return tuple(Step(**one) for one in stored)


@transaction.atomic
def save_kind(kind: Kind, *, actor: Actor, now: datetime) -> Kind:
    """Add a kind of service, or change the one of this code; requests that are there keep the steps they began with.

    Raises:
        RequestRefusedError: a field breaks its rule.
    """
    _check(kind)
    row = RequestKind.objects.filter(code=kind.code).first() or RequestKind(code=kind.code)
    row.name, row.name_zh, row.team, row.calendar = kind.name.strip(), kind.name_zh.strip(), kind.team, kind.calendar
    row.is_active, row.steps = kind.is_active, [asdict(one) for one in kind.steps]
    row.updated_at, row.updated_by = now, actor.code
    row.save()
    events.append("care.request_kind.saved", actor=actor, now=now, data={"kind": kind.code})
    return _of(row)


def _of(row: RequestKind) -> Kind:
    return Kind(
        code=row.code,
        name=row.name,
        name_zh=row.name_zh,
        steps=steps_of(row.steps),
        team=row.team,
        calendar=row.calendar,
        is_active=row.is_active,
    )


def _check(kind: Kind) -> None:
    if slugify(kind.code) != kind.code.lower() or not 1 <= len(kind.code) <= 40:
        raise refusal("code", kind.code, _("write 1 to 40 letters, digits, hyphens or underscores"))
    if not 1 <= len(kind.name.strip()) <= 80 or len(kind.name_zh) > 80:
        raise refusal("name", kind.name, _("write 1 to 80 characters"))
    if not 2 <= len(kind.steps) <= MOST_STEPS:
        raise refusal("steps", len(kind.steps), _("give 2 to %d steps") % MOST_STEPS)
    if len({one.code for one in kind.steps}) < len(kind.steps):
        raise refusal("steps", ", ".join(one.code for one in kind.steps), _("each needs a code of its own"))
    for one in kind.steps:
        if not 1 <= len(one.code) <= 40 or not one.code.replace("_", "a").isalnum() or not one.code.isascii():
            raise refusal("steps", one.code, _("write codes of small letters, digits and underscores"))
        if not 1 <= len(one.label.strip()) <= 80 or len(one.label_zh) > 80:
            raise refusal("steps", one.code, _("write 1 to 80 characters"))
        if one.needs not in NEEDS or not 0 <= one.hours <= 8760:
            raise refusal("steps", one.code, _("write 0 to 8760 hours"))
    if kind.steps[0].needs or any(one.needs == "confirmation" for one in kind.steps[:-1]):
        raise refusal("steps", kind.steps[0].code, _("the first needs nothing, only the last the customer"))
    if kind.team and not worklist.teams(is_active=None).filter(code=kind.team).exists():
        raise refusal("team", kind.team, _("there is no such team"))
    if kind.calendar and kind.calendar not in calendars.calendar_codes():
        raise refusal("calendar", kind.calendar, _("there is no such working calendar"))


def refusal(name: str, value: object, limit: str) -> RequestRefusedError:
    """Return the error that names a field, its value and its limit."""
    text = _("%(field)s: “%(value)s” does not fit: %(limit)s.")
    return RequestRefusedError(text % {"field": name, "value": value, "limit": limit}, field=name, value=str(value))
