"""Operations that their caller named: done once, however often they are asked for."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max, Min, Q

from troth.kit import rows, updates
from troth.kit.deadlocks import again_after_deadlock
from troth.kit.errors import TrothError
from troth.kit.json_text import sorted_json

from .actors import Actor
from .errors import IdempotencyConflictError, IdempotencyErasedError, IdempotencyInProgressError
from .models import IdempotencyRecord

KEPT_FOR = timedelta(days=30)
WAIT_MILLISECONDS = 10_000
LOOKED_THROUGH = 10_000
GONE = 410
"""The status of an answer that was emptied."""
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's error code

Item = TypeVar("Item")
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answered. text: its body, as JSON, that is kept and given again as it is; is_repeat: kept.

    Of a part of an operation, the text is whatever the caller makes the whole of.
    """

    status: int
    text: str
    is_repeat: bool = False

    @classmethod
    def of(cls, status: int, body: Any) -> "Answer":
        """Return the answer with a body of JSON values, UUIDs and moments."""
        return cls(status, json.dumps(body, cls=DjangoJSONEncoder))

    @property
    def body(self) -> Any:
        """Return the body as JSON values."""
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Named:
    """An operation as its caller named it. payload: JSON values that say what is asked for."""

    actor: Actor
    key: str
    payload: Any


def perform_once(*, actor: Actor, key: str, payload: Any, now: datetime, operation: Callable[[], Answer]) -> Answer:
    """Run the operation and keep its answer in one transaction; the same call again gets that answer back.

    Keys are the actor's own. If the operation raises, nothing is kept: it changed nothing, so the key is free
    again for the mended request. A second call at the same moment waits for the first.

    Args:
        payload: JSON values that say what is asked for, in any order of keys.

    Raises:
        IdempotencyConflictError: the key named another payload.
        IdempotencyInProgressError: the first call did not end within ten seconds.
    """
    return _perform_once(actor, key, fingerprint_of(payload), now, operation)


def _perform_once(actor: Actor, key: str, fingerprint: str, now: datetime, operation: Callable[[], Answer]) -> Answer:
    def attempt() -> Answer:
        with transaction.atomic():
            record = _claim(actor, key, fingerprint, now)
            if record is None:
                return _kept(actor, key, fingerprint)
            answer = _keep(record, operation())
            record.save(update_fields=["status", "response"])
            return answer

    return again_after_deadlock(attempt)


def perform_in_parts_once(
    *,
    actor: Actor,
    key: str,
    payload: Any,
    now: datetime,
    parts: Sequence[Callable[[], Answer]],
    around: Callable[[], AbstractContextManager[None]],
) -> list[Answer]:
    """Run the parts of one operation, each with its answer in a transaction of its own; see `perform_once`.

    Whoever was interrupted calls again: parts that were done give the first answer, the others are done then. For
    batches whose members are recorded each by itself anyway, so that nobody waits for the whole of one.

    Args:
        around: what each part is done within: entered before its transaction begins, left after its end.

    Raises:
        IdempotencyConflictError: the key named another payload; nothing was done.
        IdempotencyInProgressError: a part that another call is at did not end within ten seconds.
    """
    fingerprint, answers = fingerprint_of(payload), []
    for number, part in enumerate(parts, start=1):
        name = key if number == 1 else part_key(key, number)
        with around():
            answers.append(_perform_once(actor, name, fingerprint, now, part))
    return answers


def part_key(key: str, number: int) -> str:
    """Return the name of a part of what a caller named: short enough to be kept, and no caller's, for it has spaces."""
    return f"part {number} of {hashlib.sha256(key.encode()).hexdigest()}"


def perform_many_once(
    named: Sequence[Named],
    *,
    now: datetime,
    perform: Callable[[Sequence[int]], Sequence[Answer | TrothError]],
) -> list[Answer | TrothError]:
    """Run operations together in one transaction and return what each would have got by `perform_once`.

    Those that were answered before get that answer again, or an IdempotencyConflictError; two that name the same
    key are run one after the other. A refused one keeps nothing. If `perform` raises, nothing at all is kept.

    Args:
        perform: given the places of those that are to be run, returns the answer of each, or the refusal of one
            that changed nothing.

    Raises:
        IdempotencyInProgressError: another call with one of the keys did not end within ten seconds.
    """
    names = [(one.actor.code, one.key) for one in named]
    fingerprints = [fingerprint_of(one.payload) for one in named]

    def attempt() -> dict[int, Answer | TrothError]:
        outcomes: dict[int, Answer | TrothError] = {}
        with transaction.atomic():
            for places in rounds(range(len(named)), lambda place: names[place]):
                records = _claim_many({names[place]: fingerprints[place] for place in places}, now)
                fresh = [place for place in places if records[names[place]].status is None]
                for place in set(places) - set(fresh):
                    outcomes[place] = _kept_or_conflict(records[names[place]], fingerprints[place])
                performed = dict(zip(fresh, perform(fresh) if fresh else [], strict=True))
                outcomes |= _keep_many({place: records[names[place]] for place in fresh}, performed)
        return outcomes

    found = again_after_deadlock(attempt)
    return [found[place] for place in range(len(named))]


