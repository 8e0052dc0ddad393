"""A service request comes in: number, steps, first deadline, a task for the team, a word to the customer: at once."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import services as customers
from troth.customers.visible import visible
from troth.events import services as events
from troth.kit.ids import new_id
from troth.voice.calendars import queries as calendars
from troth.voice.calendars import working
from troth.worklist import services as worklist
from troth.worklist.services import TaskDraft

from ..models import ServiceRequest
from . import telling
from .record import CODE_OPENED, event_data, note_entry
from .scheduling import schedule_following
from .steps import Kind, Step, kinds_by_code, refusal

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No sign that is mistaken for another when a number is read out."""

MOST_TEXT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """What came in. key: names it, so that the same is opened once; kind, channel: codes."""

    key: str
    customer_id: UUID
    kind: str
    title: str
    description: str = ""
    address: str = ""
    channel: str = ""
    order_number: str = ""
    product: str = ""


@transaction.atomic
def open_request(new: NewRequest, *, actor: Actor, now: datetime) -> ServiceRequest:
    """Open a request and return it; the same key again returns the one that is there.

    Raises:
        RequestRefusedError: a field breaks its rule.
        CustomerNotFoundError: no such customer.
        CustomerErasedError: its data were erased.
    """
    kind = _checked(new)
    owner_id = customers.hold_customer(new.customer_id).id
    first = kind.steps[0]
    row = ServiceRequest(
        id=new_id(),
        owner_id=owner_id,
        key=new.key,
        request_kind=kind.code,
        title=visible(" ".join(new.title.split())),
        description=visible(new.description),
        address=visible(" ".join(new.address.split())),
        channel=new.channel,
        order_number=visible(new.order_number),
        product=visible(new.product),
        steps=[asdict(one) for one in kind.steps],
        step=first.code,
        step_at=now,
        due_at=due_at(kind.calendar, first, now),
        opened_at=now,
        created_by=actor.code,
        updated_at=now,
    )
    row.number = _number(row.id)
    ServiceRequest.objects.bulk_create([row], ignore_conflicts=True)
    stored = ServiceRequest.objects.get(owner_id=owner_id, key=new.key)
    if stored.id != row.id:
        return stored
    note_entry(stored, CODE_OPENED, actor=actor, now=now)
    data = event_data(stored) | {"channel": stored.channel}
    events.append("care.request.opened", customer_id=owner_id, actor=actor, now=now, data=data)
    _ask_team(stored, kind, actor, now)
    telling.tell_received(stored, actor=actor, now=now)
    schedule_following(now)
    return stored


def due_at(calendar: str, step: Step, now: datetime) -> datetime | None:
    """Return by when a step must be over, in the working time of a calendar, "" for around the clock."""
    if not step.hours:
        return None
    if calendar not in calendars.calendar_codes():
        return now + timedelta(hours=step.hours)
    hours = calendars.working_calendar(calendars.calendar(calendar))
    return working.due_at(hours, now, timedelta(hours=step.hours))


def source_of(request: ServiceRequest) -> str:
    """Return what tasks of a request name as their source."""
    return f"request:{request.id}"


def _ask_team(request: ServiceRequest, kind: Kind, actor: Actor, now: datetime) -> None:
    """Have somebody of the team look after it: make the appointment, or answer."""
    draft = TaskDraft(
        key=f"request:{request.id}:open",
        kind="case",
        title=_("%(kind)s %(number)s: look after it") % {"kind": kind, "number": request.number},
        customer_id=request.owner_id,
        team=kind.team,
        due_at=request.due_at,
        source=source_of(request),
        facts={"number": request.number, "product": request.product},
    )
    worklist.create_tasks([draft], actor=actor, now=now)


def _number(request_id: UUID) -> str:
    """Return a number that can be read out, made of the random end of the id: 2^40 of them."""
    rest = request_id.int & (2**40 - 1)
    signs = [SIGNS[(rest >> (5 * place)) & 31] for place in range(8)]
    return f"SR-{''.join(signs[:4])}-{''.join(signs[4:])}"


def _checked(new: NewRequest) -> Kind:
    kind = kinds_by_code([new.kind]).get(new.kind)
    if kind is None or not kind.is_active:
        raise refusal("kind", new.kind, _("there is no such kind of service"))
    if not 1 <= len(new.key) <= 160:
        raise refusal("key", new.key, _("write 1 to 160 characters"))
    if not visible(new.title) or len(new.title.strip()) > 200:
        raise refusal("title", new.title[:80], _("write 1 to 200 characters"))
    limits = {"description": MOST_TEXT, "address": 300, "channel": 20, "order_number": 120, "product": 120}
    for name, limit in limits.items():
        if len(getattr(new, name)) > limit:
            raise refusal(name, "…", _("write at most %d characters") % limit)
    return kind
