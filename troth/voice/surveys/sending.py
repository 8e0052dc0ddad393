"""Sending a survey out: the effect first, then a wave of invitations in the background."""

import heapq
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.customers.queries import CustomerFilter, customers_matching
from troth.events import services as events
from troth.jobs import services as jobs
from troth.messaging import services as messaging
from troth.messaging.services import Intent, Outcome, Result
from troth.segments import queries as segments

from ..models import Sending, SendingState, Survey, SurveyState, VoiceStanding
from . import handing, queries
from .errors import SurveyNotFoundError, SurveyRefusedError, SurveyStateError
from .inviting import BATCH, NewInvitation, invite

JOB = "voice.surveys.send"
TRIED = 300
"""Customers whose send decision is tried for the effect; the rest is estimated from them."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a sending would come to.

    candidates: customers in the segment; asked_lately: spared by the guard over all surveys; eligible: the rest;
    chosen: how many of them the sample takes; tried: how many had their send decision tried; stopped: of those, how
    many by gate (each counts at its first gate).
    """

    candidates: int
    asked_lately: int
    eligible: int
    chosen: int
    tried: int
    stopped: Mapping[str, int]
    fatigue_days: int

    @property
    def reachable_share(self) -> float | None:
        """Return the share of those tried who would get it, None if nobody was tried."""
        return 1 - sum(self.stopped.values()) / self.tried if self.tried else None

    @property
    def expected(self) -> int:
        """Return about how many would get it."""
        return round(self.chosen * (self.reachable_share or 0))


def effect(
    survey: Survey, *, segment_id: UUID | None, sample_size: int | None, channels: Sequence[str], now: datetime
) -> Effect:
    """Count what a sending would come to, and write nothing.

    Raises:
        SegmentNotFoundError: no such segment.
    """
    days = _days(survey)
    found = _candidates(segment_id)
    total = found.count()
    asked = found.filter(_asked_since(now - timedelta(days=days))).count() if days else 0
    eligible = total - asked
    chosen = eligible if sample_size is None else min(sample_size, eligible)
    ids = list(_eligible(segment_id, days, now).order_by("id").values_list("id", flat=True)[:TRIED])
    return Effect(total, asked, eligible, chosen, len(ids), _stopped(survey, ids, channels, now), days)


@transaction.atomic
def send_out(
    *,
    actor: Actor,
    now: datetime,
    survey_id: UUID,
    segment_id: UUID | None = None,
    sample_size: int | None = None,
    channels: Sequence[str] = (),
    template: str = "",
    reminder_days: int | None = None,
    seed: str = "",
) -> Sending:
    """Have a survey sent to a segment, or to a random sample of it, in the background.

    sample_size: at most so many, drawn by `seed`, the same ones for the same seed; reminder_days: 0 for no reminder.

    Raises:
        SurveyNotFoundError: no such survey. SurveyStateError: it is not open.
        SurveyRefusedError: a sample below one, or an unknown channel.
    """
    survey = Survey.objects.select_for_update().filter(id=survey_id).first()
    if survey is None:
        raise SurveyNotFoundError(survey_id)
    if survey.state != SurveyState.OPEN:
        raise SurveyStateError(_("Only an open survey can be sent; publish it first."))
    if sample_size is not None and sample_size < 1:
        raise SurveyRefusedError(_("A sample has one customer at least."), field="sample_size", value=sample_size)
    if segment_id is not None:
        segments.segment(segment_id)
    sending = Sending.objects.create(
        survey=survey,
        segment_id=segment_id,
        sample_size=sample_size,
        seed=seed or secrets.token_hex(8),
        channels=list(channels),
        template=template or handing.INVITATION,
        reminder_days=reminder_days,
        created_at=now,
        created_by=actor.code,
    )
    data = {"survey": survey.code, "sending": str(sending.id)}
    events.append("voice.sending.made", actor=actor, now=now, data=data)
    jobs.enqueue(JOB, actor=actor, now=now, payload={"sending": str(sending.id)}, unique_key=str(sending.id))
    return sending


def begin(sending_id: UUID) -> tuple[Sending, str, int]:
    """Mark a sending as running; return it, the highest draw that is in the sample ("" for everybody), and how many
    are spared because they were asked lately. Once somebody is asked it must not be begun again: see `under_way`.
    """
    sending = under_way(sending_id)
    sending.state = SendingState.RUNNING
    days = _days(sending.survey)
    eligible = _eligible(sending.segment_id, days, sending.created_at)
    sending.eligible = eligible.count()
    asked_lately = _candidates(sending.segment_id).count() - sending.eligible
    sending.save(update_fields=["state", "eligible"])
    if sending.sample_size is None or sending.sample_size >= sending.eligible:
        return sending, "", asked_lately
    ids = eligible.order_by().values_list("id", flat=True).iterator(chunk_size=5_000)
    lots = heapq.nsmallest(sending.sample_size, (draw(sending.seed, one) for one in ids))
    return sending, max(lots), asked_lately


