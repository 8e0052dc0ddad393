"""Whether all sending stands still: a person's choice, or because the database is not the one that sent last.

A restored backup holds messages that were sent long ago as if they still waited. So each round of the delivery counts
a pulse in the database and in a file of the data directory. A file that is ahead of the database means that the
database was set back; a file that is missing, is another one than before, or belongs to another installation means
that the database, or a copy of it, came to a new place; a long silence while messages wait, that the machine was. All
three pause sending until a person releases it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from . import waking
from .errors import SendingStateError
from .models import WAITING, Contact, ContactState, PauseReason, SendingState

PAUSE = "pause"
SILENCE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Marker:
    """What the data directory says: whose it is, how far sending was, and which file this is on the disk."""

    installation: str
    pulse: int
    identity: str


def state() -> SendingState:
    """Return whether sending is paused, and why."""
    return SendingState.objects.filter(id=1).first() or SendingState(id=1)


def begin(now: datetime) -> None:
    """Have the queue tended from the first message on."""
    if not SendingState.objects.filter(id=1).exists():
        SendingState.objects.get_or_create(id=1)
        waking.schedule(now)


def is_paused() -> bool:
    """Tell whether all sending stands still."""
    return SendingState.objects.filter(is_paused=True).exists()


def beat(now: datetime, *, actor: Actor) -> bool:
    """Count a round of the delivery, here and in the data directory; return whether messages may go out.

    Pauses all sending where the two do not belong together. Called at the beginning of each round, outside of
    transactions: the file is written when the database's count stands.
    """
    with transaction.atomic():
        row = _locked()
        marker = _read()
        reason = _suspicion(row, marker, now)
        if reason and not row.is_paused:
            _pause(row, reason, "", actor, now)
        if row.is_paused:
            return False
        row.pulse += 1
        row.pulse_at = now
        row.save(update_fields=["pulse", "pulse_at"])
    _write(row)
    return True


@transaction.atomic
def pause_all(*, note: str = "", actor: Actor, now: datetime) -> SendingState:
    """Stop all sending at once; what is being handed over is finished, nothing else goes out.

    Raises:
        SendingStateError: it is paused already.
    """
    row = _locked()
    if row.is_paused:
        raise SendingStateError(_("Sending is paused already."), field="is_paused", value=True)
    _pause(row, PauseReason.PERSON, note, actor, now)
    return row


def release(*, withhold_waiting: bool, actor: Actor, now: datetime) -> int:
    """Let messages go out again; return how many of those that waited no longer do.

    Args:
        withhold_waiting: keep back for good everything that was waiting: after a restore it may have been sent before.

    Raises:
        SendingStateError: it is not paused.
    """
    with transaction.atomic():
        row = _locked()
        if not row.is_paused:
            raise SendingStateError(_("Sending is not paused."), field="is_paused", value=False)
        withheld = _withhold_waiting(now) if withhold_waiting else 0
        row.is_paused, row.reason, row.note = False, "", ""
        row.pulse += 1
        row.pulse_at, row.changed_at, row.changed_by = now, now, actor.code
        row.save()
        events.append("messaging.sending.released", actor=actor, now=now, data={"withheld": withheld})
    _write(row)
    return withheld


def _withhold_waiting(now: datetime) -> int:
    verdicts = [[PAUSE, "stop", {}]]
    waiting = Contact.objects.filter(state__in=WAITING)
    return waiting.update(state=ContactState.WITHHELD, verdicts=verdicts, held_by=PAUSE, ended_at=now, decided_at=now)


def _suspicion(row: SendingState, marker: Marker | None, now: datetime) -> PauseReason | None:
    is_same = marker is not None and marker.installation == str(row.installation)
    if is_same and marker is not None and marker.pulse > row.pulse:
        return PauseReason.RESTORED
    if row.pulse == 0:
        return None  # it has never sent anything
    if marker is None or not is_same:
        return PauseReason.MOVED
    if row.marker and marker.identity != row.marker:
        return PauseReason.MOVED
    is_silent = row.pulse_at is not None and now - row.pulse_at > SILENCE
    if is_silent and Contact.objects.filter(state__in=WAITING, due_at__lte=now).exists():
        return PauseReason.SILENCE
    return None


def _pause(row: SendingState, reason: PauseReason, note: str, actor: Actor, now: datetime) -> None:
    row.is_paused, row.reason, row.note = True, reason, note.strip()[:200]
    row.changed_at, row.changed_by = now, actor.code
    row.save()
    events.append("messaging.sending.paused", actor=actor, now=now, data={"reason": str(reason)})


def _locked() -> SendingState:
    SendingState.objects.get_or_create(id=1)
    return SendingState.objects.select_for_update().get(id=1)


def _path() -> Path:
    return Path(settings.SENDING_FILE)


def _read() -> Marker | None:
    """Return what the file says; None if there is none, or none that can be read."""
    try:
        with _path().open(encoding="utf-8") as file:
            said = json.load(file)
            return Marker(str(said["installation"]), int(said["pulse"]), str(os.fstat(file.fileno()).st_ino))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(row: SendingState) -> None:
    """Write the count into the same file, so that it stays the same one, and remember which that is."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened(path) as descriptor:
        text = json.dumps({"installation": str(row.installation), "pulse": row.pulse}).ljust(120)
        os.pwrite(descriptor, text.encode(), 0)
        identity = str(os.fstat(descriptor).st_ino)
    if identity != row.marker:
        SendingState.objects.filter(id=1).update(marker=identity)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
