"""A mail server as we speak to it: who drips, floods or answers what is no SMTP holds nobody up and is not believed.

The time-out of a socket begins anew with each byte, so that a server could hold a worker for hours with one answer.
"""

import smtplib
import socket
import time

SECONDS = 20
"""For connecting, and for each whole answer."""
MOST_ANSWER_BYTES = 64 * 2**10


class _Answers:
    """A server's lines, read within what is left of one answer's time and length."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock, self._seconds = sock, seconds
        self._kept = b""
        self.begin()

    def begin(self) -> None:
        """Begin with another answer."""
        self._until = time.monotonic() + self._seconds
        self._left = MOST_ANSWER_BYTES

    def readline(self, limit: int) -> bytes:
        """Return the next line, "" if the server hung up.

        Raises:
            OSError: the answer takes too long, or is too long.
        """
        while b"\n" not in self._kept and len(self._kept) < limit:
            remaining = self._until - time.monotonic()
            if remaining <= 0 or self._left <= 0:
                raise TimeoutError
            self._sock.settimeout(remaining)
            try:
                got = self._sock.recv(4096)
            finally:
                self._sock.settimeout(self._seconds)
            if not got:
                break
            self._left -= len(got)
            self._kept += got
        line = self._kept.partition(b"\n")
        found = (line[0] + line[1])[:limit]
        self._kept = self._kept[len(found) :]
        return found

    def close(self) -> None:
        """Nothing to close: the socket is the connection's."""


def _begin(server: smtplib.SMTP) -> None:
    """Have the server's next answer read in time."""
    if server.sock is None:
        return
    if not isinstance(server.file, _Answers):
        server.file = _Answers(server.sock, server.timeout)
    server.file.begin()


class Plain(smtplib.SMTP):
    """A connection without encryption, or with STARTTLS."""

    def getreply(self) -> tuple[int, bytes]:
        """Return the whole answer."""
        _begin(self)
        return super().getreply()


class Encrypted(smtplib.SMTP_SSL):
    """A connection that is encrypted from the beginning."""

    def getreply(self) -> tuple[int, bytes]:
        """Return the whole answer."""
        _begin(self)
        return super().getreply()


def is_taken(code: int) -> bool:
    """Tell whether an answer means yes. Anything below 400 is no such word: garbage counts as −1."""
    return 200 <= code < 300


def is_refusal(code: int) -> bool:
    """Tell whether an answer means no, for now or for good."""
    return 400 <= code < 600
