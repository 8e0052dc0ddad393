"""Asking customers to answer: who is spared and why, one invitation a key, handed to the send decision."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers.models import Customer
from troth.events import services as events
from troth.insights import queries as insights
from troth.kit.deadlocks import again_after_deadlock

from ..models import Invitation, InvitationState, Survey, SurveyState, SurveyVersion, VoiceStanding
from . import handing, queries, standings, tending
from .errors import SurveyNotFoundError

BATCH = 500
WITHHELD = "withheld"
SPARED = ("not_open", "closed", "full", "unknown_customer", "erased", "asked_lately")
"""Why somebody is not asked, in the order in which it is looked for."""


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """Somebody to be asked. key: the caller's own name for it ("journey:<id>:<step>:<visit>"), for ever the same.

    subject: what it is about ("order:<id>"); template, channels: of the message, the usual ones if empty;
    reminder_days: 0 for no reminder, by the rules if None; is_handed_over: False where the caller itself shows the
    link (a till, a call); expires_at: by the rules if None.
    """

    key: str
    customer_id: UUID
    survey: str
    source: str = ""
    subject: str = ""
    store_code: str = ""
    staff_code: str = ""
    template: str = ""
    channels: tuple[str, ...] = ()
    is_handed_over: bool = True
    expires_at: datetime | None = None
    sending_id: UUID | None = None
    reminder_days: int | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of one: invited, or spared and why (a code of `SPARED` or "withheld" by the send decision)."""

    key: str
    invitation_id: UUID | None
    is_invited: bool
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def invite(invitations: Sequence[NewInvitation], *, actor: Actor, now: datetime) -> list[Invited]:
    """Ask customers to answer, each key once: a repeated key answers what it answered first.

    Raises:
        SurveyNotFoundError: a code that no survey has.
    """
    tending.schedule(now)
    found: list[Invited] = []
    for start in range(0, len(invitations), BATCH):
        batch = invitations[start : start + BATCH]
        found.extend(again_after_deadlock(lambda batch=batch: _invite(batch, actor, now)))  # type: ignore[misc]  # bound now
    return found


@dataclass(slots=True)
class _Scene:
    """What a batch is judged by."""

    surveys: dict[str, Survey]
    versions: dict[UUID, SurveyVersion]
    groups: dict[UUID, tuple[UUID, ...]]
    people: dict[UUID, Customer]
    standings: dict[UUID, VoiceStanding]
    complete: Counter[UUID]
    fatigue_days: int
    expiry_days: int
    reminder_days: int
    now: datetime


Named = tuple[UUID, str]
"""Whose it is, by the canonical customer, and its key."""


@transaction.atomic
def _invite(batch: Sequence[NewInvitation], actor: Actor, now: datetime) -> list[Invited]:
    scene = _scene(batch, now)
    results = _known(batch, scene)
    rows: dict[Named, Invitation] = {}
    bands = _bands(scene)
    for new in batch:
        named = _named(new, scene)
        if named in results:
            continue
        reason, values = judge(new.customer_id, scene.surveys[new.survey], scene)
        if reason in ("unknown_customer", "erased"):
            results[named] = Invited(new.key, None, False, reason, values)
            continue
        rows[named] = _row(new, scene, bands, reason, values)
        results[named] = Invited(new.key, rows[named].id, not reason, reason, values)
        if not reason:
            scene.standings[named[0]].invited_at = now  # a second one in this batch is spared
    _hand_over(batch, rows, results, scene, actor)
    Invitation.objects.bulk_create(rows.values())
    _note_asked([row for row in rows.values() if row.state == InvitationState.SENT], scene, actor)
    return [results[_named(new, scene)] for new in batch]


def _hand_over(
    batch: Sequence[NewInvitation],
    rows: Mapping[Named, Invitation],
    results: dict[Named, Invited],
    scene: _Scene,
    actor: Actor,
) -> None:
    """Have those who are asked sent to; mark those whom the send decision spares."""
    told = {_named(new, scene): new for new in reversed(batch)}
    asked = [(row, told[named]) for named, row in rows.items() if not row.reasons]
    withheld = handing.hand_over(asked, actor=actor, now=scene.now)
    for named, row in rows.items():
        if row.id in withheld:
            row.state, row.reasons, row.remind_at = InvitationState.WITHHELD, [withheld[row.id]], None
            results[named] = Invited(row.key, row.id, False, WITHHELD, withheld[row.id]["values"])


def _named(new: NewInvitation, scene: _Scene) -> Named:
    group = scene.groups.get(new.customer_id)
    return (group[0] if group else new.customer_id, new.key)


