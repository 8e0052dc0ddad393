"""Many HTTP clients in one thread, each with its own connection: they cost less than what they measure.

Threads with a client library each took more processor time a call than the server's answer did. What is sent is made
before the clock starts; each client sends the next request as soon as its last one is answered.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import uuid4

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_READ_AT_ONCE = 1 << 18
_SILENCE_SECONDS = 60


def request(port: int, path: str, key: str, text: str) -> bytes:
    """Return one POST call as it goes over the wire."""
    body = text.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {uuid4().hex}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(slots=True)
class _Client:
    """A connection, what has come of the answer to its last request, and when that was sent."""

    connection: socket.socket
    answer: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0


IsRight = Callable[[bytes], bool]
"""Tells of a whole answer, head and body, whether it is the one that was wanted."""


def is_created(answer: bytes) -> bool:
    """Tell whether something was made."""
    return answer[9:12] == b"201"


def send_for(
    seconds: float, port: int, requests: Iterator[bytes], clients: int, is_right: IsRight = is_created
) -> tuple[float, list[float]]:
    """Let so many clients send requests for so long; return answers a second, and how long each took.

    Each client's first request opens its connection and is not counted.

    Raises:
        RuntimeError: an answer that is not right, or none for a minute.
    """
    with selectors.DefaultSelector() as selector:
        crew = [_Client(socket.create_connection(("127.0.0.1", port))) for _ in range(clients)]
        try:
            for one in crew:
                one.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(one.connection, selectors.EVENT_READ, one)
            _exchange(selector, crew, requests, is_right, until=0.0)
            started = time.perf_counter()
            times = _exchange(selector, crew, requests, is_right, until=started + seconds)
            return len(times) / (time.perf_counter() - started), times
        finally:
            for one in crew:
                one.connection.close()


def _exchange(
    selector: selectors.BaseSelector,
    crew: list[_Client],
    requests: Iterator[bytes],
    is_right: IsRight,
    *,
    until: float,
) -> list[float]:
    """Send one request for each client, and another after each answer until the time is over."""
    for client in crew:
        _send(client, next(requests))
    times: list[float] = []
    waiting = len(crew)
    while waiting:
        ready = selector.select(_SILENCE_SECONDS)
        if not ready:
            raise RuntimeError(f"{waiting} requests have no answer")
        for key, _events in ready:
            one: _Client = key.data
            if not _is_answered(one):
                continue
            if not is_right(bytes(one.answer)):
                raise RuntimeError(bytes(one.answer[:500]).decode(errors="replace"))
            now = time.perf_counter()
            times.append(now - one.sent_at)
            if now < until:
                _send(one, next(requests))
            else:
                waiting -= 1
    return times


def _send(one: _Client, text: bytes) -> None:
    one.answer.clear()
    one.sent_at = time.perf_counter()
    one.connection.sendall(text)


def _is_answered(one: _Client) -> bool:
    """Read what there is; tell whether the answer is whole."""
    one.answer += one.connection.recv(_READ_AT_ONCE)
    head = one.answer.find(b"\r\n\r\n")
    if head < 0:
        if not one.answer:
            raise RuntimeError("the server closed the connection")
        return False
    length = _LENGTH.search(one.answer, 0, head)
    if length is None:
        raise RuntimeError(f"an answer without a length: {bytes(one.answer[:300])!r}")
    return len(one.answer) >= head + 4 + int(length[1])
