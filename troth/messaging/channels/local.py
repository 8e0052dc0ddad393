"""Channels by which nothing leaves this installation: for the demo, rehearsals and trying out."""

import sys
from collections import Counter, deque
from collections.abc import Sequence
from typing import TextIO

from django.utils.translation import gettext_lazy as _

from .protocol import Handover, HandoverState, Health, Outgoing, Setting, Text

REMEMBERED = 1_000


class Sink:
    """Takes everything and sends nothing. Keeps the last thousand for tests, and counts all."""

    code = "sink"
    label: Text = _("Sink (sends nothing)")
    consent = "any"
    identity = ""
    body = "email"
    is_outward = False
    settings: tuple[Setting, ...] = ()

    def __init__(self) -> None:
        self.taken: deque[Outgoing] = deque(maxlen=REMEMBERED)
        self.counts: Counter[str] = Counter()

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        """Take all of them."""
        self.taken.extend(batch)
        self.counts["taken"] += len(batch)
        return [Handover(one.contact_id, HandoverState.SENT, f"sink-{one.contact_id}") for one in batch]

    def check(self) -> Health:
        """It always could."""
        return Health(True, "")

    def clear(self) -> None:
        """Forget what was taken."""
        self.taken.clear()
        self.counts.clear()


class Console:
    """Prints messages where the process runs: for trying out."""

    code = "console"
    label: Text = _("Console (prints, for trying out)")
    consent = "any"
    identity = ""
    body = "text"
    is_outward = False
    settings: tuple[Setting, ...] = ()

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        """Print each of them."""
        stream = self._stream or sys.stdout
        for one in batch:
            stream.write(f"--- {one.address}  {one.subject}\n{one.text}\n")
        stream.flush()
        return [Handover(one.contact_id, HandoverState.SENT, f"console-{one.contact_id}") for one in batch]

    def check(self) -> Health:
        """It always could."""
        return Health(True, "")