def judge(customer_id: UUID, survey: Survey, scene: _Scene) -> tuple[str, dict[str, Any]]:
    """Return why a customer is spared, with the values that decided; "" if not."""
    if reason := _why_not_now(survey, scene):
        return reason
    group = scene.groups.get(customer_id)
    if group is None:
        return "unknown_customer", {}
    if scene.people[group[0]].erased_at is not None:
        return "erased", {}
    days = scene.fatigue_days if survey.fatigue_days is None else survey.fatigue_days
    asked_at = scene.standings[group[0]].invited_at
    if days and asked_at is not None and asked_at > scene.now - timedelta(days=days):
        return "asked_lately", {"asked_at": asked_at.isoformat(), "days": days}
    return "", {}


def _why_not_now(survey: Survey, scene: _Scene) -> tuple[str, dict[str, Any]] | None:
    if survey.state != SurveyState.OPEN:
        return "not_open", {"state": survey.state}
    if survey.closes_at is not None and survey.closes_at <= scene.now:
        return "closed", {"closes_at": survey.closes_at.isoformat()}
    if survey.max_answers is not None and scene.complete[survey.id] >= survey.max_answers:
        return "full", {"limit": survey.max_answers}
    return None


def _scene(batch: Sequence[NewInvitation], now: datetime) -> _Scene:
    codes = {new.survey for new in batch}
    surveys = {row.code: row for row in Survey.objects.filter(code__in=codes)}
    for code in sorted(codes - surveys.keys()):
        raise SurveyNotFoundError(code)
    groups = customers.record_groups(new.customer_id for new in batch)
    canonical = {group[0] for group in groups.values()}
    rules = queries.asking_rules()
    return _Scene(
        surveys=surveys,
        versions=queries.versions_in_force(surveys.values()),
        groups=groups,
        people=customers.records(canonical),
        standings=standings.locked(canonical, now=now),
        complete=queries.complete_counts(surveys.values()),
        fatigue_days=rules.fatigue_days,
        expiry_days=rules.expiry_days,
        reminder_days=rules.reminder_days,
        now=now,
    )


def _known(batch: Sequence[NewInvitation], scene: _Scene) -> dict[Named, Invited]:
    """Return what earlier calls of these keys came to; the standings are locked, so nobody makes one now."""
    canonical = {record: group[0] for group in scene.groups.values() for record in group}
    rows = Invitation.objects.filter(owner_id__among=set(canonical), key__in={new.key for new in batch})
    return {(canonical[row.owner_id], row.key): _as_before(row) for row in rows}


def _as_before(row: Invitation) -> Invited:
    first = row.reasons[0] if row.reasons else {}
    is_invited = row.state != InvitationState.WITHHELD
    return Invited(row.key, row.id, is_invited, first.get("code", ""), first.get("values", {}))


def _bands(scene: _Scene) -> dict[UUID, str]:
    return {owner: score.band for owner, score in insights.scores(scene.people).items()}


def _row(
    new: NewInvitation, scene: _Scene, bands: Mapping[UUID, str], reason: str, values: Mapping[str, Any]
) -> Invitation:
    owner = scene.groups[new.customer_id][0]
    survey = scene.surveys[new.survey]
    expires = new.expires_at or scene.now + timedelta(days=scene.expiry_days)
    if survey.closes_at is not None:
        expires = min(expires, survey.closes_at)
    return Invitation(
        owner_id=owner,
        key=new.key,
        survey=survey,
        version=scene.versions[survey.id],
        sending_id=new.sending_id,
        state=InvitationState.WITHHELD if reason else InvitationState.SENT,
        reasons=[{"code": reason, "values": dict(values)}] if reason else [],
        source=new.source,
        subject=new.subject,
        store_code=new.store_code,
        staff_code=new.staff_code,
        band=bands.get(owner, ""),
        language=scene.people[owner].language,
        invited_at=scene.now,
        expires_at=expires,
        remind_at=_remind_at(new, scene, expires) if not reason else None,
    )


def _remind_at(new: NewInvitation, scene: _Scene, expires: datetime) -> datetime | None:
    days = scene.reminder_days if new.reminder_days is None else new.reminder_days
    moment = scene.now + timedelta(days=days)
    return moment if new.is_handed_over and days and moment < expires else None


def _note_asked(rows: Iterable[Invitation], scene: _Scene, actor: Actor) -> None:
    """Write the guard's moment and the events of those who are asked."""
    asked = list(rows)
    owners = [row.owner_id for row in asked]
    VoiceStanding.objects.filter(owner_id__among=owners).update(invited_at=scene.now, updated_at=scene.now)
    codes = {survey.id: survey.code for survey in scene.surveys.values()}
    happened = [
        events.NewEvent(
            "voice.survey.invited", row.owner_id, {"survey": codes[row.survey_id], "invitation": str(row.id)}
        )
        for row in asked
    ]
    events.append_many(happened, actor=actor, now=scene.now)
