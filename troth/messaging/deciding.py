"""The send decision: every gate's verdict on every contact, for a whole batch with a handful of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from troth.kit import clock
from troth.kit.reading import fetch

from . import gates
from .channel_choice import choose
from .intents import Candidate, Outcome, Result, Verdict
from .models import REACHED, WAITING, Contact, ContactState
from .policies import SERVICE, Terms
from .reach import Ways
from .recipients import LONGEST_RELEVANCE
from .timing import Earlier, Openings, place, rank_of

PERSON, AGE, REPEAT = "person", "age", "repeat"

_LOOK_BACK = timedelta(days=31) + LONGEST_RELEVANCE
_COUNTED_SENT = (*REACHED, ContactState.UNKNOWN)
_STANDING = (*WAITING, ContactState.SENDING)


@dataclass(slots=True)
class Judged:
    """A candidate on its way through the gates."""

    candidate: Candidate
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def is_stopped(self) -> bool:
        return any(verdict.result is Result.STOP for verdict in self.verdicts)

    @property
    def outcome(self) -> Outcome:
        results = {verdict.result for verdict in self.verdicts}
        if Result.STOP in results:
            return Outcome.WITHHELD
        return Outcome.DELAYED if Result.DELAY in results else Outcome.QUEUED

    @property
    def held_by(self) -> str:
        """Return the gate that stops it, else the one that delays it longest."""
        for verdict in self.verdicts:
            if verdict.result is Result.STOP:
                return verdict.gate
        delays = [(verdict.not_before, verdict.gate) for verdict in self.verdicts if verdict.not_before]
        return max(delays)[1] if delays else ""

    def starts_at(self, now: datetime) -> datetime:
        """Return when it may go out as far as it was judged."""
        return max([now, *(verdict.not_before for verdict in self.verdicts if verdict.not_before)])


def judge(candidates: Sequence[Candidate], ways: Ways, terms: Terms, now: datetime) -> list[Judged]:
    """Return the candidates with every verdict, in their order; their channel and address are set.

    Gates that can only pass or stop come first; what is stopped takes up nobody's place under the caps.
    """
    found = [Judged(one) for one in candidates]
    earlier = _earlier(candidates, now)
    for one, chosen in zip(found, choose(candidates, ways, terms), strict=True):
        one.verdicts += [_person(one.candidate), *chosen]
        one.verdicts.append(_age(one.candidate, terms, now))
    for gate in gates.registered():
        for one, verdict in zip(found, gate.judge(candidates, now), strict=True):
            one.verdicts.append(verdict)
    openings = Openings()
    for one in sorted(found, key=lambda one: rank_of(one.candidate.intent.priority, one.candidate.contact_id)):
        _settle(one, earlier[one.candidate.owner_id], openings, terms, now)
    return found


def _settle(one: Judged, others: list[Earlier], openings: Openings, terms: Terms, now: datetime) -> None:
    """Judge what depends on other messages to the same person; what may go out counts for those after it."""
    candidate = one.candidate
    rank = rank_of(candidate.intent.priority, candidate.contact_id)
    others[:] = [other for other in others if other.contact_id != candidate.contact_id]  # itself, judged again
    ahead = [other for other in others if not other.is_waiting or other.rank < rank]
    one.verdicts.append(_repeat(candidate, ahead, terms, now))
    if one.is_stopped:
        return
    one.verdicts += place(candidate, one.starts_at(now), now, terms, ahead, openings)
    if not one.is_stopped:
        others.append(
            Earlier(
                candidate.contact_id,
                candidate.intent.purpose,
                candidate.content_hash,
                one.starts_at(now),
                True,
                rank,
            )
        )


def _person(one: Candidate) -> Verdict:
    return Verdict(PERSON, Result.STOP, {"is_erased": True}) if one.is_erased else Verdict(PERSON, Result.PASS)


def _age(one: Candidate, terms: Terms, now: datetime) -> Verdict:
    """Stop all but service messages to those known to be younger than the rules allow."""
    if one.birth_date is None or one.intent.purpose == SERVICE:
        return Verdict(AGE, Result.PASS)
    today = clock.business_date(now, one.zone)
    is_before_birthday = (today.month, today.day) < (one.birth_date.month, one.birth_date.day)
    is_under = today.year - one.birth_date.year - is_before_birthday < terms.minimum_age
    return Verdict(AGE, Result.STOP if is_under else Result.PASS, {"minimum": terms.minimum_age})


def _repeat(one: Candidate, ahead: Sequence[Earlier], terms: Terms, now: datetime) -> Verdict:
    """Stop what says the same to the same person as another message a short while before."""
    since = now - timedelta(hours=terms.repeat_hours)
    for other in ahead:
        if other.content_hash == one.content_hash and (other.is_waiting or other.at > since):
            values = {"contact": str(other.contact_id), "hours": terms.repeat_hours}
            return Verdict(REPEAT, Result.STOP, values)
    return Verdict(REPEAT, Result.PASS)


def _earlier(candidates: Sequence[Candidate], now: datetime) -> Mapping[UUID, list[Earlier]]:
    """Return the messages of the last weeks to each person, on any of their records: sent, on the way or waiting."""
    owners = {record: one.owner_id for one in candidates for record in one.records}
    counts = Q(state__in=_COUNTED_SENT) | Q(state__in=_STANDING)
    rows = Contact.objects.filter(counts, owner_id__among=list(owners), created_at__gt=now - _LOOK_BACK).values_list(
        "owner_id", "id", "purpose", "content_hash", "state", "priority", "sent_at", "ended_at", "due_at"
    )
    found: dict[UUID, list[Earlier]] = defaultdict(list)
    for owner_id, contact_id, purpose, content_hash, state, priority, sent_at, ended_at, due_at in fetch(rows):
        is_waiting = state in WAITING
        at = max(due_at, now) if is_waiting else sent_at or ended_at or now
        rank = rank_of(priority, contact_id)
        found[owners[owner_id]].append(Earlier(contact_id, purpose, content_hash, at, is_waiting, rank))
    return found
