"""How often somebody may ask: a bucket of tokens per key that refills evenly.

Kept in the memory of each web process: exact within one, and with N processes a key gets up to N times the
limit. It protects the server from a runaway program; it is no quota to bill by. What must hold over all processes,
as for guesses and forms of strangers, is counted by `troth.access.notes`.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

FORGET_AFTER_SECONDS = 600


def asker(address: str) -> str:
    """Return by what an address is counted: of IPv6 its first 64 bits, for whoever has one has all that begin so."""
    try:
        is_long = isinstance(ip_address(address), IPv6Address)
    except ValueError:
        return address
    return str(ip_network(f"{address.partition('%')[0]}/64", strict=False).network_address) if is_long else address


@dataclass(slots=True)
class Bucket:
    """Tokens left, and when that was counted."""

    tokens: float
    counted_at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer: whether the request may pass, what is left now, seconds until the next one may."""

    is_granted: bool
    remaining: int
    wait_seconds: int


@dataclass(slots=True)
class RateLimiter:
    """Grants `per_minute` requests a minute and key, all at once if they were saved up.

    clock: seconds that only ever grow.
    """

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _swept_at: float = 0.0

    def take(self, key: str) -> Allowance:
        """Take one token of the key's, if there is one."""
        with self._lock:
            now = self.clock()
            self._sweep(now)
            bucket = self._buckets.setdefault(key, Bucket(self.per_minute, now))
            grown = (now - bucket.counted_at) * self.per_minute / 60
            bucket.tokens, bucket.counted_at = min(bucket.tokens + grown, self.per_minute), now
            if bucket.tokens < 1:
                wait = ceil((1 - bucket.tokens) * 60 / self.per_minute)
                return Allowance(is_granted=False, remaining=0, wait_seconds=max(wait, 1))
            bucket.tokens -= 1
            return Allowance(is_granted=True, remaining=int(bucket.tokens), wait_seconds=0)

    def _sweep(self, now: float) -> None:
        """Forget keys that were not used for long: their buckets are full again anyway."""
        if now - self._swept_at < FORGET_AFTER_SECONDS:
            return
        self._swept_at = now
        limit = now - FORGET_AFTER_SECONDS
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket.counted_at > limit}
