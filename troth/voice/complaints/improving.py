"""The outer loop: what is done against a cause, whether it helped, and telling exactly those who complained of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.events import services as events
from troth.kit import clock
from troth.kit.ids import new_id
from troth.messaging import services as messaging
from troth.messaging.services import Decision, Intent, Outcome
from troth.staff import queries as staff

from ..models import Case, CaseEntry, CaseState, Improvement, ImprovementState
from .errors import ImprovementNotFoundError, ImprovementRefusedError
from .handling import cause_for
from .queries import named
from .record import note_act
from .texts import IMPROVED

NOT_COUNTED = (CaseState.REJECTED,)
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementFields:
    """An improvement. cause: code, "" for what came from elsewhere; told, told_zh: what those who complained are told;
    source: "visit:<id>" or "".
    """

    title: str
    due_date: date
    cause: str = ""
    text: str = ""
    told: str = ""
    told_zh: str = ""
    staff_id: UUID | None = None
    state: str = ImprovementState.PLANNED
    done_date: date | None = None
    source: str = ""
    is_made_up: bool = False


@dataclass(frozen=True, slots=True)
class ToTell:
    """Whom it goes to: the customer, with the latest case of the cause."""

    customer_id: UUID
    case_id: UUID
    number: str
    language: str
    about: str


@transaction.atomic
def create_improvement(*, actor: Actor, now: datetime, fields: ImprovementFields) -> Improvement:
    """Plan something against a cause.

    Raises:
        ImprovementRefusedError: a field breaks its rule.
        CategoryRefusedError: no such cause.
    """
    row = Improvement(id=new_id(), created_at=now, created_by=actor.code, source=fields.source[:60])
    row.is_made_up = fields.is_made_up
    _fill(row, fields, now)
    row.save(force_insert=True)
    _tell("created", row, actor, now)
    return row


@transaction.atomic
def change_improvement(*, actor: Actor, now: datetime, improvement_id: UUID, fields: ImprovementFields) -> Improvement:
    """Change what is planned, or say that it is done.

    Raises:
        ImprovementNotFoundError: no such improvement.
        ImprovementRefusedError: a field breaks its rule, or people were told of it already.
        CategoryRefusedError: no such cause.
    """
    row = _locked(improvement_id)
    before = (row.cause.code if row.cause else "", row.told, row.told_zh)
    if row.told_at is not None and before != (fields.cause, fields.told.strip(), fields.told_zh.strip()):
        raise ImprovementRefusedError(_("People were told of this already: cause and text stay."), field="told")
    _fill(row, fields, now)
    row.save()
    _tell("changed", row, actor, now)
    return row


def people_to_tell(improvement: Improvement) -> list[ToTell]:
    """Return exactly those who complained of the cause before it was done, each once, under their present record."""
    if improvement.cause_id is None or improvement.done_date is None:
        return []
    company = staff.company_or_none()
    zone = company.time_zone if company else "UTC"
    complained = Case.objects.filter(cause_id=improvement.cause_id).exclude(customer_id=None)
    complained = complained.exclude(state__in=NOT_COUNTED).select_related("category")
    found: dict[UUID, Case] = {}
    rows = list(complained.order_by("opened_at", "id"))
    canonical = customers.canonical_ids({case.customer_id for case in rows if case.customer_id})
    for case in rows:
        opened = clock.business_date(case.opened_at, zone)
        person = canonical.get(case.customer_id) if case.customer_id else None
        if person is not None and opened <= improvement.done_date:
            found[person] = case
    return [_to_tell(person, case) for person, case in found.items()]


def not_told(improvement: Improvement, people: Sequence[ToTell]) -> list[ToTell]:
    """Return those of the people who were not told of the improvement yet."""
    noted = CaseEntry.objects.filter(case_id__in=[one.case_id for one in people], act="told_improvement")
    told = set(noted.filter(data__improvement=str(improvement.id)).values_list("case_id", flat=True))
    return [one for one in people if one.case_id not in told]


def preview_told(improvement: Improvement, people: Sequence[ToTell], *, now: datetime) -> list[Decision]:
    """Return what the send decision would say of each now; nothing is written."""
    return messaging.decide([_intent(improvement, one) for one in people], now=now) if people else []


@transaction.atomic
def tell_improvement(*, actor: Actor, now: datetime, improvement_id: UUID) -> dict[str, int]:
    """Tell exactly those who complained what was done; who was told is not told again. Returns counts by outcome.

    Raises:
        ImprovementNotFoundError: no such improvement.
        ImprovementRefusedError: it is not done, has no cause, or no text in one of the languages.
    """
    row = _locked(improvement_id)
    if row.state != ImprovementState.DONE or row.cause_id is None:
        raise ImprovementRefusedError(_("Only what is done against a cause is told."), field="state")
    if not (row.told and row.told_zh):
        text = _("Write in both languages what those who complained shall read.")
        raise ImprovementRefusedError(text, field="told")
    people = not_told(row, people_to_tell(row))
    counts = {outcome.value: 0 for outcome in Outcome}
    for start in range(0, len(people), BATCH):
        part = people[start : start + BATCH]
        decisions = messaging.send([_intent(row, one) for one in part], actor=actor, now=now)
        for one, decision in zip(part, decisions, strict=True):
            counts[decision.outcome.value] += 1
            _note(row, one, decision, actor, now)
    told = counts[Outcome.QUEUED.value] + counts[Outcome.DELAYED.value]
    row.told_at, row.told_count = row.told_at or now, row.told_count + told
    row.save(update_fields=["told_at", "told_count"])
    return counts


def _note(row: Improvement, one: ToTell, decision: Decision, actor: Actor, now: datetime) -> None:
    if decision.outcome is Outcome.WITHHELD:
        return
    case = Case.objects.get(id=one.case_id)
    note_act(case, "told_improvement", actor=actor, now=now, improvement=str(row.id))
    code = row.cause.code if row.cause else ""
    data = {"improvement": str(row.id), "cause": code, "case": str(one.case_id)}
    events.append("voice.improvement.told", actor=actor, now=now, customer_id=one.customer_id, data=data)


def _intent(row: Improvement, one: ToTell) -> Intent:
    is_chinese = one.language.startswith("zh")
    text = (row.told_zh if is_chinese else row.told) or row.told or row.told_zh
    return Intent(
        key=f"improvement:{row.id}:{one.customer_id}",
        customer_id=one.customer_id,
        purpose="service",
        template=IMPROVED,
        facts={"case_number": one.number, "about": one.about, "text": text},
        source=f"improvement:{row.id}",
        priority=40,
    )


def _to_tell(person: UUID, case: Case) -> ToTell:
    with translation.override(case.language or "en"):
        return ToTell(person, case.id, case.number, case.language, named(case.category))


def _fill(row: Improvement, fields: ImprovementFields, now: datetime) -> None:
    if not 1 <= len(fields.title.strip()) <= 160:
        raise ImprovementRefusedError(_("Give it a title of 1 to 160 characters."), field="title")
    for name in ("text", "told", "told_zh"):
        if len(getattr(fields, name)) > 2000:
            raise ImprovementRefusedError(_("Write at most 2000 characters."), field=name, limit=2000)
    if fields.state not in ImprovementState.values:
        raise ImprovementRefusedError(_("Choose where it stands."), field="state", value=fields.state)
    if (fields.state == ImprovementState.DONE) != (fields.done_date is not None):
        raise ImprovementRefusedError(_("Say on which day it was done, and only then."), field="done_date")
    if fields.staff_id and not staff.people().filter(id=fields.staff_id).exists():
        raise ImprovementRefusedError(_("Nobody of this id works here."), field="staff", value=str(fields.staff_id))
    row.cause = cause_for(fields.cause) if fields.cause else None
    row.title, row.text = fields.title.strip(), fields.text.strip()
    row.told, row.told_zh = fields.told.strip(), fields.told_zh.strip()
    row.staff_id, row.due_date, row.updated_at = fields.staff_id, fields.due_date, now
    row.state, row.done_date = fields.state, fields.done_date


def _locked(improvement_id: UUID) -> Improvement:
    found = Improvement.objects.select_for_update(of=("self",)).select_related("cause").filter(id=improvement_id)
    row = found.first()
    if row is None:
        raise ImprovementNotFoundError(improvement_id)
    return row


def _tell(happened: str, row: Improvement, actor: Actor, now: datetime) -> None:
    data = {"improvement": str(row.id), "cause": row.cause.code if row.cause else ""}
    events.append(f"voice.improvement.{happened}", actor=actor, now=now, data=data)
