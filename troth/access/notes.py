"""Limits that hold across web processes: notes in the database, where every process sees them at once.

Counted in the memory of each process, four processes would let somebody guess four times as often.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from troth.kit.clock import utc_now
from troth.kit.rates import Allowance

from .models import SharedNote

SALT = "troth.access.notes"
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
SWEPT_AT_ONCE = 200


class SharedCache(BaseCache):
    """Django's cache as far as sign-in needs it, in the database. Values are what JSON holds."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value unless there is one; of two at the same moment, one is told True."""
        name, now = self._name(key, version), utc_now()
        with transaction.atomic():
            SharedNote.objects.filter(key=name, expires_at__lte=now).delete()
            try:
                with transaction.atomic():
                    SharedNote.objects.create(key=name, value=json.dumps(value), expires_at=self._end(timeout))
            except IntegrityError:
                return False
        return True

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept under a key, the default where that is nothing or over."""
        found = SharedNote.objects.filter(key=self._name(key, version), expires_at__gt=utc_now()).first()
        return default if found is None else json.loads(found.value)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value, whatever there was; forget some that are over."""
        _keep(self._name(key, version), value, self._end(timeout))
        _sweep()

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value; tell whether there was one."""
        return bool(SharedNote.objects.filter(key=self._name(key, version)).delete()[0])

    def clear(self) -> None:
        """Forget everything."""
        SharedNote.objects.all().delete()

    def _name(self, key: str, version: int | None) -> str:
        return _name(self.make_and_validate_key(key, version=version))

    def _end(self, timeout: Any) -> datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return FOREVER if seconds is None else utc_now() + timedelta(seconds=float(seconds))


@dataclass(frozen=True, slots=True)
class SharedLimiter:
    """Grants `per_minute` requests a minute and key, over all processes; see `troth.kit.rates.RateLimiter`.

    name: of what is counted, for no other limit counts with it; clock: seconds that all machines agree on.
    """

    name: str
    per_minute: int
    clock: Callable[[], float] = time.time

    def take(self, key: str) -> Allowance:
        """Take one token of the key's, if there is one; of many at once, each finds what the one before left."""
        name, full = _name(f"{self.name}:{key}"), float(self.per_minute)
        with transaction.atomic():
            now = self.clock()
            end = utc_now() + timedelta(minutes=2)  # by then it is full again
            SharedNote.objects.bulk_create(
                [SharedNote(key=name, value=json.dumps([full, now]), expires_at=end)], ignore_conflicts=True
            )
            found = SharedNote.objects.select_for_update().filter(key=name).first()  # None: swept this very moment
            tokens, counted_at = json.loads(found.value) if found else (full, now)
            tokens = min(tokens + max(now - counted_at, 0) * full / 60, full)
            is_granted = tokens >= 1
            _keep(name, [tokens - is_granted, now], end)
        _sweep()
        if is_granted:
            return Allowance(is_granted=True, remaining=int(tokens - 1), wait_seconds=0)
        return Allowance(is_granted=False, remaining=0, wait_seconds=max(ceil((1 - tokens) * 60 / full), 1))


def _name(text: str) -> str:
    """Return the name under which a note lies: who tried to sign in, and from where, cannot be read back from it."""
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()


def _keep(name: str, value: Any, expires_at: datetime) -> None:
    SharedNote.objects.bulk_create(
        [SharedNote(key=name, value=json.dumps(value), expires_at=expires_at)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["value", "expires_at"],
    )


def _sweep() -> None:
    """Forget some of what is over; what another process sweeps at this moment is left to it."""
    with transaction.atomic():
        over = SharedNote.objects.select_for_update(skip_locked=True).filter(expires_at__lte=utc_now())
        keys = list(over.order_by("expires_at").values_list("key", flat=True)[:SWEPT_AT_ONCE])
        if keys:
            SharedNote.objects.filter(key__in=keys, expires_at__lte=utc_now()).delete()