def under_way(sending_id: UUID) -> Sending:
    """Return a sending as it stands, to go on with it."""
    return Sending.objects.select_related("survey").get(id=sending_id)


@transaction.atomic
def send_next(
    sending: Sending, *, limit: str, after: UUID | None, actor: Actor, now: datetime
) -> tuple[UUID | None, Counter[str]]:
    """Ask the next customers of a sending; return the last one looked at, None at the end, and the outcomes.

    limit: from `begin`. Each customer has one key a sending, so nobody is asked twice whatever is done again.
    """
    rows = _eligible_or_asked(sending).filter(id__gt=after or UUID(int=0)).order_by("id")
    ids = list(rows.values_list("id", flat=True)[:BATCH])
    if not ids:
        return None, Counter()
    chosen = [one for one in ids if not limit or draw(sending.seed, one) <= limit]
    new = [_invitation(sending, one) for one in chosen]
    found = invite(new, actor=actor, now=now)
    return ids[-1], Counter("invited" if one.is_invited else one.reason for one in found)


def finish(sending: Sending, outcomes: Mapping[str, int], *, state: str = SendingState.DONE) -> None:
    """Write what a sending came to."""
    spared = {reason: count for reason, count in sorted(outcomes.items()) if reason != "invited"}
    sending.state, sending.chosen, sending.spared_for = state, outcomes.get("invited", 0), spared
    sending.spared = sum(spared.values())
    sending.save(update_fields=["state", "chosen", "spared", "spared_for"])


def draw(seed: str, customer_id: UUID) -> str:
    """Return a customer's lot of a draw: the same for the same seed, even over all customers."""
    return blake2b(customer_id.bytes, key=seed.encode()[:64], digest_size=12).hexdigest()


def _invitation(sending: Sending, customer_id: UUID) -> NewInvitation:
    return NewInvitation(
        key=f"sending:{sending.id}",
        customer_id=customer_id,
        survey=sending.survey.code,
        source=f"sending:{sending.id}",
        template=sending.template,
        channels=tuple(sending.channels),
        sending_id=sending.id,
        reminder_days=sending.reminder_days,
    )


def _days(survey: Survey) -> int:
    return queries.asking_rules().fatigue_days if survey.fatigue_days is None else survey.fatigue_days


def _candidates(segment_id: UUID | None) -> QuerySet[Any, Any]:
    among = None if segment_id is None else segments.member_ids(segment_id)
    return customers_matching(CustomerFilter(among=among))


def _asked_since(moment: datetime) -> Exists:
    return Exists(VoiceStanding.objects.filter(owner_id=OuterRef("pk"), invited_at__gt=moment))


def _eligible(segment_id: UUID | None, days: int, now: datetime) -> QuerySet[Any, Any]:
    found = _candidates(segment_id)
    return found.filter(~_asked_since(now - timedelta(days=days))) if days else found


def _eligible_or_asked(sending: Sending) -> QuerySet[Any, Any]:
    """Return who may be asked; whoever this very sending asked meanwhile is behind the place where it goes on."""
    return _eligible(sending.segment_id, _days(sending.survey), sending.created_at)


def _stopped(survey: Survey, ids: Sequence[UUID], channels: Sequence[str], now: datetime) -> dict[str, int]:
    """Return at which gate the send decision would stop those tried."""
    stopped: Counter[str] = Counter()
    for decision in messaging.decide(list(_intents(survey, ids, channels)), now=now) if ids else ():
        if decision.outcome is Outcome.WITHHELD:
            gates = [verdict.gate for verdict in decision.verdicts if verdict.result is Result.STOP]
            stopped[gates[0] if gates else "other"] += 1
    return dict(stopped.most_common())


def _intents(survey: Survey, ids: Sequence[UUID], channels: Sequence[str]) -> Iterator[Intent]:
    for customer_id in ids:
        yield Intent(
            key=f"survey:{survey.id}:try:{customer_id}",
            customer_id=customer_id,
            purpose=ConsentPurpose.SURVEY,
            template=handing.INVITATION,
            channels=tuple(channels) or handing.usual_channels(),
            source=f"survey:{survey.id}",
            facts={},
        )