def rounds(items: Iterable[Item], key: Callable[[Item], Any]) -> list[list[Item]]:
    """Return the items in rounds, to be done one after the other: none holds two of the same key, and those of
    the same key keep their order.
    """
    found: list[list[Item]] = []
    seen: dict[Any, int] = {}
    for item in items:
        name = key(item)
        number = seen.get(name, 0)
        seen[name] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(item)
    return found


def fingerprint_of(payload: Any) -> str:
    """Return the SHA-256 of JSON values, whatever the order of their keys."""
    return hashlib.sha256(sorted_json(payload)).hexdigest()


def forget_old_answers(*, actor: Actor, now: datetime) -> int:
    """Delete the answers that were kept for thirty days and return how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def forget_answers_about(
    names: Collection[str], *, report: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Empty the kept answers in which one of the names stands, such as a customer's id; return how many.

    Their keys stay: the same call again is refused, and does not bring back what was erased. In steps of
    `LOOKED_THROUGH` answers, for nothing finds them but reading.
    """
    naming = Q()
    for name in names:
        naming |= Q(response__contains=name)
    bounds = IdempotencyRecord.objects.aggregate(first=Min("id"), last=Max("id"))
    if not names or bounds["last"] is None:
        return 0
    emptied = 0
    for first in range(bounds["first"], bounds["last"] + 1, LOOKED_THROUGH):
        some = IdempotencyRecord.objects.filter(naming, id__gte=first, id__lt=first + LOOKED_THROUGH)
        emptied += some.update(status=GONE, response="")
        report(min(first + LOOKED_THROUGH, bounds["last"] + 1) - bounds["first"], bounds["last"] + 1 - bounds["first"])
    return emptied


def _claim(actor: Actor, key: str, fingerprint: str, now: datetime) -> IdempotencyRecord | None:
    """Insert the record, or return None if it is there; the unique key makes a second caller wait."""
    try:
        with transaction.atomic(), _waiting_bounded(key):
            return IdempotencyRecord.objects.create(actor=actor.code, key=key, fingerprint=fingerprint, created_at=now)
    except IntegrityError:
        return None


_CLAIMED = ("actor", "key", "fingerprint", "response", "created_at")


def _claim_many(wanted: dict[Name, str], now: datetime) -> dict[Name, IdempotencyRecord]:
    """Insert the records that are missing and return all; those of ours have no status yet.

    In one order for everybody, so that two batches with the same keys wait for each other instead of failing.
    """
    new = [(*name, wanted[name], "", now) for name in sorted(wanted)]
    with _waiting_bounded(new[0][1]):
        made = rows.insert_missing(IdempotencyRecord, _CLAIMED, new, returning=("id", *_CLAIMED))
    if len(made) == len(new):  # nearly always: nobody has asked for any of it before
        claimed = (IdempotencyRecord(**dict(zip(("id", *_CLAIMED), row, strict=True))) for row in made)
        return {(record.actor, record.key): record for record in claimed}
    actors, keys = {actor for actor, _key in wanted}, [key for _actor, key in wanted]
    stored = IdempotencyRecord.objects.filter(actor__among=actors, key__among=keys)
    return {(record.actor, record.key): record for record in stored if (record.actor, record.key) in wanted}


@contextmanager
def _waiting_bounded(key: str) -> Iterator[None]:
    """Bound the wait for another transaction; SQLite has its own `timeout` for the one writer it allows."""
    try:
        _set_lock_timeout(WAIT_MILLISECONDS)
        yield
        _set_lock_timeout(0)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE:
            raise IdempotencyInProgressError(key) from error
        raise


def _set_lock_timeout(milliseconds: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(milliseconds)])


def _keep(record: IdempotencyRecord, answer: Answer) -> Answer:
    """Put the answer into the record, not yet written, and return it."""
    record.status, record.response = answer.status, answer.text
    return answer


def _keep_many(
    records: dict[int, IdempotencyRecord], performed: dict[int, Answer | TrothError]
) -> dict[int, Answer | TrothError]:
    outcomes: dict[int, Answer | TrothError] = {}
    for place, outcome in performed.items():
        outcomes[place] = _keep(records[place], outcome) if isinstance(outcome, Answer) else outcome
    kept = [record for record in records.values() if record.status is not None]
    answered = [(record.pk, record.status, record.response) for record in kept]
    updates.update(IdempotencyRecord, ("id", "status", "response"), answered)
    refused = [record.pk for record in records.values() if record.status is None]
    if refused:
        IdempotencyRecord.objects.filter(pk__in=refused).delete()
    return outcomes


def _kept(actor: Actor, key: str, fingerprint: str) -> Answer:
    outcome = _kept_or_conflict(IdempotencyRecord.objects.get(actor=actor.code, key=key), fingerprint)
    if isinstance(outcome, TrothError):
        raise outcome
    return outcome


def _kept_or_conflict(record: IdempotencyRecord, fingerprint: str) -> Answer | TrothError:
    if record.fingerprint != fingerprint:
        return IdempotencyConflictError(record.key)
    if record.status == GONE:
        return IdempotencyErasedError(record.key)
    assert record.status is not None, "an answer is stored in the transaction that stores its record"
    return Answer(status=record.status, text=record.response, is_repeat=True)
