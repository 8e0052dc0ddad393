"""Operations that their caller named: done once, however often they are asked for."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, OperationalError, connection, transaction

from .actors import Actor
from .errors import IdempotencyConflictError, IdempotencyInProgressError
from .models import IdempotencyRecord

KEPT_FOR = timedelta(days=30)
WAIT_MILLISECONDS = 10_000
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's error code


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answered. body: JSON values; is_repeat: kept from the first time."""

    status: int
    body: Any
    is_repeat: bool = False


def perform_once(
    *, actor: Actor, key: str, payload: Any, now: datetime, operation: Callable[[], Answer]
) -> Answer:
    """Run the operation and keep its answer in one transaction; the same call again gets that answer back.

    Keys are the actor's own. If the operation raises, nothing is kept: it changed nothing, so the key is free
    again for the mended request. A second call at the same moment waits for the first.

    Args:
        payload: JSON values that say what is asked for, in any order of keys.

    Raises:
        IdempotencyConflictError: the key named another payload.
        IdempotencyInProgressError: the first call did not end within ten seconds.
    """
    fingerprint = fingerprint_of(payload)
    with transaction.atomic():
        record = _claim(actor, key, fingerprint, now)
        if record is None:
            return _kept(actor, key, fingerprint)
        answer = operation()
        record.status = answer.status
        # Kept as text: PostgreSQL's jsonb would put the keys in another order.
        record.response = json.dumps(answer.body, cls=DjangoJSONEncoder)
        record.save(update_fields=["status", "response"])
        return Answer(status=answer.status, body=json.loads(record.response))


def fingerprint_of(payload: Any) -> str:
    """Return the SHA-256 of JSON values, whatever the order of their keys."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def forget_old_answers(*, actor: Actor, now: datetime) -> int:
    """Delete the answers that were kept for thirty days and return how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _claim(actor: Actor, key: str, fingerprint: str, now: datetime) -> IdempotencyRecord | None:
    """Insert the record, or return None if it is there; the unique key makes a second caller wait."""
    try:
        with transaction.atomic():
            _limit_waiting(WAIT_MILLISECONDS)
            record = IdempotencyRecord.objects.create(
                actor=actor.code, key=key, fingerprint=fingerprint, created_at=now
            )
            _limit_waiting(0)
            return record
    except IntegrityError:
        return None
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE:
            raise IdempotencyInProgressError(key) from error
        raise


def _limit_waiting(milliseconds: int) -> None:
    """Bound the wait for another transaction; SQLite has its own `timeout` for the one writer it allows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(milliseconds)])


def _kept(actor: Actor, key: str, fingerprint: str) -> Answer:
    record = IdempotencyRecord.objects.get(actor=actor.code, key=key)
    if record.fingerprint != fingerprint:
        raise IdempotencyConflictError(key)
    assert record.status is not None, "an answer is stored in the transaction that stores its record"
    return Answer(status=record.status, body=json.loads(str(record.response)), is_repeat=True)
